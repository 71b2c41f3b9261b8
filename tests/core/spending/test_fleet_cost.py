"""What a fleet costs a month: `python -m tests.bench.cost`, where it can fail."""

from tests.bench.cost import DAYS, DOLLAR, ONE_OF, Fleet, run


def test_a_medium_fleet_costs_less_than_its_bar_and_hardly_asks_twice() -> None:
    """In the first month everything that is known is explained in each way for the first time."""
    fleet = run(Fleet(release_hours=6), range(DAYS))
    assert ONE_OF * fleet.micros < 110 * DOLLAR
    assert fleet.hits >= 0.97
    fleet.forget_counts()
    run(fleet, range(DAYS, 2 * DAYS))
    assert ONE_OF * fleet.micros < 110 * DOLLAR
    assert fleet.hits >= 0.97


def test_it_costs_nothing_how_often_releases_come() -> None:
    asked = {run(Fleet(release_hours=hours), range(2)).asked for hours in (7 * 24, 24, 6)}
    assert len(asked) == 1
