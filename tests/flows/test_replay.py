from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.core.detection.finding import Kind
from bot.core.detection.threshold import Rules
from bot.core.event import Event
from bot.core.hour import MOMENT
from bot.flows import decide, look
from bot.flows.detect import Opened, detect
from bot.flows.record import record
from bot.flows.replay import TICK, Tally, recorded, replay, stored
from bot.flows.settle import settle
from storage.database import Database
from tests.builders import NOON, an_event, statements

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


READ_AT = NOON + 100 * 24 * HOUR


def played(database: Database, events: Iterable[Event]) -> list[tuple[datetime, Kind, str]]:
    return [
        (at, opened.finding.kind, opened.service)
        for at, opened in replayed(database, events, tally=Tally())
    ]


def replayed(
    database: Database, events: Iterable[Event], *, tally: Tally
) -> Iterator[tuple[datetime, Opened]]:
    stops = recorded(database, events, read_at=READ_AT, tally=tally)
    return replay(database, stops, rules=Rules(), tally=tally)


def usual(days: int) -> list[Event]:
    """An error of the search every hour of the days before noon, the oldest first."""
    return [
        an_event(service="search", time=NOON - hours * HOUR) for hours in range(days * 24, 0, -1)
    ]


def test_an_episode_begins_at_the_first_tick_after_it_could_be_seen(database: Database) -> None:
    (began,) = played(database, [*usual(3), an_event(time=NOON), an_event(time=NOON + HOUR)])
    at, kind, service = began
    assert (kind, service) == (Kind.NEW, "checkout")
    assert NOON < at <= NOON + TICK


def test_the_last_events_are_judged_too(database: Database) -> None:
    assert len(played(database, [*usual(3), an_event()])) == 1


def test_nothing_played_is_nothing_said(database: Database) -> None:
    assert played(database, []) == []


def test_what_was_played_is_tallied(database: Database) -> None:
    tally = Tally()
    list(replayed(database, [*usual(3), an_event()], tally=tally))
    assert (tally.recorded.events, len(tally.recorded.signature_ids)) == (73, 2)
    assert sorted(f"{day:%d}" for day in tally.days) == ["15", "16", "17", "18"]
    assert tally.alerts == {Kind.NEW: 1}


def test_events_without_an_arrival_arrive_when_they_happened(database: Database) -> None:
    timeless = [
        an_event(service=event.service, time=event.time, received=READ_AT)
        for event in [*usual(3), an_event()]
    ]
    (began,) = played(database, timeless)
    assert NOON < began[0] <= NOON + TICK


def test_a_backlog_that_arrives_late_is_no_spike(database: Database) -> None:
    begins = NOON - 40 * HOUR
    backlog = [replace(one, received=NOON) for one in usual(9) if one.time >= begins]
    assert len(backlog) == 40
    assert played(database, [*(one for one in usual(9) if one.time < begins), *backlog]) == []


def test_a_burst_that_arrives_late_is_a_spike_of_when_it_happened(database: Database) -> None:
    burst = [an_event(service="search", time=NOON - 40 * HOUR, received=NOON) for _ in range(500)]
    ((at, kind, _),) = played(database, [*usual(9), *burst])
    assert (kind, NOON < at <= NOON + TICK) == (Kind.SPIKE, True)


def test_an_event_out_of_order_is_recorded_and_does_not_turn_back_the_clock(
    database: Database,
) -> None:
    tally = Tally()
    events = [*usual(3), an_event(time=NOON), an_event(service="old", time=NOON - 5 * HOUR)]
    played_now = replayed(database, events, tally=tally)
    moments = [at for at, _ in played_now]
    assert moments == sorted(moments)
    assert tally.recorded.events == len(events)


def test_an_episode_that_ended_in_a_silence_is_not_the_same_as_the_next(
    database: Database,
) -> None:
    def burst(at: datetime) -> list[Event]:
        return [an_event(service="search", time=at) for _ in range(90)]

    days = [
        at for at, kind, _ in played(database, [*usual(9), *burst(NOON), *burst(NOON + 2 * DAY)])
    ]
    assert [f"{at:%d}" for at in days] == ["18", "20"]


def test_a_silence_of_years_is_no_year_of_stops(database: Database) -> None:
    events = [*usual(1), an_event(time=NOON + 6 * 365 * DAY), an_event(time=NOON + 6 * 365 * DAY)]
    stops = list(recorded(database, events, read_at=READ_AT, tally=Tally()))
    assert len(stops) < 70
    moments = [stop.now for stop in stops]
    assert moments == sorted(moments)


@pytest.mark.parametrize("place", [0, 40, 72])
@pytest.mark.parametrize("years", [-6, 6])
def test_a_stray_line_of_another_year_changes_nothing(
    database: Database, other: Database, place: int, years: int
) -> None:
    events, tally = [*usual(3), an_event()], Tally()
    stray = an_event(service="search", time=NOON + years * 365 * DAY)
    expected = played(other, events)
    began = replayed(database, [*events[:place], stray, *events[place:]], tally=tally)
    assert [(at, one.finding.kind, one.service) for at, one in began] == expected
    assert tally.order.strays + tally.order.late == 1
    assert tally.recorded.events == 74


def test_how_late_an_alert_came_is_told_from_the_event_that_reached_the_threshold(
    database: Database,
) -> None:
    tally = Tally()
    burst = [an_event(service="search", time=NOON + n * MINUTE) for n in range(14)]
    (opened,) = replayed(database, [*usual(9), *burst], tally=tally)
    fires_from = int(opened[1].finding.receipt.fires_from)
    before = opened[1].finding.receipt.observed - len(burst)
    assert tally.delays == [TICK - MOMENT - (fires_from - before - 1) * MINUTE]


def test_what_is_a_spike_to_the_end_of_the_hour_alone_is_one_in_a_replay(
    database: Database,
) -> None:
    """Ten in two hours: those of the first hour are not in the two that the next one ends."""
    began = [NOON + minute * MINUTE for minute in (1, 20, 40, 50, 59)]
    burst = [
        an_event(service="search", time=at + late) for late in (0 * HOUR, HOUR) for at in began
    ]
    rare = [one for one in usual(9) if one.time < NOON - 2 * DAY]
    ((at, kind, _),) = played(database, [*rare, *burst])
    assert (kind, at) == (Kind.SPIKE, NOON + 2 * HOUR - MOMENT)


def test_a_file_played_twice_says_the_same(database: Database) -> None:
    events = [*usual(3), *(an_event(customer=f"c{n}") for n in range(5))]
    assert len(played(database, events)) == 1
    assert played(database, events) == [], "what was counted already is not counted again"


# What a database counted


def told_by_counts(
    source: Database, database: Database, *, now: datetime = NOON + DAY
) -> list[tuple[datetime, Kind, str]]:
    tally = Tally()
    stops = stored(source, database, tally=tally, now=now)
    return [
        (at, opened.finding.kind, opened.service)
        for at, opened in replay(database, stops, rules=Rules(), tally=tally)
    ]


def test_counts_say_what_the_events_said_as_each_hour_ends(
    database: Database, other: Database
) -> None:
    burst = [an_event(service="search", time=NOON + HOUR, customer=f"c{n}") for n in range(90)]
    record(database, [*usual(9), an_event(time=NOON + 10 * MINUTE), *burst], now=NOON + DAY)
    assert told_by_counts(database, other) == [
        (NOON + 59 * MINUTE, Kind.NEW, "checkout"),
        (NOON + HOUR + 59 * MINUTE, Kind.SPIKE, "search"),
    ]


def test_the_hour_that_runs_is_told_of_as_of_now(database: Database, other: Database) -> None:
    now = NOON + 10 * MINUTE
    record(database, [*usual(3), an_event(time=now - MINUTE)], now=now)
    assert told_by_counts(database, other, now=now) == [(now, Kind.NEW, "checkout")]


def test_a_database_is_as_it_was_after_its_replay(database: Database, other: Database) -> None:
    record(database, [*usual(3), an_event()], now=NOON)
    with statements(database) as asked:
        assert told_by_counts(database, other)
    assert {statement.split()[0] for statement in asked} <= {"BEGIN", "SELECT"}


def test_what_was_resolved_is_back_in_a_replay_of_counts(
    database: Database, other: Database
) -> None:
    record(database, usual(4), now=NOON)
    (name,) = (card.short_id for card in look.search(database, "search", now=NOON, most=9).cards)
    decide.resolve(database, name, by="U1", now=NOON + 20 * MINUTE)
    again = an_event(service="search", time=NOON + 3 * HOUR)
    recorded = record(database, [again], now=NOON + 3 * HOUR)
    detect(database, recorded.signature_ids, now=NOON + 3 * HOUR, rules=Rules())
    settle(database, now=NOON + 3 * HOUR)
    assert told_by_counts(database, other) == [(NOON + 3 * HOUR + 59 * MINUTE, Kind.BACK, "search")]


@pytest.mark.parametrize(("older", "fixed"), [("a1a2a3a4", "b1b2b3b4"), ("4.18.0", "4.19.0")])
def test_what_was_resolved_in_a_release_is_back_in_a_replay_once_that_runs(
    database: Database, other: Database, older: str, fixed: str
) -> None:
    record(database, [replace(one, version=older) for one in usual(4)], now=NOON)
    (name,) = (card.short_id for card in look.search(database, "search", now=NOON, most=9).cards)
    decide.resolve(database, name, by="U1", now=NOON + 20 * MINUTE, version=fixed)
    for hours, version in ((1, older), (3, fixed)):
        again = an_event(service="search", time=NOON + hours * HOUR, version=version)
        record(database, [again], now=NOON + hours * HOUR)
    assert told_by_counts(database, other) == [(NOON + 3 * HOUR + 59 * MINUTE, Kind.BACK, "search")]


def test_what_is_merged_is_counted_once(database: Database, other: Database) -> None:
    numbers = record(database, [*usual(3), an_event(), an_event(service="cart")], now=NOON)
    names = [card.short_id for card in look.search(database, "c", now=NOON, most=9).cards]
    services = {look.card(database, name, now=NOON).service: name for name in names}
    decide.merge(database, services["cart"], into=services["checkout"], by="U1", now=NOON)
    assert len(numbers.signature_ids) == 3
    tally = Tally()
    stops = stored(database, other, tally=tally, now=NOON + DAY)
    assert [opened.service for _, opened in replay(other, stops, rules=Rules(), tally=tally)] == [
        "checkout"
    ]
    assert (tally.recorded.events, len(tally.recorded.signature_ids)) == (74, 2)


def test_a_stray_count_of_an_old_year_does_not_make_everything_new(
    database: Database, other: Database
) -> None:
    stray = an_event(service="cart", time=NOON - 900 * DAY, received=NOON)
    record(database, [stray, *usual(1), an_event()], now=NOON)
    assert told_by_counts(database, other) == []


def test_an_empty_database_says_nothing(database: Database, other: Database) -> None:
    assert told_by_counts(database, other) == []
