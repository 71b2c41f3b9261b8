"""Access logs: an HTTP request and the status it was answered with."""

import re
from datetime import UTC, datetime
from typing import Any

_REQUEST = re.compile(
    r'(?<!\\)"(?P<method>[A-Za-z-]{3,20}) (?P<target>(?:[^"\\\n]|\\.){1,4000}) HTTP/\d(?:\.\d)?" '
    r"(?P<status>[1-5]\d\d)\b"
)
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
    r"(?:-?\d{1,10}/){4}\+?\d{1,10} (?P<status>[1-5]\d\d) \+?\d{1,15} [^\"\n]{1,600}"
    r'"(?P<method>[A-Z]{3,10}) (?P<target>[^"\s]{1,4000})'
)
"""Its documentation's option httplog: client, date, frontend, backend/server, timers, status."""
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
    path = found["target"].partition("?")[0]
    return {
        "time": _time(line[: found.start("method")]) or _gin_time(found),
        "message": f"{found['method']} {path} was answered with HTTP {found['status']}",
        "http_status": int(found["status"]),
        "url": path,
    }


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
