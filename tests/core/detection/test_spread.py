"""A spread hits more customers than usual, some of whom never had it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.detection.finding import Kind
from bot.core.hour import DAY, start_of
from tests.builders import NOON, sightings
from tests.core.detection.judging import NOW, each_day, hit, judged


@pytest.mark.parametrize(
    ("usual", "now", "fires"),
    [
        pytest.param("a", "ab", False, id="one who never had it"),
        pytest.param("a", "abc", True, id="two who never had it"),
        pytest.param("a", "bcd", True, id="three others"),
        pytest.param("a", "bc", False, id="two others, once each"),
        pytest.param("abcd", "ef", False, id="two others, but fewer than usual"),
        pytest.param("abcd", "abcd", False, id="the usual ones"),
        pytest.param("abcd", "abcdef", True, id="the usual ones and two more"),
        pytest.param("", "abc", False, id="nobody by name until now, to compare with"),
    ],
)
def test_a_spread_is_more_customers_than_usual_some_of_whom_never_had_it(
    usual: str, now: str, fires: bool
) -> None:
    """Each of the usual ones has it once a day since long ago, so none of them is an arrival."""
    seen = [*hit(usual, each_day(1, days=range(1, 30))), *hit(now, {0: 1})]
    found = judged(seen, first_seen=start_of(NOW - 40 * DAY))
    assert (Kind.SPREAD in found) == fires, found


def test_two_others_are_a_spread_where_it_happens_to_them_often() -> None:
    usual = hit("a", each_day(1, days=range(1, 30)))
    assert Kind.SPREAD in judged([*usual, *hit("bc", {0: 5})])
    assert Kind.SPREAD not in judged([*usual, *hit("bc", {0: 4})])


def test_a_spread_names_who_how_many_and_since_when() -> None:
    seen = [*hit("a", each_day(1, days=range(1, 30))), *hit("b", {1: 9}), *hit("c", {0: 3})]
    spread = judged(seen)[Kind.SPREAD]
    assert spread.reason == (
        "+2 customers since 2026-11-18 11:00 UTC: b 75 %, c 25 %; "
        "2 today, usually 1 (14 days, max 1)"
    )
    assert spread.receipt.new_customers == ("b", "c")


def test_a_spread_in_which_nothing_happens_is_told_an_hour_later_as_it_was() -> None:
    seen = [*hit("a", each_day(1, days=range(1, 30))), *hit("b", {1: 9}), *hit("c", {0: 3})]
    at_once, later = (judged(seen, now=at)[Kind.SPREAD] for at in (NOON, NOON + timedelta(hours=1)))
    assert at_once.reason == later.reason


def test_a_spread_says_how_many_customers_it_does_not_name() -> None:
    seen = [*hit("a", each_day(1, days=range(1, 30))), *hit("bcdefghi", {0: 3})]
    assert "+8 customers since 2026-11-18 12:00 UTC: b 12 %, c 12 %, d 12 %, e 12 %, +4 more;" in (
        judged(seen)[Kind.SPREAD].reason
    )


def test_a_customer_new_to_the_fleet_is_no_spread() -> None:
    seen = [*hit("a", each_day(1, days=range(1, 30))), *hit("bcd", {0: 5})]
    assert Kind.SPREAD in judged(seen)
    assert Kind.SPREAD not in judged(seen, newcomers=frozenset("bcd"))


def test_a_customer_new_to_the_fleet_has_its_share_in_a_spread_of_others() -> None:
    seen = [*hit("a", each_day(1, days=range(1, 30))), *hit("ab", {0: 5}), *hit("c", {0: 10})]
    spread = judged([*seen, *hit("n", {1: 80})], newcomers=frozenset("n"))[Kind.SPREAD]
    assert spread.reason == (
        "+2 customers since 2026-11-18 12:00 UTC: c 10 %, b 5 %; "
        "3 today besides 1 new to everything, usually 1 (14 days, max 1)"
    )


def test_where_newcomers_are_usual_as_many_are_no_spread() -> None:
    arrivals = [row for day in range(1, 25) for row in hit((f"{day}a", f"{day}b"), {day * DAY: 1})]
    assert Kind.SPREAD not in judged([*arrivals, *hit("uvwxyz", {0: 1})])


def test_where_a_newcomer_is_met_now_and_then_it_takes_more_of_them() -> None:
    """Of thirty days, customer a had it on all of them and six others once."""
    once = [row for day, name in enumerate("bcdefg") for row in hit(name, {(4 * day + 1) * DAY: 1})]
    now_and_then = [*hit("a", each_day(1, days=range(1, 31))), *once]
    assert Kind.SPREAD not in judged([*now_and_then, *hit("axy", {0: 1})])
    assert Kind.SPREAD not in judged([*now_and_then, *hit("xyz", {0: 1})]), "thrice chance is 1.6"
    assert Kind.SPREAD in judged([*now_and_then, *hit("avwxyz", {0: 1})])


def test_the_receipt_of_a_spread_says_how_many_it_takes() -> None:
    usual = hit("a", each_day(1, days=range(1, 30)))
    assert judged([*usual, *hit("bcd", {0: 1})])[Kind.SPREAD].receipt.fires_from == 3
    assert judged([*usual, *hit("bcd", {0: 9})])[Kind.SPREAD].receipt.fires_from == 2


def test_a_spread_is_not_hidden_by_an_old_incident_that_hit_a_crowd() -> None:
    usual = hit("a", each_day(3, days=range(1, 30)))
    incident = hit([f"old{n}" for n in range(40)], {10 * DAY: 1})
    others = hit([f"new{n}" for n in range(5)], {0: 5})
    spread = judged([*usual, *incident, *others])[Kind.SPREAD]
    assert (spread.receipt.usual_max, spread.receipt.fires_from) == (1, 2)
    assert not judged([*usual, *incident, *hit([f"old{n}" for n in range(5)], {0: 1})])


def test_events_without_a_customer_never_spread() -> None:
    seen = [*hit("a", each_day(1)), *sightings({0: 9}, customer="")]
    assert Kind.SPREAD not in judged(seen)


@given(
    st.lists(st.sets(st.sampled_from("abcdef")), min_size=14, max_size=14),
    st.sets(st.sampled_from("abcdefghijkl"), min_size=1),
)
def test_a_spread_has_a_newcomer_and_at_least_as_many_as_it_fires_from(
    days: list[set[str]], now: set[str]
) -> None:
    before = [
        row for day, names in enumerate(days) for row in hit(sorted(names), {(day + 1) * DAY: 1})
    ]
    seen = [*before, *hit(sorted(now), {0: 1})]
    spread = judged(seen, first_seen=start_of(NOW - 40 * DAY)).get(Kind.SPREAD)
    if spread:
        assert spread.receipt.new_customers
        assert spread.receipt.observed == len(now) >= spread.receipt.fires_from
        assert spread.receipt.fires_from > spread.receipt.usual_max
        known = [row for row in seen if row.customer not in spread.receipt.new_customers]
        enough = int(spread.receipt.fires_from) - len(now - set(spread.receipt.new_customers))

        def is_spread(new: int) -> bool:
            fresh = hit(spread.receipt.new_customers[:new], {0: 1})
            found = judged([*known, *fresh], first_seen=start_of(NOW - 40 * DAY))
            return Kind.SPREAD in found

        assert is_spread(enough)
        assert not is_spread(enough - 1)
