"""The span of time for which a source is asked next."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import Field

from bot.core.intake.order import SKEW
from bot.sources.pulled import Cursor, Source

SETTLE = timedelta(seconds=30)
"""Windows end so long ago: what is younger may still lack some of its lines."""
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time from `start` up to, but not with, `end`.

    `after` is where to go on in it, in the source's own terms. `is_new` says that it does not
    continue one that was left in the middle, `overlap` how much of its beginning was read before.
    """

    start: datetime
    end: datetime
    after: str = ""
    is_new: bool = True
    overlap: timedelta = timedelta()

    @property
    def reached(self) -> datetime:
        """Up to when everything was read before."""
        return self.start + self.overlap

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to ask for."""
        return self.start >= self.end

    def left_at(self, *, start: datetime | None = None, after: str = "") -> Cursor:
        """The cursor from which the rest of the window is read."""
        rest = replace(self, start=start or self.start, after=after)
        return {"from": rest.start.isoformat(), "to": rest.end.isoformat(), "after": rest.after}

    def done(self) -> Cursor:
        """The cursor behind the window."""
        return {"to": self.end.isoformat()}

    def behind(self, moment: datetime) -> Cursor:
        """The cursor for a window that was read up to a moment."""
        return self.done() if moment >= self.end else self.left_at(start=moment)

    def slices(self, longest: timedelta) -> Iterator["Window"]:
        """The window in pieces of at most this length, the oldest first; `after` belongs to the
        first."""
        start, after = self.start, self.after
        while start < self.end:
            end = min(start + longest, self.end)
            yield replace(self, start=start, end=end, after=after)
            start, after = end, ""


class Windowed(Source):
    """A source that is asked for spans of time.

    Each window begins some minutes before the end of the last one, so that what is indexed late is
    found; what was read before is not counted again.
    """

    overlap_minutes: Annotated[float, Field(ge=1, le=24 * 60)] = 10

    def window(self, since: Cursor | None, *, until: datetime) -> Window:
        """The window that was left in the middle, or else the next one, which begins a little
        before the end of the last.

        A cursor that is not ours counts as none, and so does one in the future, from a clock that
        was set back since.
        """
        end = until - SETTLE
        try:
            return self._following(since or {}, end)
        except (KeyError, TypeError, ValueError):
            return Window(max(end - self.lookback, _FIRST), end)

    def _following(self, since: Cursor, end: datetime) -> Window:
        last = _moment(since["to"])
        if last > end + SKEW:
            raise ValueError(last)
        if "from" in since:
            return Window(_moment(since["from"]), last, str(since["after"]), is_new=False)
        overlap = timedelta(minutes=self.overlap_minutes)
        return Window(last - overlap, max(last, end), overlap=overlap)


def _moment(text: Any) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
