"""What is made of a secret and as good as one: hashes that can be guessed, signatures, tickets."""

from bot.core.redaction.rule import BEGINS, IS, IS_SIGN, QUOTE, SAFE, rule

RULES = (
    rule(
        "secret",
        "what only the holder of a key can make and whoever sees it can use: signatures, tickets",
        rf"""(?i:(?:signature(?:[_-]?\d{{1,3}})?|hmac|{BEGINS}(?:sig|crumb|ticket))
                (?:{IS}|[^\n=]{{1,40}}?[ ](?=(?:sha|v)\d{{1,3}}=)))
            (?:{QUOTE})?(?:t=\d{{1,12}},)?(?:(?:sha|v)\d{{1,3}}=)?(?!{SAFE})
            (?P<secret>(?=[A-Za-z+/=_%-]{{0,64}}\d)[A-Za-z0-9+/=_%~-]{{24,2048}})""",
        sign=rf"(?i)(?:signature(?:[_-]?\d+)?|hmac|sig|crumb|ticket)"
        rf"(?:{IS_SIGN}|[^\n=]* (?:sha|v)\d{{1,3}}=)",
    ),
    rule(
        "secret",
        "hashes of passwords: in the modular crypt format, and Django's",
        r"""\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}|\$argon2(?:id?|d)\$[A-Za-z0-9$=,+/]{20,200}
            |\$(?:[1-8y]|apr1|gy|md5|sha1|scrypt|pbkdf2[a-z0-9-]{0,12})\$
                (?:[\w=,.+/-]{1,64}\$){1,3}[./A-Za-z0-9+=]{16,128}
            |pbkdf2_sha\d{1,3}\$\d{1,8}\$[^\s$]{4,64}\$[^\s$]{20,100}""",
        sign=r"\$2[abxy]\$|\$(?:argon2|[1-8y]\$|apr1|gy|md5|sha1|scrypt|pbkdf2)|pbkdf2_sha",
    ),
    rule(
        "secret",
        "the same in directories, PostgreSQL and dumps of Windows; texts that Java's tools encrypt",
        r"""(?i:\{(?:S?SHA\d{0,3}|S?MD5|CRYPT|PBKDF2[\w-]{0,12}|BCRYPT|ARGON2)\})(?!<)[A-Za-z0-9+/=$.]{16,256}
            |SCRAM-SHA-\d{1,3}\$\d{1,8}:[A-Za-z0-9+/=]{8,64}\$[A-Za-z0-9+/=]{20,128}:[A-Za-z0-9+/=]{20,128}
            |(?i:\{cipher\})[0-9a-f]{32,4096}|\bENC\([A-Za-z0-9+/=]{16,4096}\)
            |\{AQAAABAAAA[A-Za-z0-9+/=]{16,4096}\}
            |(?<=:)[0-9A-Fa-f]{32}:[0-9A-Fa-f]{32}(?=:::)
            |(?<=:)[0-9A-Fa-f]{16}:[0-9A-Fa-f]{32}:[0-9A-Fa-f]{4,1024}|\$krb5\w{2,12}\$[^\s]{32,8192}""",
        sign=r"(?i)(?:SHA\d*|MD5|CRYPT|PBKDF2[\w?-]*|ARGON2)\}|SCRAM-SHA|cipher\}|ENC\(|\{AQAAAB|:[0-9a-f]{32}:::|:[0-9a-f]{16}:[0-9a-f]{32}:|\$krb5",
    ),
)
