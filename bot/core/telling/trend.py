"""A signature's count day by day, at a glance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.core.detection import baseline
from bot.core.detection.usual import DAYS, backwards, usual_day
from bot.core.hour import DAY

_BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class Trend:
    """The last 24 hours of a signature against the days before.

    `daily` is a fortnight and the last day, oldest first; `customers` are those of the last day,
    most hit first; `usual_day` is the mean of the days before.
    """

    last_day: int
    usual_day: float
    daily: tuple[int, ...]
    customers: tuple[tuple[str, int], ...]


def of(
    by_hour: Mapping[int, int], customers: Mapping[str, int], *, hour: int, known_since: int
) -> Trend:
    """The trend up to and including an hour, from the occurrences by hour (an absent hour is zero)
    and the customers hit in the last day."""
    start = hour - DAY + 1
    days = baseline.days_before(known_since, start)
    usual = usual_day(backwards(by_hour, start, days=days))
    last_day = sum(by_hour.get(one, 0) for one in range(start, hour + 1))
    padding = (0,) * (DAYS - len(usual.peaks))
    return Trend(
        last_day=last_day,
        usual_day=usual.mean,
        daily=(*padding, *reversed(usual.peaks), last_day),
        customers=tuple(sorted(customers.items(), key=lambda hit: (-hit[1], hit[0]))),
    )


def sparkline(counts: Sequence[int]) -> str:
    """A bar for each count, scaled to the highest; the lowest bar stands for zero only."""
    highest, steps = max(counts, default=0) or 1, len(_BARS) - 1
    return "".join(_BARS[-(-count * steps // highest)] for count in counts)
