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
from bot.core.redaction.rule import CLOSES, NO_WORD, OPENS, QUOTE, QUOTED, SAFE, SPACE, WORD, rule

_SPOKEN = r"(?:pass(?:word|phrase|code)|pwd|secret|(?:api|access|private)[ ]key|token|pin|otp)"
_KEYS = (
    r"(?:api|access|account|auth|authentication|deploy|ingest(?:ion)?|integration|licen[sc]e|service"
    r"|signing|subscription|write)"
)
"""Not that of a cache, a partition or a row."""
_SPOKEN_CODE = rf"(?:{_SPOKEN}|one-time[ ]code|verification[ ]code|code)"
_BECOMES = (
    r"(?:is|was|es|est|ist|lautet|war|era|jest|är|[èé]|used[ ]was|used|of"
    r"|(?:(?:is|was|(?:has|have)[ ]been)[ ])?(?:set|changed|reset)[ ]to|to"
    r"|(?:for|on|at|in|from)(?:[ ][\w.@:/'\"`-]{1,64}){1,5}[ ](?:is|was)(?:[ ](?:still|now))?"
    r"|for(?:[ ][\w.@'\"`-]{1,64}){1,4}(?=:[ ])"
    r"|(?:(?:is|was|(?:has|have)[ ]been)[ ])?"
    r"(?:set|generated|created|changed|reset|updated|assigned)(?=:[ ]))"
)
_BECOMES_SIGN = (
    r"(?:is|was|es|est|ist|lautet|war|era|jest|[?]r?|used|of|set|changed|reset|to|for|on|at|in|from|has|have"
    r"|generated|created|updated|assigned)[ :]"
)

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
_GOT = (
    r"(?:entered|received|provided|given|supplied|submitted|used|typed|sent|input|attempted|tried|found"
    r"|cracked|recovered|decrypted|decoded|generated|created|assigned|stored|saved|retrieved|loaded|read)"
)
"""What was done to a password that is told next."""
_TRIED = "expected|got|comparing|checking|entering|entered|testing|trying|raw|plain|actual"
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


_OF_AN_ID = re.compile(
    r"(?i)\b(?:ids?|trace|span|requests?|commit|hash|checksum|digest|sha\d*|md5|fingerprint|thumbprint"
    r"|address|file|path|url|host|image|version|account|user|name)\W*$"
)
_ALL_HEX = re.compile(r"[0-9A-Fa-f-]+")


def _is_drawn_at_the_end(found: re.Match[str]) -> bool:
    """Not an id: of what else is spoken of, or a number in hexadecimal."""
    said = found[0][: found.start("secret") - found.start()].rstrip(":\"'[(` ")
    return (
        _ALL_HEX.fullmatch(found["secret"]) is None
        and _OF_AN_ID.search(said) is None
        and _is_drawn(found)
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
        "a sentence: typed ... as password",
        rf"""(?i)(?<!\S)[\"'`]?(?!{SAFE})(?P<secret>{NO_WORD}[^\s\"'`<>]{{5,256}})[\"'`]?
            [ ]as[ ](?:the[ ]|a[ ])?(?:password|passphrase|api[ ]key)\b""",
        sign=r"(?i) as (?:the |a )?(?:pass|api key)",
        confirms=is_value,
    ),
    rule(
        "secret",
        "the statements of SQL that set a password",
        rf"""(?i)\b(?:identified[ ](?:with[ ][\w'\"-]{{1,40}}[ ])?(?:by|as)
            |(?:with[ ]|encrypted[ ])?password|set[ ]password[ ](?:for[ ]\S{{1,128}}[ ])?=)
            [ (](?:(?:password|values)[ ])?(?:password\()?
            (?:(?=\\{{0,4}}['\"]){OPENS}(?!{SAFE})(?P<quoted>{QUOTED}{{1,256}}+){CLOSES}
            |(?<=by[ ])(?!{SAFE})(?P<bare>(?=[^\s;]{{0,64}}\d)[^\s;'\"]{{4,128}}))""",
        sign=r"(?i)\b(?:identified |set password |password[ (](?:(?:password|values) )?"
        r"(?:password\()?[\\'\"])",
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
        "a sentence: the password is ..., in quotation marks",
        rf"""(?i)(?:\b{_SPOKEN_CODE}|{ANYWHERE}{KIND}|_pass)[ ]{_BECOMES}[ :]{{1,3}}
            (?=\\{{0,4}}[\"'`]){OPENS}(?!{SAFE})(?=(?:(?!\s)(?>{QUOTED})){{0,64}}?[\d!@\#$%^&*_])
            (?P<secret>{QUOTED}{{4,256}}+)(?P=quote)""",
        sign=rf"(?i)(?:{_SPOKEN_CODE}|{NAME_SIGN}) {_BECOMES_SIGN}",
        starts=rf"(?i)(?:{_SPOKEN_CODE}|{ANYWHERE}{KIND}|_pass) {_BECOMES_SIGN}",
        confirms=_is_told,
    ),
    rule(
        "secret",
        "a sentence: the password is ...",
        rf"""(?i)(?:\b{_SPOKEN_CODE}|{ANYWHERE}{KIND}|_pass)[ ]{_BECOMES}[ :]{{1,3}}[\"'`]?
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
        "the same on one line, after a colon: API key generated, use this to log in: ...",
        rf"""(?i)(?:\b{_SPOKEN}|{_KEYS}[ ]key|{ANYWHERE}{KIND})[ ,.][^\n:=]{{1,100}}:[ ]{{1,2}}
            [\"'\[(`]?(?!{SAFE})(?P<secret>(?=[^\s\d]{{0,48}}\d)[A-Za-z0-9_+/=.~-]{{16,512}})(?![^\s\"'`\]),.;])""",
        sign=rf"(?i){NAME_SIGN}[ ,.][^\n:=]+: {{1,2}}[\"'\[(`]?[^\s\d]*\d",
        starts=rf"(?i)(?:{_SPOKEN}|{_KEYS} key|{ANYWHERE}{KIND})[ ,.][^\n:=]{{1,100}}: ",
        confirms=_is_drawn_at_the_end,
    ),
    rule(
        "secret",
        "a sentence: the password that was entered was ..., Incorrect password entered: ...",
        rf"""(?i)\b(?:pass(?:word|phrase|code)|passwd|pwd|(?:api|access)[ ]key|secret|{ABROAD})[ ]
            (?:you[ ]|we[ ]|(?:that[ ]|which[ ])?(?:was[ ]|is[ ]))?{_GOT}
            (?:[ ](?:by|for|from|to|as|at|in|on|with)(?:[ ][^\s:=]{{1,64}}){{1,3}}?)?
            (?:[ ](?:is|was):?[ ]{{1,2}}[\"'`(\[]?|[ ]?[:=][ ]{{0,2}}[\"'`(\[]?|[ ][\"'`(\[])
            (?!{SAFE})(?P<secret>{NO_WORD}(?=[^\sA-Za-z]{{0,64}}[A-Za-z])[^\s\"'`<>()\[\],;]{{5,256}})""",
        sign=rf"(?i)(?:pass(?:word|phrase|code|wd)|pwd|key|secret|{ABROAD}) (?:\S+ ){{0,2}}{_GOT}",
        starts=rf"(?i)(?:pass(?:word|phrase|code)|passwd|pwd|(?:api|access) key|secret|{ABROAD}) "
        rf"(?:\S+ ){{0,2}}{_GOT}",
        confirms=_is_told,
    ),
    rule(
        "secret",
        "the same in other languages, whatever is said of it",
        rf"""(?i)\b{ABROAD}(?:[ ][^\s:=\"']{{1,24}}){{1,4}}?
            (?:[ ](?:is|ist|lautet|es|est|jest|är|er|on|[èé])(?:[ ]?:)?|[ ]?[:=])[ ]{{1,2}}
            [\"'`«„]?(?!{SAFE})(?P<secret>{NO_WORD}(?=[^\sA-Za-z]{{0,64}}[A-Za-z])[^\s\"'`<>()]{{5,256}})""",
        sign=rf"(?i){ABROAD} [^:=\n]*(?:[:=]| \S{{1,6}}) {{1,2}}",
        starts=rf"(?i){ABROAD} [^\s:=]",
        confirms=_is_told,
    ),
    rule(
        "secret",
        "a sentence: expected password ... but got ...",
        rf"""(?i)\b(?:{_TRIED})[ ](?:the[ ])?(?:pass(?:word|phrase|code)|passwd|pwd|secret)[ ]
            :?[ ]?[\"'`]?(?!{SAFE})(?P<secret>{NO_WORD}(?=[^\sA-Za-z]{{0,64}}[A-Za-z])
                [^\s\"'`<>():,;]{{5,256}})""",
        sign=rf"(?i)\b(?:{_TRIED}) (?:the )?(?:pass(?:word|phrase|code|wd)|pwd|secret) ",
        confirms=is_value,
    ),
    rule(
        "secret",
        "what was there instead",
        rf"""(?i)<secret>[\"'`]?,?[ ](?:but[ ](?:got|was|received|found)|instead[ ]of|vs\.?|!=)[ ]
            [\"'`]?(?!{SAFE})(?P<secret>{NO_WORD}[^\s\"'`<>,;]{{4,256}})""",
        sign=r"(?i)<secret>[\"'`]?,? (?:but |instead of|vs|!=)",
        confirms=is_value,
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
        "the same in another alphabet, a blank before the marks or none, brackets too",
        rf"""(?i){OTHER_ALPHABETS}[ ]?(?:{_QUOTED}
            |[\[【(（](?!{SAFE})(?P<bare>[^\s\"'`<>\[\]【】()（）]{{4,256}})[\]】)）])""",
        sign=rf"\?\? ?[\"'`?\[(]{SPACE}?[^\s\"'`<>]",
        confirms=lambda found: says_something(found["secret"] or found["bare"]),
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
        r"""(?i)\b(?:(?:with|using|tried)[ ](?:the[ ])?pass(?:word|phrase)
                |passphrase[ ](?:is|was):?)[ ][\"'`]?
            (?P<secret>[a-z]{3,12}(?:-[a-z]{3,12}){2,11})(?![\w-])""",
        sign=r"(?i)\bpass(?:word|phrase) (?:(?:is|was):? )?[\"'`]?[a-z]+-[a-z]+-",
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
        "the second that a secret was changed to",
        rf"""(?i)\bfrom[ ][\"'`]?<secret>[\"'`]?[ ]to[ ][\"'`]?(?!{SAFE})
            (?P<secret>{NO_WORD}[^\s\"'`<>,;]{{4,256}})""",
        sign=r"(?i)\bfrom [\"'`]?<secret>[\"'`]? to ",
        confirms=is_value,
    ),
    rule(
        "secret",
        "a sentence: encryption key 0x...",
        r"""(?i)\b(?:encryption|decryption|signing|private|master|secret|session|shared|derived
            |symmetric|write|mac|hmac|aes(?:-?\d{3})?)[ ]key(?:[ ]\(\w{1,12}\)|[ ]hex|[ ]bytes)?
            [ ]?[:=]?[ ]?(?:is[ ])?(?:0x)?(?P<secret>[0-9a-f]{32,256})\b""",
        sign=rf"(?i) key(?: \(?{WORD}+\)?)? ?[:=]? ?(?:is )?(?:0x)?[0-9a-f]{{32}}",
    ),
    rule(
        "secret",
        "a code that is exchanged for a token: drawn by lot",
        rf"""(?i)\b(?:for|with|using|oauth|auth(?:ori[sz]ation)?)[ ]code[ :=]{{1,2}}[\"'`]?
            (?!{SAFE})(?P<secret>(?=[^\s\d]{{0,48}}\d)[A-Za-z0-9_+/=.~-]{{16,512}})""",
        sign=r"(?i)\b(?:for|with|using|oauth|auth(?:ori[sz]ation)?) code[ :=]",
        confirms=_is_drawn,
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
