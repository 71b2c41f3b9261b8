"""What is judged: a signature, and all that one judgement of it goes by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.core.detection import baseline
from bot.core.detection.baseline import Baseline, Rhythm
from bot.core.detection.clientele import Clientele
from bot.core.detection.history import History
from bot.core.detection.receipt import Receipt
from bot.core.detection.threshold import Rules
from bot.core.hour import DAY, hour_of, start_of


@dataclass(frozen=True, slots=True)
class Subject:
    """What is known of a signature besides its sightings.

    `first_told` is when its first event reached us, if we were there to be told, else when it
    happened. `began` says since when each version of its service runs, where it was resolved in
    one; what `awaits_release` is not back before that one, or a later one, did. `newcomers` are the
    customers that are new to the whole fleet.
    """

    first_seen: datetime
    first_told: datetime
    last_seen: datetime
    resolved_at: datetime | None = None
    resolved_in: str = ""
    last_version: str = ""
    began: Mapping[str, datetime] = field(default_factory=dict)
    awaits_release: bool = False
    newcomers: frozenset[str] = frozenset()

    @property
    def begun(self) -> datetime:
        """Since when it is known: what reached us when its hour and the next were over is as young
        as it is new, for one event that is days late is no baseline of days."""
        is_late = hour_of(self.first_told) > hour_of(self.first_seen) + 1
        return self.first_told if is_late else self.first_seen


@dataclass(frozen=True)
class Observation:
    """All that one judgement goes by: all windows end with the running `hour`.

    `recent` are the sightings of the last 24 hours, whose `known_since` is that of the whole
    database. `usual` may be None for what is little, `clientele` for what may not spread, and
    `rhythm`, that of the hours before, for what is routine; `traffic` has the harmless lines of its
    service in each hour, and can only take a spike away. `is_critical`: its text is, and whoever it
    comes back to wants to know.
    """

    subject: Subject
    recent: History
    hour: int
    rules: Rules
    usual: Baseline | None = None
    clientele: Clientele | None = None
    rhythm: Rhythm | None = None
    traffic: Mapping[int, int] = field(default_factory=dict)
    is_critical: bool = False

    @property
    def start(self) -> int:
        """The first of the last 24 hours."""
        return self.hour - DAY + 1

    @property
    def since(self) -> int | None:
        """The first of the last 24 hours in which it was seen, if it was."""
        return self.recent.first(self.start, self.hour)

    def hit(self, start: int) -> dict[str, int]:
        """Occurrences since an hour by customer, none that is new to the fleet, the most first."""
        hit = self.recent.customers(start, self.hour)
        return {name: count for name, count in hit.items() if name not in self.subject.newcomers}

    def busiest_before(self, start: int) -> int:
        """The most that as many hours as from `start` on held earlier in the last 24."""
        hours = self.hour - start + 1
        firsts = (seen for seen in self.recent.hours if self.start <= seen < start)
        return max(
            (self.recent.count(first, min(first + hours, start) - 1) for first in firsts), default=0
        )


def receipt_since(observation: Observation, moment: datetime) -> Receipt:
    """What was counted from the hour of a moment on, or of the last 24 at most, where to be seen at
    all is enough to be told of."""
    start = max(hour_of(moment), observation.start)
    return Receipt(
        observed=max(1, observation.recent.count(start, observation.hour)),
        usual=0,
        usual_max=0,
        fires_from=1,
        window_hours=observation.hour - start + 1,
        days=baseline.days_before(observation.recent.known_since, start),
        unit="occurrences",
        since=start_of(start).isoformat(),
        customers=observation.recent.customers(start, observation.hour),
    )
