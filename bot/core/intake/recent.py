"""Which recent events are kept as samples, beside the first ones of a signature."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from bot.core.hour import DAY, hour_of, start_of

FIRST_NUMBER = 4
"""After the first ones. Of a day (UTC) two places are kept, and the days take turns: there are
always those of the last two days in which anything came. To redact one of each hour took a third
of the time of reading a file."""


class Place(NamedTuple):
    """Where a sample is kept, when its event came, and whom it hit."""

    number: int
    at: datetime
    customer: str


def matters_since(at: datetime) -> datetime:
    """From when on samples matter for whether an event of this time is kept."""
    return start_of(_day(at) * DAY)


def choose(kept: Sequence[Place], arrived: Iterable[tuple[datetime, str]]) -> list[Place]:
    """The places in which to keep some of the events that arrived, given by time and customer: of
    each day the latest, where nothing later is kept, and one of another customer."""
    chosen = list[Place]()
    for at, customer in sorted(arrived, reverse=True):
        number = _number([*kept, *chosen], at, customer)
        if number is not None:
            chosen.append(Place(number, at, customer))
    return chosen


def _number(kept: Sequence[Place], at: datetime, customer: str) -> int | None:
    begin = matters_since(at)
    since = [one for one in kept if one.at >= begin]
    one_of_day = FIRST_NUMBER + 2 * (_day(at) % 2)
    if not since:
        return one_of_day
    other = one_of_day + 1
    known = {one.customer for one in since}
    is_taken = any(one.number == other for one in since)
    return other if customer and customer not in known and not is_taken else None


def _day(moment: datetime) -> int:
    return hour_of(moment) // DAY
