"""The shape of a text: what varies from one occurrence to the next becomes a typed placeholder.

Two stages, both pure. Stage 1 looks at one white-space token at a time, stage 2 at the masked text.
Digits are zeroed before either, so that texts that differ only in numbers are worked out once.
People read the placeholders' types; equality never depends on them: `Shape.key` has one for all.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from bot.core import codes
from bot.core.cache import Bounded

VERSION = 2
"""The rules of today; those of version 1 are kept until what they signed has its new name."""
LONGEST_TEXT = 8_000
LONGEST_TOKEN = 256
Spans = tuple[codes.Span, ...]

PLACEHOLDERS = (
    "bool", "customer", "date", "email", "file", "hex", "host", "id", "ip", "mac", "name", "num",
    "path", "property", "text", "time", "url", "user", "uuid", "value",
)  # fmt: skip

_ANY = r"<(?:" + "|".join(PLACEHOLDERS) + r"|\*)>"
_ZEROED = bytes.maketrans(b"123456789", b"000000000")


@dataclass(frozen=True, slots=True)
class Shape:
    """A masked text: `template` for people, `key` for equality (one placeholder for all types).

    `codes` are those in the text that tell cases of one exception apart. `coded`: texts of this
    shape may hold more, so that it is not final; `peopled`: they may name a customer.
    """

    template: str
    key: str
    codes: str = ""
    coded: bool = False
    peopled: bool = False


def shape(text: str) -> Shape:
    """The shape of a text of any length; only its first 8,000 characters count."""
    text = text[:LONGEST_TEXT]
    digitless = zeroed(text)
    known = _texts.get(digitless)
    if known is None:
        known = _learn(digitless)
    if isinstance(known, Shape):
        return known
    return shape_of_zeroed(codes.restore(digitless.decode(), text, known))


def shape_by(version: int, text: str) -> Shape:
    """The shape of a text under the rules of an earlier version; nothing is remembered."""
    text = text[:LONGEST_TEXT]
    plain = zeroed(text).decode()
    masked = masked_tokens(plain)
    if codes.likely(masked):
        masked = masked_tokens(codes.restore(plain, text, codes.spans(plain)))
    return _second_stage(masked, version)


def _learn(digitless: bytes) -> Shape | Spans:
    """The shape of every text with this zeroed form, or where in it are the codes that decide."""
    plain = digitless.decode()
    found = shape_of_zeroed(plain)
    spans = codes.spans(plain) if found.coded else ()
    return _texts.keep(digitless, spans or found)


def zeroed(text: str) -> bytes:
    """The text as UTF-8 with every ASCII digit turned to 0."""
    return text.encode("utf-8", "replace").translate(_ZEROED)


def shape_of_zeroed(plain: str) -> Shape:
    """The shape of a text without digits other than 0 (and hidden codes)."""
    return shape_of_masked(masked_tokens(plain))


def masked_tokens(plain: str) -> str:
    """What the first stage makes of a text without digits other than 0."""
    return " ".join(map(_masked_token, plain.split()))


def shape_of_masked(masked: str) -> Shape:
    """The shape of what the first stage made of a text."""
    known = _shapes.get(masked)
    return _shapes.keep(masked, _second_stage(masked, VERSION)) if known is None else known


class _Tokens(Bounded[str, str]):
    """Token → masked token; what looks like it comes once only is worked out but not kept."""

    def __missing__(self, token: str) -> str:
        if drawn := _DRAWN.fullmatch(token):
            return _mask_simple(drawn)
        masked = mask_token(token)
        return masked if _ONE_OFF.search(token) else self.keep(token, masked)


# ---- stage 1: one token, whatever stands around it

_DRAWN = re.compile(
    r"(?:([A-Za-z_]\w{0,40}+)=)?((?=[A-Fa-f]{0,63}0)(?=0{0,63}[A-Fa-f])[0A-Fa-f]{8,64}+)([,;:]?)"
)
"""The commonest of what comes once: hexadecimal with letters, which zeroing does not make equal."""
_ONE_OFF = re.compile(r"(?=[0A-Fa-f]{8})(?:0{1,7}+[A-Fa-f]|[A-Fa-f]{1,7}+0)|[\w+-]{40}")
"""The same somewhere in a token, and long runs as Base64 has."""

_LABEL = r"[A-Za-z0-9_-]{1,63}"
_SHAPES = tuple(
    (needed, re.compile(pattern), placeholder)
    for needed, pattern, placeholder in (
        (
            "://",
            r"\b[A-Za-z][A-Za-z0-9+.-]{1,19}://[^\s\"'<>|\\^`{}()]{0,256}[^\s\"'<>|\\^`{}().,:;!?\]]",
            "<url>",
        ),
        ("@", r"[\w.+-]{1,64}@" + _LABEL + r"(?:\." + _LABEL + r"){1,8}", "<email>"),
        ("-", r"(?<![\w-])[0A-Fa-f]{8}-(?:[0A-Fa-f]{4}-){3}[0A-Fa-f]{12}(?![\w-])", "<uuid>"),
        (
            "0",
            (
                r"(?<![\w.])0{4}[-/.]00[-/.]00(?:[T_-]00[:.]00[:.]00(?:[.,]0{1,9})?)?(?:Z"
                r"|[+-]00:?00)?(?!\w)"
            ),
            "<time>",
        ),
        ("/", r"(?<![\w.])00?/(?:[A-Z][a-z]{2}|00?)/0{2,4}(?::00:00:00)?(?!\w)", "<time>"),
        ("0:0", r"(?<![\w.:])00?:00(?::00)?(?:[.,:]0{1,9})?(?:Z|[+-]00:?00)?(?![\w:])", "<time>"),
        (":", r"(?<![\w:])(?:[0A-Fa-f]{2}[:-]){5,15}[0A-Fa-f]{2}(?!:?\w)", "<mac>"),
        (".", r"(?<![\w.])/?(?:0{1,3}\.){3}0{1,3}(?::0{1,5})?(?:/0{1,2})?(?![\w.]*\w)", "<ip>"),
        (
            ":",
            (
                r"(?<![\w:.])\[?(?:[0A-Fa-f]{1,4}:){7}[0A-Fa-f]{1,4}\]?"
                r"(?::0{1,5})?(?!:?\w|::)"
            ),
            "<ip>",
        ),
        (
            ":",
            (
                r"(?<![\w:.])\[?(?:[0A-Fa-f]{1,4}(?::[0A-Fa-f]{1,4}){0,6})?::"
                r"(?:[0A-Fa-f]{1,4}(?::[0A-Fa-f]{1,4}){0,6})?(?:%\w{1,16})?\]?(?::0{1,5})?"
                r"(?!:?\w|::)(?<!^::)"
            ),
            "<ip>",
        ),
        ("\\", r"(?<![\w])[A-Za-z]:\\[^\s\"'<>|*?,;()]{1,256}", "<path>"),
        ("/", r"(?<![\w.>)\]/<])(?:~|\.{1,2})?/[\w.@%+~][^\s\"'<>|,;:()\[\]{}]{0,256}", "<path>"),
        ("/", r"(?<![\w.>/])[\w.@+-]{1,64}(?:/[\w.@+$%-]{1,64}){2,20}/?(?!\w)", "<path>"),
        ("/", r"(?<![\w.>/])[\w@+-]{1,64}/[\w@+-]{0,64}\.[\w.@+$-]{1,64}(?!\w)", "<path>"),
        ("/", r"(?<![\w.>/])[\w@+-]{1,64}\.[\w.@+-]{1,64}/[\w.@+$-]{1,64}(?!\w)", "<path>"),
        ("0", r"\b0[xX][0-9A-Fa-f]{1,64}\b", "<hex>"),
        ("@", r"(?<=@)[0a-f]{4,16}\b", "<hex>"),
    )
)
"""What a token must have in it, a pattern, and what takes the place of what it matches."""

_MEANS = re.compile(
    r"(?i)(?:code|reason|error|err|errno|exception|cause|msg|message|event|status|level"
    r"|severity|type|kind|detail|"
    r"result|failure|fault|description)$"
)
_SPEAKS = re.compile(
    r"(?i)(?:error|err|msg|message|event|exception|reason|cause|detail|description)$"
)
_PAIR = re.compile(
    r"(?<![\w=!<>])([A-Za-z_][\w.$\[\]-]{0,63})=(?!=)"
    r"(\"[^\"]{0,256}\"|'[^']{0,256}'|\[[^\[\]]{0,256}\]|\w{1,64}\{[^{}]{0,256}\}"
    r"|[^\s,;()\[\]{}|&\"']{1,256})"
)
_PROPERTY = re.compile(r"^([A-Za-z]\w{0,40}:)[A-Za-z][\w.]{0,63}=\S{0,256}$")
_CONSTANT = re.compile(r"[A-Z]{2,32}(?:_[A-Z]{1,32}){1,8}")
_ATOM = re.compile(
    _ANY
    + r"|<customer>|(?:[\w$%+-]|<customer>){1,128}(?:\.(?!\.)(?:[\w$%+-]|<customer>){1,64}){0,12}"
)


def mask_token(token: str) -> str:
    """One zeroed token with what varies in it replaced."""
    if simple := _SIMPLE.fullmatch(token):
        return _mask_simple(simple)
    if len(token) > LONGEST_TOKEN:
        return "<text>"
    if "=" in token:
        token = _PROPERTY.sub(r"\1<property>", token)
    for needed, pattern, placeholder in _SHAPES:
        if needed in token:
            token = pattern.sub(placeholder, token)
    if "=" in token:
        token = _PAIR.sub(_mask_pair, token)
    return _ATOM.sub(_mask_atom, token)


_SIMPLE = re.compile(r"(?:([A-Za-z_]\w{0,40}+)=)?([\w$%-]{1,200}+)([,;:]?)")


def _mask_simple(found: re.Match[str]) -> str:
    """The masked form of the commonest tokens: a word with digits, or `key=word`."""
    key, value, end = found.groups()
    if key and not _keeps_value(key, value):
        return f"{key if '0' not in key else '<id>'}=<value>{end}"
    masked = _mask_number(value) if "0" in value else _mask_word(value)
    return f"{key}={masked}{end}" if key else masked + end


def _mask_word(word: str) -> str:
    return "<bool>" if word in _BOOLEANS else "<hex>" if _BARE_HEX.fullmatch(word) else word


def _mask_pair(found: re.Match[str]) -> str:
    key, value = found.groups()
    if _keeps_value(key, value):
        return found[0]
    return f"{key}={value if re.fullmatch(_ANY, value) else '<value>'}"


def _keeps_value(key: str, value: str) -> bool:
    """Values that say what happened stay; so do the constants of an enumeration."""
    if value.isupper() and _CONSTANT.fullmatch(value):
        return True
    if not _means(key):
        return False
    return _SPEAKS.search(key) is not None or not _DIGIT.search(value)


@lru_cache(maxsize=5_000)
def _means(key: str) -> bool:
    return _MEANS.search(key) is not None


_DIGIT = re.compile(r"\d")
_BOOLEANS = frozenset(("true", "false", "True", "False", "TRUE", "FALSE"))
"""Not null, nil or None: in "nil pointer dereference" it is what went wrong."""
_BARE_HEX = re.compile(r"[A-Fa-f]{8,64}")
_NUMBER = re.compile(r"[+-]{0,2}0[0.]*(?:[eE][+-]?0+)?(?:%|[A-Za-zµ]{1,3}(?:/s)?)?")
_TYPE = re.compile(
    r"[\w.$]*(?:Error|Exception|Fault|Failure|Warning|SystemExit|Interrupt)(?:\$\w+)?"
)
_TOP_LEVEL = re.compile(
    r".*\.(?:com|org|net|edu|gov|mil|int|io|dev|app|cloud|local|internal|lan|corp"
    r"|localdomain|example|test|svc|"
    r"[a-z]{2})"
)
_FILE = re.compile(r".*\.[A-Za-z]{1,5}0?")
_NAMED = re.compile(r"[A-Za-z_$][A-Za-z_$-]{0,63}(?:\.[A-Za-z_$][A-Za-z_$-]{0,63}){2,}")
_HOST = re.compile(r"[A-Za-z][A-Za-z-]{0,63}(?:\.[A-Za-z][A-Za-z-]{0,63})+")
_COUNTED = re.compile(r"([A-Za-z_]{2,64})\.0+")


def _mask_atom(found: re.Match[str]) -> str:
    atom = found[0]
    if atom[0] == "<" and atom != "<customer>" and atom.endswith(">") and atom.count("<") == 1:
        return atom
    if "<customer>" in atom:
        return atom if atom == "<customer>" else "<id>"
    return _mask_number(atom) if "0" in atom else _mask_letters(atom, found)


def _mask_letters(atom: str, found: re.Match[str]) -> str:
    if atom in _BOOLEANS:
        return "<bool>"
    if _BARE_HEX.fullmatch(atom):
        return "<hex>"
    if (
        "." not in atom
        or _TYPE.fullmatch(atom)
        or found.string[found.end() : found.end() + 1] == "("
    ):
        return atom
    if _HOST.fullmatch(atom) and _TOP_LEVEL.fullmatch(atom):
        return "<host>"
    if _CONSTANT.fullmatch(atom.rpartition(".")[2]):
        return atom
    return "<name>" if _NAMED.fullmatch(atom) else atom


_DASHED = (
    (re.compile(r"[0A-Fa-f]{8}-(?:[0A-Fa-f]{4}-){3}[0A-Fa-f]{12}"), "<uuid>"),
    (re.compile(r"0000-00-00"), "<time>"),
)


def _mask_number(atom: str) -> str:
    if "-" in atom:
        for pattern, placeholder in _DASHED:
            if pattern.fullmatch(atom):
                return placeholder
    lowered = atom.lower()
    if lowered in codes.KEPT or codes.VENDOR.fullmatch(atom):
        return atom
    if known := codes.ONLY.get(lowered):
        return known.translate(codes.HIDE)
    if _NUMBER.fullmatch(atom):
        return "<num>"
    if counted := _COUNTED.fullmatch(atom):
        return f"{counted[1]}.<num>"
    if "." in atom:
        return (
            "<host>"
            if _TOP_LEVEL.fullmatch(atom)
            else "<file>"
            if _FILE.fullmatch(atom)
            else "<id>"
        )
    return "<id>"


# ---- stage 2: the masked text

_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}"
_ZONE = r"(?:UTC|GMT|Z|[A-Z]{2,4}T)"
_UNIT = (
    r"(?:[kKMGTP]i?[bB]?|[bB]ytes?|B|ns|us|µs|ms|msecs?|milliseconds?|microseconds?"
    r"|secs?|seconds?|s|mins?|minutes?|"
    r"hours?|hrs?|days?|[MGk]?[Hh]z|pages?|%|[MGk]?bps)"
)
_NAME = r"[\w.@+$-]{1,64}|" + _ANY
_PROSE = (
    r"unknown|not|is|was|has|had|does|did|cannot|can|could|with|and|or|from|for|by"
    r"|to|in|on|the|a|an|id|name"
)
_PROSE_OF_2 = (
    r"names?|ids?|agent|data|details|errors?|groups?|input|limit|list|lookup|login|logon|logout"
    r"|attempts?|access|pages?|profile|requests?|roles?|rights|service|settings|sessions?|success"
    r"|timeout|token|too|type|already|unable|invalid|\w{1,40}(?:ed|ing|tion|ure|ment|ance)"
)
"""Since version 2: "login failed" and "user lookup" name nobody."""


def _sentences(prose: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """What is recognised by the words around it; `prose` is what names nobody after "user"."""
    patterns = (
        (
            (
                rf"(?<!\w)(?:{_DAY},? )?{_MONTH}\.? <num>,? (?:<num>,? )?<time>(?: [AP]M)?(?: "
                rf"{_ZONE})?(?: <num>)?"
            ),
            "<time>",
        ),
        (rf"(?<!\w)(?:{_DAY},? )?<num> {_MONTH} <num>(?: <time>)?(?: {_ZONE})?", "<time>"),
        (rf"<(?:time|num)>[ T]<time>(?: {_ZONE}| [+-]?<num>)?", "<time>"),
        (rf"(<num>) ?{_UNIT}(?![\w])(?: \(<num>(?: ?{_UNIT})?\))?", r"\1"),
        (r"<num> \(<num>\)", "<num>"),
        (r"<(<num>)", r"\1"),
        (
            (
                rf"\b([Uu]ser(?:name)?|[Ll]ogin|[Aa]ccount|[Uu]id) (?!{prose})(?:{_NAME})(?=$"
                rf"|[ ,;.:)\]'\"])"
            ),
            r"\1 <user>",
        ),
        (rf"\bfor (?!{prose})(?:{_NAME}) from (?=<)", "for <user> from "),
        (rf"\b(failures?|attempts?) for (?!{prose})(?:{_NAME})(?=$| \[)", r"\1 for <user>"),
        (rf"({_ANY}) \((?:{_ANY})?\)", r"\1"),
    )
    return tuple((re.compile(pattern), replacement) for pattern, replacement in patterns)


_QUOTED_NAME = (
    r"([Gg]roup|[Tt]opic|[Qq]ueue|[Bb]ucket|[Nn]amespace|[Pp]od|[Ss]lot|[Dd]atabase|db|[Cc]hannel"
    r"|[Ss]tream|[Cc]onsumer|[Pp]ublication|[Ss]ubscription|[Tt]ablespace|[Kk]eyspace|[Vv]host)"
)
"""What a deployment has many of and names. Not what code names, which tells bugs apart: tables,
columns, constraints, functions."""
_BARE_NAME = r"([Gg]roup|[Tt]opic|[Qq]ueue|[Bb]ucket|[Nn]amespace|[Ss]lot|[Dd]atabase|[Kk]eyspace)"
_NO_NAME = r"(?:auto|closed|dead|in|locked|non|not|off|on|out|over|pre|re|read|self|un|write)[._-]"
"""In "queue re-opened" it is what happened."""
_AT_END = r"(?=$|[\s,;:)\]])"
_SENTENCES_OF_2 = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (rf"\b{_QUOTED_NAME}(:?) ([\"'`])[^\"'`<>]{{1,128}}\3", r"\1\2 \3<name>\3"),
        (
            (
                rf"\b{_BARE_NAME} (?!{_NO_NAME})[a-z][a-z0-9]{{0,40}}"
                rf"(?:[._-][a-z0-9]{{1,40}}){{1,8}}{_AT_END}"
            ),
            r"\1 <name>",
        ),
        # nginx adds it where there was one
        (r", referrer: \"[^\"]{0,300}\"", ""),
        # how PostgreSQL locks: the finding is who waits
        (r"\b(?:Access|Row|Share|Update|Exclusive){1,4}Lock\b", "<value>"),
        # a list is one however many it has, and if it has none
        (r"\b([A-Za-z]\w{1,40}\([^()]{0,400}\))(?:,? ?\1){1,64}", r"\1"),
        (r"(?<=[ =:])\[\](?=$|[ ,;)])", "[<value>]"),
    )
)
_SENTENCES = {
    1: _sentences(rf"(?:{_PROSE})\b"),
    VERSION: _sentences(rf"(?:{_PROSE}|{_PROSE_OF_2})\b") + _SENTENCES_OF_2,
}
_QUOTED_PAIR = re.compile(r"(?<![\w])([A-Za-z_][\w.-]{0,63})=(\"[^\"]{0,512}\"|'[^']{0,512}')")
_SPACED_PAIR = re.compile(
    r"(?<![\w=!<>])([A-Za-z_][\w.]{0,63}) ?= ?(?!=)((?:[^\s,;()\[\]{}=\"']|"
    + _ANY
    + r"){1,256})(?=$|[\s,;)\]}])"
)
_COLON_PAIR = r"[a-z][\w.]{0,40}: (?:[^\s,;:\"'()\[\]{}]{1,64})"
_COLON_LIST = re.compile(rf"\b{_COLON_PAIR}(?:, {_COLON_PAIR}){{1,32}}(?=$|[,;)\]}}])")
_ONE_COLON = re.compile(r"([a-z][\w.]{0,40}): ([^\s,;:]{1,64})")


_PEOPLE = re.compile(r"(?i)tenant|customer|\borg|account|workspace|<customer>")


def _second_stage(masked: str, version: int) -> Shape:
    text = _QUOTED_PAIR.sub(_mask_pair, _mask_rows(masked) if version >= 2 else masked)
    text = _SPACED_PAIR.sub(_mask_spaced_pair, text)
    text = _COLON_LIST.sub(lambda found: _ONE_COLON.sub(_mask_colon_pair, found[0]), text)
    for pattern, replacement in _SENTENCES[version]:
        text = pattern.sub(replacement, text)
    text = codes.reveal(text)
    return Shape(
        text,
        untyped(text),
        codes=codes.telling(text),
        coded=codes.likely(masked),
        peopled=_PEOPLE.search(text) is not None,
    )


_TYPES_THAT_SAY = (
    r"(?i:[\w.-]{0,60}(?:error|err|exception|event|failure|fault|reason|cause|alert)[_-])"
)
_JSON_PAIR = re.compile(r"\"([A-Za-z_][\w.-]{0,63})\": ?\"([^\"\\]{1,256})\"")


def _mask_json_pair(found: re.Match[str]) -> str:
    key, value = found.groups()
    says = _keeps_value(key, value) and not _TYPE_OF_A_PART.fullmatch(key)
    return found[0] if says or re.fullmatch(_ANY, value) else f'"{key}":"<value>"'


_TYPE_OF_A_PART = re.compile(rf"(?!{_TYPES_THAT_SAY})[\w.-]{{1,60}}[_-](?:type|kind)")


_PARAMETERS = "[parameters: "
_ROWS = tuple(
    (needed, re.compile(pattern), replacement)
    for needed, pattern, replacement in (
        # PostgreSQL, MySQL, MongoDB and SQL Server name the row that breaks a constraint
        ("Key (", r"\bKey \(([^()]{1,300})\)=\([^()]{0,300}\)", r"Key (\1)=(<value>)"),
        (
            "Duplicate entry '",
            r"\bDuplicate entry '[^']{0,300}' for key",
            "Duplicate entry <value> for key",
        ),
        ("dup key: {", r"\bdup key: \{[^{}]{0,300}\}", "dup key: <value>"),
        (
            "duplicate key value is (",
            r"\bduplicate key value is \([^()]{0,300}\)",
            "duplicate key value is <value>",
        ),
        # the identity of a package of Windows: name~key~architecture~language~version
        ("~", r"(?<![^\s\"'(=])[^\s~,;\"'()=]{1,200}(?:~{1,2}[^\s~,;\"'()]{1,64}){2,5}", "<id>"),
        # what the first stage took a part of a path or an address for
        ("<path><", r"<path>(?:<(?:time|num|id|file|path)>|/[\w.@%+-]{1,128}){1,8}", "<path>"),
        # the type of a part is data, that of what happened is not
        (
            "=",
            rf"\b(?!{_TYPES_THAT_SAY})([A-Za-z][\w.]{{0,60}}[_-](?:type|kind))=[\w.-]{{1,128}}",
            r"\1=<value>",
        ),
        # a host before its address, as Postfix has them; and a place in PostgreSQL's journal
        ("[<ip>", rf"(?:{_ANY}|[\w.-]{{1,128}})\[<ip>\]?", "<host>"),
        ("hostname unknown", r"\bhostname unknown\b", "hostname <host>"),
        ("'<email>", r"(?:<value>|[\w.+-]{1,64})'<email>", "<email>"),
        ("/<", r"(?<![\w/])[A-F]{1,8}/<(?:id|num)>", "<id>"),
        (".<url>", r"(?<![\w.-])[A-Za-z][\w.-]{0,128}\.<url>", "<url>"),
        # whoever logs in, as databases and directories quote them
        (
            " ",
            r"\b([Uu]ser(?:name)?|[Rr]ole|[Ll]ogin|[Pp]rincipal)(:?) ([\"'])[^\"'<>]{1,64}\3",
            r"\1\2 \3<user>\3",
        ),
    )
)
"""Since version 2: what a text must have in it, a pattern, and what takes the place of the data."""


def _mask_rows(masked: str) -> str:
    """The text without the rows of a table that a database or its driver quotes in it."""
    if '":' in masked:
        masked = _JSON_PAIR.sub(_mask_json_pair, masked)
    if _PARAMETERS in masked:
        masked = _mask_parameters(masked)
    for needed, pattern, replacement in _ROWS:
        if needed in masked:
            masked = pattern.sub(replacement, masked)
    return masked


def _mask_parameters(masked: str) -> str:
    """SQLAlchemy ends its messages with the parameters of the statement, and a link."""
    before, _, after = masked.partition(_PARAMETERS)
    _, closed, rest = after.rpartition("]")
    return f"{before}{_PARAMETERS}<value>{closed}{rest}"


def _mask_spaced_pair(found: re.Match[str]) -> str:
    key, value = found.groups()
    kept = _keeps_value(key, value) or re.fullmatch(_ANY, value)
    return found[0] if kept else f"{key}=<value>"


def _mask_colon_pair(found: re.Match[str]) -> str:
    key, value = found.groups()
    kept = _MEANS.search(key) or re.fullmatch(_ANY, value)
    return found[0] if kept else f"{key}: <value>"


_PLACEHOLDER = re.compile(_ANY)
_RUN = re.compile(r"[\"'`+#$/-]{0,3}<\*>(?:[ ,;:|/.@#_+*&?x-]{0,3}[\"'`]?<\*>[\"'`]?)*[\"'`%]{0,2}")
_EQUALS = re.compile(r" ?= ?")


def untyped(template: str) -> str:
    """What equality goes by: one placeholder for all types, a list of them counted as one."""
    return _EQUALS.sub("=", _RUN.sub("<*>", _PLACEHOLDER.sub("<*>", template))).rstrip(" .:;,!")


_texts: Bounded[bytes, Shape | Spans] = Bounded(size=8_000_000)
_tokens = _Tokens(size=6_000_000)
_masked_token = _tokens.__getitem__
_shapes: Bounded[str, Shape] = Bounded(size=8_000_000)


def forget() -> None:
    """Drop what is remembered; answers stay the same."""
    for memory in (_texts, _tokens, _shapes):
        memory.clear()
