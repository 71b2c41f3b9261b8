"""Access logs: an HTTP request and the status it was answered with."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from bot.core.event import Severity
from bot.sources import proxied, sanitise

FAILED = 500
"""From here on a status of HTTP says that the server failed, not whoever asked."""
_REQUEST = re.compile(
    r'(?<!\\)"(?P<method>[A-Za-z-]{3,20}) (?P<target>(?:[^"\\\n]|\\.){1,4000}) HTTP/\d(?:\.\d)?" '
    r"(?P<status>[1-5]\d\d)\b(?: (?P<flags>[A-Z]{2,5}(?:,[A-Z]{2,5}){0,9}) )?"
)
"""The common format and its relatives; behind the status Envoy has its response flags."""
_MORGAN = re.compile(
    r"(?P<method>[A-Z]{3,10}) (?P<target>/\S{0,4000}) (?P<status>[1-5]\d\d) "
    r"\d{1,9}(?:\.\d{1,9})? ms\b"
)
_GIN = re.compile(
    r"\[GIN\] (?P<date>\d{4}/\d\d/\d\d) - (?P<clock>\d\d:\d\d:\d\d) "
    r"\|\s{0,8}(?P<status>[1-5]\d\d)\s{0,8}\|[^|\n]{1,80}\|[^|\n]{1,80}\|\s{0,8}"
    r'(?P<method>[A-Z]{3,10})\s{1,8}"(?P<target>[^"\n]{1,4000})"'
)
_HAPROXY = re.compile(
    r"\S{1,80} \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d\.\d{3}\] \S{1,120} \S{1,200}/\S{1,200} "
    r"(?:-?\d{1,10}/){4}\+?\d{1,10} (?P<status>[1-5]\d\d) \+?\d{1,15} "
    r"(?:\S{1,200} \S{1,200} (?P<state>[\w-]{2}[A-Z-]{2}) )?[^\"\n]{1,600}"
    r'"(?P<method>[A-Z]{3,10}) (?P<target>[^"\s]{1,4000})'
)
"""Its documentation's option httplog: client, date, frontend, backend/server, timers, status,
cookies and the state at the end."""
_SEARCHED = 600
_TIME = re.compile(
    r"\[(\d\d/[A-Z][a-z]{2}/\d{4})[: ](\d\d:\d\d:\d\d)(?:\.\d{3})?(?: ([+-]\d{4}))?\]"
)


def fields(line: str) -> dict[str, Any] | None:
    """The fields of a line in the common or combined format and their relatives, else None; so are
    those of Express (morgan) and Gin, which do not quote the request, and of HAProxy.

    The message is the request without its query, which differs from one to the next and may hold
    what is nobody's business.
    """
    ways = (_quoted, _MORGAN.match, _GIN.match, _HAPROXY.match)
    found = next((found for way in ways if (found := way(line))), None)
    if found is None:
        return None
    facts, path = found.groupdict(), found["target"].partition("?")[0]
    why = proxied.of_envoy(facts.get("flags") or "") or proxied.of_haproxy(facts.get("state") or "")
    return {
        "time": _time(line[: found.start("method")]) or _gin_time(found),
        "message": answered(found["method"], path, found["status"], why),
        "http_status": int(found["status"]),
        "url": path,
    }


def answered(method: str, path: str, status: str, why: str = "") -> str:
    """How an access log reads as a message."""
    return f"{method} {path} was answered with HTTP {status}{f': {why}' if why else ''}"


def message(facts: Mapping[str, Any], *, status: str, url: object) -> str:
    """The same of the fields of a JSON record, its names as programs have them; nothing where none
    says what was asked for."""
    named = {name.lower().replace("_", ""): value for name, value in facts.items()}
    whole = _WHOLE.match(sanitise.text(named.get("request"), 4_000))
    method = whole[1] if whole else _first(named, _METHODS)
    path = whole[2] if whole else _first(named, _PATHS) or sanitise.text(url, 4_000)
    if not (method and path and status):
        return ""
    why = proxied.of_envoy(_first(named, ("responseflags",))) or _first(named, _REASONS)
    return answered(method.upper(), _ORIGIN.sub("", path).partition("?")[0] or "/", status, why)


def is_of_all(level: Severity) -> bool:
    """Whether a level may be what a logger gives each request, however it was answered: not below
    INFO, where clients log what they ask of others."""
    return Severity.INFO <= level < Severity.ERROR


def names_who_asked(facts: Mapping[str, Any]) -> bool:
    """Whether a JSON record says who sent the request, as only who answered it does."""
    return any(_is_who_asked(name, value) for name, value in facts.items())


def _is_who_asked(name: str, value: object) -> bool:
    """Not the address of a host that runs us, or that we ask: `host.ip`, `server.ip`."""
    *around, last = name.lower().translate(_SEAMS).split(".")
    if last in _ASKING_BY_ADDRESS:
        return _ADDRESS.fullmatch(sanitise.plain(value)) is not None
    return (last in _ASKING and last != "ip") or "".join([*around[-1:], last]) in _ASKING


_SEAMS = {ord(seam): None for seam in "_-"}
_ASKING = frozenset(
    {
        "clientaddr",
        "clientaddress",
        "clienthost",
        "clientip",
        "downstreamremoteaddress",
        "fwd",
        "httpuseragent",
        "ip",
        "remoteaddr",
        "remoteaddress",
        "remoteip",
        "reqip",
        "requestip",
        "sourceip",
        "srcip",
        "useragent",
        "xforwardedfor",
    }
)
_ASKING_BY_ADDRESS = ("client", "remotehost")
"""Also what a program calls that which it asks with (`client: stripe`), or whom it asks."""
_ADDRESS = re.compile(r"\[?[\da-fA-F:.]{0,45}[:.][\da-fA-F:.]{1,45}\]?(?::\d{1,5})?")


def _first(named: Mapping[str, Any], names: Iterable[str]) -> str:
    said = (sanitise.word(named[name], 4_000) for name in names if name in named)
    return next(filter(None, said), "")


_REASONS = ("desc", "description")
"""Of Heroku's router, too, beside a code such as H12."""
_WHOLE = re.compile(r"([A-Za-z-]{3,20}) (\S{1,4000}) HTTP/\d")
_ORIGIN = re.compile(r"^https?://[^/?]{1,300}")
_METHODS = (
    "method",
    "requestmethod",
    "httpmethod",
    "http.method",
    "http.request.method",
    "request.method",
    "req.method",
    "httprequest.requestmethod",
    "verb",
)
_PATHS = (
    "path",
    "requesturi",
    "uri",
    "requestpath",
    "url.path",
    "http.target",
    "http.path",
    "request.uri",
    "request.path",
    "req.path",
    "httprequest.requesturl",
)
"""In small letters and without `_`, as `fields` has them."""


def _quoted(line: str) -> re.Match[str] | None:
    found = _REQUEST.search(line, 0, _SEARCHED + 4_000)
    return found if found and found.start() <= _SEARCHED else None


def _gin_time(found: re.Match[str]) -> str | None:
    facts = found.groupdict()
    return f"{facts['date'].replace('/', '-')}T{facts['clock']}Z" if "date" in facts else None


def _time(text: str) -> str | None:
    """The time in brackets in a spelling that all understand; without a zone it is UTC."""
    found = _TIME.search(text)
    if found is None:
        return None
    try:
        moment = datetime.strptime(
            f"{found[1]} {found[2]} {found[3] or '+0000'}", "%d/%b/%Y %H:%M:%S %z"
        )
    except ValueError:
        return None
    return moment.astimezone(UTC).isoformat()
