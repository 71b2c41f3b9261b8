"""What is usual at a time of day, or on a weekend, at which an error is quiet."""

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
    """What is usual for a window of some hours at its time of day, or on its kind of day."""

    usual: Baseline
    hours: int

    @cached_property
    def held(self) -> Sequence[int]:
        """What each such window held, the nearest first."""
        return windows(self.usual.counts, self.hours)

    @cached_property
    def close(self) -> Sequence[int]:
        """The same, or what one of the next two windows held, if that is more: clocks change."""
        return list(map(max, self.held, self.held[1:], self.held[2:]))

    def like(self, last: int) -> tuple[Usual, str]:
        """What a window that ends with one of the last 24 hours is compared with, and a word for
        it; the word is empty where that is all that is usual.

        Of an error that is quiet at their time, or on weekends if this is one, that is what about
        the same time held on each day, or on each day off.
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
    """Which of the days before an hour of a weekend were of work, the nearest 0, if nearly all of
    them held more than three times any day off; else none."""
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
    """Whether some other time of the day held more than three times these peaks on nearly all days:
    on five at least, and on six of seven; days on which hardly any of it came do not matter.

    Of what comes at random, up to four times a day, one error in 250 has such a time at worst.
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
