from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.core.anomaly import Kind, Rules
from bot.core.event import Event
from bot.flows.replay import TICK, Tally, replay
from storage.database import Database
from tests.builders import NOON, an_event

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


READ_AT = NOON + 100 * 24 * HOUR


def played(database: Database, events: Iterable[Event]) -> list[tuple[datetime, Kind, str]]:
    return [
        (at, opened.finding.kind, opened.service)
        for at, opened in replay(database, events, read_at=READ_AT, rules=Rules(), tally=Tally())
    ]


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
    list(replay(database, [*usual(3), an_event()], read_at=READ_AT, rules=Rules(), tally=tally))
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
    backlog = [an_event(service="search", time=NOON - 40 * HOUR, received=NOON) for _ in range(500)]
    assert played(database, [*usual(4), *backlog]) == []


def test_an_event_out_of_order_is_recorded_and_does_not_turn_back_the_clock(
    database: Database,
) -> None:
    tally = Tally()
    events = [*usual(3), an_event(time=NOON), an_event(service="old", time=NOON - 5 * HOUR)]
    played_now = replay(database, events, read_at=READ_AT, rules=Rules(), tally=tally)
    moments = [at for at, _ in played_now]
    assert moments == sorted(moments)
    assert tally.recorded.events == len(events)


def test_a_file_played_twice_says_the_same(database: Database) -> None:
    events = [*usual(3), *(an_event(customer=f"c{n}") for n in range(5))]
    assert len(played(database, events)) == 1
    assert played(database, events) == [], "what was counted already is not counted again"
