"""What the days leave, and what the budgets leave of that."""

import pytest

from bot.core.hour import DAY
from bot.core.intake.retention import LEAST_DAILY_DAYS, Retention, bounds
from bot.flows import recall

TODAY = 20_000


def daily(*days: tuple[int, int]) -> list[tuple[int, int]]:
    """So many rows in the first hour of each of some days ago, ascending."""
    return sorted(((TODAY - back) * DAY, rows) for back, rows in days)


@pytest.mark.parametrize(
    ("most", "came", "days"),
    [
        pytest.param(100, [(29, 50), (0, 50)], 30, id="within the budget"),
        pytest.param(99, [(29, 50), (0, 50)], 28, id="past it by one row"),
        pytest.param(99, [(29, 50), (20, 9), (0, 91)], 19, id="only what fits stays"),
        pytest.param(10, [(29, 50), (7, 50), (0, 50)], 8, id="whatever it is, eight days"),
    ],
)
def test_events_are_known_again_as_far_back_as_their_budget_goes(
    most: int, came: list[tuple[int, int]], days: int
) -> None:
    kept = bounds(Retention(most_events=most), TODAY, events=daily(*came), sightings=[])
    assert -(-kept.events // DAY) == TODAY - days


@pytest.mark.parametrize(
    ("most", "seen", "hourly", "daily_"),
    [
        pytest.param(100, [(399, 50), (0, 50)], 190, 400, id="within the budget"),
        pytest.param(99, [(399, 50), (0, 50)], 190, 398, id="the oldest days go first"),
        pytest.param(99, [(300, 50), (150, 50), (0, 50)], 149, 182, id="then hours become days"),
        pytest.param(1, [(300, 50), (20, 50), (0, 50)], 35, 182, id="but not those of a month"),
    ],
)
def test_of_sightings_what_matters_least_goes_first(
    most: int, seen: list[tuple[int, int]], hourly: int, daily_: int
) -> None:
    kept = bounds(Retention(most_sightings=most), TODAY, events=[], sightings=daily(*seen))
    assert (TODAY - kept.hourly // DAY, TODAY - kept.daily // DAY) == (hourly, daily_)
    assert (kept.hourly % DAY, kept.daily % DAY) == (0, 0)


def test_no_judgement_looks_back_further_than_is_kept() -> None:
    assert recall.LONGEST_MEMORY // DAY < LEAST_DAILY_DAYS <= Retention().hourly_days
