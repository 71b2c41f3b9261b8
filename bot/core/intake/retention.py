"""How long events, sightings and messages are kept, and how many rows of them at most."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.hour import DAY

LEAST_EVENT_DAYS = 8
"""However small the budget: so long an event that is sent again is known again, and does not count
twice."""
LEAST_DAILY_DAYS = 182
"""However small the budget: detection looks back on 180 days for the rhythm of what is rare."""
LEAST_HOURLY_DAYS = 35
"""However small the budget: all that is shown by the hour is of the last month. What is older is
then known by the day, also to detection."""
PACE = 5
"""Cleaning goes by a moment that follows the clock, by at most so many hours in an hour. A clock
that is wrongly a year ahead over a weekend thus costs two weeks of data, not a year's. After a
downtime that moment catches up at this pace. It also goes back at this pace: a machine that starts
in 1970 would else be behind for years."""
BEHIND = timedelta(days=1)
"""People are told when that moment is further behind the clock: Triage was stopped for long, or the
clock is ahead."""


@dataclass(frozen=True)
class Retention:
    """For how many days (UTC, today not counted) each kind of data is kept, and how many rows at
    most.

    Sightings are kept by the hour for `hourly_days`, then by the day until `daily_days`. An event
    that is sent again after `event_days` counts again. Samples, and what models said, are kept
    until the error was not seen for `evidence_days`. Messages are kept for `message_days`, and
    calls of models for `call_days`. Where there are more events than `most_events`, or more
    sightings than `most_sightings`, the oldest go sooner.
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
    """The hour from which on each kind of data is kept; older rows are deleted, or added up by the
    day."""

    hourly: int
    daily: int
    events: int
    evidence: int
    messages: int
    calls: int


@dataclass(frozen=True, slots=True)
class RowBudget:
    """How many rows of one kind are `held`, and how many there may be at most; `gone` counts those
    that were deleted, or added up by the day, before they were old enough."""

    setting: str
    most: int
    held: int
    gone: int = 0

    @property
    def used(self) -> float:
        """The share of the budget that is used; above 1 it is exceeded."""
        return self.held / self.most


def followed(last: datetime, now: datetime, *, forth: timedelta, back: timedelta) -> datetime:
    """The moment that follows the clock at `PACE`, given the one before, `last`.

    `forth` and `back` are how much time passed, by a clock that nobody sets: the first bounds steps
    forward, the second steps back.
    """
    return min(max(now, last - PACE * back), last + PACE * forth)


def behind(as_of: str) -> str:
    """What people are told where cleaning is far behind the clock; `as_of` is its moment, in
    words."""
    return (
        f"What is old goes as of {as_of}, and catches up, {PACE} days a day: Triage was stopped "
        "for long, or the clock is ahead"
    )


Rows = Sequence[tuple[int, int]]
"""How many rows there are of each hour, ascending."""


def bounds(kept: Retention, today: int, *, events: Rows = (), sightings: Rows = ()) -> Bounds:
    """The hour from which on each kind of data is kept, as of the day `today` since the epoch.

    `events` and `sightings` count rows by hour; either may be empty where its budget is not
    reached.
    """

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
    """The first hour from which on there are at most `most` rows; 0 if there are no more in all."""
    left = most
    for hour, number in reversed(rows):
        left -= number
        if left < 0:
            return hour + 1
    return 0


def _day_after(hour: int) -> int:
    """The hour in which the next day begins; the hour itself if a day begins with it."""
    return -(-hour // DAY) * DAY
