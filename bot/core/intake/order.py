"""Whether the events of an input stand in the order of time, and which have a wrong date."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

TOLERANCE = timedelta(minutes=15)
"""Up to this nothing is late: programs that write into one log finish their lines in any order."""
FAR = timedelta(days=31)
"""An event so far from those beside it in a file has a wrong date: no baseline reaches as far."""
SKEW = timedelta(minutes=5)
"""Clocks that are set at all differ by less; Kerberos allows as much."""


@dataclass(slots=True)
class Order:
    """A clock that follows the times of one input; `latest` is the latest of them.

    `late` counts the events that were earlier than the clock by more than is tolerated, `strays`
    those whose time was too far off to set it by, and `ahead` those in the future.
    """

    late: int = 0
    strays: int = 0
    ahead: int = 0
    latest: datetime | None = None
    _held: datetime | None = None

    def follow(self, at: datetime, following: datetime | None) -> datetime:
        """Set the clock by a time, and give it back; for a stray give back the time of the clock.

        `following` is the time of the next event, None for the last.
        """
        if self._is_stray(at, following):
            self.strays += 1
            at = self.latest or following or at
        self.latest = max(at, self.latest or at)
        self.late += self.latest - at > TOLERANCE
        return at

    def see(self, moments: Iterable[datetime], *, now: datetime) -> None:
        """Follow some times; the last of them only with the next call, or with `end`. Times in the
        future, by more than clocks differ, are not followed."""
        for moment in moments:
            if moment > now + SKEW:
                self.ahead += 1
                continue
            if self._held is not None:
                self.follow(self._held, moment)
            self._held = moment

    def end(self) -> None:
        """Follow the last time: no event comes after it."""
        if self._held is not None:
            self.follow(self._held, None)
            self._held = None

    def _is_stray(self, at: datetime, following: datetime | None) -> bool:
        """Whether a time is far from the clock, and the next one is as far from it the other way;
        the first time is one if the next is far from it."""
        if following is None:
            return False
        if self.latest is None:
            return abs(following - at) > FAR
        if self.latest - at > FAR:
            return following - at > FAR
        return at - self.latest > FAR and at - following > FAR
