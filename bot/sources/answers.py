"""What a source answered: its JSON, or what to do if there is none."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from math import ceil, isfinite
from typing import TYPE_CHECKING, Any

from bot.errors import SourceError
from bot.sources import sanitise
from bot.sources.pulled import Limited, Unavailable

if TYPE_CHECKING:
    from bot.wire import Reply

_LONGEST_WAIT = 3_600
_WAITS = ("retry-after", "x-ratelimit-reset", "x-sentry-rate-limit-reset", "ratelimit-reset")
_LATEST = 10_000_000
"""A number beyond is no time to wait but the second since 1970 at which the wait is over."""
_QUOTED = 200
_TOO_MANY = 429
_LEFT = ("x-ratelimit-remaining", "x-sentry-rate-limit-remaining", "ratelimit-remaining")


def read(reply: "Reply", url: str, *, key: str, place: str = "`url`") -> Any:
    """The JSON of an answer. `key` names the variable of the key that was sent, `place` the
    settings that have the address.

    Raises Unavailable if it is to be asked again later, else SourceError with the remedy.
    """
    if 200 <= reply.status < 300:
        return _json(reply.body, url)
    said = f"{url} answers {reply.status}"
    if reply.status == _TOO_MANY:
        raise Limited(f"{said}{_why(reply)}: it allows no more for now", retry_after=_wait(reply))
    if reply.status in (408, 425) or reply.status >= 500:
        raise Unavailable(f"{said}{_why(reply)}: it is asked again", retry_after=_wait(reply))
    raise SourceError(f"{said}{_why(reply)}: {_remedy(reply.status, key, place)}")


def used_up(reply: "Reply") -> timedelta:
    """How long to ask nothing more, if an answer says that no request is left."""
    left = next((reply.headers[name] for name in _LEFT if name in reply.headers), "")
    return _wait(reply) if left.strip() == "0" else timedelta()


def _json(body: bytes, url: str) -> Any:
    try:
        return sanitise.loads(body)
    except ValueError as error:
        raise Unavailable(f"{url} does not answer with JSON ({error}): check `url`") from None


def _remedy(status: int, key: str, place: str) -> str:
    if status in (401, 403):
        return f"check {key}, and what it may read"
    if 300 <= status < 400:
        return "it sends elsewhere; set `url` to where it is"
    if status == 404:
        return f"check {place}"
    return "check the query"


def _why(reply: "Reply") -> str:
    """The beginning of an answer's text, on one line."""
    said = sanitise.text(reply.body[:2_000].decode("utf-8", "replace"), _QUOTED)
    bare = " ".join(said.split())
    return f" ({bare})" if bare and "<" not in bare else ""


def _wait(reply: "Reply") -> timedelta:
    """How long an answer asks us to wait, an hour at most; zero if it does not say."""
    said = next((reply.headers[name] for name in _WAITS if name in reply.headers), "")
    seconds = _seconds(said, reply.headers.get("date", ""))
    return timedelta(seconds=ceil(max(0, min(seconds, _LONGEST_WAIT))))


def _seconds(said: str, now: str) -> float:
    """A wait in seconds: given as a number, or until a time by the source's own clock, as ours may
    differ."""
    try:
        number = float(said)
    except ValueError:
        end = _moment(said)
    else:
        if not isfinite(number):
            return 0
        if number < _LATEST:
            return number
        end = datetime.fromtimestamp(min(number, 1e11), UTC)
    begin = _moment(now)
    return (end - begin).total_seconds() if begin and end else 0


def _moment(said: str) -> datetime | None:
    try:
        return parsedate_to_datetime(said).astimezone(UTC)
    except (OverflowError, ValueError):
        return None
