import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.core import anomaly, back, baseline, bound, spread
from bot.core.baseline import DAY, History, Sighting, Silences, Usual, hour_of, start_of
from bot.core.finding import Finding, Kind, critical
from bot.core.receipt import VERSION
from bot.core.subject import Case, Subject
from bot.core.threshold import Rules
from tests.builders import NOON, by_hour, days_of, sightings

NOW = hour_of(NOON)
RULES = Rules()
LONG_AGO = NOW - 60 * DAY
WEEK = 7 * DAY


def judged(
    seen: Iterable[Sighting],
    *,
    now: datetime = NOON,
    known_since: int = LONG_AGO,
    first_seen: datetime | None = None,
    rules: Rules = RULES,
    silent: Silences = (),
    traffic: Mapping[int, int] | None = None,
    is_critical: bool = False,
    **facts: object,
) -> dict[Kind, Finding]:
    """What is found when a signature was seen like this, by kind."""
    rows, hour = list(seen), hour_of(now)
    first = first_seen or start_of(min(row.hour for row in rows))
    subject = Subject(
        **{  # type: ignore[arg-type]
            "first_seen": first,
            "first_told": first,
            "last_seen": start_of(max([row.hour for row in rows], default=hour)),
            **facts,
        }
    )
    start = hour - DAY + 1
    before, known = by_hour(rows, start), hour_of(subject.begun)
    usual = baseline.of(
        before, hour, known_since=known, burst_hours=rules.burst_hours, silent=silent
    )
    clientele = baseline.clientele(days_of(rows, start), known, hour)
    rhythm = baseline.rhythm(before, silent)
    recent = History([row for row in rows if row.hour >= start], known_since)
    case = Case(subject, recent, hour, rules, usual, clientele, rhythm, traffic or {}, is_critical)
    found = anomaly.judge(case)
    little = anomaly.is_little(recent, hour=hour, rules=rules)
    may_spread = spread.is_possible(
        recent, clientele, hour=hour, rules=rules, since=min(before, default=0)
    )
    routine = back.is_routine(recent, max(before, default=None), hour=hour, rules=rules)
    needed = replace(
        case,
        usual=None if little else usual,
        clientele=clientele if may_spread else None,
        rhythm=None if routine else rhythm,
    )
    assert found == anomaly.judge(needed)
    assert len({finding.kind for finding in found}) == len(found), "one finding a kind"
    return {finding.kind: finding for finding in found}


def each_day(count: int, *, days: Iterable[int] = range(1, 15), at: int = 1) -> dict[int, int]:
    """So many on each of some days back, `at` hours before that day's noon."""
    return {day * DAY + at: count for day in days}


def each_hour(count: int, *, first: int = 24 * 20, last: int = 0) -> dict[int, int]:
    """So many in every hour, from `first` to `last` hours back."""
    return dict.fromkeys(range(last, first + 1), count)


# New


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


# Spike


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
        "1000 in 2 h, at most 3 in as long, known since 2026-11-18 02:00 UTC: fires from 31"
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


# Spread


def hit(names: Iterable[str], hours_ago: dict[int, int]) -> list[Sighting]:
    return [row for name in names for row in sightings(hours_ago, customer=name)]


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


def test_the_receipt_of_a_spike_says_how_its_threshold_came_about() -> None:
    formula = bound.of(Usual((29, *[17] * 6), 20.0), RULES).formula
    assert "× the busiest usual (29) +" in formula
    assert "× how far that is above a typical one (12)" in formula


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


# Back


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
    found = judged(
        sightings(each_hour(1)),
        resolved_at=NOON - timedelta(hours=5),
        last_seen=NOON,
        resolved_in=fixed_in,
        last_version=seen_in,
    )
    assert (Kind.BACK in found) is is_back


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
    found = judged(
        sightings(each_hour(1)),
        resolved_at=NOON - timedelta(hours=5),
        last_seen=NOON,
        resolved_in=fixed_in,
        last_version=seen_in,
        began={version: NOON - timedelta(hours=ago) for version, ago in began.items()},
    )
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
    found = judged(
        sightings(each_hour(1)),
        resolved_at=NOON - timedelta(hours=5),
        last_seen=NOON,
        resolved_in="4.19.0",
        began={version: NOON - timedelta(hours=ago) for version, ago in began.items()},
    )[Kind.BACK]
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
    found = judged(
        sightings(each_hour(1)),
        resolved_at=NOON - timedelta(hours=5),
        last_seen=NOON,
        resolved_in="4.19.0",
        began={version: NOON - timedelta(hours=ago) for version, ago in began.items()},
        awaits_release=True,
    )
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
    assert found[Kind.BACK].reason == "quiet for 10.0 days; 9 since"


# Critical, and all together


def test_what_is_critical_leads_what_makes_it_unusual() -> None:
    new = judged(sightings({0: 1}))[Kind.NEW]
    led = critical("out of memory", (new,))
    assert [one.kind for one in led] == [Kind.CRITICAL, Kind.NEW]
    assert led[0].reason == f"out of memory: {new.reason}"
    assert led[0].receipt == new.receipt


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
        "quiet for 4.3 days besides 4.0 days in which nothing at all came, "
        "its longest gap before was 1 h; 1 since"
    )


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
