from datetime import timedelta

from bot.core import recent
from bot.core.recent import Place
from tests.builders import NOON

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
FIRST = [Place(number, NOON - timedelta(days=14), "acme") for number in (1, 2, 3)]


def test_of_an_hour_the_newest_is_kept_and_one_of_another_customer() -> None:
    arrived = [(NOON, "acme"), (NOON + MINUTE, "acme"), (NOON, "globex"), (NOON, "initech")]
    chosen = recent.choose(FIRST, arrived)
    assert [place.customer for place in chosen] == ["acme", "initech"]
    assert chosen[0].at == NOON + MINUTE


def test_of_an_hour_whose_places_are_taken_nothing_more_is_wanted() -> None:
    kept = [*FIRST, *recent.choose(FIRST, [(NOON, "acme"), (NOON, "globex")])]
    assert recent.choose(kept, [(NOON + MINUTE, "acme"), (NOON + MINUTE, "initech")]) == []


def test_one_hour_leaves_the_places_of_the_hour_before_alone() -> None:
    before = recent.choose(FIRST, [(NOON, "acme"), (NOON, "globex")])
    after = recent.choose([*FIRST, *before], [(NOON + HOUR, "acme"), (NOON + HOUR, "globex")])
    numbers = [place.number for place in (*FIRST, *before, *after)]
    assert len(set(numbers)) == len(numbers) == 7


def test_the_hour_after_that_takes_the_places_of_the_oldest() -> None:
    (first,) = recent.choose(FIRST, [(NOON, "acme")])
    (third,) = recent.choose([*FIRST, first], [(NOON + 2 * HOUR, "acme")])
    assert third.number == first.number


def test_what_comes_late_replaces_nothing_that_is_newer() -> None:
    kept = [*FIRST, *recent.choose(FIRST, [(NOON, "acme")])]
    assert recent.choose(kept, [(NOON - 2 * HOUR, "acme")]) == []


def test_one_without_a_customer_is_not_of_another() -> None:
    kept = [*FIRST, *recent.choose(FIRST, [(NOON, "acme")])]
    assert recent.choose(kept, [(NOON + MINUTE, "")]) == []
