"""Digits that carry meaning: status codes, SQL states, names such as IPv4. Masking keeps these."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from bot.core import linear
from bot.core.signing import answer


@dataclass(frozen=True, slots=True)
class Span:
    """Where a text has a code; `status` marks those of HTTP, which come in classes."""

    start: int
    stop: int
    status: bool


_AMBIGUOUS = (
    "ipv0 utf-0 utf0 utf-00 utf00 sha0 sha-0 sha000 sha-000 int0 int00 int000 uint0 uint00 float00"
    " x00 amd00 arm00 socks0 iso-0000 iso-0000-0 latin-0 latin0 hs000 rs000 es000 aes000 aes-000"
    " ext0 ext0-fs 0xx"
)
KEPT = frozenset(_AMBIGUOUS.split())
"""Zeroed names of which several kinds exist: IPv4 and IPv6, SHA-1 and SHA-256, 4xx and 5xx."""

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
"""Zeroed names of which there is one in each text that has it, and that one. Not db2 and v8: db1
is a host, and v1 another version."""
NAMES = frozenset(
    {*ONLY.values(), "mp3", "md4", "http3", "oauth1", "python2", "base32", "win64", "h265", "k3s"}
)
"""What is a name with its own digits only: `s1` is somebody's server."""

VENDOR = re.compile(r"(?:ORA|PLS|TNS|SQL|AADSTS|DB0|MSB|NU|RFC)-?0{3,7}|E00000")

_CODE = re.compile(
    r"""
    (?:\b|(?=[ "(A-Z_])) (?:  # nowhere else does any of these begin
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
    + answer.METHODS
    + r""")[ ]["']?(?:/|\w{2,8}://|<path>|<url>)\S{0,300}[ ]
      (?:(?:returned|answered|responded|failed|got|received|->|=>|with|status|code)[ :]{1,2}){0,3}
      (?P<asked>0(?:00|xx))\b"""
    + answer.NO_COUNT
    + r"""
  | [ ](?:-?0+(?:/[+-]?0+){4}|<path>)[ ](?P<proxied>0(?:00|xx))
      (?=[ ](?:\+?0+|<num>)[ ]\S{1,200}[ ]\S{1,200}[ ][\w-]{4}[ ])
  | (?<=[A-Z]_)[A-Z_]{1,40}/(?P<cached>0(?:00|xx))(?=[ ])
  | (?:(?<=0[ ])|(?<=<num>[ ]))(?P<balanced>0(?:00|xx))
      (?=[ ](?:000|<num>|-)[ ](?:0+|<num>)[ ](?:0+|<num>)[ ]"[A-Z]{3,19}[ ])
  | \b(?:"""
    + answer.METHODS
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
    )""",
    re.VERBOSE,
)
"""Of every version of the rules, but for classes of codes."""
_OF_ERROR = re.compile(
    r"""
    (?i:\b(?:rc|ret)[:=][ ]?)(?P<returned>-?0{1,5})\b
  | (?i:\b(?:error|failure)(?:[ ]code)?[ :=]{1,3})(?P<result>0[xX][0A-Fa-f]{8})\b
  | \b[Ee]xited[ ]\((?P<ended>0{1,3})\)
  | \b(?:[Ee]xit(?:ed)?|[Dd]ied|[Tt]erminated)(?:[ ]with)?(?:[ ]status)?[ =]
      (?P<left>-?0{1,3})(?=["']?(?:[\]),;]|\.?$|\.[ ]|[ ]\())
  | (?i:\bweb[ -]?sockets?\b)(?:(?!connections\b)[^\n\d]){0,60}?
      \b(?:[Cc]losed?|[Cc]losing|[Dd]isconnected)(?:[ ]with)?[ :=]{1,2}\(?
      (?P<closed>0000)(?=[\]),;:]|\.?$|\.[ ]|[ ]\()
  | \b(?:WSA[A-Za-z]{0,16}(?:\(\))?|[Ww]insock[ ]error|errorno)[ :=]{1,3}(?P<winsock>0{1,5})\b
  | \b(?:accept|bind|connect|ioctl|listen|open|poll|read|recv|send|socket|write)[a-z]{0,8}
      (?:\(\))?[ ](?:failed|error)[ ]\((?P<called>0{1,3})(?=\)|:[ ])
  | \bcurl:[ ]\((?P<curl>00?)(?=\)[ ])
  | \bMsg[ ](?P<server>0{1,5})(?=,[ ]Level[ ])
  | \bError:[ ](?P<thrown>0{1,6})(?=,[ ]Severity:[ ])
  | \bSQL[ ]Error:[ ](?P<sql>-?0{1,6})\b
  | (?:^|(?<=[(\[{;,])|(?<=[,;:|][ ]))(?i:code)["']?(?:[ ]?[:=][ ]?|[ ])["']?
      (?P<plain>-?0{1,4})(?=["']?(?:[\]),;}]|\.?$|\.[ ]|[ ](?:\(|[\w.]{1,80}=)))
  | (?:^|(?<=:[ ])|(?<=\())(?P<mail>000[ -]0\.0\.0{1,3})(?=[ ][A-Z<])
  | (?i:(?<![a-z])(?:(?:err(?:or)?|sql|fault|failure|vendor|reason|result|response|exit)[ _-]?
      (?:code|number)|exit[ _-]?status|closed?(?:[ ]with)?[ ]code)["']?[ :=]{1,3}["'(]?)
      (?P<code>-?(?:[A-Z]{1,8}[_-]?)?0{1,5})(?![\w%-]|\.0)
  | (?i:\berr(?:or)?)(?:[ =]|:[ ](?=-))(?P<number>-?(?:[A-Z]{1,4}-?)?0{1,5})
      (?=[\]),;:]|\.?$|\.[ ]|[ ](?:\(|(?:at|during|for|from|in|on|when|while)\b))
  | (?<![\w.:-])(?P<message>[A-Z]{3,6}0{4}[EIW]|AH0{5}|(?:WFLY[A-Z]{0,12}|KC-SERVICES)0{4}
      |(?:ARJUNA|BEA-|HHH|IJ|ISPN|JBAS|MSC|UT)0{6})(?=:[ ])
    """,
    re.VERBOSE,
)
"""Since version 2: the code that an error is said to have; a number alone is none. The last
is how messages begin of those who number them: IBM, Apache, JBoss."""
_CLASS = "0xx"
_ENDED = r"(?:[Ee]xit(?:ed)?|[Dd]ied|[Tt]erminated|[Dd]isconnected|[Cc]los(?:ed?|ing))(?: with)?"
_HINT = (
    r"0|(?i:status|code|number|http|err(?:or)?|errno|failure|winerror|hresult|signal|\brc|\bret)"
    r"[\"']?[ :=]{1,3}[\"'(]?<|<id>: |\"[ ]<num>|xited \(<"
    r"|(?i:sqlstate)|HTTP/<num>[\"']? <num>|<num> <num> \S+ \S+ [\w-]{4} <path>"
    rf"|_[A-Z_]{{1,40}}/<num> |\b(?:{answer.METHODS}) \S+ .{{0,60}}<num>"
    r"|<num> (?:Server|Client|Bad|Una|For|Not F|Internal|Gate|Service U|Too M|Con)|\(<num>: [A-Z]"
    rf"|\b(?:{_ENDED}(?: status)?[ :=]{{1,2}}\(?<|WSA[A-Za-z]{{0,16}}(?:\(\))?[ :=]{{1,3}}<"
    r"|(?:errorno|[Ww]insock error)[ :=]{1,3}<|(?:failed|error) \(<num>|curl: \(<|Msg <num>, L"
    r"|(?:responded|replied|answered|failed with|returned|returns|sent|gave)(?: with)?"
    r"(?: an?)? <num>"
    r"|(?:an?|got|received) <num> (?:res|err|sta|ans|rep))"
    r"|(?:^|: |\()<num>[ -]<num> (?:[A-Z]|<<)"
    rf"|{answer.HINT}"
)
_hinted = linear.where(_HINT)
_STATUS = frozenset(
    ("after", "before", "logged", "unread", "asked", "proxied", "cached", "balanced", "listed")
)
_NAMED = re.compile(
    rf"(?<![\w$%+-])(?<![\w$%+-]\.)(?P<named>(?i:{'|'.join(map(re.escape, ONLY))}))"
    r"(?![\w$%+-]|\.[\w$%+-])"
)
_SOMEBODYS = "q0"
"""Masked as all names with a number are."""
HIDE = {ord(digit): 0xE000 + int(digit) for digit in "0123456789"}
_REVEAL = {hidden: chr(digit) for digit, hidden in HIDE.items()}


@lru_cache(maxsize=16)
def likely(masked: str) -> bool:
    """Whether a text of this masked form may hold codes; those within paths are none."""
    if _hinted(linear.seen(masked), 0) >= 0:
        return True
    return "<num>" in masked and answer.REQUEST.search(masked) is not None


def spans(zeroed: str, masked: str, version: int) -> tuple[Span, ...]:
    """Where a zeroed text, or a template, of this masked form has codes, whatever their digits
    were; classes of codes (`5xx`), what loggers of requests write, codes of errors, and names with
    digits of their own, since version 2."""
    if version >= 2 and not likely(_NAMED.sub("", masked)):
        return tuple(Span(*one.span(), status=False) for one in _NAMED.finditer(zeroed))
    found = (
        Span(*one.span(kind), status=kind in _STATUS)
        for one in _CODE.finditer(zeroed)
        if (kind := one.lastgroup) and (version >= 2 or one[kind] != _CLASS)
    )
    return tuple(found) if version < 2 else _with_later(zeroed, {one.start: one for one in found})


def _with_later(zeroed: str, known: dict[int, Span]) -> tuple[Span, ...]:
    """All codes, those of HTTP with the reason phrase behind them."""
    for pattern, status in ((answer.PATTERN, True), (_OF_ERROR, False), (_NAMED, False)):
        for one in pattern.finditer(zeroed):
            if kind := one.lastgroup:
                known.setdefault(one.start(kind), Span(*one.span(kind), status=status))
    return tuple(_apart(_with_reason(zeroed, known[start]) for start in sorted(known)))


def _apart(found: Iterable[Span]) -> Iterator[Span]:
    """Those that begin where none before them reaches."""
    end = 0
    for span in found:
        if span.start >= end:
            yield span
            end = span.stop


def _with_reason(zeroed: str, span: Span) -> Span:
    said = answer.REASON.match(zeroed, span.stop) if span.status else None
    return replace(span, stop=said.end()) if said else span


def restore(zeroed: str, text: str, found: tuple[Span, ...]) -> str:
    """The zeroed text with its codes put back, hidden from every rule about digits."""
    parts, end = [], 0
    for span in found:
        code = text[span.start : span.stop]
        parts += [
            zeroed[end : span.start],
            _class_of(code) if span.status else _name_of(code, zeroed[span.start : span.stop]),
        ]
        end = span.stop
    return "".join(parts) + zeroed[end:]


def _name_of(code: str, zeroed: str) -> str:
    is_other = zeroed.lower() in ONLY and code.lower() not in NAMES
    if _MAILED.fullmatch(zeroed) and not _OF_MAIL.fullmatch(code):
        return zeroed
    return _SOMEBODYS if is_other else code.translate(HIDE)


_MAILED = re.compile(r"000[ -]0\.0\.0{1,3}")
_OF_MAIL = re.compile(r"([245])\d\d[ -]\1\.\d\.\d{1,3}")
"""What a server of mail replies, with the code of RFC 3463 behind it."""


def _class_of(status: str) -> str:
    """A 4xx names its reason; a failing server alternates between 5xx; the rest is no failure."""
    if status[0] == "4":
        return status.translate(HIDE)
    if status[0] == "5":
        return f"5xx{' Server Error' * (' Server Error:' in status)}".translate(HIDE)
    return "000" if status[0] in "23" else f"000{status[3:]}"


def with_names(zeroed: str) -> str:
    """The text with the only name in place of each that could be it, as version 1 had it."""
    return _NAMED.sub(lambda name: ONLY[name[0].lower()].translate(HIDE), zeroed)


def reveal(text: str) -> str:
    """The text with its hidden codes readable again."""
    return text if text.isascii() else text.translate(_REVEAL)


def answered(text: str) -> int:
    """The first status of HTTP in a text that tells of a failure of the server's (5xx), else 0."""
    if not _FAILED.search(text):
        return 0
    zeroed = _DIGIT.sub("0", text)
    told = (span for span in spans(zeroed, zeroed, version=2) if span.status)
    failed = (_FAILED.match(text, span.start) for span in told)
    return next((int(found[0]) for found in failed if found), 0)


_FAILED = re.compile(r"(?<!\d)5\d\d(?!\d)")
_DIGIT = re.compile(r"\d", re.ASCII)
_TELLING = re.compile(
    r"\b(?:4\d\d|5xx)\b(?= (?:Server|Client) Error)|(?<=status code )(?:4\d\d|5xx)"
    r"|\bE[A-Z]{4,16}\b|\bSQLSTATE\W?\w{5}"
)


def telling(template: str) -> str:
    """The codes of a masked text that tell cases apart which one place raises: HTTP, errno, SQL."""
    return " ".join(_TELLING.findall(template))
