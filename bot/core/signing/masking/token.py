"""The first stage of masking: one white-space token, whatever stands around it."""

import re

from bot.core.cache import Bounded
from bot.core.signing import codes
from bot.core.signing.masking import domain, rule
from bot.core.signing.masking.pair import ANY, keeps_value, mask_pair
from bot.core.signing.stack import java

LONGEST_TOKEN = 256


class Tokens(Bounded[str, str]):
    """Token → masked token; what looks like it comes once only is worked out but not kept."""

    def __missing__(self, token: str) -> str:
        masked = mask_token(token)
        return masked if _ONE_OFF.search(token) else self.keep(token, masked)


_ONE_OFF = re.compile(r"(?!.?a0a0a0)(?=[0A-Fa-f]{8})(?:0{1,7}+[A-Fa-f]|[A-Fa-f]{1,7}+0)|[\w+-]{40}")
"""Hexadecimal with letters, which zeroing does not make equal, but for what `masking.alike` has put
in its place; and long runs as Base64 has."""

_LABEL = r"[A-Za-z0-9_-]{1,63}"
_SHAPES = rule.table(
    (
        "://",
        r"\b[A-Za-z][A-Za-z0-9+.-]{1,19}://[^\s\"'<>|\\^`{}()]{0,256}[^\s\"'<>|\\^`{}().,:;!?\]]",
        "<url>",
    ),
    # what a browser says it is, its blanks as web servers spell them
    (
        "(",
        r"(?<![^\s\"'])[A-Za-z][\w.-]{0,60}/0[\w.]{0,30}(?:\+|%00)\([^\s\"']{1,256}",
        "<value>",
    ),
    ("@", r"[\w.+-]{1,64}@" + _LABEL + r"(?:\." + _LABEL + r"){1,8}", "<email>"),
    ("-", r"(?<![\w-])[0A-Fa-f]{8}-(?:[0A-Fa-f]{4}-){3}[0A-Fa-f]{12}(?![\w-])", "<uuid>"),
    (
        "0000-00|0000/00|0000.00",
        (
            r"(?<![\w.])0{4}[-/.]00[-/.]00(?:[T_-]00[:.]00[:.]00(?:[.,]0{1,9})?)?(?:Z"
            r"|[+-]00:?00)?(?!\w)"
        ),
        "<time>",
    ),
    ("/", r"(?<![\w./])00?/(?:[A-Z][a-z]{2}|00?)/0{2,4}(?::00:00:00)?(?![\w/])", "<time>"),
    ("0:0", r"(?<![\w.:])00?:00(?::00)?(?:[.,:]0{1,9})?(?:Z|[+-]00:?00)?(?![\w:])", "<time>"),
    (":|-", r"(?<![\w:])(?:[0A-Fa-f]{2}[:-]){5,15}[0A-Fa-f]{2}(?!:?\w)", "<mac>"),
    # where a card sits on the PCI bus, and Slurm's list of nodes
    (":", r"(?<![\w:])[0A-Fa-f]{4}:[0A-Fa-f]{2}:[0A-Fa-f]{2}\.0(?![\w.])", "<id>"),
    (
        "[0",
        (
            r"(?<![\w.])[A-Za-z][\w-]{0,40}\[0{1,6}(?:[-,]0{1,6}){1,64}\]"
            r"(?:[\w-]{0,40}\[0{1,6}(?:[-,]0{1,6}){0,64}\]){0,3}(?:[\w.-]{0,80}\w)?"
        ),
        "<host>",
    ),
    ("0.0", r"(?<![\w.])/?(?:0{1,3}\.){3}0{1,3}(?::0{1,5})?(?:/0{1,2})?(?![\w.]*\w)", "<ip>"),
    (
        ":",
        (
            r"(?<![\w:.])(\[)?(?:[0A-Fa-f]{1,4}:){7}[0A-Fa-f]{1,4}(?(1)\]:0{1,5}|(?::0{1,5})?)"
            r"(?!:?\w|::)"
        ),
        "<ip>",
    ),
    (
        ":",
        (
            r"(?<![\w:.])(\[)?(?:[0A-Fa-f]{1,4}(?::[0A-Fa-f]{1,4}){0,6})?::"
            r"(?:[0A-Fa-f]{1,4}(?::[0A-Fa-f]{1,4}){0,6})?(?:%\w{1,16})?"
            r"(?(1)\]:0{1,5}|(?::0{1,5})?)(?!:?\w|::)(?<!^::)"
        ),
        "<ip>",
    ),
    (
        "arn:",
        r"(?<!\w)arn:aws[\w-]{0,20}:[\w-]{0,40}:[\w-]{0,40}:\w{0,40}:[\w/:.*+=@-]{0,200}[\w*]",
        "<id>",
    ),
    ("\\\\", r"(?<![\w\\])\\\\(?:\\\\)?[\w.$-]{1,64}\\[^\s\"'<>|*?,;()]{1,256}", "<path>"),
    ("\\", r"(?<![\w])[A-Za-z]:\\[^\s\"'<>|*?,;()]{1,256}", "<path>"),
    (
        "/",
        r"(?<![\w.>)\]/<\ue000-\ue009])(?:~|\.{1,2})?/[\w.@%+~][^\s\"'<>|,;:()\[\]{}]{0,256}",
        "<path>",
    ),
    ("/", r"(?<![\w.>/])[\w.@+-]{1,64}(?:/[\w.@+$%-]{1,64}){2,20}/?(?!\w)", "<path>"),
    (
        "/",
        r"(?<![\w.>/])(?!HTTP/0)[\w@+-]{1,64}/[\w@+-]{0,64}\.[\w.@+$-]{1,64}(?!\w)",
        "<path>",
    ),
    (
        "/",
        r"(?<![\w.>/])(?!0[0.]*/s(?!\w))[\w@+-]{1,64}\.[\w.@+-]{1,64}/[\w.@+$-]{1,64}(?!\w)",
        "<path>",
    ),
    ("0,000", r"(?<![\w.,])[~+-]?0{1,3}(?:,000){1,6}(?:\.0{1,6})?(?![\w,.]*\w)", "<num>"),
    ("0x|0X", r"\b0[xX][0-9A-Fa-f]{1,64}\b", "<hex>"),
    ("@", r"(?<=@)[0a-f]{4,16}\b", "<hex>"),
)
_PAIR = re.compile(
    r"(?<![\w=!<>])([A-Za-z_][\w.$\[\]-]{0,63})=(?!=)"
    r"(\"[^\"]{0,256}\"|'[^']{0,256}'|\[[^\[\]]{0,256}\]|\w{1,64}\{[^{}]{0,256}\}"
    r"|[^\s,;()\[\]{}|&\"']{1,256})"
)
_SAID_FIRST = re.compile(r"([A-Za-z]\w{0,40})=\"?([A-Za-z_]{1,64})\"?,")
"""A long record without a blank may begin with what it is of."""
_PROPERTY = re.compile(r"^([A-Za-z]\w{0,40}:)[A-Za-z][\w.]{0,63}=\S{0,256}$")
_ATOM = re.compile(
    ANY
    + r"|<customer>|(?:[\w$%+-]|<customer>){1,128}(?:\.(?!\.)(?:[\w$%+-]|<customer>){1,64}){0,12}"
)


_MADE = re.compile(java.MADE)


def mask_token(token: str) -> str:
    """One zeroed token with what varies in it replaced, and a class that was made as the program
    ran by the name of that which it was made of."""
    if "$" in token:
        token = _MADE.sub("", token)
    if simple := _SIMPLE.fullmatch(token):
        return _mask_simple(simple)
    if len(token) > LONGEST_TOKEN:
        said = _SAID_FIRST.match(token)
        return f"{said[0]}<text>" if said and keeps_value(*said.groups()) else "<text>"
    if "=" in token:
        token = _PROPERTY.sub(r"\1<property>", token)
    token = rule.apply(_SHAPES, token)
    if "=" in token:
        token = _PAIR.sub(mask_pair, token)
    return _ATOM.sub(_mask_atom, token)


_SIMPLE = re.compile(r"(?:([A-Za-z_]\w{0,40}+)=)?([\w$%-]{1,200}+)([,;:]?)")


def _mask_simple(found: re.Match[str]) -> str:
    """The masked form of the commonest tokens: a word with digits, or `key=word`."""
    key, value, end = found.groups()
    if key and not keeps_value(key, value):
        return f"{key if '0' not in key else '<id>'}=<value>{end}"
    masked = _mask_number(value) if "0" in value else _mask_word(value)
    return f"{key}={masked}{end}" if key else masked + end


def _mask_word(word: str) -> str:
    return "<bool>" if word in _BOOLEANS else "<hex>" if _BARE_HEX.fullmatch(word) else word


_BOOLEANS = frozenset(("true", "false", "True", "False", "TRUE", "FALSE"))
"""Not null, nil or None: in "nil pointer dereference" it is what went wrong."""
_BARE_HEX = re.compile(r"[A-Fa-f]{8,64}")
_NUMBER = re.compile(r"[+-]{0,2}0[0.]*(?:[eE][+-]?0+)?(?:%|[A-Za-zµ]{1,3}(?:/s)?)?")
TYPE = re.compile(
    r"[\w.$]*(?:Error|Exception|Fault|Failure|Warning|SystemExit|Interrupt)(?:\$\w+)?"
)
_NUMBERED_TYPE = re.compile(
    r"(?![\w.]*(?:_0|000))(?:[A-Za-z]\w{0,63}\.){0,8}"
    r"[A-Z][A-Za-z]{0,40}0{0,2}[A-Za-z]{0,40}(?:Error|Exception)"
)
"""`psycopg2.OperationalError`, `Http2Exception`: with a digit or two it is the type that it was."""
_FILE = re.compile(r".*\.[A-Za-z]{1,5}0?")
_SERVES = re.compile(r"[a-z-]{1,64}(?:\.[a-z-]{1,64}){2,12}:0{4,5}(?!\w)")
"""A port says that it is a host, whatever its domain; fewer digits may be the number of a line."""


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
    if "." not in atom or found.string.startswith(("(", "="), found.end()):
        return atom
    return "<host>" if domain.is_host(atom) or _SERVES.match(found.string, found.start()) else atom


CODE_NAME = re.compile(
    r"[A-Za-z]{2,32}0{0,2}(?:_[A-Za-z]{2,32}0{0,2}){1,8}_[A-Za-z]{2,32}"
    r"|[A-Z]{2,32}0{0,2}(?:_[A-Z]{2,32}v?0{0,2}){2,8}"
    r"|(?:[a-z][a-z_]{0,31}0{0,2}\.){2,8}[A-Z][A-Za-z]{2,63}(?:\$[A-Z][A-Za-z]{0,63}){0,4}"
)
"""`ngtcp2_conn_close`, `RTE_ETH_RSS_IPV4`, `com.acme.s3.Uploader`: at least three words in a row, a
digit or two at the end of one. `worker_3` and `shard_12_copy` are numbered."""

_DASHED = (
    (re.compile(r"[0A-Fa-f]{8}-(?:[0A-Fa-f]{4}-){3}[0A-Fa-f]{12}"), "<uuid>"),
    (re.compile(r"0000-00-00"), "<time>"),
)
_OF_PARTS = (
    (re.compile(r"v0+(?:(?:alpha|beta)0+)?(\.[A-Z][A-Za-z]{2,63})"), r"<id>\1"),
    # of migrations: `20261121_add_tax`, `2026_11_21_000000_add_tax`, `0012_add_tax`
    (re.compile(r"0{4,17}(?:_0{2,6}){0,3}((?:_[a-z]{2,32}){2,8})"), r"<id>\1"),
    (re.compile(r"([A-Za-z_]{2,64})\.0+"), r"\1.<num>"),
)


def _mask_number(atom: str) -> str:
    if "-" in atom:
        for pattern, placeholder in _DASHED:
            if pattern.fullmatch(atom):
                return placeholder
    lowered = atom.lower()
    if lowered in codes.KEPT or lowered in codes.ONLY or codes.VENDOR.fullmatch(atom):
        return atom
    if CODE_NAME.fullmatch(atom) or _NUMBERED_TYPE.fullmatch(atom):
        return atom
    if _NUMBER.fullmatch(atom):
        return "<num>"
    for pattern, put in _OF_PARTS:
        if found := pattern.fullmatch(atom):
            return found.expand(put)
    if "." in atom:
        return (
            "<host>"
            if domain.has_top_level(atom)
            else "<file>"
            if _FILE.fullmatch(atom)
            else "<id>"
        )
    return "<id>"
