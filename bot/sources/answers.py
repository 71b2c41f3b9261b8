"""What a source answered: its JSON, or what to do about the lack of it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.errors import SourceError
from bot.sources import sanitise
from bot.sources.pulled import Unavailable

if TYPE_CHECKING:
    from bot.wire import Reply

_LONGEST_WAIT = 3_600
_WAITS = ("retry-after", "x-ratelimit-reset")
_QUOTED = 200


def read(reply: "Reply", url: str, *, key: str) -> Any:
    """The JSON of an answer; `key` names what proves who asks.

    Raises Unavailable where it is to be asked again later, else SourceError with the remedy.
    """
    if 200 <= reply.status < 300:
        return _json(reply.body, url)
    said = f"{url} answers {reply.status}"
    if reply.status in (408, 425, 429) or reply.status >= 500:
        raise Unavailable(f"{said}{_why(reply)}: it is asked again", retry_after=_wait(reply))
    raise SourceError(f"{said}{_why(reply)}: {_remedy(reply.status, key)}")


def _json(body: bytes, url: str) -> Any:
    try:
        return sanitise.loads(body)
    except ValueError as error:
        raise Unavailable(f"{url} does not answer with JSON ({error}): check `url`") from None


def _remedy(status: int, key: str) -> str:
    if status in (401, 403):
        return f"check {key}, and what it may read"
    if 300 <= status < 400:
        return "it sends elsewhere; set `url` to where it is"
    if status == 404:
        return "check `url`"
    return "check the query"


def _why(reply: "Reply") -> str:
    """The beginning of what it says, on one line."""
    said = sanitise.text(reply.body[:2_000].decode("utf-8", "replace"), _QUOTED)
    bare = " ".join(said.split())
    return f" ({bare})" if bare and "<" not in bare else ""


def _wait(reply: "Reply") -> timedelta:
    """The seconds that it asks us to wait; a date, which hardly anybody says, counts as none."""
    said = _first(reply.headers)
    return timedelta(seconds=min(int(said), _LONGEST_WAIT)) if said.isdecimal() else timedelta()


def _first(headers: Mapping[str, str]) -> str:
    return next((headers[name] for name in _WAITS if name in headers), "")[:9]
