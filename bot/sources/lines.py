"""The lines of a window, put together to errors over all of its pages."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

from bot.core.event import Event, Severity
from bot.sources.naming import Numbered
from bot.sources.pulled import told_by
from bot.sources.pushed import Delivery
from bot.sources.sifting import Sifter, Unreadable
from bot.sources.window import Window, Windowed

LEAD = timedelta(seconds=10)
"""Read before and behind a window: a trace has a line for each of its calls, and sources page."""


class Lines:
    """What one pass over a window reads.

    It begins LEAD before the window and ends LEAD behind it: an error belongs to the window in
    which its first line stands.
    """

    def __init__(self, source: Windowed, window: Window) -> None:
        self._origin = source.origin
        self._window = window
        self._outside: set[datetime] = set()
        self.sifter = Sifter(
            source.origin,
            Numbered(source.origin),
            minimum=Severity.ERROR,
            service=source.service,
            now=window.start,
            roles=source.fields.roles,
        )

    @property
    def span(self) -> tuple[datetime, datetime]:
        """From when to before when lines are read."""
        return self._window.start - LEAD, self._window.end + LEAD

    def at(self, number: int, time: datetime) -> None:
        """The line that comes next has a number that no other has, and that time."""
        if not self._window.start <= time < self._window.end:
            self._outside.add(time)
        self.sifter.at(number, time)

    def add(self, delivery: Delivery, outcomes: Iterable[Event | Unreadable]) -> None:
        """Put what came of lines to a delivery, but what belongs to another window."""
        inside = (
            one
            for one in outcomes
            if not (isinstance(one, Event) and one.received in self._outside)
        )
        delivery.add(inside, partial(told_by, self._origin))

    def resumed(self, reached: datetime) -> datetime:
        """From when on to read again what was read so far: an error may still be open."""
        return max(self._window.start, reached - LEAD)
