"""Which span of time a source is asked for next."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.sources.pulled import Cursor

OVERLAP = timedelta(minutes=10)
"""Asked for once more: what is indexed late is found, and what is known is not counted again."""
SETTLE = timedelta(seconds=30)
"""What is younger may still lack some of its lines."""
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Window:
    """Of `start` to before `end`; `after` is where to go on in it, as the source calls that.

    `is_new` tells that it does not go on with one that was left in the middle.
    """

    start: datetime
    end: datetime
    after: str = ""
    is_new: bool = True

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to ask for."""
        return self.start >= self.end

    def left_at(self, *, start: datetime | None = None, after: str = "") -> Cursor:
        """The cursor from which the rest of it is read."""
        rest = replace(self, start=start or self.start, after=after)
        return {"from": rest.start.isoformat(), "to": rest.end.isoformat(), "after": rest.after}

    def done(self) -> Cursor:
        """The cursor behind it."""
        return {"to": self.end.isoformat()}


def following(since: Cursor | None, *, until: datetime, lookback: timedelta) -> Window:
    """The window that was left in the middle, else the next one, which begins a little before the
    last one's end. A cursor that is none of ours is as none at all."""
    end = until - SETTLE
    try:
        return _following(since or {}, end)
    except (KeyError, TypeError, ValueError):
        return Window(max(end - lookback, _FIRST), end)


def _following(since: Cursor, end: datetime) -> Window:
    last = _moment(since["to"])
    if "from" in since:
        return Window(_moment(since["from"]), last, str(since["after"]), is_new=False)
    return Window(last - OVERLAP, max(last, end))


def _moment(text: Any) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
