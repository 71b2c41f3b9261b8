"""Where errors come from, and whether a source is heard from as usual."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Self

from bot.core.hour import DAY

MEMORY_HOURS = 14 * DAY
"""Events from before that say nothing about today, and a source is not missed for longer."""
LEAST_HOURS = 2
FACTOR = 2
"""A source is silent after so many times its usual pause: there may just have been no error
once."""
FEWEST_HOURS = 3
"""A source that was heard in fewer hours cannot fall silent: a log may have been read once."""

_SHORTEST_REST = timedelta(seconds=15)
_LONGEST_REST = timedelta(minutes=15)
LONGEST_WAIT = timedelta(hours=1)
_BEHIND = timedelta(minutes=15)
"""Longer than the overlap and the pauses of a source that is pulled from in the usual way."""
_UNREAD = timedelta(minutes=30)
"""A digest says that a source cannot be read once it was not read for so long."""


def rest(failures: int, said: timedelta) -> timedelta:
    """How long to leave a source alone that failed so often in a row: twice as long each time, at
    least as long as it `said`, at most an hour."""
    grown = _SHORTEST_REST * (1 << min(failures - 1, 10))
    return max(min(grown, _LONGEST_REST), min(said, LONGEST_WAIT))


@dataclass(frozen=True, slots=True)
class Hearing:
    """Whether a source is silent for longer than usual, and the numbers behind that."""

    is_silent: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Source:
    """The state of a source: its `events` of the last 24 hours, the time of the `newest` one, and
    when the last ones were `received`."""

    name: str
    events: int
    newest: datetime
    received: datetime
    hearing: Hearing

    @property
    def lag(self) -> timedelta:
        """How old its newest event was when the last events came."""
        return max(timedelta(), self.received - self.newest)

    def as_json(self) -> dict[str, Any]:
        """The source as other programs read it."""
        return {
            "source": self.name,
            "errors_24h": self.events,
            "newest": self.newest.isoformat(),
            "received": self.received.isoformat(),
            "lag_seconds": round(self.lag.total_seconds(), 3),
            "silent": self.hearing.is_silent,
            "reason": self.hearing.reason,
        }


@dataclass(frozen=True, slots=True)
class Backlog:
    """That a source we pull from is behind: `since` when it catches up, and up to when it had been
    read at the `begin` of that."""

    since: datetime
    begin: datetime

    @classmethod
    def of(cls, since: datetime | None, begin: datetime | None) -> Self | None:
        """The backlog as it was stored, if there is one."""
        return cls(since, begin) if since and begin else None

    def read(self, reached: datetime, *, now: datetime) -> float:
        """The share of it that is read, from 0 to 1."""
        whole = now - self.begin
        return min(1.0, max(0.0, (reached - self.begin) / whole)) if whole else 1.0

    def left(self, reached: datetime, *, now: datetime) -> timedelta | None:
        """How long the rest will take at the pace so far; None where that is not known."""
        share = self.read(reached, now=now)
        spent = now - self.since
        return spent * ((1 - share) / share) if share and spent else None


def backlog(before: Backlog | None, reached: datetime, *, now: datetime) -> Backlog | None:
    """The backlog of a source that was read up to a moment; None where it is not behind."""
    return (before or Backlog(now, reached)) if now - reached > _BEHIND else None


@dataclass(frozen=True, slots=True)
class Pulled:
    """The state of a source we pull from: up to when it was `reached` (read), when that last went
    well, what is wrong since then, when it is asked `again`, and its backlog.

    `trouble` without `failures` means that it only keeps to the source's limit of requests.
    """

    name: str
    reached: datetime | None = None
    succeeded: datetime | None = None
    failures: int = 0
    trouble: str = ""
    again: datetime | None = None
    backlog: Backlog | None = None

    @property
    def is_limited(self) -> bool:
        """Whether it only waits until it may be asked again."""
        return bool(self.trouble) and not self.failures

    def unread_since(self, moment: datetime) -> datetime | None:
        """Up to when it was read, if that is long before `moment` and something keeps it from being
        read; else None. A source that is no longer asked is not missed."""
        if not self.trouble or self.reached is None or not self._is_asked(moment):
            return None
        return self.reached if moment - self.reached > _UNREAD else None

    def behind_since(self, moment: datetime) -> datetime | None:
        """Up to when it was read, if it is catching up at `moment`; else None."""
        return self.reached if self.backlog and self._is_asked(moment) else None

    def share_read(self, now: datetime) -> float | None:
        """The share of its backlog that is read, from 0 to 1; None where it is not behind."""
        if self.behind_since(now) is None or not (self.backlog and self.reached):
            return None
        return self.backlog.read(self.reached, now=now)

    def _is_asked(self, moment: datetime) -> bool:
        return self.again is not None and self.again > moment - LONGEST_WAIT

    def as_json(self, *, now: datetime) -> dict[str, Any]:
        """The source as other programs read it."""
        return {
            "catching_up": self._catching_up(now),
            "read_up_to": self.reached and self.reached.isoformat(),
            "succeeded": self.succeeded and self.succeeded.isoformat(),
            "failures": self.failures,
            "limited": self.is_limited,
            "trouble": self.trouble,
            "again": self.again and self.again.isoformat(),
        }

    def _catching_up(self, now: datetime) -> dict[str, Any] | None:
        if self.backlog is None or self.reached is None:
            return None
        left = self.backlog.left(self.reached, now=now)
        return {
            "share": round(self.backlog.read(self.reached, now=now), 3),
            "left_seconds": left and round(left.total_seconds()),
        }


def judge(heard: Sequence[int], hour: int) -> Hearing:
    """Whether a source is silent in the hour `hour` for longer than usual; `heard` are the hours in
    which events of it came, ascending."""
    recent = [one for one in heard if hour - MEMORY_HOURS < one <= hour]
    if not recent:
        return Hearing(is_silent=False, reason="not heard from in 14 days")
    silence = hour - recent[-1]
    if len(recent) < FEWEST_HOURS:
        return Hearing(is_silent=False, reason=f"heard from in {len(recent)} h of 14 days only")
    longest = max(later - earlier for earlier, later in pairwise(recent))
    patience = max(LEAST_HOURS, FACTOR * longest)
    return Hearing(
        is_silent=silence > patience,
        reason=f"last heard from {silence} h ago, at most {longest} h apart before: "
        f"silent from {patience + 1} h",
    )
