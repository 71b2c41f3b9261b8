"""Secrets known by the name that stands before them, in any notation."""

import re

from bot.core.redaction.rule import BEGINS, IS, IS_SIGN, QUOTE, QUOTE_SIGN, SAFE, SPACE, WORD, rule

_ANYWHERE = (
    r"(?:passwords?|passwd|passphrase|passcode|passw|secrets?|token|api[_.-]?keys?"
    r"|(?:access|private|secret|auth|signing|encryption|account|shared[_.-]?access|shared"
    r"|subscription|master|storage|license|session|app|application|service|client|deploy|host|admin"
    r"|aes|cipher|consumer|crypto|fernet|gpg|hmac|ingest(?:ion)?|jwt|kms|pgp|root|rsa|server|ssh|ssl|tls)"
    r"[_.-]?key(?:[_.-]?(?:id|base))?|unseal[ ]key(?:[ ]\d{1,2})?"
    r"|(?:admin|bind|cert|db|ftp|key|ldap|login|mail|mysql|redis|root|smtp|sql|ssh|store|sudo|user"
    r"|vnc|wifi)(?:pass|pwd|pw)"
    r"|authtoken|credentials?|webhook[_.-]?secret|connection[_.-]?string|x-[a-z]{2,16}-key"
    r"|x-honeycomb-team"
    r"|(?:access|activation|auth(?:ori[sz]ation)?|backup|confirmation|login|mfa|2fa|one[_.-]?time|otp"
    r"|pairing|recovery|reset|security|sms|verification)[_.-]?codes?"
    r"|security[_.-]?answer|code[_.-]?verifier|community[_.-]?string|snmp[_.-]?community"
    r"|erlang[_.-]?cookie|(?:totp|otp|mfa|wallet)[_.-]?seed|mnemonic|seed[_.-]?phrase|secret_id"
    r"|passwort|kennwort|mot[ _-]de[ _-]passe|contrase[ñÑn]a|senha|wachtwoord)"
)
"""Names that mean a secret also as the end of a longer one: `db_password`, `clientSecret`."""
_WHOLE = r"(?:pass|pwd|pw|psk|otp|totp|pin|pincode|cvv2?|cvc2?|salt|nonce|creds|_?auth|dsn|jwt|key)"
"""Names too short for that: `bypass`, `monkey`."""
_HUMP = r"(?-i:(?<=[a-z0-9])(?:Pass|Pwd|Pw|Pin|Otp|Psk))"
"""Such a name as the last word of `userPass`."""
_KIND = (
    r"(?:[_.-]?(?:hash(?:ed)?|digest|salt|confirm(?:ation|ed)?|again|repeat|value|string|text"
    r"|plain(?:text)?|raw|b(?:ase)?64|enc(?:oded|rypted)?|bytes|old|new|current|prev(?:ious)?|dev"
    r"|test|staging|live|prod(?:uction)?|default|v?\d{1,2}))?"
)
"""What may follow and leaves it a secret; `password_length` and `token_type` are none."""
NAME = rf"(?:{_ANYWHERE}{_KIND}|{BEGINS}(?:{_WHOLE}|pw[ds]?_hash)|{_HUMP})"
_FULL_SIGN = rf"(?:{_ANYWHERE}{_KIND}|{_WHOLE}|pw[ds]?_hash)"
NAME_SIGN = (
    r"(?:pass|pw|secret|token|key|cred|auth|cod|otp|pin|psk|salt|nonce|cv[vc]|dsn|jwt|mnemonic|seed"
    r"|answer|verifier|string|community|cookie|senha|kennwort|wachtwoord|contrase|team)"
    rf"(?:{WORD}|[.-]| \d)*"
)
"""The stem of such a name: a sign of all of them would cost more than it saves."""

_WRAPPER = (
    r"(?:string\(\d{1,6}\)[ ]"
    r"|(?:Secret(?:Str|Bytes|String|Value)?|str|String|bytes|Some|Just|Optional)\()"
)
"""What dumps put around a value: PHP's `string(9) "..."`, Python's `SecretStr('...')`."""
_WITHIN = (
    rf"(?i:\{{\s?(?:{QUOTE})?(?:value|raw|plaintext|s|string_?value|current|old|new|before|after)"
    rf"(?:{QUOTE})?\s?(?:=>|[:=])\s?)"
)
"""An object in between that holds nothing else of note: `{"password": {"value": "..."}}`."""
_QUOTED = rf"(?P<quote>{QUOTE})(?!{SAFE})(?P<quoted>(?:(?!(?P=quote)).){{1,8192}}?)(?:(?P=quote)|$)"
_BARE = rf"(?!{SAFE})(?P<bare>[^\s\"'`&,;()\[\]{{}}<>\\][^\s\"'`&,;()\[\]{{}}<>\\]{{0,8191}})"
_BRACED = r"(?:(?<==)\{(?=[^\s{}:=]{1,256}\})|\[{1,2}(?=[^\s\[\]]{1,8192}\]))"
"""ODBC and JDBC may have password={...}; Go and Java print lists of one as password:[...]."""
_GIVEN = (
    rf"(?:(?:\s{{0,20}}{_WRAPPER})?{_WITHIN}?[\[(]?[brfu]?{_QUOTED}|{_WITHIN}?{_BRACED}?{_BARE})"
)
_NO_WORD = r"(?=[^\s\"'`]{0,64}[\d!@#$%^&*_])"
"""In a sentence a secret is told from the next word by a character that words have not."""

_SPOKEN = r"(?:pass(?:word|phrase|code)|secret|api[ ]key|access[ ]key|token|pin|otp)"
_SPOKEN_CODE = rf"(?:{_SPOKEN}|one-time[ ]code|verification[ ]code|code)"
_BECOMES = r"(?:is|was|used[ ]was|used|of|set[ ]to|changed[ ]to|reset[ ]to|to|for[ ]\S{1,64}[ ]is)"

_BY_NAME = r"[ ](?:in[ ]namespace|(?:is[ ])?(?:not[ ]found|forbidden|missing)|already[ ]exists)"
"""What is said of a secret by its name, as Kubernetes does."""

_STATE = frozenset((
    "a", "absent", "accepted", "an", "and", "are", "at", "bad", "basic", "be", "bearer", "blank",
    "body", "by", "can", "cannot", "changed", "cookie", "correct", "could", "denied", "digest",
    "disabled", "does", "empty", "enabled", "env", "environment", "error", "expected", "expired",
    "failed", "failure", "false", "file", "for", "found", "from", "given", "has", "have", "header",
    "hidden", "ignored", "in", "incorrect", "invalid", "is", "it", "length", "malformed", "masked",
    "match", "matches", "mismatch", "mismatched", "missing", "must", "n/a", "na", "never", "nil",
    "no", "none", "not", "nul", "null", "of", "off", "ok", "on", "optional", "or", "present",
    "provided", "query", "redacted", "refused", "rejected", "required", "reset", "revoked", "set",
    "should", "string", "the", "to", "too", "true", "type", "undefined", "unknown", "unset",
    "unused", "updated", "used", "valid", "validation", "vault", "was", "were", "will", "with",
    "without", "wrong", "yes",
))  # fmt: skip
"""Words that say what is the matter with a secret, not what it is."""
_TYPE = re.compile(
    r"(?:str|string|int|integer|bool|boolean|object|number|bytes|any|array|list|dict)\??\]?$",
    re.IGNORECASE,
)
_MARK = re.compile(
    r"[*•x.#<>\[\]()-]{1,64}$"
    r"|\[?(?:REDACTED|FILTERED|HIDDEN|MASKED|SECRET|REMOVED|SCRUBBED)\]?$"
    r"|\$\{?\w{1,64}\}?$|\{\{.{1,80}\}\}$|%\(?\w{1,32}\)?s?$|:\w{1,32}$",
    re.IGNORECASE,
)
"""What somebody else put in the place of a secret: stars, a variable, a field of a template."""
_REFERENCES = (
    *("<", "os.environ", "process.env", "env.", "vault:", "secretsmanager:", "arn:", "ref+"),
)
_NAMED = re.compile(rf"(?i)[\w.-]{{0,64}}?{NAME}")
"""The name of a secret: what `key=` tells of one."""
_WORD, _NEXT_WORD = re.compile(r"[a-z]{1,20}"), re.compile(r" [a-z]{2,20}")


def _is_value(found: re.Match[str]) -> bool:
    return says_something(found["secret"])


def _is_given(found: re.Match[str]) -> bool:
    given = found["quoted"] or found["bare"]
    if found[0][:3].casefold() == "key" and not _IS_KEY.fullmatch(given):
        return False
    return says_something(given) and not _continues_as_prose(found)


_IS_KEY = re.compile(r"(?=\D*\d)(?=[^A-Za-z]*[A-Za-z])[^\s:/]{8,8192}")
"""Not what is merely called key: of a cache, a partition, a setting; nor the name of a secret."""


def _is_paired(found: re.Match[str]) -> bool:
    """Two texts alone in brackets may be two names: there, a secret is told as in a sentence."""
    secret = found["secret"]
    if not says_something(secret) or _NAMED.fullmatch(secret):
        return False
    surely = found["surely"] or ""
    return "-" in surely or (
        found["closed"] is not None and (bool(surely) or re.match(_NO_WORD, secret) is not None)
    )


def says_something(secret: str) -> bool:
    """Whether it is no word of prose, no type, mark or reference where a secret could stand."""
    secret = secret.strip("\"'`.,;:!?)]}")
    return not (
        not secret
        or secret.casefold() in _STATE
        or _TYPE.match(secret)
        or _MARK.fullmatch(secret)
        or secret.startswith(_REFERENCES)
    )


def _continues_as_prose(found: re.Match[str]) -> bool:
    """After `name: ` a lower-case word followed by another is a sentence."""
    if found["bare"] is None or "=" in found["gap"] or not found["gap"].endswith(" "):
        return False
    return (
        _WORD.fullmatch(found["bare"]) is not None
        and _NEXT_WORD.match(found.string, found.end()) is not None
    )


RULES = (
    rule(
        "secret",
        "the name and the value of a variable apart, as manifests and task definitions have them",
        rf"""(?i)\b(?:name|key)(?:{QUOTE})?\s{{0,2}}[:=]\s{{0,2}}(?:{QUOTE})?(?!key\b)
            [\w.-]{{0,64}}?{NAME}[\w-]{{0,20}}(?:{QUOTE})?
            \s{{0,2}},?\s{{0,40}}(?:{QUOTE})?value(?:{QUOTE})?\s{{0,2}}[:=]\s{{0,2}}{_WITHIN}?(?:{QUOTE})?
            (?!{SAFE})(?P<secret>[^\s\"'\\,}}]{{3,8192}})""",
        sign=rf"(?i){NAME_SIGN}(?:[^:=]|\n)*value{QUOTE_SIGN}{SPACE}{{0,2}}[:=]",
        confirms=_is_value,
    ),
    rule(
        "secret",
        "an option and what it gives as two texts of a list, or a name and its value as a pair",
        rf"""(?i)(?:(?P<surely>{QUOTE}--?|(?<=[\[({{,])\s?[(\[][bu]?{QUOTE})
            |[(\[]\s?[bu]?{QUOTE}):?[\w.-]{{0,40}}?{NAME}{QUOTE},\s{{0,20}}
            [bu]?(?P<quote>{QUOTE})(?!{SAFE}|--)(?P<secret>[^\"'`\\\n]{{3,8192}})(?P=quote)
            (?P<closed>\s?,?\s?[)\]])?""",
        sign=rf"(?i){NAME_SIGN}{QUOTE_SIGN},{SPACE}{{0,20}}[bu]?[\\\"'`%&]",
        confirms=_is_paired,
    ),
    rule(
        "secret",
        "what a method that sets it is called with: setPassword('...'), .token('...')",
        rf"""(?i)(?:\b(?:set|with)\w{{0,40}}?|\.){NAME}\(\s{{0,2}}(?P<quote>{QUOTE})(?!{SAFE})
            (?P<secret>[^\"'`\\\n]{{3,512}})(?P=quote)\s{{0,2}}\)""",
        sign=rf"(?i){NAME_SIGN}\({SPACE}{{0,2}}[\\\"'`%&]",
        confirms=_is_value,
    ),
    rule(
        "secret",
        "a field of a form that is sent in parts (RFC 7578)",
        rf"""(?i)\bname=(?:{QUOTE})?[\w.-]{{0,40}}?{NAME}(?:{QUOTE})?(?:\\r|\r)?(?:\\n|\n)
            (?:[^\n\\]{{1,80}}(?:\\r|\r)?(?:\\n|\n)){{0,3}}(?:\\r|\r)?(?:\\n|\n)
            (?!{SAFE})(?P<secret>[^\r\n\\]{{1,1024}})""",
        sign=rf"(?i)name=(?:.|\n)*{NAME_SIGN}{QUOTE_SIGN}(?:\\r|\r)?(?:\\n|\n)",
    ),
    rule(
        "secret",
        'what PHP serializes: s:8:"password";s:7:"..."',
        rf"""(?i){NAME}\\{{0,4}}\";s:\d{{1,6}}:\\{{0,4}}\"(?!{SAFE})(?P<secret>[^\"\\]{{1,8192}})""",
        sign=rf"(?i){NAME_SIGN}\\*\";s:\d",
        confirms=_is_value,
    ),
    rule(
        "secret",
        "the rows of an INSERT into a column for a secret: which value is which, only SQL can tell",
        rf"""(?i)\b(?:insert|replace)\s(?:\w{{1,20}}\s){{0,3}}into\s[^()]{{1,128}}\([^()]{{0,2000}}?
            {NAME}(?:{QUOTE})?\s{{0,4}}(?:,[^()]{{0,2000}})?\)\s{{0,4}}values\s{{0,4}}\((?!{SAFE}\))
            (?P<secret>(?:[^()]|\([^()]{{0,512}}\)|\)\s?,\s?\(){{1,8192}})\)""",
        sign=rf"(?i)\binto{SPACE}(?:.|\n)*{NAME_SIGN}(?:.|\n)*\bvalues{SPACE}{{0,4}}\(",
        confirms=lambda found: re.search(r"[\"']", found["secret"]) is not None,
    ),
    rule(
        "secret",
        "name=value, name: value, {'name': 'value'}, [name] => value, name%3Dvalue",
        rf"(?i:{NAME}){IS}{_GIVEN}",
        sign=rf"(?i){NAME_SIGN}{IS_SIGN}",
        starts=rf"(?i){_FULL_SIGN}{IS_SIGN}",
        confirms=_is_given,
    ),
    rule(
        "secret",
        "the same as an element of XML, named by its tag or by an attribute",
        rf"""(?i:<[\w:.-]{{0,40}}?(?:{NAME}(?:\s[^<>]{{0,80}})?
            |\s(?:name|key|id)=[\"'][\w.-]{{0,64}}?{NAME}[\"'][^<>]{{0,80}})>)(?!{SAFE})
            (?P<secret>[^<>]{{1,1024}})</""",
        sign=r"[^<>]</",
        confirms=_is_value,
    ),
    rule(
        "secret",
        "what replaces another secret, as plans of changes show it: password: ... => ...",
        rf"""(?i){NAME}{IS}[\"']?<secret>[\"']?[ ]{{1,4}}(?:=>|->)[ ]{{1,4}}
            (?P<quote>[\"'])(?!{SAFE})(?P<secret>[^\"'\n]{{1,8192}})(?P=quote)""",
        sign=r"(?i)<secret>[\"']? +(?:=>|->)",
        confirms=_is_value,
    ),
    rule(
        "secret",
        "the machines of a .netrc file",
        rf"""\bmachine\s\S{{1,255}}\s{{1,8}}login\s\S{{1,128}}\s{{1,8}}
            (?:account\s\S{{1,128}}\s{{1,8}})?password\s(?!{SAFE})(?P<secret>\S{{1,256}})""",
        sign=rf"\bmachine{SPACE}(?:.|\n)*password{SPACE}",
    ),
    rule(
        "secret",
        "the third argument of what connects or logs in, as PHP's traces show it",
        rf"""(?:PDO->__construct|mysqli?_p?connect|mysqli->(?:__construct|(?:real_)?connect)|ldap_bind
            |ftp_login|imap_open)\((?:[^,()\n]{{1,256}},[ ]?){{2}}
            '(?!{SAFE})(?P<secret>[^'\n]{{1,256}})'""",
        sign=r"(?:PDO->__construct|mysqli?_p?connect|mysqli->|ldap_bind|ftp_login|imap_open)",
    ),
    rule(
        "secret",
        "a code that is good once: verification code 123456",
        r"""(?i)\b(?:(?:2fa|mfa|otp|totp|two-factor|one-time|verification|security|login|sign-?in
            |confirmation|authentication)[ ](?:pass)?code|pin)[ :#]{1,3}(?P<secret>\d{4,8})\b""",
        sign=r"(?i)(?:code|pin)[ :#]{1,3}\d{4}",
    ),
    rule(
        "secret",
        "the same as a message to its owner has it: 123456 is your code",
        r"""\b(?P<secret>(?:[A-Z]-)?\d{4,8})[ ]is[ ]your[ ]
            (?:[\w-]{1,20}[ ]){0,3}(?:pass)?code\b""",
        sign=r"\d is your ",
    ),
    rule(
        "secret",
        "the statements of SQL that set a password",
        rf"""(?i)\b(?:identified[ ]by|(?:with[ ]|encrypted[ ])?password)[ (](?:password[ ])?'
            (?!{SAFE})(?P<secret>[^'\n]{{1,256}})'""",
        sign=r"(?i)\b(?:identified by|password)[ (](?:password )?'",
        confirms=_is_value,
    ),
    rule(
        "secret",
        "a sentence: the password is ...",
        rf"""(?i)(?:\b{_SPOKEN_CODE}|{_ANYWHERE})[ ]{_BECOMES}[ :]{{1,2}}[\"'`]?(?!{SAFE})
            (?P<secret>{_NO_WORD}[^\s\"'`<>]{{4,256}})""",
        sign=rf"(?i)(?:{_SPOKEN_CODE}|{NAME_SIGN}) (?:is|was|used|of|set|changed|reset|to|for)[ :]",
        confirms=_is_value,
    ),
    rule(
        "secret",
        "a sentence: password '...', where quotation marks stand for the verb, and so in Clojure",
        rf"""(?i)(?:\b(?:{_SPOKEN}|secret[ ]key)|(?<!\w):[\w.-]{{0,40}}?{NAME})[ ][\"'`](?!{SAFE})
            (?P<secret>[^\s\"'`<>]{{4,256}})[\"'`](?!{_BY_NAME})""",
        sign=rf"(?i){NAME_SIGN} [\"'`]",
        confirms=_is_value,
    ),
    rule(
        "secret",
        "a sentence: tried password ..., invalid token ...",
        rf"""(?i)\b(?:with|using|bad|wrong|tried|invalid)[ ](?:pass(?:word|phrase)|token|api[ ]key
            |secret)[ ]:?[ ]?[\"'`]?(?!{SAFE})(?P<secret>{_NO_WORD}[^\s\"'`<>():]{{5,256}})""",
        sign=r"(?i)\b(?:with|using|bad|wrong|tried|invalid) (?:pass|token|api key|secret)",
        confirms=_is_value,
    ),
    rule(
        "secret",
        "a sentence: typed the password ..., told by a letter, a digit and a sign",
        rf"""(?i)\b(?:pass(?:word|phrase)|secret)[ ](?!{SAFE})(?P<secret>(?=[^\s\d]{{0,64}}\d)
            (?=[^\sa-z]{{0,64}}[a-z])(?=[\w.:/-]{{0,64}}[!@\#$%^&*+~])[^\s\"'`<>]{{6,256}})""",
        sign=r"(?i)\b(?:pass(?:word|phrase)|secret) \S{6}",
        confirms=_is_value,
    ),
    rule(
        "secret",
        "a sentence: encryption key 0x...",
        r"""(?i)\b(?:encryption|signing|private|master|secret|session)[ ]key[ ](?:0x)?
            (?P<secret>[0-9a-f]{32,256})\b""",
        sign=r"(?i) key (?:0x)?[0-9a-f]{32}",
    ),
    rule(
        "secret",
        "the words that a wallet is restored from (BIP 39)",
        rf"""(?i)(?:mnemonic|seed[ _.-]?(?:phrase|words?)|recovery[ _.-]?phrase)
            (?:{QUOTE})?[ :=]{{1,3}}(?:{QUOTE})?
            (?P<secret>[a-z]{{3,8}}(?:[ ,]{{1,2}}[a-z]{{3,8}}){{11,23}})\b""",
        sign=r"(?i)(?:mnemonic|seed[ _.-]?(?:phrase|word)|recovery[ _.-]?phrase)",
    ),
    rule(
        "secret",
        "what only the holder of a key can make and whoever sees it can use: signatures, tickets",
        rf"""(?i:(?:signature(?:[_-]?\d{{1,3}})?|hmac|{BEGINS}(?:sig|crumb|ticket)){IS})
            (?:{QUOTE})?(?:t=\d{{1,12}},)?(?:(?:sha|v)\d{{1,3}}=)?(?!{SAFE})
            (?P<secret>(?=[A-Za-z+/=_%-]{{0,64}}\d)[A-Za-z0-9+/=_%-]{{24,2048}})""",
        sign=rf"(?i)(?:signature(?:[_-]?\d+)?|hmac|sig|crumb|ticket){IS_SIGN}",
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
)
