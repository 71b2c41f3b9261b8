"""Where errors come from, and whether a source is heard from as usual."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from bot.core.baseline import DAY

MEMORY_HOURS = 14 * DAY
"""What was heard before that says nothing of today; nor is a source missed for longer."""
LEAST_HOURS = 2
FACTOR = 2
"""Of errors there may be none: who is usually heard from once a night is silent after two."""
FEWEST_HOURS = 3
"""A log that was read once is no source that falls silent."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """Whether a source is silent beyond what is usual of it, and by which numbers."""

    is_silent: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Source:
    """How it stands with a source: `events` in the last 24 hours, the time of its `newest` event,
    and when the last ones were `received`."""

    name: str
    events: int
    newest: datetime
    received: datetime
    hearing: Hearing

    @property
    def lag(self) -> timedelta:
        """How old its newest event was when the last ones came."""
        return max(timedelta(), self.received - self.newest)

    def as_json(self) -> dict[str, Any]:
        """For other programs."""
        return {
            "source": self.name,
            "errors_24h": self.events,
            "newest": self.newest.isoformat(),
            "received": self.received.isoformat(),
            "lag_seconds": round(self.lag.total_seconds(), 3),
            "silent": self.hearing.is_silent,
            "reason": self.hearing.reason,
        }


def judge(heard: Sequence[int], hour: int) -> Hearing:
    """Whether a source is silent in an hour that was heard from in some hours before, ascending."""
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
