"""Whether the events of an input stand in the order of time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

TOLERANCE = timedelta(minutes=15)
"""Programs that write into one log finish their lines in any order; nobody has to hear of that."""
FAR = timedelta(days=31)
"""An event so far from those beside it in a file has a wrong date: no baseline reaches as far."""


@dataclass(slots=True)
class Order:
    """A clock that follows the moments of one input; `late` are those it was past by more than
    is tolerated, and `strays` those that were no time to set it by."""

    late: int = 0
    strays: int = 0
    _clock: datetime | None = None
    _held: datetime | None = None

    def follow(self, at: datetime, following: datetime | None) -> datetime:
        """Set the clock by a moment; gives it back, or for a stray what the clock says.

        `following` is the moment that stands behind it, None for the last.
        """
        if following and self._is_stray(at, following):
            self.strays += 1
            at = self._clock or following
        self._clock = max(at, self._clock or at)
        self.late += self._clock - at > TOLERANCE
        return at

    def see(self, moments: Iterable[datetime]) -> None:
        """Follow some moments; the last of them once what stands behind it is seen, or `end`."""
        for moment in moments:
            if self._held is not None:
                self.follow(self._held, moment)
            self._held = moment

    def end(self) -> None:
        """Follow the last moment: nothing stands behind it."""
        if self._held is not None:
            self.follow(self._held, None)
            self._held = None

    def _is_stray(self, at: datetime, following: datetime) -> bool:
        """Whether the clock would jump to a moment, and the next one not follow it."""
        jumps = self._clock is None or at - self._clock > FAR
        return jumps and abs(following - at) > FAR
