"""How long what was counted and posted is kept, and how much of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.detection.baseline import DAY

LEAST_EVENT_DAYS = 8
"""Whatever the budget: so long nothing that is sent again counts twice."""
LEAST_DAILY_DAYS = 182
"""Whatever the budget: detection looks back on 180 days for the rhythm of what is rare."""
LEAST_HOURLY_DAYS = 35
"""Whatever the budget: all else that is told of hours is of the last month. The rhythm of what is
rare is then known to the day."""
PACE = 5
"""So many hours grow old in an hour at most, wherever the clock is set: one that is a year ahead
over a weekend costs two weeks of what is kept for months. After a downtime it catches up as fast,
and goes back as fast: a machine that starts in 1970 would catch up for years.
"""
BEHIND = timedelta(days=1)
"""Who is further behind than this stood still, or has a clock that is ahead: people are told."""


@dataclass(frozen=True)
class Retention:
    """In days (UTC), today not counted; budgets in rows.

    How often an error was seen is kept by the hour for `hourly_days`, then by the day until
    `daily_days`. An event that is sent again after `event_days` counts again. Samples, and what
    models said, are kept until an error was not seen for `evidence_days`. What was posted is kept
    for `message_days`, and what models were asked for `call_days`. Of events and sightings the
    oldest go sooner where there are more than `most_events`, `most_sightings`.
    """

    hourly_days: int = 190
    daily_days: int = 400
    event_days: int = 30
    evidence_days: int = 400
    message_days: int = 400
    call_days: int = 400
    most_events: int = 100_000_000
    most_sightings: int = 20_000_000


@dataclass(frozen=True, slots=True)
class Bounds:
    """From which hours on something is kept: all that lies before may go, or becomes days."""

    hourly: int
    daily: int
    events: int
    evidence: int
    messages: int
    calls: int


@dataclass(frozen=True, slots=True)
class Budget:
    """How a budget stands: so many rows are `held` of `most`, and so many went, or became days,
    sooner than by their age."""

    setting: str
    most: int
    held: int
    gone: int = 0

    @property
    def used(self) -> float:
        """The share of it that is used; above 1 it is exceeded."""
        return self.held / self.most


def followed(last: datetime, now: datetime, *, forth: timedelta, back: timedelta) -> datetime:
    """Where the moment goes that follows the clock at a pace and was `last`; so much time counts
    for each direction, by a clock that nobody sets."""
    return min(max(now, last - PACE * back), last + PACE * forth)


Rows = Sequence[tuple[int, int]]
"""How many rows there are of each hour, ascending."""


def bounds(kept: Retention, today: int, *, events: Rows = (), sightings: Rows = ()) -> Bounds:
    """As of a day, which counts since the epoch; both `events` and `sightings` may leave out what
    is within the budget."""

    def back(days: int) -> int:
        return (today - days) * DAY

    enough = _day_after(_room(sightings, kept.most_sightings))
    return Bounds(
        hourly=max(back(kept.hourly_days), min(enough, back(LEAST_HOURLY_DAYS))),
        daily=max(back(kept.daily_days), min(enough, back(LEAST_DAILY_DAYS))),
        events=max(
            back(kept.event_days),
            min(_room(events, kept.most_events), back(LEAST_EVENT_DAYS)),
        ),
        evidence=back(kept.evidence_days),
        messages=back(kept.message_days),
        calls=back(kept.call_days),
    )


def _room(rows: Rows, most: int) -> int:
    """The hour from which on there are so many rows at most; 0 where there are in all."""
    left = most
    for hour, number in reversed(rows):
        left -= number
        if left < 0:
            return hour + 1
    return 0


def _day_after(hour: int) -> int:
    """The first hour of the day that begins then, or next."""
    return -(-hour // DAY) * DAY
