"""What was resolved, or quiet for long, and is seen again is back."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from bot.core.detection.finding import Finding, Kind
from bot.core.hour import DAY, start_of
from tests.builders import NOON, sightings
from tests.core.detection.judging import NOW, RULES, each_day, each_hour, judged


def test_what_was_resolved_and_is_seen_again_is_back() -> None:
    found = judged(
        sightings(each_hour(1)),
        resolved_at=NOON - timedelta(hours=5),
        last_seen=NOON - timedelta(hours=2),
    )
    assert (
        found[Kind.BACK].reason == "resolved 2026-11-18 07:00 UTC, seen again 2026-11-18 08:00 UTC"
    )
    assert found[Kind.BACK].receipt.observed == 6


def test_what_is_seen_in_the_hour_of_its_resolution_is_back_within_it() -> None:
    found = judged(sightings(each_hour(1)), resolved_at=NOON, last_seen=NOON + timedelta(minutes=3))
    assert found[Kind.BACK].reason == "resolved 2026-11-18 12:00 UTC, seen again within the hour"


@pytest.mark.parametrize(
    ("resolved", "window_hours", "observed"),
    [(timedelta(minutes=20), 1, 7), (timedelta(minutes=40), 2, 11), (timedelta(days=9), DAY, 18)],
)
def test_the_receipt_of_what_is_back_is_of_whole_hours_and_of_the_last_day_at_most(
    resolved: timedelta, window_hours: int, observed: int
) -> None:
    now = NOON + timedelta(minutes=30)
    seen = sightings({0: 7, 1: 4, 9: 7, 25: 1})
    found = judged(seen, now=now, resolved_at=now - resolved, last_seen=now)
    receipt = found[Kind.BACK].receipt
    assert (receipt.observed, receipt.customers) == (observed, {"acme": observed})
    assert receipt.window_hours == window_hours
    assert receipt.since == start_of(NOW - window_hours + 1).isoformat()


def test_a_late_event_from_before_the_resolution_does_not_bring_it_back() -> None:
    resolved_at = NOON - timedelta(hours=5)
    found = judged(sightings(each_hour(1, last=5)), resolved_at=resolved_at, last_seen=resolved_at)
    assert not found


def resolved_in(
    release: str, *, seen_in: str = "", began: Mapping[str, int] = {}, awaits_release: bool = False
) -> dict[Kind, Finding]:
    """What is found of what came in each hour, was resolved in a release five hours ago, and comes
    now; versions began so many hours ago."""
    return judged(
        sightings(each_hour(1)),
        resolved_at=NOON - timedelta(hours=5),
        last_seen=NOON,
        resolved_in=release,
        last_version=seen_in,
        began={version: NOON - timedelta(hours=ago) for version, ago in began.items()},
        awaits_release=awaits_release,
    )


@pytest.mark.parametrize(
    ("fixed_in", "seen_in", "is_back"),
    [
        ("", "4.18.2", True),
        ("4.19.0", "4.18.2", False),
        ("4.19.0", "4.19.0", True),
        ("4.19.0", "4.19.0-hotfix1", True),
        ("4.19.0", "4.20.0", True),
        ("4.9.0", "4.10.0", True),
        ("4.19.0", "4.19", True),
        ("4.19.1", "4.19.1-rc1", False),
        ("4.19.0", "", True),
        ("next", "4.18.2", True),
        ("checkout-4.19.0", "v4.19.0", True),
        ("9f8e7d6", "1a2b3c4", True),
    ],
)
def test_what_is_resolved_in_a_release_is_back_in_that_or_a_later_one(
    fixed_in: str, seen_in: str, is_back: bool
) -> None:
    assert (Kind.BACK in resolved_in(fixed_in, seen_in=seen_in)) is is_back


@pytest.mark.parametrize(
    ("fixed_in", "seen_in", "began", "is_back"),
    [
        ("b1b2b3b4", "a1a2a3a4", {"a1a2a3a4": 48}, False),
        ("b1b2b3b4", "a1a2a3a4", {"a1a2a3a4": 48, "b1b2b3b4": 2}, False),
        ("b1b2b3b4", "a1a2a3a4", {"a1a2a3a4": 48, "b1b2b3b4": 24}, False),
        ("b1b2b3b4", "b1b2b3b4", {"a1a2a3a4": 48, "b1b2b3b4": 24}, True),
        ("b1b2b3b4", "b1b2b3b4", {"a1a2a3a4": 48, "b1b2b3b4": 2}, True),
        ("b1b2b3b", "b1b2b3b4c5d6", {"b1b2b3b4c5d6": 24}, True),
        ("b1b2b3b4c5d6", "gb1b2b3b", {"gb1b2b3b": 24}, True),
        ("b1b2b3b4", "c1c2c3c4", {"b1b2b3b4": 48, "c1c2c3c4": 24}, True),
        ("b1b2b3b4", "c1c2c3c4", {"c1c2c3c4": 2}, True),
        ("b1b2b3b4", "c1c2c3c4", {"b1b2b3b4": 48}, True),
        ("next", "main", {"main": 24}, False),
        ("4.19.0", "a1a2a3a4", {"a1a2a3a4": 48}, False),
        ("4.19.0", "4.19.1", {"4.19.1": 48}, True),
        ("4.19.0", "4.18.0", {"4.18.0": 2}, False),
    ],
)
def test_what_has_no_order_is_older_where_it_began_before_what_mends_it(
    fixed_in: str, seen_in: str, began: dict[str, int], is_back: bool
) -> None:
    found = resolved_in(fixed_in, seen_in=seen_in, began=began)
    assert (Kind.BACK in found) is is_back


@pytest.mark.parametrize(
    ("began", "said", "counted"),
    [
        ({}, "seen again 2026-11-18 08:00 UTC", 6),
        ({"4.19.0": 2}, "seen in 4.19.0 since 2026-11-18 10:00 UTC at the earliest", 3),
        (
            {"4.18.0": 4, "4.19.1": 2},
            "seen in 4.19.1 since 2026-11-18 10:00 UTC at the earliest",
            3,
        ),
        (
            {"4.20.0": 1, "4.19.0": 3},
            "seen in 4.19.0 or later since 2026-11-18 09:00 UTC at the earliest",
            4,
        ),
        ({"4.19.0": 48}, "seen in 4.19.0 since 2026-11-18 08:00 UTC at the earliest", 6),
        ({"4.19.0": 5}, "seen in 4.19.0 since 2026-11-18 08:00 UTC at the earliest", 6),
    ],
)
def test_what_is_back_in_a_release_says_in_which_and_counts_from_its_begin_on(
    began: dict[str, int], said: str, counted: int
) -> None:
    found = resolved_in("4.19.0", began=began)[Kind.BACK]
    assert found.reason == f"resolved in 4.19.0 2026-11-18 07:00 UTC, {said}"
    assert found.receipt.observed == counted


def test_what_was_last_seen_before_the_release_began_is_not_back_in_it() -> None:
    found = judged(
        sightings(each_hour(1, last=5)),
        resolved_at=NOON - timedelta(hours=5),
        last_seen=NOON - timedelta(hours=3),
        resolved_in="4.19.0",
        began={"4.19.0": NOON - timedelta(hours=2)},
    )
    assert Kind.BACK not in found


@pytest.mark.parametrize(
    ("began", "is_back"), [({}, False), ({"4.18.0": 2}, False), ({"4.19.0": 2}, True)]
)
def test_what_awaits_its_release_is_not_back_before_that_began(
    began: dict[str, int], is_back: bool
) -> None:
    found = resolved_in("4.19.0", began=began, awaits_release=True)
    assert (Kind.BACK in found) is is_back


def test_what_is_resolved_in_a_release_is_not_back_because_the_one_before_was_quiet() -> None:
    quiet = sightings(each_hour(1, last=72) | {0: 1})
    assert Kind.BACK in judged(quiet)
    assert not judged(
        quiet,
        resolved_at=NOON - timedelta(hours=80),
        resolved_in="4.19.0",
        last_version="4.18.2",
    )


def test_what_was_new_and_resolved_the_same_day_is_back_too() -> None:
    found = judged(sightings({6: 3, 0: 1}), resolved_at=NOON - timedelta(hours=2), last_seen=NOON)
    assert Kind.BACK in found


def test_on_the_first_day_what_a_person_resolved_is_back_when_it_is_seen_again() -> None:
    found = judged(
        sightings({6: 3, 0: 1}),
        known_since=NOW - 6,
        resolved_at=NOON - timedelta(hours=2),
        last_seen=NOON,
    )
    assert list(found) == [Kind.BACK]


@pytest.mark.parametrize(
    ("before", "quiet_hours", "is_back"),
    [
        pytest.param(each_hour(1, last=71), 71, False, id="not quite three days"),
        pytest.param(each_hour(1, last=72), 72, True, id="three days"),
        pytest.param(each_day(1, days=range(10, 29, 2), at=0), 240, True, id="every other day"),
        pytest.param(each_day(1, days=range(5, 29, 2), at=0), 120, False, id="gaps of two days"),
        pytest.param(each_day(1, days=(15, 16, 17, 18), at=0), 360, False, id="seen too rarely"),
        pytest.param(each_day(1, days=(3, 4, 5, 6, 10), at=0), 72, False, id="has been away"),
    ],
)
def test_back_is_quiet_for_far_longer_than_it_ever_was(
    before: dict[int, int], quiet_hours: int, is_back: bool
) -> None:
    assert min(before) == quiet_hours
    found = judged(sightings(before | {0: 1}))
    assert (Kind.BACK in found) == is_back
    if is_back:
        receipt = found[Kind.BACK].receipt
        assert receipt.observed == quiet_hours >= receipt.fires_from


@pytest.mark.parametrize(
    ("before", "is_back"),
    [
        pytest.param({10 * DAY: 3}, True, id="in one hour, ten days ago"),
        pytest.param({72: 1}, True, id="once, three days ago"),
        pytest.param({71: 1}, False, id="once, not quite three days ago"),
        pytest.param({10 * DAY: 1, 20 * DAY: 1}, True, id="as far apart as ever"),
        pytest.param(each_hour(1, first=79, last=72), True, id="in eight hours"),
        pytest.param(each_day(1, days=range(5, 29, 2), at=0), False, id="as it comes and goes"),
    ],
)
def test_what_is_critical_is_back_after_three_days_however_seldom_it_was(
    before: dict[int, int], is_back: bool
) -> None:
    found = judged(sightings(before | {0: 9}), is_critical=True)
    assert (Kind.BACK in found) is is_back
    if len(before) < RULES.min_earlier:
        assert not judged(sightings(before | {0: 9}))


def test_what_was_seen_once_says_no_gap() -> None:
    found = judged(sightings({10 * DAY: 3, 0: 9}), is_critical=True)
    assert found[Kind.BACK].reason == "quiet for 10 days; 9 since"


@pytest.mark.parametrize(
    ("quiet", "deaf", "is_back"),
    [
        pytest.param(100, 0, True, id="quiet among others"),
        pytest.param(100, 100, False, id="all were quiet: nobody listened"),
        pytest.param(100, 60, False, id="quiet for less than three days besides"),
        pytest.param(200, 100, True, id="quiet for four days besides"),
    ],
)
def test_what_was_not_seen_while_nobody_listened_is_not_back(
    quiet: int, deaf: int, is_back: bool
) -> None:
    silent = [range(NOW - deaf, NOW)] if deaf else []
    found = judged(sightings(each_hour(1, last=quiet) | {0: 1}), silent=silent)
    assert (Kind.BACK in found) is is_back


def test_what_is_back_says_for_how_long_nobody_listened() -> None:
    found = judged(sightings(each_hour(1, last=200) | {0: 1}), silent=[range(NOW - 96, NOW)])
    assert found[Kind.BACK].reason == (
        "quiet for 4.3 days besides 4 days in which nothing at all came, "
        "its longest gap before was 1 h; 1 since"
    )
