"""What is new, what is critical, and what holds of every kind."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.detection.finding import Kind, critical
from bot.core.detection.history import Sighting
from bot.core.detection.receipt import VERSION
from bot.core.detection.threshold import Rules
from bot.core.hour import DAY, start_of
from tests.builders import NOON, sightings
from tests.core.detection.judging import NOW, each_hour, hit, judged


def test_what_was_never_seen_before_is_new() -> None:
    found = judged([*sightings({0: 4, 1: 3}), *sightings({0: 5}, customer="globex")])
    assert list(found) == [Kind.NEW]
    assert found[Kind.NEW].reason == "first seen 2026-11-18 11:00 UTC, 12 since at 2 customers"
    assert found[Kind.NEW].receipt.customers == {"acme": 7, "globex": 5}


@pytest.mark.parametrize(("hours", "is_new"), [(0, True), (23, True), (24, False), (200, False)])
def test_it_is_new_for_a_day(hours: int, is_new: bool) -> None:
    assert (Kind.NEW in judged(sightings({0: 1, hours: 1}))) == is_new


@pytest.mark.parametrize("known_hours", [0, 1, 23, 24, 46])
def test_nothing_is_unusual_before_a_whole_day_lies_behind(known_hours: int) -> None:
    found = judged(sightings({0: 500, 1: 500}), known_since=NOW - known_hours)
    assert not found


def test_the_first_signature_after_a_whole_day_is_new() -> None:
    assert Kind.NEW in judged(sightings({0: 1}), known_since=NOW - 47)


def test_what_was_first_seen_later_than_the_hour_judged_is_not_judged_yet() -> None:
    assert not judged(sightings({-1: 1}))


def test_what_is_critical_leads_what_makes_it_unusual() -> None:
    new = judged(sightings({0: 1}))[Kind.NEW]
    led = critical("out of memory", (new,))
    assert [one.kind for one in led] == [Kind.CRITICAL, Kind.NEW]
    assert led[0].reason == f"out of memory: {new.reason}"
    assert led[0].receipt == new.receipt


def test_days_on_which_nobody_listened_are_no_part_of_what_is_usual() -> None:
    silent = [range(NOW - 14 * DAY, NOW - 1)]
    seen = sightings(each_hour(4, first=30 * DAY, last=14 * DAY + 1) | {1: 4, 0: 4})
    assert not judged(seen, silent=silent), "no day to compare with"
    silent = [range(NOW - 14 * DAY, NOW - 2 * DAY)]
    seen = sightings(each_hour(4, first=30 * DAY, last=14 * DAY + 1) | each_hour(4, first=47))
    assert not judged(seen, silent=silent)
    spike = judged([*seen, *sightings({0: 50}, customer="b")], silent=silent)[Kind.SPIKE]
    assert spike.reason == "58 in 2 h, usually 7.8 (2 days, max 8): fires from 49"


def test_a_forwarders_backlog_of_old_times_is_unusual_in_no_way() -> None:
    usual = sightings(each_hour(5))
    backlog = hit("bcdef", dict.fromkeys(range(26, 60), 400))
    assert not judged([*usual, *backlog])


@given(
    st.lists(
        st.builds(
            Sighting,
            st.just(1),
            st.one_of(st.integers(NOW - 26, NOW + 2), st.integers(NOW - 32 * DAY, NOW)),
            st.sampled_from(["", "acme", "globex", "initech", "umbrella"]),
            st.integers(1, 5_000),
        ),
        max_size=40,
    ),
    st.integers(NOW - 40 * DAY, NOW + 2),
    st.integers(NOW - 40 * DAY, NOW + 2),
    st.none() | st.integers(0, 90),
    st.sampled_from([Rules(), Rules(min_count=1, burst_hours=1, new_customers=1, quiet_days=0.5)]),
)
def test_whatever_was_seen_is_judged_and_the_receipt_can_be_kept(
    seen: list[Sighting], first: int, known_since: int, resolved_hours_ago: int | None, rules: Rules
) -> None:
    """Rows that contradict each other too: late events, clocks that lie, a restored copy."""
    ago = resolved_hours_ago
    found = judged(
        seen,
        first_seen=start_of(first),
        known_since=known_since,
        resolved_at=None if ago is None else NOON - timedelta(hours=ago),
        rules=rules,
    )
    for finding in found.values():
        receipt = finding.receipt
        assert json.loads(json.dumps(receipt.as_json(), allow_nan=False))["version"] == VERSION
        if finding.kind is not Kind.NEW:  # new is also what has no rows left
            assert receipt.observed >= receipt.fires_from
        assert receipt.window_hours >= 0
        assert finding.reason
