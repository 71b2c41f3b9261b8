"""The episodes of one simulated signature, judged hour by hour as `detect` would, without a
database."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from bot.core.detection import anomaly, back, baseline
from bot.core.detection.baseline import Baseline
from bot.core.detection.clientele import Clientele
from bot.core.detection.episode import is_another, is_over
from bot.core.detection.finding import Finding, Kind
from bot.core.detection.history import History, Sighting
from bot.core.detection.subject import Observation, Subject
from bot.core.detection.threshold import Rules
from bot.core.hour import DAY, start_of
from tests.builders import by_hour, days_of

RULES = Rules()
LOOK_BACK = 31 * DAY
_HOUR = attrgetter("hour")


@dataclass(frozen=True)
class Error:
    """The sightings of one signature in the order of their hours, and what else is known of it.

    `newcomers` are the customers that are new to the fleet, each with its first hour.
    """

    seen: Sequence[Sighting]
    known_since: int
    resolved: int | None = None
    newcomers: tuple[tuple[str, int], ...] = ()

    def until(self, hour: int) -> Subject:
        """What is known as an hour ends."""
        first, last = start_of(self.seen[0].hour), start_of(self._before(hour)[-1].hour)
        resolved = self.resolved if self.resolved is not None and self.resolved <= hour else None
        week = RULES.established_days * DAY
        return Subject(
            first_seen=first,
            first_told=first,
            last_seen=last,
            resolved_at=None if resolved is None else start_of(resolved),
            newcomers=frozenset(name for name, at in self.newcomers if hour - at < week),
        )

    def between(self, first: int, last: int) -> Sequence[Sighting]:
        """What was seen in some hours, both included."""
        start = bisect_left(self.seen, first, key=_HOUR)
        return self.seen[start : bisect_right(self.seen, last, key=_HOUR)]

    def _before(self, hour: int) -> Sequence[Sighting]:
        return self.seen[: bisect_right(self.seen, hour, key=_HOUR)]


def alarms(error: Error, *, first: int, last: int) -> Iterator[tuple[Kind, int]]:
    """Each episode that opens in the hours from `first` on and before `last`, with its hour."""
    running: dict[Kind, tuple[Any, dict[str, Any]]] = {}
    active = {row.hour for row in error.between(first, last)}
    for hour in range(max(first, error.seen[0].hour), last):
        now = start_of(hour)
        running = {kind: one for kind, one in running.items() if not is_over(one[0], now)}
        if hour not in active and not running:
            continue
        for finding in _findings(error, hour):
            before = running.get(finding.kind)
            if before is None or is_another(before[1], before[0], finding):
                yield finding.kind, hour
            running[finding.kind] = now, finding.receipt.as_json()


def _findings(error: Error, hour: int) -> tuple[Finding, ...]:
    start = hour - DAY + 1
    recent = History(error.between(start, hour), error.known_since)
    rows = error.between(hour - LOOK_BACK, start - 1)
    before, known_since = by_hour(rows, start), max(error.known_since, error.seen[0].hour)
    little = anomaly.is_little(recent, hour=hour, rules=RULES)
    routine = back.is_routine(recent, max(before, default=None), hour=hour, rules=RULES)
    observation = Observation(
        error.until(hour),
        recent,
        hour,
        RULES,
        usual=None if little else _usual(before, hour, known_since),
        clientele=None if little else Clientele.of(days_of(rows, start), known_since, hour),
        rhythm=None if routine else baseline.rhythm(before),
    )
    return anomaly.judge(observation)


def _usual(before: Mapping[int, int], hour: int, known_since: int) -> Baseline:
    return baseline.of(before, hour, known_since=known_since, burst_hours=RULES.burst_hours)
