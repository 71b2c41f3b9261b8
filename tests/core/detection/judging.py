"""A judgement of what was seen when, of whom, and what is known besides."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from bot.core.detection import anomaly, back, baseline, spread
from bot.core.detection.clientele import Clientele
from bot.core.detection.finding import Finding, Kind
from bot.core.detection.history import History, Sighting, Silences
from bot.core.detection.subject import Observation, Subject
from bot.core.detection.threshold import Rules
from bot.core.hour import DAY, hour_of, start_of
from tests.builders import NOON, by_hour, days_of, sightings

NOW = hour_of(NOON)
RULES = Rules()
LONG_AGO = NOW - 60 * DAY
WEEK = 7 * DAY


def judged(
    seen: Iterable[Sighting],
    *,
    now: datetime = NOON,
    known_since: int = LONG_AGO,
    first_seen: datetime | None = None,
    rules: Rules = RULES,
    silent: Silences = (),
    traffic: Mapping[int, int] | None = None,
    is_critical: bool = False,
    **facts: object,
) -> dict[Kind, Finding]:
    """What is found when a signature was seen like this, by kind."""
    rows, hour = list(seen), hour_of(now)
    first = first_seen or start_of(min(row.hour for row in rows))
    subject = Subject(
        **{  # type: ignore[arg-type]
            "first_seen": first,
            "first_told": first,
            "last_seen": start_of(max([row.hour for row in rows], default=hour)),
            **facts,
        }
    )
    start = hour - DAY + 1
    before, known = by_hour(rows, start), hour_of(subject.begun)
    usual = baseline.of(
        before, hour, known_since=known, burst_hours=rules.burst_hours, silent=silent
    )
    clientele = Clientele.of(days_of(rows, start), known, hour)
    rhythm = baseline.rhythm(before, silent)
    recent = History([row for row in rows if row.hour >= start], known_since)
    observation = Observation(
        subject, recent, hour, rules, usual, clientele, rhythm, traffic or {}, is_critical
    )
    found = anomaly.judge(observation)
    little = anomaly.is_little(recent, hour=hour, rules=rules)
    may_spread = spread.is_possible(
        recent, clientele, hour=hour, rules=rules, since=min(before, default=0)
    )
    routine = back.is_routine(recent, max(before, default=None), hour=hour, rules=rules)
    needed = replace(
        observation,
        usual=None if little else usual,
        clientele=clientele if may_spread else None,
        rhythm=None if routine else rhythm,
    )
    assert found == anomaly.judge(needed)
    assert len({finding.kind for finding in found}) == len(found), "one finding a kind"
    return {finding.kind: finding for finding in found}


def each_day(count: int, *, days: Iterable[int] = range(1, 15), at: int = 1) -> dict[int, int]:
    """So many on each of some days back, `at` hours before that day's noon."""
    return {day * DAY + at: count for day in days}


def each_hour(count: int, *, first: int = 24 * 20, last: int = 0) -> dict[int, int]:
    """So many in every hour, from `first` to `last` hours back."""
    return dict.fromkeys(range(last, first + 1), count)


def hit(names: Iterable[str], hours_ago: dict[int, int]) -> list[Sighting]:
    return [row for name in names for row in sightings(hours_ago, customer=name)]
