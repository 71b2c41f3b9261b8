from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.core.anomaly import Kind, Rules
from bot.core.event import Event
from bot.flows.replay import TICK, replay
from storage.database import Database
from tests.builders import NOON, an_event

if TYPE_CHECKING:
    from bot.flows.record import Recorded

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


READ_AT = NOON + 100 * 24 * HOUR


def played(database: Database, events: Iterable[Event]) -> list[tuple[datetime, Kind, str]]:
    return [
        (at, opened.finding.kind, opened.service)
        for at, opened in replay(database, events, read_at=READ_AT, rules=Rules())
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
    counted: list[Recorded] = []
    events = [*usual(3), an_event(time=NOON), an_event(service="old", time=NOON - 5 * HOUR)]
    played_now = replay(
        database, events, read_at=READ_AT, rules=Rules(), on_recorded=counted.append
    )
    moments = [at for at, _ in played_now]
    assert moments == sorted(moments)
    assert sum(one.events for one in counted) == len(events)


def test_a_file_played_twice_says_the_same(database: Database) -> None:
    events = [*usual(3), *(an_event(customer=f"c{n}") for n in range(5))]
    assert len(played(database, events)) == 1
    assert played(database, events) == [], "what was counted already is not counted again"
