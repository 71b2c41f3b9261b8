"""Digits that carry meaning: status codes, SQL states, names such as IPv4. Masking keeps these."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """Where a text has a code; `status` marks those of HTTP, which come in classes."""

    start: int
    stop: int
    status: bool


_AMBIGUOUS = (
    "ipv0 utf-0 utf0 utf-00 utf00 sha0 sha-0 sha000 sha-000 int0 int00 int000 uint0 uint00 float00"
    " x00 amd00 arm00 socks0 iso-0000 iso-0000-0 latin-0 latin0 hs000 rs000 es000 aes000 aes-000"
    " ext0 ext0-fs"
)
KEPT = frozenset(_AMBIGUOUS.split())
"""Zeroed names of which several kinds exist: IPv4 and IPv6, SHA-1 and SHA-256."""

ONLY = {
    re.sub(r"\d", "0", name): name
    for name in [
        "s3",
        "ec2",
        "k8s",
        "i18n",
        "l10n",
        "a11y",
        "e2e",
        "p2p",
        "b2b",
        "b2c",
        "md5",
        "log4j",
        "base64",
        "ssh2",
        "h2c",
        "http2",
        "oauth2",
        "mp3",
        "mp4",
        "sqlite3",
        "python3",
        "x509",
        "x86_64",
        "x86-64",
        "win32",
        "h264",
        "neo4j",
    ]
}
"""Zeroed names of which there is one. Not db2 and v8: db1 is a host, and v1 another version."""

METHODS = "GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS"
"""Of HTTP, where nothing but the method says that it is a request."""

VENDOR = re.compile(r"(?:ORA|PLS|TNS|SQL|AADSTS|DB0|MSB|NU|RFC)-?0{3,7}|E00000")

_CODE = re.compile(
    r"""
    \bstatus=(?P<unit>0{1,3})(?=/[A-Z])
  | (?i:\bgrpc[._ -](?:status|code)["']?[ :=]{1,3}["']?)(?P<grpc>00?)\b
  | (?i:\b(?:status(?:[ _-]?code)?|http(?:[ ](?:error|status))?(?:[ ]code)?|response[ ]code)
        ["']?[ :=]{1,3}["']?) (?P<after>0(?:00|xx))\b(?![.:]0)
  | \b(?P<before>0(?:00|xx)) (?=[ ](?:Server|Client)[ ]Error|[ ](?:Bad|Unauthori|Forbidden
      |Not[ ]Found|Internal|Service[ ]Un|Gateway|
        Too[ ]Many|Conflict))
  | \bHTTP/(?:0(?:\.0)?|<num>)["']?[ ](?P<logged>0(?:00|xx))\b(?![.:]0)
  | (?:(?<=:00\][ ])|(?<=[+-]0000\][ ])|(?<=<time>\][ ])|(?<=<num>\][ ]))
      "(?:[^"\\]|\\.){0,500}"[ ](?P<unread>0(?:00|xx))(?=[ ](?:0|-|<num>))
  | \b(?:"""
    + METHODS
    + r""")[ ]["']?(?:/|\w{2,8}://|<path>|<url>)\S{0,300}[ ]
      (?:(?:returned|answered|responded|failed|got|received|->|=>|with|status|code)[ :]{1,2}){0,3}
      (?P<asked>0(?:00|xx))\b(?![\w.:%/-]|[ ](?:[mµu]?s|[kM]?B|[a-z]{3,40}s)\b)
  | [ ](?:-?0+(?:/[+-]?0+){4}|<path>)[ ](?P<proxied>0(?:00|xx))
      (?=[ ](?:\+?0+|<num>)[ ]\S{1,200}[ ]\S{1,200}[ ][\w-]{4}[ ])
  | (?<=[A-Z]_)[A-Z_]{1,40}/(?P<cached>0(?:00|xx))(?=[ ])
  | (?:(?<=0[ ])|(?<=<num>[ ]))(?P<balanced>0(?:00|xx))
      (?=[ ](?:000|<num>|-)[ ](?:0+|<num>)[ ](?:0+|<num>)[ ]"[A-Z]{3,19}[ ])
  | \b(?:"""
    + METHODS
    + r""")(?:\t[\w.:-]{1,255}\t\S{1,300}\t
      |[ ](?:<host>|[\w.:-]{1,255})[ ]<path>[ ]
      |[ ](?:/|<path>)\S{0,300}[ ]\S{1,500}[ ](?:0{1,5}|<num>)[ ]\S{1,99}[ ]\S{1,45}[ ]
       \S{1,500}(?:[ ]\S{1,500})?[ ])
      (?P<listed>0(?:00|xx))(?=\t|[ ][<-]|[ ](?:0{1,3}|<num>)[ ](?:0{1,10}|<num>)[ ](?:0|<num>))
  | (?i:\bSQLSTATE)[\[(:=\ ]{1,2}["']?(?P<state>[0A-Z]{5})\b
  | (?i:\bsignal)[ :=]{1,2}(?P<signal>00?)\b(?![.%]|[ ]?dB)
  | (?i:\b(?:errno|winerror|exit[ ](?:code|status)|exited[ ]with[ ](?:code|status)
      |return[ ]code))[\ :=]{1,2}(?P<exit>-?0{1,5})\b
  | (?i:\b(?:HRESULT|NTSTATUS|exception[ ]code))[\ :=]{1,3}(?P<result>0[xX][0A-Fa-f]{8})\b
  | \((?P<errno>0{1,3})(?=:[ ][A-Z])
  | (?<![\w.:-])(?P<name>(?i:"""
    + "|".join(re.escape(name) for name in sorted(KEPT, key=lambda name: (-len(name), name)))
    + r""")|"""
    + VENDOR.pattern
    + r""")(?![\w-]|\.\w)
    """,
    re.VERBOSE,
)
_CLASS = "0xx"
_HINT = re.compile(
    r"0|(?i:status|code|http|errno|winerror|hresult|signal)[\"']?[ :=]{1,3}[\"']?<|\"[ ]<num>"
    r"|(?i:sqlstate)|HTTP/<num>[\"']? <num>|<num> <num> \S+ \S+ [\w-]{4} <path>"
    rf"|_[A-Z_]{{1,40}}/<num> |\b(?:{METHODS}) \S+ .{{0,60}}<num>"
    r"|<num> (?:Server|Client|Bad|Una|For|Not F|Internal|Gate|Service U|Too M|Con)|\(<num>: [A-Z]"
)
_STATUS = frozenset(
    ("after", "before", "logged", "unread", "asked", "proxied", "cached", "balanced", "listed")
)
HIDE = {ord(digit): 0xE000 + int(digit) for digit in "0123456789"}
_REVEAL = {hidden: chr(digit) for digit, hidden in HIDE.items()}


def likely(masked: str) -> bool:
    """Whether a text of this masked form may hold codes; cheap, and never wrongly False."""
    return _HINT.search(masked) is not None


def spans(zeroed: str, version: int) -> tuple[Span, ...]:
    """Where a zeroed text, or a template, has codes, whatever their digits were; classes of codes
    (`5xx`) since version 2."""
    return tuple(
        Span(*found.span(kind), status=kind in _STATUS)
        for found in _CODE.finditer(zeroed)
        if (kind := found.lastgroup) and (version >= 2 or found[kind] != _CLASS)
    )


def restore(zeroed: str, text: str, found: tuple[Span, ...]) -> str:
    """The zeroed text with its codes put back, hidden from every rule about digits."""
    parts, end = [], 0
    for span in found:
        code = text[span.start : span.stop]
        parts += [
            zeroed[end : span.start],
            _class_of(code) if span.status else code.translate(HIDE),
        ]
        end = span.stop
    return "".join(parts) + zeroed[end:]


def _class_of(status: str) -> str:
    """A 4xx names its reason; a failing server alternates between 5xx; the rest is no failure."""
    if status[0] == "5":
        return "5xx".translate(HIDE)
    return status.translate(HIDE) if status[0] == "4" else "000"


def reveal(text: str) -> str:
    """The text with its hidden codes readable again."""
    return text.translate(_REVEAL)


_TELLING = re.compile(
    r"\b(?:4\d\d|5xx)\b(?= (?:Server|Client) Error)|(?<=status code )(?:4\d\d|5xx)"
    r"|\bE[A-Z]{4,16}\b|\bSQLSTATE\W?\w{5}"
)


def telling(template: str) -> str:
    """The codes of a masked text that tell cases apart which one place raises: HTTP, errno, SQL."""
    return " ".join(_TELLING.findall(template))
