"""What is usual for a signature: its hourly sightings, zero-filled, and statistics over them.

An `Hour` counts whole hours since the epoch, in UTC. A baseline never includes the window it is
compared with.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import NamedTuple

DAY = 24
WEEK = 7
DAYS = 14
"""Two weeks: every weekday twice, so that a weekly job is seen to be one."""


class Sighting(NamedTuple):
    """How often in one hour at one customer."""

    hour: int
    customer: str
    occurrences: int


def hour_of(moment: datetime) -> int:
    """The hour a moment lies in."""
    return int(moment.timestamp()) // 3600


def start_of(hour: int) -> datetime:
    """When an hour began."""
    return datetime.fromtimestamp(hour * 3600, UTC)


@dataclass(frozen=True)
class History:
    """All sightings of one signature that are still kept, in any order.

    `known_since` is the first hour for which the database has anything at all: what lies before
    it is not "nothing happened" but "nobody looked".
    """

    sightings: tuple[Sighting, ...]
    known_since: int

    @cached_property
    def by_hour(self) -> Mapping[int, int]:
        """Occurrences per hour; an absent hour is zero."""
        counts: Counter[int] = Counter()
        for hour, _, count in self.sightings:
            counts[hour] += count
        return counts

    @cached_property
    def hours(self) -> tuple[int, ...]:
        """The hours in which it was seen, ascending."""
        return tuple(sorted(self.by_hour))

    @cached_property
    def customer_hours(self) -> Mapping[str, tuple[int, ...]]:
        """For each customer the hours in which it was hit, ascending."""
        hours: dict[str, list[int]] = {}
        for hour, customer, _ in sorted(self.sightings):
            hours.setdefault(customer, []).append(hour)
        return {customer: tuple(seen) for customer, seen in hours.items()}

    def count(self, first: int, last: int) -> int:
        """Occurrences in the hours `first` to `last`, both included."""
        if last - first > len(self.by_hour):
            return sum(n for hour, n in self.by_hour.items() if first <= hour <= last)
        return sum(self.by_hour.get(hour, 0) for hour in range(first, last + 1))

    def customers(self, first: int, last: int) -> Mapping[str, int]:
        """Occurrences per named customer in the hours `first` to `last`, both included."""
        counts: Counter[str] = Counter()
        for hour, customer, count in self.sightings:
            if customer and first <= hour <= last:
                counts[customer] += count
        return counts


@dataclass(frozen=True, slots=True)
class Usual:
    """What a window of some length usually holds.

    `peaks` has one value per baseline day, the nearest first: the most that a window of that
    length held on that day, at any hour. `mean` is over all of them.
    """

    peaks: tuple[int, ...]
    mean: float

    @property
    def peak(self) -> int:
        """The highest of all peaks: for people to read."""
        return max(self.peaks, default=0)

    @property
    def robust_peak(self) -> int:
        """The third highest peak, but never below the same weekday's.

        A burst and the day it ran over into must not deafen us for two weeks; a weekly job is on
        its weekday whatever else was trimmed.
        """
        ranked = sorted(self.peaks, reverse=True)
        trimmed = ranked[2] if len(ranked) > WEEK else ranked[0] if ranked else 0
        return max(trimmed, *self._same_weekday, 0)

    @property
    def _same_weekday(self) -> tuple[int, ...]:
        return self.peaks[WEEK - 1 :: WEEK]


def days_before(history: History, window_start: int) -> int:
    """How many whole days of data lie before a window, at most a fortnight."""
    return max(0, min(DAYS, (window_start - history.known_since) // DAY))


def usual_day(history: History, window_start: int) -> Usual:
    """The baseline of a window of 24 hours: the same 24 hours of each day before it.

    Aligned with the window, so the time of day never matters.
    """
    days = days_before(history, window_start)
    blocks = [0] * days
    for hour, count in history.by_hour.items():
        back = (window_start - 1 - hour) // DAY
        if 0 <= back < days:
            blocks[back] += count
    return Usual(tuple(blocks), sum(blocks) / days if days else 0.0)


def usual_burst(history: History, window_start: int, *, hours: int) -> Usual:
    """The baseline of a short window: the most that as many consecutive hours held, per day."""
    days = days_before(history, window_start)
    peaks, total = [0] * days, 0
    for hour, count in history.by_hour.items():
        back = (window_start - 1 - hour) // DAY
        if 0 <= back < days:
            total += count
            span = sum(history.by_hour.get(hour + later, 0) for later in range(hours))
            peaks[back] = max(peaks[back], span if hour + hours <= window_start else count)
    return Usual(tuple(peaks), total * hours / (days * DAY) if days else 0.0)


def usual_customers(history: History, window_start: int) -> tuple[int, ...]:
    """Distinct customers on each baseline day, the nearest first."""
    days = days_before(history, window_start)
    hit: list[set[str]] = [set() for _ in range(days)]
    for hour, customer, _ in history.sightings:
        back = (window_start - 1 - hour) // DAY
        if customer and 0 <= back < days:
            hit[back].add(customer)
    return tuple(len(customers) for customers in hit)


def usual_arrivals(history: History, window_start: int) -> tuple[int, ...]:
    """On each of the seven days before: how many customers it hit for the first time."""
    days = min(WEEK, days_before(history, window_start))
    arrivals = [0] * days
    for customer, hours in history.customer_hours.items():
        back = (window_start - 1 - hours[0]) // DAY
        if customer and 0 <= back < days:
            arrivals[back] += 1
    return tuple(arrivals)
