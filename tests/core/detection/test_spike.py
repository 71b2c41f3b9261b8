"""A spike is far above what is usual, at that time and in as many hours."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.core.detection import bound
from bot.core.detection.finding import Finding, Kind
from bot.core.detection.history import Sighting
from bot.core.detection.usual import Usual
from bot.core.hour import DAY, hour_of, start_of
from tests.builders import NOON, sightings
from tests.core.detection.judging import NOW, RULES, each_day, each_hour, judged

JUMPY = {day * DAY + 1: count for day, count in enumerate([5, 90, 20, 3, 60, 2, 40] * 2, 1)}
"""Usually twenty a day, ninety on a bad one: 2 × 90 + 4 × (90 - 20) is 460."""


@pytest.mark.parametrize(
    ("days", "now", "fires"),
    [
        pytest.param({}, 9, False, id="fewer than ten, ever"),
        pytest.param({}, 10, True, id="ten, out of an all-zero fortnight"),
        pytest.param(each_day(38), 76, False, id="twice the usual peak"),
        pytest.param(each_day(38), 77, True, id="more than twice the usual peak"),
        pytest.param(each_day(1), 9, False, id="sparse"),
        pytest.param(each_day(1), 10, True, id="sparse, and ten at once"),
        pytest.param(each_day(38, days=range(8, 15)), 76, False, id="after an all-zero week"),
        pytest.param(each_day(38, days=range(8, 15)), 77, True, id="more, after such a week"),
        pytest.param(each_day(30) | {5 * DAY: 4_000}, 91, True, id="one old burst"),
        pytest.param(each_day(30) | {5 * DAY: 4_000, 6 * DAY: 4_000}, 91, True, id="two bursts"),
        pytest.param(each_day(30) | {5 * DAY: 90_000}, 91, True, id="one old flood"),
        pytest.param({7 * DAY: 800, 14 * DAY: 800}, 820, False, id="a weekly job, third week"),
        pytest.param({7 * DAY: 800, 14 * DAY: 800}, 1_601, True, id="a weekly job gone wild"),
        pytest.param({7 * DAY - 3: 800, 14 * DAY + 3: 800}, 820, False, id="never quite on time"),
        pytest.param({7 * DAY: 800, 14 * DAY: 8_000}, 1_601, True, id="gone wild once before"),
        pytest.param({7 * DAY: 800}, 820, True, id="once is no weekly job"),
        pytest.param({14 * DAY: 800}, 820, True, id="nor is once a fortnight"),
        pytest.param({7 * DAY - 1: 800, 14 * DAY - 1: 800}, 820, False, id="an hour early"),
        pytest.param({7 * DAY + 2: 800, 14 * DAY + 2: 800}, 820, False, id="two hours late"),
        pytest.param({7 * DAY - 5: 800, 14 * DAY - 5: 800}, 820, True, id="five hours early"),
        pytest.param(
            each_day(400, days=(2, 3, 6, 7, 8, 9, 10, 13, 14)), 400, False, id="a quiet weekend"
        ),
        pytest.param(each_hour(50, last=1), 250, False, id="zero variance, to thrice the mean"),
        pytest.param(each_hour(50, last=1), 251, True, id="zero variance, above that"),
        pytest.param(JUMPY, 460, False, id="what always jumps, jumping"),
        pytest.param(JUMPY, 461, True, id="what always jumps, jumping far"),
        pytest.param({3 * DAY: 12, 9 * DAY: 7}, 40, False, id="a few tries, now and then"),
    ],
)
def test_a_spike_is_far_above_the_busiest_usual_day_or_hours(
    days: dict[int, int], now: int, fires: bool
) -> None:
    long_known = start_of(NOW - 40 * DAY)
    found = judged(sightings(days | {0: now}), first_seen=long_known)
    assert (Kind.SPIKE in found) == fires, found


@pytest.mark.parametrize("usual", [each_hour(1, first=17 * DAY, last=1), {30 * DAY: 1}])
def test_one_old_incident_deafens_no_hour_of_the_weeks_after(usual: dict[int, int]) -> None:
    for ago in range(2 * DAY, 16 * DAY, 3):
        found = judged(sightings(usual | {ago: 5_000, 0: 4_000}))
        assert Kind.SPIKE in found, f"{ago} h after it"


def test_a_burst_is_called_within_its_hour() -> None:
    day_and_night = {back: 100 if back % DAY < 12 else 5 for back in range(1, 20 * DAY)}
    found = judged(sightings(day_and_night | {0: 310}))
    assert found[Kind.SPIKE].receipt.window_hours == RULES.burst_hours


def test_day_and_night_are_no_spike_at_any_hour() -> None:
    day_and_night = {back: 100 if back % DAY < 12 else 5 for back in range(20 * DAY)}
    for hours in range(DAY):
        assert not judged(sightings(day_and_night), now=NOON - timedelta(hours=hours))


def test_what_is_high_all_day_but_in_no_hour_is_a_spike_of_the_day() -> None:
    found = judged(sightings(each_hour(1, last=24) | each_hour(4, first=23)))
    assert found[Kind.SPIKE].receipt.window_hours == DAY


@pytest.mark.parametrize(
    ("percent", "told"),
    [(5, False), (10, False), (25, True), (30, True), (50, True), (90, True), (120, True)],
)
def test_what_rises_day_by_day_for_a_fortnight_is_told_of_once_or_twice(
    percent: int, told: bool
) -> None:
    daily = [100] * 15 + [round(100 * (1 + percent / 100) ** day) for day in range(1, 15)]
    spikes = [Kind.SPIKE in judged(day_by_day(daily[:end])) for end in range(16, len(daily))]
    begun = [now and not before for before, now in pairwise([False, *spikes])]
    assert (begun.count(True) in (1, 2)) is told
    assert told or not any(begun)


def day_by_day(counts: Sequence[int]) -> Iterable[Sighting]:
    return sightings({back * DAY + 1: count for back, count in enumerate(reversed(counts))})


def test_what_rose_slowly_says_so() -> None:
    rise = [*[100] * 15, 130, 169, 220, 286, 371, 482]
    assert judged(day_by_day(rise))[Kind.SPIKE].reason == (
        "482 in 24 h, risen for days, usually 100 (7 days, max 100): fires from 301"
    )


def test_one_day_that_is_far_above_a_week_ago_may_be_a_burst_and_is_no_rise() -> None:
    assert not judged(day_by_day([*[100] * 15, 130, 169, 220, 286, 371]))


@pytest.mark.parametrize(
    ("change", "moved"), [("2026-10-25T01:30+00:00", 1), ("2026-03-29T00:30+00:00", -1)]
)
def test_the_nights_the_clocks_change_are_no_spike(change: str, moved: int) -> None:
    """The daily job at 02:30 in Berlin runs an hour later, or earlier, in UTC from then on."""
    night = datetime.fromisoformat(change)
    job = {(NOW - hour_of(night)) + day * DAY + moved * (day > 0): 500 for day in range(15)}
    assert not judged(sightings(job), now=night + timedelta(minutes=20))


@pytest.mark.parametrize(
    ("since", "fires"),
    [
        pytest.param({0: 40}, True, id="the burst itself"),
        pytest.param({1: 40}, True, id="an hour later"),
        pytest.param({2: 40}, False, id="once the two hours are over"),
        pytest.param({20: 40}, False, id="all day long"),
        pytest.param({20: 40, 0: 40}, True, id="another one"),
        pytest.param(each_hour(4, first=23, last=2) | {22: 40}, True, id="and a busy day besides"),
        pytest.param(each_hour(1, first=23) | {22: 40}, False, id="and a day as usual"),
    ],
)
def test_a_day_is_not_called_out_for_a_burst_that_was(since: dict[int, int], fires: bool) -> None:
    """Usually one an hour: a burst from 10 on, a busy day from 73 on."""
    seen = [*sightings(each_hour(1, last=DAY)), *sightings(since)]
    found = judged(seen)
    assert (Kind.SPIKE in found) is fires, found


def test_a_busy_day_says_how_much_of_it_was_told_as_bursts() -> None:
    seen = sightings(each_hour(1, last=DAY) | each_hour(4, first=20, last=2) | {23: 40})
    spike = judged(seen)[Kind.SPIKE]
    assert spike.reason == (
        "76 in 24 h, besides 40 in bursts, usually 24 (14 days, max 24): fires from 73"
    )


def test_the_highest_that_is_told_as_usual_is_one_that_counts() -> None:
    spike = judged(sightings(each_day(10) | {0: 100, 80: 800, 130: 900}))[Kind.SPIKE]
    assert "14 days, max 10 besides 2 old bursts): fires from 31" in spike.reason
    assert spike.receipt.usual_max == 10


def test_a_spike_says_what_is_usual_and_from_where_it_fires() -> None:
    spike = judged(sightings(each_day(10) | {0: 100, 1: 312}))[Kind.SPIKE]
    assert spike.reason == "412 in 2 h, usually 0.8 (14 days, max 10): fires from 21"
    assert spike.receipt.since == "2026-11-18T11:00:00+00:00"


ONE, TWO, THREE, ALL = 0b1, 0b11, 1 << 40 | 0b11, (1 << 60) - 1


@pytest.mark.parametrize(
    ("count", "minutes", "fires"),
    [
        pytest.param(13, ONE, False, id="a failure that is tried thirteen times in a second"),
        pytest.param(13, TWO, False, id="that goes on into the next minute"),
        pytest.param(30, ONE, False, id="as often as one is ever tried"),
        pytest.param(31, ONE, True, id="more than one failure in a minute"),
        pytest.param(300, ONE, True, id="half a minute of hundreds"),
        pytest.param(10, THREE, True, id="three failures"),
        pytest.param(10, ALL, True, id="all the hour"),
        pytest.param(10, None, True, id="nobody counted the minutes"),
    ],
)
def test_a_spike_is_more_than_one_failure_and_its_retries(
    count: int, minutes: int | None, fires: bool
) -> None:
    seen = [*sightings({30 * DAY: 1}), *sightings({0: count}, minutes=minutes)]
    assert (Kind.SPIKE in judged(seen)) is fires


@pytest.mark.parametrize(
    ("count", "minutes", "fires"),
    [
        pytest.param(9, ONE, False, id="three failures and their retries"),
        pytest.param(10, ONE, False, id="as many as they are ever tried"),
        pytest.param(11, ONE, True, id="more than that"),
        pytest.param(5, ALL, True, id="many failures"),
        pytest.param(5, None, True, id="nobody counted the minutes"),
    ],
)
def test_a_busy_day_is_more_than_a_few_failures_and_their_retries(
    count: int, minutes: int | None, fires: bool
) -> None:
    today = sightings({3: count, 9: count, 15: count}, minutes=minutes)
    found = judged([*sightings({30 * DAY: 1}), *today])
    assert (Kind.SPIKE in found) is fires
    if minutes == ONE and fires:
        assert found[Kind.SPIKE].reason.startswith("33 in 24 h, all in 3 minutes, usually 0 ")


def test_minutes_are_those_of_all_hours_and_customers_together() -> None:
    before = sightings({30 * DAY: 1})
    first, same = sightings({0: 6}, minutes=ONE), sightings({0: 6}, customer="b", minutes=ONE)
    other = sightings({0: 6}, customer="b", minutes=0b110)
    assert Kind.SPIKE not in judged([*before, *first, *same])
    assert Kind.SPIKE in judged([*before, *first, *other])
    earlier = sightings({1: 6}, minutes=TWO)
    assert judged([*before, *first, *earlier])[Kind.SPIKE].receipt.minutes == 3


def test_a_spike_of_one_minute_says_so_and_why_it_counts() -> None:
    seen = [*sightings({30 * DAY: 1}), *sightings({0: 300}, minutes=ONE)]
    spike = judged(seen)[Kind.SPIKE]
    assert spike.reason == (
        "300 in 2 h, all in 1 minute, usually 0 (14 days, max 0): fires from 31"
    )
    assert spike.receipt.minutes == 1
    assert spike.receipt.formula == "30 in 1 minute, which may be retries"


def lines(usual: int, now: int, *, days: int = 20) -> dict[int, int]:
    """So many harmless lines of the service in each hour, and in each of the last two."""
    return {NOW - back: now if back < 2 else usual for back in range(days * DAY)}


@pytest.mark.parametrize(
    ("traffic", "count", "fires"),
    [
        pytest.param(None, 77, True, id="nobody counted"),
        pytest.param(lines(500, 500), 77, True, id="as usual"),
        pytest.param(lines(500, 10), 77, True, id="less: it lowers nothing"),
        pytest.param(lines(500, 10), 76, False, id="less, and errors as usual"),
        pytest.param(lines(500, 1_000), 152, False, id="twice, and errors with it"),
        pytest.param(lines(500, 1_000), 153, True, id="twice, and errors above it"),
        pytest.param(lines(500, 9_000), 228, False, id="eighteen times, errors six times"),
        pytest.param(lines(500, 9_000), 229, True, id="eighteen times, errors more than six"),
        pytest.param(lines(500, 1_000, days=8), 77, True, id="known for less than half the days"),
        pytest.param(lines(500, 1_000, days=10), 152, False, id="known for most days"),
    ],
)
def test_a_spike_is_above_what_more_traffic_brings(
    traffic: dict[int, int] | None, count: int, fires: bool
) -> None:
    """Usually 38 at the same hour of each day: from 77 on it is a spike."""
    seen = sightings(each_day(38) | {0: count})
    spike = judged(seen, first_seen=start_of(NOW - 40 * DAY), traffic=traffic).get(Kind.SPIKE)
    assert (spike is not None and spike.receipt.window_hours == 2) is fires, spike


def test_the_receipt_of_a_spike_says_how_much_traffic_there_was() -> None:
    seen = sightings(each_day(38) | {0: 400})
    spike = judged(seen, traffic=lines(500, 1_050))[Kind.SPIKE]
    assert spike.reason == (
        "400 in 2 h, usually 3.2 (14 days, max 38), traffic 2.1 × its busiest: fires from 160"
    )
    assert spike.receipt.traffic == 2.1
    assert spike.receipt.formula.endswith(") × its service's traffic (2.1)")
    flooded = judged(seen, traffic=lines(500, 9_000))[Kind.SPIKE]
    assert flooded.receipt.formula.endswith(") × its service's traffic (18, 3 at most)")


def test_more_traffic_does_not_make_one_failure_more_than_one() -> None:
    seen = [*sightings({30 * DAY: 1}), *sightings({0: 31}, minutes=ONE)]
    assert Kind.SPIKE in judged(seen, traffic=lines(500, 1_000))


NIGHTLY = dict.fromkeys(range(10, 20 * DAY, DAY), 300)
"""A job that fails 300 times at 02:00 every night; the test is at noon."""


@pytest.mark.parametrize(
    ("back", "count", "fires"),
    [
        pytest.param(10, 300, False, id="as every night"),
        pytest.param(9, 300, False, id="an hour late, or the clocks changed"),
        pytest.param(11, 300, False, id="an hour early"),
        pytest.param(7, 300, False, id="three hours late"),
        pytest.param(5, 300, True, id="five hours late"),
        pytest.param(10, 601, True, id="twice as often as every night"),
        pytest.param(0, 300, True, id="at noon"),
        pytest.param(0, 10, True, id="a little, but at noon"),
        pytest.param(0, 9, False, id="less than is ever a spike"),
    ],
)
def test_a_nightly_job_is_a_spike_by_day_and_none_by_night(
    back: int, count: int, fires: bool
) -> None:
    now = NOON - timedelta(hours=back)
    seen = {at: n for at, n in NIGHTLY.items() if at > 11} | {back: count}
    assert (Kind.SPIKE in judged(sightings(seen), now=now)) is fires


def test_what_the_nightly_job_held_is_told_apart_from_the_rest_of_the_day() -> None:
    spike = judged(sightings(NIGHTLY | {0: 300}))[Kind.SPIKE]
    assert spike.reason == (
        "300 in 2 h, at a quiet time of day, usually 0 (14 days, max 0): fires from 10"
    )
    assert spike.receipt.formula.endswith("at a quiet time of day")


def test_a_job_of_office_days_has_its_time_of_day_too() -> None:
    office = {at: n for at, n in NIGHTLY.items() if at // DAY % 7 not in (3, 4)}
    assert Kind.SPIKE in judged(sightings(office | {0: 300}))


def test_what_comes_once_a_day_at_any_time_has_no_time_of_day() -> None:
    anywhen = {day * DAY + 7 * day % 24: 300 for day in range(1, 20)}
    assert Kind.SPIKE not in judged(sightings(anywhen | {0: 300}))


def at_work(hour: int, *, by_day: int, else_: int) -> int:
    """How much comes in an hour of what is busy in office hours."""
    at = start_of(hour)
    return by_day if at.weekday() < 5 and 8 <= at.hour < 18 else else_


OFFICE = {back: at_work(NOW - back, by_day=100, else_=2) for back in range(20 * DAY)}
SATURDAY = NOON - timedelta(days=4)
"""Twelve o'clock of it; the test is on a Wednesday."""


@pytest.mark.parametrize(
    ("back", "count", "fires"),
    [
        pytest.param(9, 11, True, id="more than three times as many as in any night"),
        pytest.param(9, 10, False, id="three times as many"),
        pytest.param(7, 60, False, id="three hours before the day begins"),
    ],
)
def test_a_busy_error_that_is_quiet_at_night_is_a_spike_there(
    back: int, count: int, fires: bool
) -> None:
    seen = {at: n for at, n in OFFICE.items() if at > back} | {back: count}
    found = judged(sightings(seen), now=NOON - timedelta(hours=back))
    assert [one.reason for one in found.values()] == [
        "13 in 2 h, at a quiet time of day, usually 4 (14 days, max 4): fires from 13"
    ] * fires


@pytest.mark.parametrize(("holidays", "fires"), [(0, True), (1, True), (2, False)])
def test_a_busy_error_that_is_quiet_on_weekends_is_a_spike_there(
    holidays: int, fires: bool
) -> None:
    ago = hour_of(NOON) - hour_of(SATURDAY)
    quiet = range(ago + 8, ago + 8 + DAY * holidays)
    seen = {at: 2 if at in quiet else n for at, n in OFFICE.items() if at > ago} | {ago: 60}
    found = judged(sightings(seen), now=SATURDAY)
    assert [one.reason for one in found.values()] == [
        "62 in 2 h, on a weekend, usually 4 (4 days, max 4): fires from 25"
    ] * fires


counts = st.integers(0, 300)


@given(st.lists(counts, min_size=14, max_size=14), st.integers(100, 5_000))
def test_one_fewer_would_not_have_fired(days: list[int], now: int) -> None:
    before = {(day + 1) * DAY + 1: count for day, count in enumerate(days) if count}

    def spike(count: int) -> Finding | None:
        seen = sightings(before | ({0: count} if count else {}))
        return judged(seen, first_seen=start_of(NOW - 30 * DAY)).get(Kind.SPIKE)

    found = spike(now)
    assume(found)
    assert found
    fires_from = int(found.receipt.fires_from)
    just = spike(fires_from)
    assert just
    assert just.receipt.observed == fires_from == just.receipt.fires_from
    fewer = spike(fires_from - 1)
    assert fewer is None or fewer.receipt.window_hours != found.receipt.window_hours


@given(st.lists(counts, max_size=14).map(tuple), st.floats(0, 1_000), st.integers(0, 2))
def test_a_spike_is_above_each_of_its_bounds_and_one_fewer_is_not(
    peaks: tuple[int, ...], mean: float, spare: int
) -> None:
    usual = Usual(peaks, mean, spare=spare)
    fires_from = bound.of(usual, RULES).fires_from

    def is_spike(count: int) -> bool:
        swing = RULES.swing_factor * usual.swing
        above_peak = count > RULES.peak_factor * usual.robust_peak + swing
        above_weekday = count > RULES.peak_factor * usual.weekday_peak
        above_mean = count > RULES.mean_factor * max(1.0, usual.robust_mean)
        return count >= RULES.min_count and above_peak and above_weekday and above_mean

    assert is_spike(fires_from)
    assert not is_spike(fires_from - 1)


def test_the_receipt_of_a_spike_says_how_its_threshold_came_about() -> None:
    formula = bound.of(Usual((29, *[17] * 6), 20.0), RULES).formula
    assert "× the busiest usual (29) +" in formula
    assert "× how far that is above a typical one (12)" in formula
