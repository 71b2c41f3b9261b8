"""Which events of late are kept as samples, beside the first ones of a signature."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from bot.core.baseline import hour_of

FIRST_NUMBER = 4
"""After the first ones. Of an hour two places are kept, and the hours take turns: there are always
those of the last two hours in which anything came."""


class Place(NamedTuple):
    """Where a sample is kept, when its event came, and whom it hit."""

    number: int
    at: datetime
    customer: str


def choose(kept: Sequence[Place], arrived: Iterable[tuple[datetime, str]]) -> list[Place]:
    """The places of what is wanted of some events, given by time and customer: one of an hour of
    which nothing later is kept, and one of another customer."""
    chosen = list[Place]()
    for at, customer in sorted(arrived, reverse=True):
        number = _number([*kept, *chosen], at, customer)
        if number is not None:
            chosen.append(Place(number, at, customer))
    return chosen


def _number(kept: Sequence[Place], at: datetime, customer: str) -> int | None:
    hour = hour_of(at)
    since = [one for one in kept if hour_of(one.at) >= hour]
    one_of_hour = FIRST_NUMBER + 2 * (hour % 2)
    if not since:
        return one_of_hour
    other = one_of_hour + 1
    known = {one.customer for one in since}
    is_taken = any(one.number == other for one in since)
    return other if customer and customer not in known and not is_taken else None
