"""Deliveries wait in a bounded queue, share transactions, and are told once they are durable."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from bot.core.baseline import hour_of
from bot.core.census import Census, Place
from bot.core.event import Event
from bot.flows import receive
from bot.flows.receive import Busy, Intake, Kept, receiving
from bot.sources.pushed import Delivery
from storage import traffic
from storage.database import Database
from storage.events import count
from tests.builders import NOON, an_event, standing, statements
from tests.fakes import Clock

SECONDS = 30


def delivery(*events: Event) -> Delivery:
    return Delivery(list(events) or [an_event()])


def counted(database: Database) -> int:
    with database.read() as session:
        return count(session, first=0, last=10**9)


def bad() -> Event:
    """What no database takes: a time without a zone."""
    return replace(an_event(), time=datetime(2026, 11, 18, 12))  # noqa: DTZ001


def outcomes(offers: Sequence[Any]) -> list[list[Event]]:
    return [list(offer.result(SECONDS).lost) for offer in offers]


@pytest.mark.promise(row="R2")
def test_what_is_done_is_in_the_database(database: Database) -> None:
    with receiving(database, standing()) as intake:
        assert intake.offer(delivery(an_event(), an_event())).result(SECONDS) == Kept()
        assert counted(database) == 2


def test_what_waits_shares_a_transaction(database: Database) -> None:
    intake = Intake(database, standing())
    offers = [intake.offer(delivery()) for _ in range(200)]
    with statements(database, written=True) as said:
        intake.start()
        assert outcomes(offers) == [[]] * 200
    intake.stop()
    assert sum("INTO seen" in one for one in said) == 1


@pytest.mark.promise(row="R21")
def test_who_comes_when_too_much_waits_is_told_to_come_again(database: Database) -> None:
    intake = Intake(database, standing())
    full = Delivery([an_event()] * receive.MOST_WAITING)
    kept = intake.offer(full)
    with pytest.raises(Busy, match="send it again"):
        intake.offer(delivery())
    intake.start()
    assert not kept.result(SECONDS).lost
    assert intake.offer(delivery()).result(SECONDS) == Kept()
    intake.stop()


@pytest.mark.promise(row="R16")
def test_what_waits_when_it_is_stopped_is_written_and_nothing_more_is_taken(
    database: Database,
) -> None:
    intake = Intake(database, standing())
    offers = [intake.offer(delivery()) for _ in range(3)]
    intake.start()
    intake.stop()
    assert (outcomes(offers), counted(database)) == ([[]] * 3, 3)
    with pytest.raises(Busy):
        intake.offer(delivery())


def test_an_event_that_cannot_be_counted_costs_itself_alone(database: Database) -> None:
    intake, broken = Intake(database, standing()), bad()
    offers = [
        intake.offer(delivery()),
        intake.offer(delivery(an_event(), broken, an_event())),
        intake.offer(delivery()),
    ]
    intake.start()
    assert outcomes(offers) == [[], [broken], []]
    intake.stop()
    assert counted(database) == 4


def test_what_counted_before_is_told_whoever_brings_it_again(database: Database) -> None:
    intake, one, two = Intake(database, standing()), an_event(), an_event()
    offers = [
        intake.offer(delivery(one, two)),
        intake.offer(delivery(two)),
        intake.offer(delivery(bad(), one, an_event())),
    ]
    intake.start()
    assert [offer.result(SECONDS).known for offer in offers] == [0, 1, 1]
    intake.stop()
    assert counted(database) == 3


@pytest.mark.promise(row="R12")
def test_a_database_that_cannot_be_written_to_keeps_nobody_waiting(database: Database) -> None:
    with receiving(database, standing()) as intake:
        with database.write(), pytest.raises(Busy, match="send it again"):
            intake.offer(delivery()).result(SECONDS)
        assert intake.offer(delivery()).result(SECONDS) == Kept()
        assert counted(database) == 1


def test_harmless_lines_are_kept_every_ten_seconds_and_at_the_end(database: Database) -> None:
    clock, place = Clock(), Place("checkout", hour_of(NOON))

    def told(line: bytes) -> Delivery:
        census = Census()
        census.add(line)
        return Delivery([an_event()], traffic={place: census})

    def lines() -> int:
        with database.read() as session:
            return traffic.hourly(session, place.service, first=place.hour, last=place.hour).get(
                place.hour, 0
            )

    with receiving(database, clock) as intake:
        intake.offer(told(b"one")).result(SECONDS)
        intake.offer(told(b"two")).result(SECONDS)
        assert lines() == 0
        clock.move(seconds=10)
        intake.offer(told(b"three")).result(SECONDS)
        intake.offer(delivery()).result(SECONDS)  # after what the writer does between two groups
        assert lines() == 24
        intake.offer(told(b"four")).result(SECONDS)
    assert lines() == 32
