"""Whom a signature usually hits, and how likely it is to hit somebody new."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.core.detection.baseline import days_begun
from bot.core.detection.usual import TOWERS, WEEK
from bot.core.hour import DAY

FEW = 3
"""So many customers are no crowd: a spread needs as many."""


def usual_customers(hit: Mapping[str, int], days: int) -> tuple[int, ...]:
    """How many distinct customers were hit on each of the last `days`, the nearest first.

    `hit` has the days of each customer as bits, the nearest the lowest.
    """
    return tuple(sum(map((1 << day).__and__, hit.values())) >> day for day in range(days))


def without_crowds(hit: Mapping[str, int]) -> Mapping[str, int]:
    """The same customers and days, without the days of a crowd: an old incident must not keep us
    from seeing a new one for a month.

    A crowd is more than three times the customers of the third highest day; so at most two days are
    left out. None are in the first week.
    """
    longest = max((bits.bit_length() for bits in hit.values()), default=0)
    if longest <= WEEK or len(hit) <= FEW:
        return hit
    daily = usual_customers(hit, longest)
    tall = max(FEW, TOWERS * sorted(daily)[-3])
    ordinary = sum(1 << day for day, count in enumerate(daily) if count <= tall)
    return {name: bits & ordinary for name, bits in hit.items() if bits & ordinary}


@dataclass(frozen=True, slots=True)
class Encounters:
    """How often a signature met its customers before a window.

    `days` is the sum, over all customers, of the days on which each was hit; `once` is how many
    customers were hit on one day only.
    """

    days: int
    once: int

    @property
    def chance_of_another(self) -> float:
        """The probability that the next customer it hits is a new one (Good–Turing estimate).

        Half a customer is added, so that none so far does not mean never.
        """
        return (self.once + 0.5) / (self.days + 1)


def encounters(hit: Mapping[str, int]) -> Encounters:
    """The sums over all customers, out of the days of each as bits."""
    days = [bits.bit_count() for bits in hit.values()]
    return Encounters(days=sum(days), once=days.count(1))


@dataclass(frozen=True, slots=True)
class Clientele:
    """Whom a signature hit before a window that ends with the hour `hour`.

    `daily` are the numbers of distinct customers on each day, the nearest first. `last_hit` has for
    each customer the first hour of the last day on which it was hit.
    """

    hour: int
    daily: tuple[int, ...]
    encounters: Encounters
    last_hit: Mapping[str, int]

    @classmethod
    def of(cls, days_of: Mapping[str, int], known_since: int, hour: int) -> "Clientele":
        """Whom it hit before the 24 hours that end with `hour`.

        `days_of` has for each customer the days as bits, the nearest the lowest; `known_since` is
        the hour in which the signature was first seen.
        """
        start = hour - DAY + 1
        usually_hit = without_crowds(days_of)
        return cls(
            hour=hour,
            daily=usual_customers(usually_hit, days_begun(known_since, start)),
            encounters=encounters(usually_hit),
            last_hit={name: start - DAY * _lowest(bits) for name, bits in days_of.items()},
        )


def _lowest(bits: int) -> int:
    """The place of the lowest bit, from 1."""
    return (bits & -bits).bit_length()
