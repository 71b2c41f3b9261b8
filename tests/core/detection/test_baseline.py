from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.detection import baseline
from bot.core.detection.clientele import Encounters, encounters, usual_customers
from bot.core.detection.history import History, Sighting, silences
from bot.core.detection.usual import DAYS, Usual, backwards, usual_burst, usual_day
from bot.core.hour import DAY, hour_of, start_of
from tests.builders import NOON, by_hour, days_of, sightings

NOW = hour_of(NOON)

histories = st.lists(
    st.builds(
        Sighting,
        st.just(1),
        st.integers(NOW - 20 * DAY, NOW + 2),
        st.sampled_from(["", "acme", "globex", "initech"]),
        st.integers(1, 500),
    ),
    max_size=60,
)


def counts(seen: Iterable[Sighting], *, days: int = DAYS) -> list[int]:
    """Every hour of some days before noon, the nearest first."""
    return backwards(History(tuple(seen), 0).by_hour, NOW, days=days)


def test_an_hour_starts_when_it_says() -> None:
    assert start_of(hour_of(NOON + timedelta(minutes=59, seconds=59))) == NOON
    assert hour_of(NOON + timedelta(hours=1)) == NOW + 1


def test_counts_are_of_both_ends_and_all_customers() -> None:
    history = History([*sightings({0: 1, 1: 2, 2: 4}), *sightings({1: 8}, customer="globex")], 0)
    assert history.count(NOW - 1, NOW) == 11
    assert history.count(NOW - 2, NOW - 2) == 4
    assert history.count(NOW - 9, NOW - 3) == 0


def test_customers_come_most_hit_first_and_nameless_ones_not_at_all() -> None:
    seen = [
        *sightings({0: 2}, customer="globex"),
        *sightings({0: 1, 1: 4}),
        *sightings({0: 9}, customer=""),
        *sightings({5: 99}, customer="initech"),
    ]
    assert list(History(seen, 0).customers(NOW - 1, NOW).items()) == [("acme", 5), ("globex", 2)]


@pytest.mark.parametrize(
    ("known_for_hours", "days"),
    [(-5, 0), (0, 0), (23, 0), (24, 1), (47, 1), (48, 2), (24 * 14, 14), (24 * 90, 14)],
)
def test_only_whole_days_of_data_count_and_no_more_than_a_fortnight(
    known_for_hours: int, days: int
) -> None:
    assert baseline.days_before(NOW - known_for_hours, NOW) == days


def test_days_in_which_nothing_was_seen_are_zeros() -> None:
    usual = usual_day(counts(sightings({3: 28})))
    assert usual.peaks == (28, *[0] * 13)
    assert usual.mean == 2


def test_days_before_anybody_looked_are_no_zeros() -> None:
    usual = baseline.of(
        by_hour(sightings({27: 28}), NOW - DAY + 1), NOW, known_since=NOW - 72, burst_hours=2
    ).day
    assert usual.peaks == (28, 0, 0)


def test_a_burst_over_the_end_of_an_hour_is_one_burst() -> None:
    usual = usual_burst(counts(sightings({5: 30, 6: 12})), hours=2)
    assert usual.peaks[0] == 42
    assert usual.mean == pytest.approx(42 * 2 / (DAYS * DAY))


@pytest.mark.parametrize(
    ("spare", "peaks", "robust"),
    [
        (0, (), 0),
        (0, (5,), 5),
        (0, (5, 900, 1), 900),
        (1, (5, 900, 1), 5),
        (1, (0, 30, 9, 3), 30),
        (1, (0, 31, 9, 3), 9),
        (1, (5, 900, 900, 5, 5, 5, 5), 900),
        (2, (5, 900, 900, 5, 5), 5),
        (2, (900, 900), 0),
        (2, (50, 900, 900, 60, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5), 60),
        (2, (50, 180, 170, 60, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5), 180),
        (2, (0, 12, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0), 12),
        (2, (5, 900, 900, 900, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5), 900),
    ],
)
def test_what_towers_above_the_rest_is_an_old_burst(
    spare: int, peaks: tuple[int, ...], robust: int
) -> None:
    assert Usual(peaks, 0, spare=spare).robust_peak == robust


@pytest.mark.parametrize(
    ("begun", "now", "spare"),
    [
        ("Mon 09 00", "Wed 11 22", 0),
        ("Mon 09 00", "Wed 11 23", 1),
        ("Mon 09 00", "Thu 12 23", 2),
        ("Mon 09 00", "Fri 27 23", 2),
        ("Thu 12 08", "Mon 16 07", 1),
        ("Thu 12 14", "Mon 16 13", 0),
        ("Fri 13 00", "Mon 16 23", 0),
        ("Fri 13 00", "Tue 17 23", 1),
        ("Sat 14 00", "Tue 17 23", 0),
        ("Sat 14 00", "Wed 18 23", 1),
    ],
)
def test_two_days_may_be_left_out_as_long_as_a_whole_one_of_work_stays(
    begun: str, now: str, spare: int
) -> None:
    since, hour = (
        hour_of(datetime.strptime(f"2026-11-{when[4:]} +0000", "%Y-%m-%d %H %z"))
        for when in (begun, now)
    )
    usual = baseline.of({}, hour, known_since=since, burst_hours=2)
    assert {usual.day.spare, usual.burst.spare} == {spare}


def test_a_day_of_work_on_which_nobody_listened_is_none() -> None:
    monday, thursday = (hour_of(datetime(2026, 11, day, tzinfo=UTC)) for day in (9, 12))
    heard = baseline.of({}, thursday + DAY - 1, known_since=monday, burst_hours=2)
    silent = [range(monday + 2, monday + DAY)]
    half = baseline.of({}, thursday + DAY - 1, known_since=monday, burst_hours=2, silent=silent)
    assert (heard.day.spare, half.day.spare) == (2, 1)


@pytest.mark.parametrize(
    ("bursts", "days", "deaf", "kept"),
    [
        pytest.param({6 * DAY: 900, 13 * DAY: 800}, 14, (), 800, id="in both weeks, the lower"),
        pytest.param({6 * DAY - 3: 900, 13 * DAY + 3: 800}, 14, (), 800, id="early and late"),
        pytest.param({6 * DAY + 5: 900, 13 * DAY: 800}, 14, (), 0, id="at another time"),
        pytest.param({6 * DAY: 900}, 14, (), 0, id="in one week of two"),
        pytest.param({6 * DAY: 900}, 13, (), 900, id="in the only week that is known"),
        pytest.param({6 * DAY: 900}, 14, (13,), 900, id="in the only week that was heard"),
        pytest.param({5 * DAY: 900}, 6, (), 0, id="in no week yet"),
    ],
)
def test_the_same_time_of_a_weekday_keeps_what_it_always_held(
    bursts: dict[int, int], days: int, deaf: tuple[int, ...], kept: int
) -> None:
    counts = [bursts.get(back, 0) for back in range(days * DAY)]
    usual = usual_burst(counts, hours=2, deaf=frozenset(deaf))
    assert usual.weekday_peak == kept


@pytest.mark.parametrize(
    ("peaks", "spare", "swing"),
    [
        ((), 0, 0),
        ((30,) * 14, 2, 0),
        ((90, 20, 5), 0, 90),
        ((90, 20, 5) * 4, 2, 70),
        ((900, 5, 6, 4) * 2, 2, 0),
    ],
)
def test_the_swing_is_how_far_the_busiest_day_stands_above_the_middle_one(
    peaks: tuple[int, ...], spare: int, swing: int
) -> None:
    assert Usual(peaks, 0, spare=spare).swing == swing


def test_customers_and_encounters_are_counted_a_day() -> None:
    seen = [
        *sightings({1: 1, 2: 9, 30: 1}),
        *sightings({2: 1, 3: 3}, customer="globex"),
        *sightings({40: 1}, customer=""),
    ]
    hit = days_of(seen, NOW)
    assert hit == {"acme": 0b11, "globex": 0b1}
    assert usual_customers(hit, 3) == (2, 1, 0)
    assert encounters(hit) == Encounters(days=3, once=1)


def test_a_signature_never_seen_before_has_no_rhythm() -> None:
    assert baseline.rhythm(()) is None


def test_the_rhythm_is_of_the_hours_in_which_it_was_seen() -> None:
    assert baseline.rhythm({NOW - 30: 1, NOW - 24: 4, NOW - 50: 1}) == baseline.Rhythm(
        3, NOW - 24, longest_gap=20, mean_gap=13
    )


@pytest.mark.parametrize(
    ("heard", "silent"),
    [
        pytest.param([], [], id="nothing ever"),
        pytest.param([5], [], id="one hour"),
        pytest.param([*range(48), *range(71, 99)], [], id="less than a day"),
        pytest.param([*range(48), *range(72, 99)], [(48, 72)], id="a day"),
        pytest.param(
            [*range(48), *range(90, 130), *range(200, 230)], [(48, 90), (130, 200)], id="two"
        ),
        pytest.param([*range(0, 100, 2), *range(200, 240)], [(99, 200)], id="now and then"),
        pytest.param([*range(0, 100, 5), *range(200, 220, 5)], [], id="what is hardly ever heard"),
    ],
)
def test_a_silence_is_a_day_of_nothing_where_there_is_something_in_most_hours(
    heard: list[int], silent: list[tuple[int, int]]
) -> None:
    assert [(gap.start, gap.stop) for gap in silences(heard)] == silent


@given(histories, st.integers(0, DAYS))
def test_every_sighting_of_the_baseline_is_on_exactly_one_day(
    seen: list[Sighting], days: int
) -> None:
    usual = usual_day(counts(seen, days=days))
    assert len(usual.peaks) == days
    assert sum(usual.peaks) == History(seen, 0).count(NOW - days * DAY, NOW - 1)


@given(histories, st.integers(0, DAYS), st.integers(1, 6))
def test_the_peak_of_a_day_is_its_busiest_window(
    seen: list[Sighting], days: int, hours: int
) -> None:
    history = History(seen, 0)
    usual = usual_burst(counts(seen, days=days), hours=hours)
    for back, peak in enumerate(usual.peaks):
        first = NOW - (back + 1) * DAY
        last = first + DAY - 1
        windows = [(start, min(start + hours - 1, last)) for start in range(first, last + 1)]
        seen_first = [window for window in windows if history.count(window[0], window[0])]
        assert peak == max((history.count(*window) for window in seen_first), default=0)
