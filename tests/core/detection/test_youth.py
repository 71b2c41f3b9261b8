"""What is young is held against its own life so far."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.core.detection.finding import Finding, Kind
from bot.core.detection.history import Sighting
from bot.core.hour import DAY, hour_of, start_of
from tests.builders import NOON, sightings
from tests.core.detection.judging import NOW, WEEK, each_hour, hit, judged


@pytest.mark.parametrize("minute", [0, 29, 31, 59])
def test_a_new_one_does_not_spike_or_spread_by_going_on(minute: int) -> None:
    names = ("acme", "globex", "initech")
    start, hours = NOW - 72, range(73)
    going_on = [Sighting(1, start + hour, name, 60) for hour in hours for name in names]
    begun = [Sighting(1, start, name, 60 - minute) for name in names] + going_on[3:]
    first_seen = start_of(start) + timedelta(minutes=minute)
    for later in range(73):
        now = start_of(start + later)
        so_far = [row for row in begun if row.hour <= start + later]
        found = judged(so_far, now=now, first_seen=first_seen)
        assert not found.keys() - {Kind.NEW}, f"{later} h after its first sight"
        assert (Kind.NEW in found) is (later < DAY)


@pytest.mark.parametrize("hours", range(1, 47))
def test_what_is_new_spikes_and_spreads_once_it_is_far_above_all_it_ever_was(hours: int) -> None:
    canary = sightings({hours: 3})
    to_all = hit([f"c{n}" for n in range(50)], {0: 2_000})
    found = judged([*canary, *to_all])
    assert found.keys() - {Kind.NEW} == {Kind.SPIKE, Kind.SPREAD}
    assert (Kind.NEW in found) is (hours < DAY)
    assert found[Kind.SPIKE].receipt.observed == 100_000


def test_what_is_new_and_outgrows_itself_says_what_it_was_until_then() -> None:
    found = judged([*sightings({5: 3, 3: 6}), *hit("abcdefg", {0: 10})])
    assert found[Kind.SPIKE].reason == (
        "70 in 2 h, at most 6 in as long, known since 2026-11-18 07:00 UTC: fires from 37"
    )
    assert found[Kind.SPREAD].reason == (
        "+7 customers since 2026-11-18 11:00 UTC: a 14 %, b 14 %, c 14 %, d 14 %, +3 more; "
        "1 before, known since 2026-11-18 07:00 UTC"
    )


@pytest.mark.parametrize(
    ("before", "now", "fires"),
    [
        pytest.param({1: 1}, 30, False, id="a handful is told once, as new"),
        pytest.param({1: 1}, 31, True, id="more than a handful"),
        pytest.param({9: 10, 3: 4}, 60, False, id="six times its busiest hours"),
        pytest.param({9: 10, 3: 4}, 61, True, id="more than six times"),
        pytest.param({9: 10, 8: 10, 3: 4}, 61, False, id="its busiest hours are two"),
        pytest.param({30: 10, 3: 4}, 60, False, id="on its second day, six times the first"),
        pytest.param({30: 10, 3: 4}, 61, True, id="on its second day, more"),
    ],
)
def test_what_is_new_spikes_from_six_times_its_busiest_hours_on(
    before: dict[int, int], now: int, fires: bool
) -> None:
    assert (Kind.SPIKE in judged(sightings(before | {0: now}))) is fires


@pytest.mark.parametrize(
    ("minutes", "seen", "fires"),
    [
        pytest.param(60, {1: 2, 0: 30}, False, id="an hour, and a handful"),
        pytest.param(60, {1: 2, 0: 31}, True, id="an hour, and more"),
        pytest.param(10, {1: 2, 0: 72}, False, id="ten minutes, and six times its rate"),
        pytest.param(10, {1: 2, 0: 73}, True, id="ten minutes, and a higher rate"),
        pytest.param(10, {2: 2, 0: 144}, False, id="ten minutes, and six times its rate in two h"),
        pytest.param(10, {2: 2, 0: 145}, True, id="ten minutes, and a higher rate in two hours"),
        pytest.param(1, {1: 2, 0: 720}, False, id="a minute, and six times its rate"),
        pytest.param(1, {1: 2, 0: 721}, True, id="a minute, and a higher rate"),
        pytest.param(1 / 60, {1: 1, 0: 360}, False, id="a second counts as a minute"),
        pytest.param(1 / 60, {1: 1, 0: 361}, True, id="a second, and more than a minute's rate"),
    ],
)
def test_what_is_known_for_less_than_the_window_is_compared_by_its_rate(
    minutes: int, seen: dict[int, int], fires: bool
) -> None:
    first_seen = start_of(NOW - max(seen) + 1) - timedelta(minutes=minutes)
    assert (Kind.SPIKE in judged(sightings(seen), first_seen=first_seen)) is fires


def test_what_explodes_minutes_after_its_first_sight_says_at_which_rate_it_came() -> None:
    seen = [*sightings({1: 2}), *hit([f"c{n}" for n in range(80)], {0: 10})]
    found = judged(seen, first_seen=NOON - timedelta(minutes=10))
    assert found[Kind.SPIKE].reason == (
        "800 in 1 h, 12 in as long at the rate of its first 10 min, "
        "known since 2026-11-18 11:50 UTC: fires from 73"
    )
    assert found[Kind.SPREAD].receipt.fires_from == 37


def test_what_reached_us_days_late_is_as_young_as_it_is_new() -> None:
    def found(later: int) -> dict[Kind, Finding]:
        seen = sightings({10 * DAY + later: 1} | each_hour(50, first=later))
        return judged(seen, first_seen=start_of(NOW - later - 10 * DAY), first_told=told(later))

    def told(later: int) -> datetime:
        return start_of(NOW - later)

    assert [list(found(later)) for later in range(60)] == [[Kind.NEW]] * DAY + [[]] * (60 - DAY)
    seen = sightings({10 * DAY: 1, 10: 3, 0: 1_000})
    assert judged(seen, first_told=told(10))[Kind.SPIKE].reason == (
        "1,000 in 2 h, at most 3 in as long, known since 2026-11-18 02:00 UTC: fires from 31"
    )


def test_what_reached_us_within_its_window_is_known_since_it_was_seen() -> None:
    seen = sightings({1: 2, 0: 700})
    first_seen, told = NOON - timedelta(seconds=2), NOON + timedelta(seconds=1)
    later = NOON + timedelta(minutes=9)
    assert Kind.SPIKE not in judged(seen, now=later, first_seen=first_seen, first_told=told)
    first_seen = NOON - timedelta(minutes=30)
    assert Kind.SPIKE in judged(seen, now=later, first_seen=first_seen, first_told=told)


def test_the_first_days_do_not_say_how_far_it_jumps() -> None:
    def fires_from(days: int) -> int:
        seen = sightings(dict.fromkeys(range(days * DAY + DAY), 4) | {0: 500})
        return int(judged(seen)[Kind.SPIKE].receipt.fires_from)

    assert [fires_from(days) for days in (1, 3, 6, 7, 14)] == [49, 49, 49, 25, 25]


@pytest.mark.parametrize("ago", [*range(50, 160, 7), 7 * DAY - 4])
@pytest.mark.parametrize("each_day", [0, 5])
def test_the_first_outage_of_what_is_young_does_not_deafen_it(ago: int, each_day: int) -> None:
    first = {ago: 5_000, ago - 1: 700}
    usual = {back: each_day for back in range(DAY, ago, DAY) if each_day}
    again = judged(sightings(usual | first | {0: 2_500}), first_seen=start_of(NOW - 160))
    assert "old burst" in again[Kind.SPIKE].reason


def test_what_comes_a_second_time_at_its_time_of_the_week_may_be_its_habit() -> None:
    assert not judged(sightings({WEEK + 1: 2, WEEK - 2: 5_000, 0: 5_000}))


def test_while_one_whole_day_of_work_is_known_it_may_be_no_outage() -> None:
    assert not judged(sightings({60: 5_000, 0: 5_000}))
    assert Kind.SPIKE in judged(sightings({75: 5_000, 0: 5_000}))


@pytest.mark.parametrize("begins", range(0, WEEK, 11))
def test_a_weekend_of_what_is_young_ends_without_a_spike(begins: int) -> None:
    """The fleet is long known, and the error comes while people work."""
    seen = [
        Sighting(1, hour, "a", 200 + hour % 20)
        for hour in range(FRIDAY - 2 * DAY + begins, FRIDAY + 14 * DAY)
        if start_of(hour).weekday() < 5 and 8 <= start_of(hour).hour < 18
    ]
    for number, row in enumerate(seen, 1):
        found = judged(seen[:number], now=start_of(row.hour))
        assert Kind.SPIKE not in found, f"{row.hour - seen[0].hour} h after it was first seen"


FRIDAY = hour_of(datetime(2026, 11, 13, 18, tzinfo=UTC))


def office(hour: int) -> int:
    when = start_of(hour)
    return 10 if when.weekday() < 5 and 8 <= when.hour < 18 else when.hour % 5 == 0


@pytest.mark.parametrize("begins", [0, 5, 14, 40])
def test_the_first_week_after_a_weekend_is_no_spike_and_no_spread(begins: int) -> None:
    start = FRIDAY + begins
    names = [f"c{n}" for n in range(12)]
    for later in range(2 * DAY, 8 * DAY):
        seen = [
            Sighting(1, hour, names[hour % len(names[: max(1, office(hour))])], office(hour))
            for hour in range(start, start + later + 1)
            if office(hour)
        ]
        found = judged(seen, now=start_of(start + later), known_since=start)
        assert not found, f"{later} h after the start"


def test_what_goes_wild_on_the_second_working_day_is_a_spike_though_a_week_is_not_known() -> None:
    tuesday = hour_of(datetime(2026, 11, 17, 15, tzinfo=UTC))
    rows = [Sighting(1, at, "a", office(at)) for at in range(FRIDAY, tuesday)]
    wild = [*rows, Sighting(1, tuesday, "a", 500)]
    assert Kind.SPIKE in judged(wild, now=start_of(tuesday), known_since=FRIDAY)


@pytest.mark.parametrize("minutes", [0, 40])
def test_the_second_run_of_a_weekly_job_is_no_spike(minutes: int) -> None:
    first = start_of(NOW - 7 * DAY) + timedelta(minutes=minutes)
    jobs = sightings({7 * DAY: 80, 0: 80})
    assert not judged(jobs, first_seen=first)
    assert Kind.SPIKE in judged(sightings({7 * DAY: 80, 0: 80, 3 * DAY: 1, 1: 401}))
