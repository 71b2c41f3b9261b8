"""What is usual for a signature, as seen from one hour: how much of it, and its rhythm.

A baseline never includes the window it is compared with.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.core.detection.history import Silences, listened
from bot.core.detection.usual import DAYS, WEEK, Usual, backwards, usual_burst, usual_day
from bot.core.hour import DAY

OLD = 3 * DAY
"""An event that reaches us later than so many hours is history: whoever sends it may be down for a
weekend."""
WORKDAYS = 5
"""Monday to Friday."""
_FIRST_WEEKDAY = 3
"""The epoch began on a Thursday."""
OLD_BURSTS = 2
"""At most so many days are left out as old bursts: that of one, and the day it ran over into."""


def is_over(hour: int, running: int) -> bool:
    """Whether an hour is no longer one of the two that a judgement of bursts looks at."""
    return hour < running - 1


def days_before(known_since: int, window_start: int) -> int:
    """How many whole days of data lie before a window, at most a fortnight."""
    return max(0, min(DAYS, (window_start - known_since) // DAY))


def days_begun(known_since: int, window_start: int) -> int:
    """The same, counting also the day in which the data begins, of which only a part is known."""
    return max(0, min(DAYS, -((known_since - window_start) // DAY)))


def knows_workdays(known_since: int, hour: int) -> bool:
    """Whether there is a working day to compare an hour with; always true on a weekend, which needs
    none."""
    return not is_of_work(hour) or bool(_workdays(known_since, hour - DAY + 1))


def _workdays(known_since: int, window_start: int) -> frozenset[int]:
    """Which of the whole days before a window were working days; the nearest is 0.

    A day counts as the weekday of its middle: one that ends on a Monday morning is no working day.
    """
    days = range(days_before(known_since, window_start))
    return frozenset(day for day in days if is_of_work(window_start - day * DAY - DAY // 2))


def _spare(known_since: int, window_start: int, deaf: frozenset[int]) -> int:
    """How many of the days before a window may be left out as old bursts.

    At least one whole working day stays: what came on the only one may be what work brings.
    """
    return max(0, min(OLD_BURSTS, len(_workdays(known_since, window_start) - deaf) - 1))


def is_of_work(hour: int) -> bool:
    """Whether an hour lies in Monday to Friday, UTC."""
    return (hour // DAY + _FIRST_WEEKDAY) % WEEK < WORKDAYS


def judges_from(known_since: int) -> int:
    """The first hour in which anything can be judged: a whole day of data lies before its last 24
    hours."""
    return known_since + 2 * DAY - 1


def can_judge(known_since: int, hour: int) -> bool:
    """Whether a whole day of data lies before the 24 hours that end with an hour, so that there is
    something to compare them with."""
    return hour >= judges_from(known_since)


def growth(traffic: Mapping[int, int], first: int, hour: int, *, days: int) -> float | None:
    """How many times its usual peak a service's traffic reached in the hours `first` to `hour`, to
    one decimal place.

    The usual peak is the most that a window of that length held on the days before the 24 hours
    that end with `hour`. None where the traffic of most of these days is not known.
    """
    hours = hour - first + 1
    counts = backwards(traffic, hour - DAY + 1, days=days)
    usual = usual_day(counts) if hours == DAY else usual_burst(counts, hours=hours)
    unknown = frozenset(day for day, peak in enumerate(usual.peaks) if not peak)
    if 2 * len(unknown) >= len(usual.peaks):
        return None
    now = sum(traffic.get(at, 0) for at in range(first, hour + 1))
    start = hour - DAY + 1
    spare = _spare(start - days * DAY, start, unknown)
    return round(now / Usual(usual.peaks, usual.mean, unknown, spare=spare).robust_peak, 1)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often and how regularly a signature was seen before a window.

    `active_hours` is in how many hours, `last_hour` the last of them. Gaps between them are in
    hours, without those of `silent`, in which nobody listened.
    """

    active_hours: int
    last_hour: int
    longest_gap: int
    mean_gap: float
    silent: Silences = ()

    def quiet_until(self, hour: int) -> int:
        """For how many hours it has been quiet when an hour begins."""
        return listened(self.last_hour, hour, self.silent)


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is usual for a signature, as seen from windows that end with the hour `hour`.

    It rests on `days` days, at most a fortnight; days before the signature was first seen do not
    count. `day` is what is usual for 24 hours, `burst` for a short window. `counts` are the
    occurrences in each hour of these days, the nearest first. All hours it rests on are over, so it
    holds for an hour.
    """

    hour: int
    days: int
    day: Usual
    burst: Usual
    counts: Sequence[int]


def of(
    by_hour: Mapping[int, int],
    hour: int,
    *,
    known_since: int,
    burst_hours: int,
    silent: Silences = (),
) -> Baseline:
    """What is usual for the 24 hours, and for the `burst_hours`, that end with `hour`.

    `by_hour` has the occurrences of each hour before; an absent hour is zero. `known_since` is the
    hour in which the signature was first seen. What lies before that is no part of the baseline,
    nor are days on which nobody listened.
    """
    start = hour - DAY + 1
    days = days_begun(known_since, start)
    deaf = _deaf(start, days, silent)
    counts = backwards(by_hour, start, days=days)
    spare = _spare(known_since, start, deaf)
    return Baseline(
        hour=hour,
        days=len(set(range(days_before(known_since, start))) - deaf),
        day=usual_day(counts, deaf=deaf, spare=spare),
        burst=usual_burst(counts, hours=burst_hours, deaf=deaf, spare=spare),
        counts=counts,
    )


def _deaf(start: int, days: int, silent: Silences) -> frozenset[int]:
    """On which of the days before a window nobody listened for most of the day, the nearest 0."""
    if not silent:
        return frozenset()
    ends = {day: start - day * DAY for day in range(days)}
    return frozenset(day for day, end in ends.items() if 2 * listened(end - DAY, end, silent) < DAY)


def rhythm(hours: Collection[int], silent: Silences = ()) -> Rhythm | None:
    """The rhythm of the hours in which something was seen, in any order; silences are no gaps."""
    if not hours:
        return None
    ordered = sorted(hours)
    gaps = [listened(seen, later, silent) for seen, later in pairwise(ordered)]
    return Rhythm(
        active_hours=len(ordered),
        last_hour=ordered[-1],
        longest_gap=max(gaps, default=0),
        mean_gap=sum(gaps) / len(gaps) if gaps else 0.0,
        silent=silent,
    )
