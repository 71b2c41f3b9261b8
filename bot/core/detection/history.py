"""What was seen of a signature, hour by hour, and the hours in which nobody listened."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from bot.core.hour import DAY


class Sighting(NamedTuple):
    """How often a signature was seen in one hour at one customer; `hour` counts since the epoch.

    `minutes` are the minutes of the hour in which it was seen, as bits, the first the lowest; None
    where they were not counted.
    """

    signature_id: int
    hour: int
    customer: str
    occurrences: int
    minutes: int | None = None


@dataclass(frozen=True)
class History:
    """The sightings of one signature over some time, in any order.

    `known_since` is the first hour for which anything is known: before it nobody looked, which does
    not mean that nothing happened.
    """

    sightings: Sequence[Sighting]
    known_since: int

    @cached_property
    def by_hour(self) -> Mapping[int, int]:
        """Occurrences per hour; an absent hour is zero."""
        counts: dict[int, int] = {}
        for _, hour, _, occurrences, _ in self.sightings:
            counts[hour] = counts.get(hour, 0) + occurrences
        return counts

    @cached_property
    def hours(self) -> tuple[int, ...]:
        """The hours in which it was seen, ascending."""
        return tuple(sorted(self.by_hour))

    @cached_property
    def first_hit(self) -> Mapping[str, int]:
        """For each named customer the first hour in which it was hit."""
        first: dict[str, int] = {}
        for _, hour, customer, _, _ in self.sightings:
            if customer and hour < first.get(customer, hour + 1):
                first[customer] = hour
        return first

    def first(self, first: int, last: int) -> int | None:
        """The first of the hours `first` to `last` in which it was seen, if it was."""
        return min((hour for hour in self.by_hour if first <= hour <= last), default=None)

    def count(self, first: int, last: int) -> int:
        """Occurrences in the hours `first` to `last`, both included."""
        return sum(n for hour, n in self.by_hour.items() if first <= hour <= last)

    def without(self, hours: Collection[int]) -> "History":
        """The same, as if nothing had been seen in some hours."""
        rest = [row for row in self.sightings if row[1] not in hours]
        return History(rest, self.known_since)

    def minutes(self, first: int, last: int) -> int | None:
        """In how many different minutes of the hours `first` to `last` it was seen; None where
        those of any of them were not counted."""
        seen: dict[int, int] = {}
        for _, hour, _, _, minutes in self.sightings:
            if first <= hour <= last:
                if minutes is None:
                    return None
                seen[hour] = seen.get(hour, 0) | minutes
        return sum(map(int.bit_count, seen.values()))

    def customers(self, first: int, last: int) -> Mapping[str, int]:
        """Occurrences per named customer in the hours `first` to `last`, the most hit first."""
        counts: Counter[str] = Counter()
        for _, hour, customer, occurrences, _ in self.sightings:
            if customer and first <= hour <= last:
                counts[customer] += occurrences
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


Silences = Sequence[range]
"""Stretches of hours in which no event of any signature came: nobody listened then."""


def silences(heard: Sequence[int]) -> Silences:
    """The gaps of a day and more between hours in which anything was seen, in which nobody seems to
    have listened. `heard` ascends.

    There are none where anything was seen in less than half of the other hours: where events come
    that seldom, a gap does not mean that nobody listened.
    """
    gaps = [range(seen + 1, later) for seen, later in pairwise(heard) if later - seen > DAY]
    listened = heard[-1] - heard[0] + 1 - sum(map(len, gaps)) if heard else 0
    return gaps if 2 * len(heard) >= listened else ()


def listened(first: int, last: int, silent: Silences) -> int:
    """How many of the hours from `first` up to, but not with, `last` lie in no silence."""
    lost = (len(range(max(first, gap.start), min(last, gap.stop))) for gap in silent)
    return max(0, last - first) - sum(lost)
