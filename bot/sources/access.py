"""Access logs: a quoted HTTP request and, right behind it, the status it was answered with."""

import re
from datetime import UTC, datetime
from typing import Any

_REQUEST = re.compile(
    r'"(?P<method>[A-Z]{3,10}) (?P<target>[^"\s]{1,4000}) HTTP/\d(?:\.\d)?" (?P<status>[1-5]\d\d)\b'
)
_SEARCHED = 600
_TIME = re.compile(r"\[(\d\d/[A-Z][a-z]{2}/\d{4})[: ](\d\d:\d\d:\d\d)(?: ([+-]\d{4}))?\]")


def fields(line: str) -> dict[str, Any] | None:
    """The fields of a line in the common or combined format and their relatives, else None.

    The message is the request without its query, which differs from one to the next and may hold
    what is nobody's business.
    """
    found = _REQUEST.search(line, 0, _SEARCHED + 4_000)
    if found is None or found.start() > _SEARCHED:
        return None
    path = found["target"].partition("?")[0]
    return {
        "time": _time(line[: found.start()]),
        "message": f"{found['method']} {path} was answered with HTTP {found['status']}",
        "http_status": int(found["status"]),
        "url": path,
    }


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
