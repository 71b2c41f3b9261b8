"""How often detection errs, on small fleets by the seed: the benches, where they can fail.

`python -m tests.bench.fleets`, `tests.bench.young` and `tests.bench.quiet` measure it on larger
ones.
"""

import random

import pytest

from tests.bench import quiet, young
from tests.bench.episodes import Error, alarms
from tests.bench.fleets import FLEETS, Score, fleet
from tests.bench.quiet import DAY, NOISES, START

LEARNT = START + 21 * DAY
WEEK = 7 * DAY


@pytest.mark.parametrize("name", FLEETS)
def test_what_is_planted_into_a_fleet_is_found_and_little_else(name: str) -> None:
    habit_of, _ = FLEETS[name]
    score = Score()
    for one in fleet(random.Random(f"small {name}"), habit_of, 60, one_of=2):
        score.add(one)
    assert score.planted.total() >= 12
    assert (score.recall >= 0.95, score.precision >= 0.85) == (True, True), str(score)


@pytest.mark.parametrize("name", FLEETS)
def test_an_error_of_days_is_not_deafened_by_its_first_outage_nor_loud(name: str) -> None:
    habit_of, _ = FLEETS[name]
    score = young.Score()
    for one in young.fleet(random.Random(f"young {name}"), habit_of, 80):
        score.add(one)
    assert (score.recall >= 0.8, score.false_a_day <= 0.03) == (True, True), str(score)


def test_a_quiet_week_is_quiet() -> None:
    called = []
    for name, noise in NOISES.items():
        draw = random.Random(f"small {name}")
        for _ in range(15):
            seen = quiet.signature(draw, noise, days=28)
            called += alarms(Error(seen, START), first=LEARNT, last=LEARNT + WEEK)
    assert len(called) <= 1, called
