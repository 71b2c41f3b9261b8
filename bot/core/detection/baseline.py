"""What is usual for a signature: its hourly sightings, zero-filled, and statistics over them.

An `Hour` counts whole hours since the epoch, in UTC. A baseline never includes the window it is
compared with.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import accumulate, pairwise, repeat
from operator import sub
from typing import NamedTuple

MOMENT = timedelta(microseconds=1)
"""The least that one moment is before another."""
DAY = 24
WEEK = 7
DAYS = 14
"""Two weeks: every weekday twice, so that a weekly job is seen to be one."""
TOWERS = 3
"""A peak so many times above the highest that is not left out is an old burst: it would have been a
spike of what is even, and what is usual was less."""
LATE = 3
"""Hours before and after a time of day in which it may still be at work: a job starts late, or
takes long, or its clock was changed."""
OFTEN = 5
"""On so many days at least a time of day has to be busy, to be said to be so."""
HANDFUL = 30
"""Peaks up to this are none: one failure that is tried again and again makes so many lines."""
OLD = 3 * DAY
"""What is told later than so many hours is history: whoever tells us may be down for a weekend."""
FEW = 3
"""Customers up to this are no crowd: as many as make a spread."""
_SAME_WEEKDAY = range(WEEK - 1, DAYS, WEEK)
"""Which of the days before a window are of its weekday, the nearest 0."""
WORKDAYS = 5
"""Monday to Friday."""
_FIRST_WEEKDAY = 3
"""The epoch began on a Thursday."""
OLD_BURSTS = 2
"""So many at most: one, and the day it ran over into."""


class Sighting(NamedTuple):
    """How often a signature was seen in one hour at one customer.

    `minutes` are those of the hour in which it was, as bits, the first the lowest; None where that
    was not counted.
    """

    signature_id: int
    hour: int
    customer: str
    occurrences: int
    minutes: int | None = None


def hour_of(moment: datetime) -> int:
    """The hour a moment lies in."""
    return int(moment.timestamp()) // 3600


def minute_of(moment: datetime) -> int:
    """The minute of its hour a moment lies in, as a set of minutes: one bit."""
    return 1 << moment.minute


def last_hour(until: datetime) -> int:
    """The hour with which a window ends that goes up to a moment."""
    return hour_of(until - MOMENT)


def is_over(hour: int, running: int) -> bool:
    """Whether a burst in an hour can no longer be seen by who looks at the last two."""
    return hour < running - 1


def start_of(hour: int) -> datetime:
    """When an hour began."""
    return datetime.fromtimestamp(hour * 3600, UTC)


@dataclass(frozen=True)
class History:
    """The sightings of one signature over some time, in any order.

    `known_since` is the first hour for which anything is known: what lies before it is not
    "nothing happened" but "nobody looked".
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
"""Stretches of hours in which nothing at all came, of anything: taken for nobody listening."""


def silences(heard: Sequence[int]) -> Silences:
    """The stretches of a day and more between the hours in which anything was seen, ascending.

    None where, even so, less than half of the hours had anything: what comes that seldom is not
    missing when it does not come.
    """
    gaps = [range(seen + 1, later) for seen, later in pairwise(heard) if later - seen > DAY]
    listened = heard[-1] - heard[0] + 1 - sum(map(len, gaps)) if heard else 0
    return gaps if 2 * len(heard) >= listened else ()


def listened(first: int, last: int, silent: Silences) -> int:
    """How many of the hours from `first` on and before `last` lie in no silence."""
    lost = (len(range(max(first, gap.start), min(last, gap.stop))) for gap in silent)
    return max(0, last - first) - sum(lost)


@dataclass(frozen=True)
class Usual:
    """What a window of some length usually holds.

    `peaks` has one value per baseline day, the nearest first: the most that a window of that
    length held on that day, at any hour. `mean` is over all of them. On the days `deaf`, counted
    from the nearest, 0, nobody listened: they say nothing. `weekday_peak` is what the same time of
    the same weekday held in each week that is known: a weekly job is usual then, whatever else is.
    At most `spare` days are left out as old bursts.
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
        """The highest peak that counts: for people to read."""
        return max(self.robust_peak, self.weekday_peak)

    @property
    def old_bursts(self) -> int:
        """On how many days more was held than counts."""
        return sum(peak > self.peak for peak in self.heard)

    @cached_property
    def robust_peak(self) -> int:
        """The highest peak that is no old burst: none that towers above the highest of the others.

        A burst and the day it ran over into must not deafen us for two weeks.
        """
        ascending = sorted(self.heard)
        others = ascending[: max(0, len(ascending) - self.spare)]
        tall = max(HANDFUL, TOWERS * max(others, default=0))
        return max((peak for peak in ascending if peak <= tall), default=0)

    @property
    def swing(self) -> int:
        """How far the robust peak stands above the middle day: large for what always jumps.

        All of it while less than a week is known: a few days do not say how far it jumps.
        """
        if len(self.heard) < WEEK:
            return self.robust_peak
        return max(0, self.robust_peak - sorted(self.heard)[len(self.heard) // 2])

    @property
    def robust_mean(self) -> float:
        """The mean, but never above the highest believable peak: that is an old burst's doing."""
        return min(self.mean, max(self.robust_peak, self.weekday_peak))


def days_before(known_since: int, window_start: int) -> int:
    """How many whole days of data lie before a window, at most a fortnight."""
    return max(0, min(DAYS, (window_start - known_since) // DAY))


def days_begun(known_since: int, window_start: int) -> int:
    """The same, with the day in which the data begins: what it holds of that is usual, too."""
    return max(0, min(DAYS, -((known_since - window_start) // DAY)))


def knows_workdays(known_since: int, hour: int) -> bool:
    """Whether what is judged in an hour can be compared with a day of work, or is of a weekend."""
    return not is_of_work(hour) or bool(_workdays(known_since, hour - DAY + 1))


def _workdays(known_since: int, window_start: int) -> frozenset[int]:
    """Which of the whole days before a window were of work, the nearest 0.

    Those whose middle lies in one: a day that ends on a Monday morning is none.
    """
    days = range(days_before(known_since, window_start))
    return frozenset(day for day in days if is_of_work(window_start - day * DAY - DAY // 2))


def _spare(known_since: int, window_start: int, deaf: frozenset[int]) -> int:
    """How many of the days before a window may be left out: of the whole days of work one has to
    stay, for what came on the only one may be what work brings."""
    return max(0, min(OLD_BURSTS, len(_workdays(known_since, window_start) - deaf) - 1))


def is_of_work(hour: int) -> bool:
    """Whether an hour lies in Monday to Friday, UTC."""
    return (hour // DAY + _FIRST_WEEKDAY) % WEEK < WORKDAYS


def judges_from(known_since: int) -> int:
    """The first hour in which a whole day of data lies before the 24 hours that end with it."""
    return known_since + 2 * DAY - 1


def backwards(by_hour: Mapping[int, int], window_start: int, *, days: int) -> list[int]:
    """The counts of every hour of some days before a window, zeros too, the nearest first."""
    newest = window_start - 1
    return list(map(by_hour.get, range(newest, newest - days * DAY, -1), repeat(0)))


def can_judge(known_since: int, hour: int) -> bool:
    """Whether a whole day of data lies before the 24 hours that end with an hour."""
    return hour >= judges_from(known_since)


def windows(counts: Sequence[int], hours: int) -> list[int]:
    """What each so many consecutive hours held, the nearest first, as the counts are."""
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
    """The most that a window of the same time of the same weekday held, some hours earlier or later
    too; in the week in which that was least, for once is an incident, and only twice a habit."""
    known = (day * DAY for day in _SAME_WEEKDAY if day not in deaf and day * DAY < len(held))
    return min((max(held[end - LATE : end + LATE + 1]) for end in known), default=0)


def growth(traffic: Mapping[int, int], first: int, hour: int, *, days: int) -> float | None:
    """How many times its busiest usual traffic there was in the hours `first` to `hour`.

    Compared with as long a window of the days before the 24 hours that end with `hour`, to a tenth.
    None where that is not known for most of them.
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


def usual_customers(hit: Mapping[str, int], days: int) -> tuple[int, ...]:
    """Distinct customers on each of some days, the nearest first, out of their days as bits."""
    return tuple(sum(map((1 << day).__and__, hit.values())) >> day for day in range(days))


def without_crowds(hit: Mapping[str, int]) -> Mapping[str, int]:
    """Whom it hit, without the days on which it hit a crowd: after a week, three times as many as
    on the third highest day, two days at most. An old incident must not deafen us for a month.
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
    """Whom a signature hit before a window: on how many days each customer, added up, and how many
    of the customers on a single day only."""

    days: int
    once: int

    @property
    def chance_of_another(self) -> float:
        """How likely the next customer it hits is one it never hit, by Good and Turing's estimate.

        Half a customer is added, so that nothing seen is not taken for never.
        """
        return (self.once + 0.5) / (self.days + 1)


def encounters(hit: Mapping[str, int]) -> Encounters:
    """Whom it hit, out of the days of each customer as bits."""
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


def clientele(days_of: Mapping[str, int], known_since: int, hour: int) -> Clientele:
    """Whom it hit before the 24 hours that end with `hour`: for each customer the days as bits, the
    nearest the lowest. `known_since` is the hour of its first sight."""
    start = hour - DAY + 1
    usually_hit = without_crowds(days_of)
    return Clientele(
        hour=hour,
        daily=usual_customers(usually_hit, days_begun(known_since, start)),
        encounters=encounters(usually_hit),
        last_hit={name: start - DAY * _lowest(bits) for name, bits in days_of.items()},
    )


def _lowest(bits: int) -> int:
    """The place of the lowest bit, from 1."""
    return (bits & -bits).bit_length()


@dataclass(frozen=True, slots=True)
class Rhythm:
    """In how many hours it was seen before a window, when last, and its gaps (in hours).

    Hours of `silent`, in which nobody listened, are no part of a gap.
    """

    active_hours: int
    last_hour: int
    longest_gap: int
    mean_gap: float
    silent: Silences = ()

    def quiet_until(self, hour: int) -> int:
        """For how many hours it was quiet when an hour begins."""
        return listened(self.last_hour, hour, self.silent)


@dataclass(frozen=True, slots=True)
class Baseline:
    """All that is usual for a signature, as seen from windows that end with the hour `hour`.

    `days` of it are the signature's own, at most a fortnight: days before it was first seen are
    no baseline. `counts` are those of each hour of these days, the nearest first. It only depends
    on closed hours, so it holds for an hour.
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
    """What is usual, for the 24 hours and for the `burst_hours` that end with `hour`.

    `by_hour` are its occurrences in each hour before, an absent hour is zero; `known_since` is the
    hour of its first sight: what lies before it is no baseline, nor are days on which nobody
    listened.
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
    """On which of the days before a window nobody listened for most of it, the nearest 0."""
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
