"""Whether the first outage of an error deafens us to its second, while the error is young.

    python -m tests.bench.young [--seeds 4]

The errors of the fleets of `tests.bench.fleets`, each born at some hour of a fleet that is long
known, and judged for its first twelve days. Every other one has an outage in its first two days,
ten times its busiest two hours and forty at least, and another as high once it is three days old.
Told is how many of the second were called out within two hours, in all and by the days of its age,
and how many alarms besides NEW were about no outage: jobs are, as nobody knows yet that they are.
"""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.core.detection.finding import Kind
from bot.core.hour import DAY
from tests.bench.episodes import Error, alarms
from tests.bench.fleets import START, Draws, HabitOf, busiest, made, tell

LIFE = 12 * DAY
FIRST_OUTAGES = range(2 * DAY)
SECOND_OUTAGES = range(3 * DAY, LIFE)


@dataclass(frozen=True)
class Young:
    """An error that was born in an hour, and the hours of its outages."""

    error: Error
    born: int
    outages: tuple[int, ...] = ()

    def is_about(self, hour: int) -> bool:
        """Whether an alarm of an hour can be about an outage."""
        return any(0 <= hour - at <= DAY for at in self.outages)


@dataclass
class Score:
    """The second outages and those that were found, by the days of the error's age; and the alarms
    about none, in so many days of all errors."""

    planted: Counter[int] = field(default_factory=Counter)
    found: Counter[int] = field(default_factory=Counter)
    false: Counter[Kind] = field(default_factory=Counter)
    days: int = 0

    def add(self, one: Young) -> None:
        """Judge one error."""
        called = list(alarms(one.error, first=one.born, last=one.born + LIFE))
        for again in one.outages[1:]:
            age = (again - one.born) // DAY
            self.planted[age] += 1
            self.found[age] += any(0 <= hour - again <= 2 for _, hour in called)
        self.days += LIFE // DAY
        self.false.update(
            kind for kind, hour in called if kind is not Kind.NEW and not one.is_about(hour)
        )

    @property
    def recall(self) -> float:
        """The share of the second outages that was found."""
        return self.found.total() / self.planted.total()

    @property
    def false_a_day(self) -> float:
        """How many alarms an error makes a day that are about no outage."""
        return self.false.total() / self.days

    def __str__(self) -> str:
        ages = ", ".join(f"{age}: {self.found[age]}/{n}" for age, n in sorted(self.planted.items()))
        kinds = ", ".join(f"{count} {kind}" for kind, count in self.false.most_common())
        return (
            f"recall {self.recall:.3f} (by age in days {ages})   "
            f"{self.false_a_day:.4f} false an error and day ({kinds or 'none'})"
        )


def fleet(draw: random.Random, habit_of: HabitOf, count: int) -> Iterator[Young]:
    """So many errors, every other with two outages."""
    for number in range(count):
        habit = habit_of(draw)
        born = START + draw.randrange(7 * DAY)
        cells = habit.seen(draw, range(born, born + LIFE))
        habit.hit(draw, cells, born, 1)
        height = max(40, 10 * busiest(cells, hours=2))
        outages = (born + draw.choice(FIRST_OUTAGES), born + draw.choice(SECOND_OUTAGES))
        for at in outages if number % 2 else ():
            habit.hit(draw, cells, at, height)
        yield Young(made(cells), born, outages if number % 2 else ())


def scored(draws: Draws, habit_of: HabitOf, count: int) -> Score:
    """The score of so many errors for each draw."""
    score = Score()
    for draw in draws:
        for one in fleet(draw, habit_of, count):
            score.add(one)
    return score


if __name__ == "__main__":
    tell(__doc__, scored, mark="young ")
