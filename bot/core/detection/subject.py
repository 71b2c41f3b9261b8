"""What is judged: a signature, and all that one judgement of it rests on."""

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

    `first_told` is when its first event reached us; where we were not running yet, when it
    happened. `began` says, for a signature that was resolved in a version, since when each version
    of its service runs. If it `awaits_release`, it is not back before `resolved_in` or a later
    version began. `newcomers` are the customers that are new to the whole fleet.
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
        """Since when the signature is known: when it was first seen, or when it reached us, where
        that was more than an hour later. A single event that is days late makes no baseline of
        days."""
        is_late = hour_of(self.first_told) > hour_of(self.first_seen) + 1
        return self.first_told if is_late else self.first_seen


@dataclass(frozen=True)
class Observation:
    """All that a judgement of a signature rests on; all windows end with the running `hour`.

    `recent` are the sightings of the last 24 hours; its `known_since` is that of the whole
    database. The rest is worked out only where it can matter: `usual` is None where too little was
    seen for a spike or a spread, `clientele` where there can be no spread, `rhythm` (of the hours
    before) where it cannot be back. `traffic` has the harmless lines of its service per hour; it
    can only take a spike away. `is_critical` says that the text is critical at once.
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
        """The first of the last 24 hours in which it was seen; None if it was not."""
        return self.recent.first(self.start, self.hour)

    def hit(self, start: int) -> dict[str, int]:
        """Occurrences per customer since the hour `start`, the most hit first, without customers
        that are new to the whole fleet."""
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
    """The receipt of an anomaly that needs no threshold, as one sighting is enough: what was
    counted since the hour of `moment`, or in the last 24 hours if that is less."""
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
