"""Recall and precision on fleets that no threshold was chosen by.

    python -m tests.bench.fleets [--seeds 4] [--mark fresh]

*shop*: 400 services with heavy-tailed counts by day, weekly and nightly jobs, two releases each
working day after which errors that are known rise a little, one customer with half of the traffic.
*night*: 150 batch services that only work from 22:00 to 05:00 and retry, for eight customers.
*office*: 150 services of which most is used from Monday to Friday by day alone, most on Mondays.
Into one of eight errors something is planted, in the week that is judged after four that are
learnt, on any day from Tuesday to Sunday: what is new, a burst, a day far above the usual, a job at
the wrong time, an outage in a quiet night or on a quiet weekend, a spread, what was quiet for long
and what was resolved; how much of it was found on the weekend is told apart. All else is as usual,
customers new to the fleet and a day of half as much traffic again among it. The bar: recall .95,
precision .85; the kind need not agree.
"""

import argparse
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.core.detection import baseline
from bot.core.detection.finding import Kind
from bot.core.detection.history import Sighting
from bot.core.hour import DAY, hour_of, start_of
from tests.bench.episodes import Error, alarms
from tests.bench.quiet import Noise, clustered, even, minutes_of

START = hour_of(datetime(2026, 2, 2, tzinfo=UTC))
"""A Monday; the week that is judged is that in which the clocks of the US change."""
FIRST = START + 28 * DAY
LAST = FIRST + 7 * DAY
BUSY_DAY = FIRST + 3 * DAY
WEEKEND = FIRST + 5 * DAY
LONGEST = 12
"""Hours over which something is planted; after them nothing is judged."""
RELEASES = (10, 16)
ONE_OF = 8
AT_ONCE = 0.5
"""So many of the planted bursts come within half a minute, the others over an hour."""
BURST_SECONDS = 30
NEWCOMERS = 0.1
AGREES = 2 * DAY
"""An alarm within two days of what was planted is about that."""


@dataclass(frozen=True)
class Habit:
    """How an error goes on while nothing is wrong: its mean in each hour, and whom it hits."""

    mean: Callable[[int], float]
    customers: tuple[str, ...]
    weights: tuple[float, ...]
    noise: Noise

    def seen(self, draw: random.Random, hours: range) -> "Cells":
        """What is seen in some hours."""
        cells = Cells()
        for hour in hours:
            self.fail(draw, cells, hour, self.noise(draw, self.mean(hour)))
        return cells

    def hit(self, draw: random.Random, cells: "Cells", hour: int, count: int) -> None:
        """So many occurrences in an hour, all at once or all the hour, at its usual customers."""
        self.fail(draw, cells, hour, [count] if draw.random() < AT_ONCE else [1] * count)

    def fail(self, draw: random.Random, cells: "Cells", hour: int, failures: Sequence[int]) -> None:
        """Failures in an hour that log so many lines each, at its usual customers."""
        count = sum(failures)
        spread = draw.choices(self.customers, self.weights, k=min(count, 200))
        for customer, share in Counter(spread).items():
            cells[hour, customer] += max(1, round(share * count / len(spread)))
        for lines in failures:
            cells.minutes[hour] |= minutes_of(draw, min(lines, BURST_SECONDS))


class Cells(Counter[tuple[int, str]]):
    """How often something was seen in an hour at a customer; `minutes` are those of each hour."""

    def __init__(self) -> None:
        super().__init__()
        self.minutes: dict[int, int] = defaultdict(int)


def shop(draw: random.Random) -> Habit:
    """An error of a service by day: most are rare, some come ten thousand times a day."""
    a_day = min(10_000.0, 0.03 * draw.paretovariate(0.45))
    night, weekend = draw.choice([1.0, 0.6, 0.15]), draw.choice([1.0, 0.7, 0.3])
    job = draw.choice([None] * 8 + ["nightly", "weekly"])
    at, released = draw.randrange(24), draw.random() < 0.2

    def mean(hour: int) -> float:
        when = start_of(hour)
        level = (1.0 if 7 <= when.hour < 21 else night) * (1.0 if when.weekday() < 5 else weekend)
        level *= 1.5 if BUSY_DAY <= hour < BUSY_DAY + DAY else 1.0
        if job and when.hour == at and (job == "nightly" or when.weekday() == 0):
            return a_day * level / 24 + 150
        is_release = released and when.weekday() < 5 and when.hour in RELEASES
        return a_day * level / 24 + (6 if is_release else 0)

    names = ("big", *(f"customer {number}" for number in range(60)))
    hit = ("big", *draw.sample(names[1:], draw.choice([1, 2, 5, 20, 59])))
    weights = (0.5, *(0.5 / (1 + place) for place in range(len(hit) - 1)))
    return Habit(mean, hit, weights, even)


def night(draw: random.Random) -> Habit:
    """An error of a batch that works at night, and tries each failure a few times."""
    a_night = 10 ** draw.uniform(-1, 2.7)
    begins, lasts = draw.choice([22, 23, 0, 1]), draw.choice([1, 2, 4])
    sunday = draw.choice([1.0, 1.0, 2.0])

    def mean(hour: int) -> float:
        when = start_of(hour)
        if (when.hour - begins) % 24 >= lasts:
            return 0.0
        return a_night / lasts * (sunday if when.weekday() == 6 else 1.0)

    names = tuple(f"customer {number}" for number in range(8))
    hit = tuple(draw.sample(names, draw.choice([1, 3, 8])))
    return Habit(mean, hit, tuple(1 / (1 + place) for place in range(len(hit))), clustered)


def office(draw: random.Random) -> Habit:
    """An error of what is used at work: hardly anything at night and on weekends."""
    an_hour = 10 ** draw.uniform(-2, 2)
    night, weekend = draw.choice([0.3, 0.05, 0.0]), draw.choice([0.3, 0.05, 0.0])

    def mean(hour: int) -> float:
        when = start_of(hour)
        level = (1.0 if 8 <= when.hour < 18 else night) * (1.0 if when.weekday() < 5 else weekend)
        return an_hour * level * (1.5 if when.weekday() == 0 else 1.0)

    names = tuple(f"customer {number}" for number in range(30))
    hit = tuple(draw.sample(names, draw.choice([1, 2, 10, 30])))
    weights = tuple(1 / (1 + place) for place in range(len(hit)))
    return Habit(mean, hit, weights, draw.choice([even, clustered]))


# ---- what is planted: each gives back the error, or None where it would not show


def new(draw: random.Random, habit: Habit, cells: Cells, at: int) -> Error | None:
    """Never seen before, and seen once or often from then on."""
    cells.clear()
    for hour in range(at, min(LAST, at + draw.choice([1, 3, 30]))):
        habit.hit(draw, cells, hour, draw.choice([1, 4, 40]))
    return made(cells)


def burst(draw: random.Random, habit: Habit, cells: Cells, at: int) -> Error | None:
    """Ten times the busiest two hours of four weeks, and forty at least, within an hour."""
    habit.hit(draw, cells, at, max(40, 10 * busiest(cells, hours=2)))
    return made(cells)


def bad_day(draw: random.Random, habit: Habit, cells: Cells, at: int) -> Error | None:
    """Eight times the busiest day, and sixty at least, over half a day."""
    each = max(60, 8 * busiest(cells, hours=DAY)) // 12
    for hour in range(at, at + 12):
        habit.hit(draw, cells, hour, each)
    return made(cells)


def wrong_time(draw: random.Random, habit: Habit, cells: Cells, at: int) -> Error | None:
    """As much as its busiest two hours hold, twelve hours away from where nearly all of it is."""
    peak = busiest(cells, hours=2)
    by_time = Counter[int]()
    for (hour, _), count in cells.items():
        by_time[hour % DAY] += count
    busy, held = by_time.most_common(1)[0] if by_time else (0, 0)
    if peak < 40 or held < 0.6 * by_time.total():
        return None
    habit.hit(draw, cells, at - at % DAY + (busy + 12) % DAY, peak)
    return made(cells)


def quiet_time(draw: random.Random, habit: Habit, cells: Cells, at: int) -> Error | None:
    """As much as its busiest two hours hold, in the middle of the quietest half of the day, where
    there never was a fifth of that."""
    peak, by_time = busiest(cells, hours=2), Counter[int]()
    for (hour, _), count in cells.items():
        by_time[hour % DAY] += count
    middle = min(
        range(DAY), key=lambda time: sum(by_time[near % DAY] for near in range(time - 5, time + 6))
    )
    quiet = Cells()
    quiet.update({cell: n for cell, n in cells.items() if (cell[0] - middle + 4) % DAY <= 8})
    if peak < 40 or 5 * busiest(quiet, hours=2) > peak:
        return None
    habit.hit(draw, cells, at - at % DAY + middle, peak)
    return made(cells)


def quiet_weekend(draw: random.Random, habit: Habit, cells: Cells, at: int) -> Error | None:
    """As much as its busiest two hours hold, on a Saturday or Sunday, where days off never had a
    fifth of that."""
    peak, off = busiest(cells, hours=2), Cells()
    off.update({cell: n for cell, n in cells.items() if not baseline.is_of_work(cell[0])})
    if peak < 40 or 5 * busiest(off, hours=2) > peak:
        return None
    habit.hit(draw, cells, at, peak)
    return made(cells)


def spread(draw: random.Random, habit: Habit, cells: Cells, at: int) -> Error | None:
    """Five customers that never had it, but are long known, where at most two had it before."""
    if len(habit.customers) > 2 or not cells:
        return None
    for number in range(5):
        hour = at + draw.randrange(3)
        cells[hour, f"other {number}"] += draw.randint(2, 5)
        cells.minutes[hour] |= minutes_of(draw, 1)
    return made(cells)


def back(draw: random.Random, habit: Habit, cells: Cells, at: int) -> Error | None:
    """Quiet for a week and a half, after it was seen on most days."""
    days = {hour // DAY for hour, _ in cells if hour < at - 10 * DAY}
    hours = {hour for hour, _ in cells if hour < at - 10 * DAY}
    if len(days) < 12 or len(hours) < 12:
        return None
    cut(cells, at - 10 * DAY)
    habit.hit(draw, cells, at, draw.choice([1, 5, 50]))
    return made(cells)


def resolved(draw: random.Random, habit: Habit, cells: Cells, at: int) -> Error | None:
    """Somebody resolved it two days before, and it is here again."""
    if not cells:
        return None
    cut(cells, at - 2 * DAY)
    habit.hit(draw, cells, at, draw.choice([1, 5, 50]))
    return made(cells, resolved=at - DAY)


PLANTS = {
    new: Kind.NEW,
    burst: Kind.SPIKE,
    bad_day: Kind.SPIKE,
    wrong_time: Kind.SPIKE,
    quiet_time: Kind.SPIKE,
    quiet_weekend: Kind.SPIKE,
    spread: Kind.SPREAD,
    back: Kind.BACK,
    resolved: Kind.BACK,
}


def cut(cells: Cells, at: int) -> None:
    """From an hour on nothing was seen."""
    for cell in [cell for cell in cells if cell[0] >= at]:
        del cells[cell]


def made(cells: Cells, *, resolved: int | None = None) -> Error:
    rows = [
        Sighting(1, hour, name, count, cells.minutes[hour])
        for (hour, name), count in sorted(cells.items())
    ]
    return Error(rows, START, resolved=resolved, newcomers=(("newcomer", FIRST),))


def busiest(cells: Cells, *, hours: int) -> int:
    """The most that some consecutive hours held."""
    by_hour = Counter[int]()
    for (hour, _), count in cells.items():
        by_hour[hour] += count
    return max((sum(by_hour[at + on] for on in range(hours)) for at in by_hour), default=0)


@dataclass(frozen=True)
class Planted:
    """An error, with what was planted into it, which kind that is and when; or nothing."""

    error: Error
    name: str = ""
    kind: Kind | None = None
    at: int = 0

    def is_about(self, hour: int) -> bool:
        """Whether an alarm of an hour can be about what was planted."""
        return bool(self.name) and self.at - DAY < hour <= self.at + AGREES


@dataclass
class Score:
    """What was planted, found, and found as what it is; of what was planted on the weekend how many
    were found and were not; and the kinds of alarms about nothing."""

    planted: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    weekend: Counter[bool] = field(default_factory=Counter)
    strict: int = 0
    false: Counter[str] = field(default_factory=Counter)

    def add(self, one: Planted) -> None:
        """Judge one error."""
        called = list(alarms(one.error, first=FIRST, last=LAST))
        about = [kind for kind, hour in called if one.is_about(hour)]
        self.planted[one.name] += bool(one.name)
        self.found[one.name] += bool(about)
        self.weekend[bool(about)] += bool(one.name) and one.at >= WEEKEND
        self.strict += one.kind in about
        self.false.update(kind.value for kind, hour in called if not one.is_about(hour))

    @property
    def recall(self) -> float:
        """The share of what was planted that was found, as whatever."""
        return self.found.total() / self.planted.total()

    @property
    def precision(self) -> float:
        """The share of what was planted and found in all that is called out."""
        return self.found.total() / (self.found + self.false).total()

    def __str__(self) -> str:
        planted = self.planted.total()
        missed = self.planted - self.found
        return (
            f"{planted:4} planted   recall {self.recall:.3f} ({self.strict / planted:.3f} of "
            f"its kind; {self.weekend[True]} of {self.weekend.total()} on the weekend)   "
            f"precision {self.precision:.3f}   "
            f"missed {dict(missed) or 'none'}, false {dict(self.false) or 'none'}"
        )


Draws = Iterable[random.Random]
HabitOf = Callable[[random.Random], Habit]
FLEETS = {"shop": (shop, 400), "night": (night, 150), "office": (office, 150)}


def fleet(draw: random.Random, habit_of: HabitOf, count: int, *, one_of: int) -> Iterator[Planted]:
    """So many errors, with something planted into one of so many."""
    for number in range(count):
        habit = habit_of(draw)
        cells = habit.seen(draw, range(START, LAST))
        habit.hit(draw, cells, START + draw.randrange(3 * DAY), 1)
        if draw.random() < NEWCOMERS:
            hour = FIRST + draw.randrange(6 * DAY)
            cells[hour, "newcomer"] += 3
            cells.minutes[hour] |= minutes_of(draw, 3)
        plant = draw.choice(list(PLANTS)) if number % one_of == 0 else None
        first = WEEKEND if plant is quiet_weekend else FIRST + DAY
        at = draw.randrange(first, LAST - LONGEST)
        planted = plant(draw, habit, cells, at) if plant else None
        if plant and planted:
            yield Planted(planted, plant.__name__, PLANTS[plant], at)
        elif cells:
            yield Planted(made(cells))


def scored(draws: Draws, habit_of: HabitOf, count: int) -> Score:
    """The score of so many errors for each draw."""
    score = Score()
    for draw in draws:
        for one in fleet(draw, habit_of, count, one_of=ONE_OF):
            score.add(one)
    return score


def tell(
    about: str | None, score_of: Callable[[Draws, HabitOf, int], object], *, mark: str = ""
) -> None:
    """Print the score of each kind of fleet, drawn as often as the command line says; a `mark`
    makes for other draws, and so does that which is given there."""
    parser = argparse.ArgumentParser(
        description=about, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=4, help="how many fleets of each kind")
    parser.add_argument("--mark", default="", help="for other draws: any word")
    given = parser.parse_args()
    for name, (habit_of, count) in FLEETS.items():
        marked = f"{given.mark}{mark}{name}"
        draws = (random.Random(f"{marked} {seed}") for seed in range(given.seeds))
        print(f"{name:6} {score_of(draws, habit_of, count)}", flush=True)


if __name__ == "__main__":
    tell(__doc__, scored)
