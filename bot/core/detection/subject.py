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

    `first_told` is when its first event reached us, or when it happened where we were not there
    yet. Where it was resolved in a version, `began` says since when each version of its service
    runs; if it `awaits_release`, it is not back before that version, or a later one, began.
    `newcomers` are the customers that are new to the whole fleet.
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
        """Since when it is known. For an event that reached us more than an hour late that is when
        it reached us: a single event that is days late makes no baseline of days."""
        is_late = hour_of(self.first_told) > hour_of(self.first_seen) + 1
        return self.first_told if is_late else self.first_seen


@dataclass(frozen=True)
class Observation:
    """All that a judgement of a signature goes by; all windows end with the running `hour`.

    `recent` are the sightings of the last 24 hours; its `known_since` is that of the whole
    database. The rest is worked out only where it matters: `usual` may be None where too little was
    seen for a spike or a spread, `clientele` where it cannot be a spread, and `rhythm`, of the
    hours before, where it cannot be back. `traffic` has the harmless lines of its service per hour,
    and can only take a spike away. `is_critical` is true where its text says so.
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
        """Occurrences since an hour per customer, the most hit first, without newcomers to the
        fleet."""
        hit = self.recent.customers(start, self.hour)
        return {name: count for name, count in hit.items() if name not in self.subject.newcomers}

    def busiest_before(self, start: int) -> int:
        """The highest count of as long a window as from `start` on, earlier in the last 24
        hours."""
        hours = self.hour - start + 1
        firsts = (seen for seen in self.recent.hours if self.start <= seen < start)
        return max(
            (self.recent.count(first, min(first + hours, start) - 1) for first in firsts), default=0
        )


def receipt_since(observation: Observation, moment: datetime) -> Receipt:
    """The receipt of what is told because it was seen at all: what was counted since the hour of a
    moment, or in the last 24 hours if that is less."""
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
