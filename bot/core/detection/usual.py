"""What a window of some hours usually holds: statistics over the days before it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, repeat
from operator import sub

from bot.core.hour import DAY

WEEK = 7
DAYS = 14
"""Two weeks: every weekday twice, so that a weekly job is seen to be one."""
TOWERS = 3
"""A day's peak that is more than so many times the highest of the other days is an old burst, and
does not count as usual: an even error would have been called out for it."""
LATE = 3
"""So many hours earlier or later still count as the same time of day: a job starts late, or takes
long, or its clock was changed."""
HANDFUL = 30
"""A peak up to this is no old burst: one failure that is tried again and again makes so many
lines."""
_SAME_WEEKDAY = range(WEEK - 1, DAYS, WEEK)
"""Which of the days before a window are of its weekday, the nearest 0."""


@dataclass(frozen=True)
class Usual:
    """How often a signature is usually seen in a window of some length.

    `peaks` has one value for each day of the baseline, the nearest first: the most that a window of
    that length held on that day, at any hour. `mean` is what one held on average. `deaf` are the
    days on which nobody listened (0 is the nearest): they say nothing. `weekday_peak` is what the
    same time of the same weekday held in each week that is known, so that a weekly job is usual at
    its time. At most `spare` days are left out as old bursts.
    """

    peaks: tuple[int, ...]
    mean: float
    deaf: frozenset[int] = frozenset()
    weekday_peak: int = 0
    spare: int = 0

    @cached_property
    def heard(self) -> tuple[int, ...]:
        """The peaks of the days on which somebody listened."""
        if not self.deaf:
            return self.peaks
        return tuple(peak for day, peak in enumerate(self.peaks) if day not in self.deaf)

    @property
    def peak(self) -> int:
        """The highest peak that counts as usual: for people to read."""
        return max(self.robust_peak, self.weekday_peak)

    @property
    def old_bursts(self) -> int:
        """On how many days the peak was higher than what counts as usual."""
        return sum(peak > self.peak for peak in self.heard)

    @cached_property
    def robust_peak(self) -> int:
        """The highest peak that is no old burst, which would tower above the highest of the others.

        A burst, and the day it ran over into, must not deafen us for two weeks.
        """
        ascending = sorted(self.heard)
        others = ascending[: max(0, len(ascending) - self.spare)]
        tall = max(HANDFUL, TOWERS * max(others, default=0))
        return max((peak for peak in ascending if peak <= tall), default=0)

    @property
    def swing(self) -> int:
        """How far the robust peak stands above the median day: large for what always jumps.

        While less than a week is known it is the whole peak: a few days do not say how far it
        jumps.
        """
        if len(self.heard) < WEEK:
            return self.robust_peak
        return max(0, self.robust_peak - sorted(self.heard)[len(self.heard) // 2])

    @property
    def robust_mean(self) -> float:
        """The mean, but never above the highest peak that counts: an old burst would have raised
        it."""
        return min(self.mean, max(self.robust_peak, self.weekday_peak))


def backwards(by_hour: Mapping[int, int], window_start: int, *, days: int) -> list[int]:
    """The counts of every hour of some days before a window, zeros too, the nearest first."""
    newest = window_start - 1
    return list(map(by_hour.get, range(newest, newest - days * DAY, -1), repeat(0)))


def windows(counts: Sequence[int], hours: int) -> list[int]:
    """What each window of so many consecutive hours held, the nearest first, like the counts."""
    up_to = list(accumulate(counts, initial=0))
    return list(map(sub, up_to[hours:], up_to))


def usual_day(
    counts: Sequence[int], *, deaf: frozenset[int] = frozenset(), spare: int = 0
) -> Usual:
    """The baseline of a window of 24 hours: the same 24 hours of each day before it.

    Aligned with the window, so the time of day never matters. `counts` are those of whole days,
    the nearest hour first; on the days `deaf` nobody listened.
    """
    held = windows(counts, DAY)
    peaks = tuple(held[::DAY])
    mean = sum(counts) / max(1, len(peaks) - len(deaf))
    return Usual(peaks, mean, deaf, weekday_peak(held, deaf), spare)


def usual_burst(
    counts: Sequence[int], *, hours: int, deaf: frozenset[int] = frozenset(), spare: int = 0
) -> Usual:
    """The baseline of a short window: the most that as many consecutive hours held, per day.

    A window ends with its day: one that went over into the next would make two days of one burst.
    `counts` are as for `usual_day`.
    """
    held = windows(counts, hours)
    peaks = tuple(max(held[day : day + DAY - hours + 1]) for day in range(0, len(counts), DAY))
    mean = sum(counts) * hours / max(1, len(counts) - DAY * len(deaf))
    return Usual(peaks, mean, deaf, weekday_peak(held, deaf), spare)


def weekday_peak(held: Sequence[int], deaf: Collection[int]) -> int:
    """What a window at the same time of the same weekday usually holds, up to `LATE` hours earlier
    or later: the lowest of the weeks that are known, since once may be an incident and twice is a
    habit."""
    known = (day * DAY for day in _SAME_WEEKDAY if day not in deaf and day * DAY < len(held))
    return min((max(held[end - LATE : end + LATE + 1]) for end in known), default=0)
