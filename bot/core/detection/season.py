"""What is usual at a time of day, or on a weekend, at which an error is usually quiet."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import gt

from bot.core.detection import baseline
from bot.core.detection.baseline import Baseline
from bot.core.detection.usual import LATE, TOWERS, WEEK, Usual, weekday_peak, windows
from bot.core.hour import DAY

AT_NIGHT = "at a quiet time of day"
ON_A_WEEKEND = "on a weekend"
OFTEN = 5
"""Of fewer days nothing is said about a time of day."""
DAYS_OFF = 4
"""So many days off have to be known, those of two weekends: one that is quiet may be chance."""
_NEVER = float("inf")


@dataclass(frozen=True)
class Season:
    """What is usual for windows of so many hours, at their time of day or on their kind of day."""

    usual: Baseline
    hours: int

    @cached_property
    def held(self) -> Sequence[int]:
        """The count of each window of the baseline, the nearest first."""
        return windows(self.usual.counts, self.hours)

    @cached_property
    def close(self) -> Sequence[int]:
        """The same, or the count of one of the next two windows where that is higher: clocks
        change."""
        return list(map(max, self.held, self.held[1:], self.held[2:]))

    def like(self, last: int) -> tuple[Usual, str]:
        """What a window that ends with `last`, one of the last 24 hours, is compared with, and a
        word for it.

        If the error is quiet at this time of day, that is what about the same time held on each
        day; if it is a weekend and the error is quiet on those, on each day off. Otherwise it is
        all that is usual, and the word is empty.
        """
        usual, held, back = self.usual, self.held, self.usual.hour - last
        near = [held[max(0, end - LATE) : end + LATE + 1] for end in range(back, len(held), DAY)]
        peaks, deaf = tuple(map(max, near)), usual.day.deaf
        work = _work_beside_quiet_weekends(peaks, last, deaf)
        if not work and not _is_quiet(peaks, self.close, usual.day):
            return usual.burst, ""
        others = deaf | work
        told = [count for day, some in enumerate(near) if day not in others for count in some]
        weekday = weekday_peak(held[back:], deaf)
        its = Usual(peaks, sum(told) / len(told), others, weekday, usual.burst.spare)
        return its, ON_A_WEEKEND if work else AT_NIGHT


def _work_beside_quiet_weekends(
    peaks: Sequence[int], last: int, deaf: Collection[int]
) -> frozenset[int]:
    """For an hour of a weekend, which of the days before were working days (the nearest is 0), if
    nearly all of them held more than three times as much as any day off; else none."""
    if baseline.is_of_work(last):
        return frozenset()
    days = range(len(peaks))
    work = frozenset(day for day in days if baseline.is_of_work(last - (day + 1) * DAY))
    off = [peaks[day] for day in days if day not in work and day not in deaf]
    busy = sorted(peaks[day] for day in work if day not in deaf)
    if len(off) < DAYS_OFF or not busy:
        return frozenset()
    return work if busy[len(busy) // WEEK] > TOWERS * max(off) else frozenset()


def _is_quiet(peaks: Sequence[int], close: Sequence[int], day: Usual) -> bool:
    """Whether another time of day held more than three times these peaks on nearly all days: on at
    least five, and on six of seven. Days with hardly any occurrences are left out.

    Of errors that come at random, up to four times a day, one in 250 has such a quiet time by
    chance.
    """
    counts = sorted(filter(None, day.heard))
    middle = counts[len(counts) // 2] if counts else 0
    thrice = [
        TOWERS * peak if 2 * day.peaks[at] >= middle and at not in day.deaf else _NEVER
        for at, peak in enumerate(peaks)
    ]
    matter = len(thrice) - thrice.count(_NEVER)
    if matter < OFTEN:
        return False
    busy: int = max(sum(map(gt, close[time::DAY], thrice)) for time in range(DAY))
    return busy >= OFTEN and WEEK * (matter - busy) <= matter
