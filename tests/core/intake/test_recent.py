from datetime import timedelta

from bot.core.intake import recent
from bot.core.intake.recent import Place
from tests.builders import NOON

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FIRST = [Place(number, NOON - 14 * DAY, "acme") for number in (1, 2, 3)]


def test_of_a_day_the_newest_is_kept_and_one_of_another_customer() -> None:
    arrived = [(NOON, "acme"), (NOON + HOUR, "acme"), (NOON, "globex"), (NOON, "initech")]
    chosen = recent.choose(FIRST, arrived)
    assert [place.customer for place in chosen] == ["acme", "initech"]
    assert chosen[0].at == NOON + HOUR


def test_of_a_day_whose_places_are_taken_nothing_more_is_wanted() -> None:
    kept = [*FIRST, *recent.choose(FIRST, [(NOON, "acme"), (NOON, "globex")])]
    assert recent.choose(kept, [(NOON + HOUR, "acme"), (NOON + HOUR, "initech")]) == []


def test_one_day_leaves_the_places_of_the_day_before_alone() -> None:
    before = recent.choose(FIRST, [(NOON, "acme"), (NOON, "globex")])
    after = recent.choose([*FIRST, *before], [(NOON + DAY, "acme"), (NOON + DAY, "globex")])
    numbers = [place.number for place in (*FIRST, *before, *after)]
    assert len(set(numbers)) == len(numbers) == 7


def test_the_day_after_that_takes_the_places_of_the_oldest() -> None:
    (first,) = recent.choose(FIRST, [(NOON, "acme")])
    (third,) = recent.choose([*FIRST, first], [(NOON + 2 * DAY, "acme")])
    assert third.number == first.number


def test_what_comes_late_replaces_nothing_that_is_newer() -> None:
    kept = [*FIRST, *recent.choose(FIRST, [(NOON, "acme")])]
    assert recent.choose(kept, [(NOON - 2 * DAY, "acme")]) == []


def test_one_without_a_customer_is_not_of_another() -> None:
    kept = [*FIRST, *recent.choose(FIRST, [(NOON, "acme")])]
    assert recent.choose(kept, [(NOON + HOUR, "")]) == []
