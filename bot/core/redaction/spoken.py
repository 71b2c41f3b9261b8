"""Secrets that a sentence gives away: `the password is …`."""

import re

from bot.core.redaction import drawn
from bot.core.redaction.names import (
    ABROAD,
    ANYWHERE,
    FULL_SIGN,
    KIND,
    NAME,
    NAME_SIGN,
    OTHER_ALPHABETS,
    is_parsed,
    is_value,
    says_something,
)
from bot.core.redaction.rule import NO_WORD, QUOTE, SAFE, SPACE, WORD, rule

_SPOKEN = r"(?:pass(?:word|phrase|code)|pwd|secret|(?:api|access|private)[ ]key|token|pin|otp)"
_KEYS = (
    r"(?:api|access|account|auth|authentication|deploy|ingest(?:ion)?|integration|licen[sc]e|service"
    r"|signing|subscription|write)"
)
"""Not that of a cache, a partition or a row."""
_SPOKEN_CODE = rf"(?:{_SPOKEN}|one-time[ ]code|verification[ ]code|code)"
_BECOMES = (
    r"(?:is|was|es|est|ist|lautet|war|era|jest|är|[èé]|used[ ]was|used|of"
    r"|set[ ]to|changed[ ]to|reset[ ]to|to"
    r"|(?:for|on|at)(?:[ ][\w.@:/'\"`-]{1,64}){1,5}[ ](?:is|was)(?:[ ](?:still|now))?"
    r"|for(?:[ ][\w.@'\"`-]{1,64}){1,4}(?=:[ ])"
    r"|(?:(?:is|was|(?:has|have)[ ]been)[ ])?"
    r"(?:set|generated|created|changed|reset|updated|assigned)(?=:[ ]))"
)
_BECOMES_SIGN = (
    r"(?:is|was|es|est|ist|lautet|war|era|jest|[?]r?|used|of|set|changed|reset|to|for|on|at|has|have"
    r"|generated|created|updated|assigned)[ :]"
)

_CODE = r"[\"']?(?=[a-z-]{0,8}\d)[a-z0-9]{4,10}(?:-[a-z0-9]{4,10}){0,3}[\"']?"
"""One of a list."""

_BY_NAME = r"[ ](?:in[ ]namespace|(?:is[ ])?(?:not[ ]found|forbidden|missing)|already[ ]exists)"
"""What is said of a secret by its name, as Kubernetes does."""

_QUOTED = (
    rf"[\"'`„“”«»‘‚’「『]\s?(?!{SAFE})"
    r"(?P<secret>[^\s\"'`<>„“”«»‘’「」『』]{4,256})\s?[\"'`“”«»‘’」』]"
)
"""Between marks of quotation, as languages have them."""
_OBJECT = re.compile(
    r"(?:[A-Za-z]:\\|[~.]{0,2}/)?(?:[\w.-]{1,64}[/\\]){0,8}"
    r"(?:[A-Za-z]{1,32}|[A-Za-z][a-z0-9]{0,32}(?:[._-][a-z0-9]{1,32}){1,16})"
)
"""The name of an object, as Kubernetes has them (RFC 1123), or of a file, or a word."""
_CHOSEN = re.compile(
    rf"(?i)[\w.:-]{{0,80}}?(?:pass(?:word|phrase|code)s?|passwd|pass|pwd|pin|otp"
    rf"|(?:\w{{1,10}} )?answer|{ABROAD})[ ]"
)
"""What people choose, and may choose a word for."""


_PINNED = re.compile(r"(?i)(?:pin|otp) \D*$")


def _is_quoted_value(found: re.Match[str]) -> bool:
    """Not the name of what holds a secret, as `secret "orders-env"`; nor a word of a program, as
    `unexpected token "export"` and "pin `requests`".
    """
    secret = found["secret"]
    if is_parsed(found, secret) or _PINNED.match(found[0]):
        return False
    return is_value(found) and not (
        _CHOSEN.match(found[0]) is None
        and _OBJECT.fullmatch(secret) is not None
        and not any(map(_is_mixed, re.split(r"[._/\\-]", secret)))
    )


def _is_mixed(part: str) -> bool:
    """Whether digits stand among letters: `tr0ub4dor` is no part of a name, `v2` and `k8s` are."""
    return re.search(r"\d[a-z]", part) is not None and not _SUFFIX.fullmatch(part)


_SUFFIX = re.compile(r"[bcdfghjklmnpqrstvwxz2456789]{5,10}|\w{1,3}")
"""What Kubernetes adds to a name that it makes, default-token-x7k2q, without vowels lest it be a
word; and the short: 2fa, k8s."""


_UUID = re.compile(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_OPENING = re.compile(r"[A-Za-z][A-Za-z0-9]{0,7}_")
"""What a provider puts before a token."""
_SIGNS = str.maketrans("", "", "=*~!.")
_PASSWORD = re.compile(rf"(?i)[\w.-]{{0,80}}?pass(?:word|phrase|code|wd)s?\b|.{{0,80}}?{ABROAD}")
_SHORTEST_PASSWORD = 10


def _is_drawn(found: re.Match[str]) -> bool:
    secret = found["secret"].rstrip(".=")
    if _UUID.fullmatch(secret):
        return True
    if drawn.is_drawn(secret, named=True):
        return True
    secret = _OPENING.sub("", secret.translate(_SIGNS), count=1)
    shortest = _SHORTEST_PASSWORD if _PASSWORD.match(found[0]) else 16
    return drawn.is_drawn(secret, named=True, shortest=shortest)


_OF_A_RESULT = re.compile(
    r"(?i)\b(?:area|close|country|currency|error|event|exit|failure|fault|http|language|locale|postal"
    r"|reason|response|result|return|source|state|status|termination|zip) $"
)


_MIXED = re.compile(r"(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])[A-Za-z0-9]+")


def _is_shown(found: re.Match[str]) -> bool:
    """Alone on a line, small and capital letters and digits are a password."""
    is_password = _PASSWORD.match(found[0]) is not None
    return _is_drawn(found) or (is_password and _MIXED.fullmatch(found["secret"]) is not None)


_NO_SECRET = re.compile(r"[A-Z]{1,12}[-_]?\d{1,6}:?|HTTP/.*|\d{4}-\d\d-\d\d\S*|[\d:.,%]{1,12}")
"""What else may follow a colon: the code of an error, a time, a number."""


def _is_told(found: re.Match[str]) -> bool:
    """Not what a request or a process ended with: `status code of 404`."""
    before = found.string[found.start("secret") - 2 : found.start("secret")]
    if before == ": " and _NO_SECRET.fullmatch(found["secret"]):
        return False
    if found[0][:4].casefold() == "code":
        before = found.string[max(0, found.start() - 16) : found.start()]
        return is_value(found) and _OF_A_RESULT.search(before) is None
    return is_value(found)


RULES = (
    rule(
        "secret",
        "a code that is good once: verification code 123456",
        r"""(?i)\b(?:(?:2fa|mfa|otp|totp|two-factor|one-time|verification|security|login|sign-?in|sms
            |confirmation|authentication|activation|access|unlock)[ ](?:pass)?code|pin|puk|t?otp
            |your[ ](?:[\w-]{1,20}[ ]){0,3}(?:pass)?code)[ :#]{1,3}
            (?P<secret>\d{4,8}|\d{3}[ -]\d{3})\b""",
        sign=r"(?i)(?:code|pin|puk|otp)[ :#]{1,3}\d{3}",
    ),
    rule(
        "secret",
        "the same as a message to its owner has it: 123456 is your code",
        r"""\b(?P<secret>(?:[A-Z]-)?\d{4,8})[ ](?:(?:is|as)[ ](?:your|the)[ ]
                (?:[\w-]{1,20}[ ]){0,3}(?:(?:pass)?code|OTP|PIN)
            |(?:(?<=[Uu]se[ ]\d{4}[ ])|(?<=[Uu]se[ ]\d{6}[ ])|(?<=[Uu]se[ ]\d{8}[ ]))to[ ]
                (?:sign[ ]in|log[ ]?in|verify|confirm|reset|authenticate))\b""",
        sign=r"\d (?:(?:is|as) (?:your|the) |to (?:sign|log|verify|confirm|reset|auth))",
    ),
    rule(
        "secret",
        "the same in other languages: Ihr Code lautet 123456",
        r"""(?i)(?:\b(?:code|c[oó]digo|codice|kod)[ ](?:lautet|est|es|[èé])[ :]{1,2}
            |(?:验证码|驗證碼|認証コード|인증번호|\bкод)[ ]?(?:是|为|は|[:：])?[ ]?)
            (?P<secret>\d{4,8})\b""",
        sign=r"(?i)(?:code|digo|codice|kod) \S+[ :]+\d|\?{2,} ?[?:]? ?\d",
    ),
    rule(
        "secret",
        "a sentence: typed ... as password",
        rf"""(?i)(?<!\S)[\"'`]?(?!{SAFE})(?P<secret>{NO_WORD}[^\s\"'`<>]{{5,256}})[\"'`]?
            [ ]as[ ](?:the[ ]|a[ ])?(?:password|passphrase|api[ ]key)\b""",
        sign=r"(?i) as (?:the |a )?(?:pass|api key)",
        confirms=is_value,
    ),
    rule(
        "secret",
        "a list of codes, for those who lost their telephone",
        rf"""(?i)\b(?:backup|recovery|scratch|emergency)[ _-]?codes?(?:{QUOTE})?[ :=]{{1,3}}\[?
            (?!{SAFE})(?P<secret>{_CODE}(?:(?:,[ ]?|[ ]){_CODE}){{1,23}})""",
        sign=r"(?i)(?:backup|recovery|scratch|emergency)[ _-]?code",
    ),
    rule(
        "secret",
        "one of them: two groups, or letters and digits",
        r"""(?i)\b(?:backup|recovery|scratch|emergency)[ ]code[ :#]{1,3}[\"'`]?
            (?P<secret>(?=[a-z-]{0,16}\d)(?=[\d-]{0,16}[a-z])[a-z0-9]{4,10}(?:-[a-z0-9]{4,10}){1,3}
            |\d{4,8}(?:-\d{4,8}){1,3}|(?=[a-z]{0,8}\d)(?=\d{0,8}[a-z])[a-z0-9]{8,16})\b""",
        sign=r"(?i)(?:backup|recovery|scratch|emergency) code",
    ),
    rule(
        "secret",
        "the statements of SQL that set a password",
        rf"""(?i)\b(?:identified[ ](?:with[ ][\w'\"-]{{1,40}}[ ])?(?:by|as)
            |(?:with[ ]|encrypted[ ])?password|set[ ]password[ ](?:for[ ]\S{{1,128}}[ ])?=)
            [ (](?:(?:password|values)[ ])?(?:password\()?
            (?:(?P<quote>['\"])(?!{SAFE})(?P<quoted>[^'\"\n]{{1,256}})(?P=quote)
            |(?<=by[ ])(?!{SAFE})(?P<bare>(?=[^\s;]{{0,64}}\d)[^\s;'\"]{{4,128}}))""",
        sign=r"(?i)\b(?:identified |set password |password[ (](?:(?:password|values) )?"
        r"(?:password\()?['\"])",
        confirms=lambda found: says_something(found["quoted"] or found["bare"]),
    ),
    rule(
        "secret",
        "the keys that statements of SQL encrypt columns with",
        rf"""(?i)\b(?:pgp_sym|aes)_(?:en|de)crypt(?:_bytea)?\((?:[^()'\n]|'[^'\n]{{0,200}}'(?=,)
            |\([^()\n]{{0,200}}\)){{1,200}}?,\s?'(?!{SAFE})(?P<secret>[^'\n]{{1,256}})'""",
        sign=r"(?i)\b(?:pgp_sym|aes)_(?:en|de)crypt",
    ),
    rule(
        "secret",
        "the first password of MySQL, which may have any sign in it",
        rf"""\btemporary[ ]password[ ]is[ ]generated[ ]for[ ]\S{{1,128}}:[ ](?!{SAFE})
            (?P<secret>\S{{6,64}})""",
        sign=r"\btemporary password is generated for ",
    ),
    rule(
        "secret",
        "a sentence: the password is ...",
        rf"""(?i)(?:\b{_SPOKEN_CODE}|{ANYWHERE}{KIND}|_pass)[ ]{_BECOMES}[ :]{{1,2}}[\"'`]?
            (?!{SAFE})(?P<secret>{NO_WORD}[^\s\"'`<>]{{4,256}})""",
        sign=rf"(?i)(?:{_SPOKEN_CODE}|{NAME_SIGN}) {_BECOMES_SIGN}",
        starts=rf"(?i)(?:{_SPOKEN_CODE}|{ANYWHERE}{KIND}|_pass) {_BECOMES_SIGN}",
        confirms=_is_told,
    ),
    rule(
        "secret",
        "what a program drew and shows once: alone on a line, after one that ends so or in a colon",
        rf"""(?i)(?:\b{_SPOKEN}|{ANYWHERE})\b(?:[^\n:=]{{0,120}}:)?[ \t]*(?:\r?\n[ \t]*){{1,3}}
            (?!{SAFE})(?P<secret>(?=[^\s\d]{{0,48}}\d)[A-Za-z0-9_+/=.~!*-]{{10,512}})
            (?=[ \t]*(?:\r?\n|$))""",
        sign=rf"(?i)(?:{NAME_SIGN}|otp)(?:[^\n:=]*:)?[ \t]*\r?\n",
        starts=rf"(?i)(?:{_SPOKEN}|{ANYWHERE})(?:[^\n:=]{{0,120}}:)?[ \t]*\r?\n",
        confirms=_is_shown,
    ),
    rule(
        "secret",
        "what Elasticsearch's tools set for its users: PASSWORD elastic = ..., New value: ...",
        rf"""(?:\bPASSWORD[ ][a-z_]{{1,64}}[ ]=[ ]|\breset\.\r?\nNew[ ]value:[ ])(?!{SAFE})
            (?P<secret>[^\s<>]{{6,256}})""",
        sign=r"\bPASSWORD [a-z_]+ = |\nNew value: ",
    ),
    rule(
        "secret",
        "a sentence: password '...', where quotation marks stand for the verb, and so in Clojure",
        rf"""(?i)(?:\b{_SPOKEN}|secret[ ]key|{ANYWHERE}{KIND}|(?<!\w):[\w.-]{{0,40}}?{NAME})
            [ ]{_QUOTED}(?!{_BY_NAME})""",
        sign=rf"(?i){NAME_SIGN} [\"'`?]",
        starts=rf"(?i)(?::(?:{WORD}|[.-]){{0,41}})?"
        rf"(?:{FULL_SIGN}|(?:secret|api|access|private) key) [\"'`?]",
        confirms=_is_quoted_value,
    ),
    rule(
        "secret",
        "the same in another alphabet, a blank before the marks or none",
        rf"(?i){OTHER_ALPHABETS}[ ]?{_QUOTED}",
        sign=rf"\?\? ?[\"'`?]{SPACE}?[^\s\"'`<>]",
        confirms=is_value,
    ),
    rule(
        "secret",
        "a sentence: tried password ..., invalid token ...",
        rf"""(?i)\b(?:with|using|bad|wrong|tried|invalid)[ ](?:pass(?:word|phrase)|token|api[ ]key
            |secret)[ ]:?[ ]?[\"'`]?(?!{SAFE})(?P<secret>{NO_WORD}[^\s\"'`<>():]{{5,256}})""",
        sign=r"(?i)\b(?:with|using|bad|wrong|tried|invalid) (?:pass|token|api key|secret)",
        confirms=is_value,
    ),
    rule(
        "secret",
        "a sentence: with passphrase ..., which is of three words or more that hyphens join",
        r"""(?i)\b(?:with|using|tried)[ ](?:the[ ])?pass(?:word|phrase)[ ]
            (?P<secret>[a-z]{3,12}(?:-[a-z]{3,12}){2,11})(?![\w-])""",
        sign=r"(?i)\b(?:with|using|tried) (?:the )?pass(?:word|phrase) [a-z]+-[a-z]+-",
    ),
    rule(
        "secret",
        "a sentence: typed the password ..., told by a letter, a digit and a sign",
        rf"""(?i)(?:pass(?:word|phrase)|secret|{ABROAD})[ ](?!{SAFE})
            (?P<secret>(?=[^\s\d]{{0,64}}\d)(?=[^\sa-z]{{0,64}}[a-z])(?=[\w.:/-]{{0,64}}[!@\#$%^&*+~])[^\s\"'`<>]{{6,256}})""",
        sign=rf"(?i)(?:pass(?:word|phrase)|secret|{ABROAD}) [^\s]*\d",
        confirms=is_value,
    ),
    rule(
        "secret",
        "a sentence: API key ... rejected, where what follows was drawn by lot",
        rf"""(?i)(?:{_KEYS}[ ]key|{ANYWHERE}{KIND})
            (?:[ ]{{1,32}}|[ ]{{0,32}}[\t|][ ]?)[\[\"'(`]?(?!{SAFE})
            (?P<secret>(?=[^\s\d]{{0,48}}\d)[A-Za-z0-9_+/=.~-]{{10,512}})""",
        sign=rf"(?i){NAME_SIGN}[ \t|]+[\[\"'(`]?[^\s\d]*\d",
        starts=rf"(?i)(?:{_KEYS} key|{ANYWHERE}{KIND})"
        r"[ \t|]+[\[\"'(`]?[^\s\d]*\d",
        confirms=_is_drawn,
    ),
    rule(
        "secret",
        "a sentence: ... is not a valid token",
        rf"""(?<![\w./-])(?!{SAFE})(?P<secret>(?=[^\s\d]{{0,48}}\d)[A-Za-z0-9_+/=.~-]{{16,512}})
            [\"'`]?[ ](?:is|was)[ ](?:not[ ])?(?:an?[ ]|the[ ])?
            (?:(?:in)?valid[ ]|wrong[ ]|expired[ ]|revoked[ ])?
            (?i:(?:api|access)[ ](?:key|token)|token|password|secret)\b""",
        sign=r"(?i) (?:is|was) (?:not )?(?:an? |the )?(?:(?:in)?valid |wrong |expired |revoked )?"
        r"(?:(?:api|access) (?:key|token)|token|password|secret)",
        confirms=_is_drawn,
    ),
    rule(
        "secret",
        "a sentence: changed the secret from ... to ..., the first of the two",
        rf"""(?i)\b{_SPOKEN}[ ](?:\w{{1,12}}[ ])?(?:from[ ]|\w{{4,10}}:[ ])[\"'`]?(?!{SAFE})
            (?P<secret>{NO_WORD}[^\s\"'`<>]{{4,256}})[\"'`]?[ ](?:to|→|->|=>)[ ]""",
        sign=rf"(?i){NAME_SIGN} (?:\S+ )?(?:from|\S+:) \S+ (?:to|\?|->|=>) ",
        confirms=is_value,
    ),
    rule(
        "secret",
        "and the second",
        rf"""(?i)\bfrom[ ][\"'`]?<secret>[\"'`]?[ ]to[ ][\"'`]?(?!{SAFE})
            (?P<secret>{NO_WORD}[^\s\"'`<>,;]{{4,256}})""",
        sign=r"(?i)\bfrom [\"'`]?<secret>[\"'`]? to ",
        confirms=is_value,
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
)
