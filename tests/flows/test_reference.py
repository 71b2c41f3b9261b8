"""What the flow finds out of sums that the database made, against the rules applied to single rows,
slowly and one after the other, as the page about detection tells them."""

import random
from collections.abc import Iterable, Sequence
from itertools import pairwise

import pytest

from bot.core.detection.finding import Kind
from bot.core.detection.threshold import Rules
from bot.core.hour import hour_of, start_of
from bot.flows.judge import judged
from bot.flows.record import record
from bot.flows.remember import Memory
from storage import sightings
from storage.database import Database
from storage.sightings import Row
from tests.builders import NOON, an_event

NOW = hour_of(NOON)
DAYS, DAY = 14, 24
FIRST = NOW - 20 * DAY
"""Each signature was first seen this long ago."""
FIRST_USUAL = NOW - (DAYS + 1) * DAY
"""The hour before the fortnight that is usual."""


def counted(rows: Iterable[Row], first: int, last: int) -> int:
    return sum(row.occurrences for row in rows if first <= row.hour <= last)


def is_above(observed: int, peaks: Sequence[int], mean: float, weekday: int) -> bool:
    """The rule of a spike, for one window."""
    tall = max(30, 3 * sorted(peaks)[-3]) if len(peaks) > 7 else max(peaks)
    robust = max(peak for peak in peaks if peak <= tall)
    swing = max(0, robust - sorted(peaks)[len(peaks) // 2])
    mean = max(1.0, min(mean, max(robust, weekday)))
    return observed >= 10 and observed > max(2 * robust + 4 * swing, 2 * weekday, 3 * mean)


def held(rows: Iterable[Row], ends: Iterable[int]) -> list[int]:
    """What the two hours that end with each of some hours held, of those before today."""
    usual = range(FIRST_USUAL + 2, NOW - DAY + 1)
    return [counted(rows, end - 1, end) for end in ends if end in usual]


def about(now: int, back: int) -> range:
    """The hours up to three earlier or later than one so many days before."""
    return range(now - back * DAY - 3, now - back * DAY + 4)


def is_quiet(rows: Sequence[Row], now: int) -> bool:
    """Whether another time of the day holds over three times as much on nearly all days."""
    days = range(1, DAYS + 1)
    totals = {back: counted(rows, NOW - (back + 1) * DAY + 1, NOW - back * DAY) for back in days}
    some = sorted(filter(None, totals.values()))
    matter = [back for back in days if some and 2 * totals[back] >= some[len(some) // 2]]
    most = max(
        sum(
            max(held(rows, range(end - 2, end + 1)), default=0)
            > 3 * max(held(rows, about(now, back)))
            for back in matter
            for end in [NOW - back * DAY - time]
        )
        for time in range(DAY)
    )
    return most >= 5 and 7 * (len(matter) - most) <= len(matter)


def on_the_weekday(rows: Sequence[Row], hours: int, now: int = NOW) -> int:
    """What the weekday usually holds at this time, or up to three hours earlier or later: the most
    of a week, and the less of two weeks."""
    return min(
        max(
            counted(rows, last - hours + 1, last)
            for last in range(end - 3, end + 4)
            if last - hours >= FIRST_USUAL
        )
        for end in (now - 7 * DAY, now - 14 * DAY)
    )


def is_burst(rows: Sequence[Row], now: int = NOW) -> bool:
    """Whether the two hours that end with one are above all that were usual before today."""
    before, observed = [row for row in rows if row.hour <= NOW - DAY], counted(rows, now - 1, now)
    if is_quiet(before, now):
        near = [held(before, about(now, back)) for back in range(1, DAYS + 1)]
        mean = sum(map(sum, near)) / sum(map(len, near))
        return is_above(observed, [*map(max, near)], mean, on_the_weekday(before, 2, now))
    peaks = []
    for back in range(1, DAYS + 1):
        hours = range(NOW - (back + 1) * DAY + 1, NOW - back * DAY + 1)
        seen = [hour for hour in hours if counted(before, hour, hour)]
        windows = [(hour, min(hour + 1, hours[-1])) for hour in seen]
        peaks.append(max((counted(before, *window) for window in windows), default=0))
    fortnight = counted(before, NOW - (DAYS + 1) * DAY + 1, NOW - DAY)
    weekday = on_the_weekday(before, 2)
    return is_above(observed, peaks, fortnight * 2 / (DAYS * DAY), weekday)


def is_busy_day(rows: Sequence[Row]) -> bool:
    ends = [NOW - back * DAY for back in range(1, DAYS + 1)]
    peaks = [counted(rows, end - DAY + 1, end) for end in ends]
    weekday = on_the_weekday(rows, DAY)

    def is_far_above(seen: Iterable[Row]) -> bool:
        today = counted(seen, NOW - DAY + 1, NOW)
        return is_above(today, peaks, sum(peaks) / DAYS, weekday) or has_risen(today, peaks)

    if not is_far_above(rows):
        return False
    told = {
        hour for end in range(NOW - DAY + 2, NOW) if is_burst(rows, end) for hour in (end - 1, end)
    }
    return is_far_above([row for row in rows if row.hour not in told])


def has_risen(today: int, peaks: Sequence[int]) -> bool:
    """Whether a day and the last are far above those of a week ago, and the one before above."""
    lately, before = peaks[:7], peaks[7:]

    def is_far_above(day: int) -> bool:
        return is_above(day, before, sum(before) / 7, 0)

    is_rising = is_far_above(lately[0]) and lately[1] > max(before)
    return is_rising and sum(map(is_far_above, lately)) <= 2 and is_far_above(today)


def is_spread(rows: Sequence[Row]) -> bool:
    def hit(first: int, last: int) -> set[str]:
        return {row.customer for row in rows if first <= row.hour <= last and row.customer}

    today = hit(NOW - DAY + 1, NOW)
    days = [hit(NOW - (back + 1) * DAY + 1, NOW - back * DAY) for back in range(1, 31)]
    known = set[str]().union(*days)
    tall = max(3, 3 * sorted(len(day) for day in days)[-3])
    days = [day if len(day) <= tall else set() for day in days]
    of_each = [times for name in known if (times := sum(name in day for day in days))]
    chance = (of_each.count(1) + 0.5) / (sum(of_each) + 1)
    needed = max(2, int(3 * chance * len(today) + 0.5 * (1 in of_each)) + 2)
    many = len(today) >= 3 or (
        sum(row.occurrences for row in rows if row.hour > NOW - DAY and row.customer) >= 10
    )
    most = max(len(day) for day in days[:DAYS])
    return many and len(today) > most and len(today - known) >= needed


def is_back(rows: Sequence[Row]) -> bool:
    before = sorted({row.hour for row in rows if NOW - 31 * DAY <= row.hour <= NOW - DAY})
    today = [row.hour for row in rows if row.hour > NOW - DAY]
    if not today or len(before) < 8:
        return False
    gaps = [later - hour for hour, later in pairwise(before)]
    return min(today) - before[-1] >= max(72, 3 * max(gaps))


def slowly(rows: Sequence[Row]) -> set[Kind]:
    found = {
        Kind.SPIKE: is_burst(rows) or is_busy_day(rows),
        Kind.SPREAD: is_spread(rows),
        Kind.BACK: is_back(rows),
    }
    return {kind for kind, is_so in found.items() if is_so}


CUSTOMERS = ["", "acme", "globex", "initech", "umbrella", "hooli"]
LETTERS = "abcdefghij"


def drawn(draw: random.Random, number: int) -> list[Row]:
    """One of several shapes: sparse, steady, at one time of the day, gone for long; and a today."""
    hit = draw.sample(CUSTOMERS, draw.randint(1, 3))
    most = draw.choice([1, 5, 40])
    shape = draw.choice([draw.sample(range(FIRST, NOW - DAY), draw.choice([3, 20, 200])), []])
    if draw.random() < 0.5:
        at, every = draw.randrange(DAY), draw.choice([1, 1, 2, 7])
        shape += [NOW - day * DAY - at - draw.choice([0, 0, 1]) for day in range(1, 19, every)]
    if draw.random() < 0.2:
        shape = [hour for hour in shape if hour < NOW - 6 * DAY]
    cells = {(hour, draw.choice(hit)): draw.randint(1, most) for hour in shape}
    for _ in range(draw.choice([0, 1, 4])):
        cells[NOW - draw.choice([0, 1, 5, 20]), draw.choice(CUSTOMERS)] = draw.choice([1, 9, 80])
    return [Row(number, hour, name, count) for (hour, name), count in cells.items()]


def named(number: int) -> str:
    return "".join(LETTERS[int(digit)] for digit in f"{number:04}")


@pytest.mark.parametrize("seed", range(3))
def test_what_the_database_counted_together_is_judged_as_single_rows_are(
    database: Database, seed: int
) -> None:
    draw, first = random.Random(seed), start_of(FIRST)
    events = [an_event(service=named(n), time=first) for n in range(400)]
    numbers = record(database, events, now=first).signature_ids
    assert len(numbers) == len(events)
    rows = {number: drawn(draw, number) for number in sorted(numbers)}
    with database.write() as session:
        sightings.add(session, [row for some in rows.values() for row in some])
    with database.read() as session:
        found = judged(session, numbers, {}, now=NOON, rules=Rules(), memory=Memory())
    kinds = {
        number: {finding.kind for finding in found[number][1]} if number in found else set()
        for number in numbers
    }
    said = {number: slowly([*some, Row(number, FIRST, "acme", 1)]) for number, some in rows.items()}
    assert kinds == said
    assert set[Kind]().union(*said.values()) == {Kind.SPIKE, Kind.SPREAD, Kind.BACK}
    assert any(is_quiet(some, NOW) and is_burst(some) for some in rows.values())
