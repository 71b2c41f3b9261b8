"""Deliveries wait in a bounded queue, share transactions, and are told once they are durable."""

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Event as Told
from typing import Any

import pytest
from sqlalchemy import Engine, event, text
from sqlmodel import select

from bot.core.event import Event
from bot.core.hour import hour_of
from bot.core.intake.census import Census, Place
from bot.flows import receive
from bot.flows.receive import Busy, Delivered, Intake, receiving
from bot.sources.pushed import Delivery
from storage import traffic
from storage.database import Database
from storage.events import count
from storage.spool import Spool
from storage.tables import Sample
from tests.builders import NOON, an_event, standing, statements
from tests.fakes import Away, Clock

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
        assert intake.offer(delivery(an_event(), an_event())).result(SECONDS) == Delivered()
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
    with pytest.raises(Busy, match="send it again"):
        intake.turn_away()
    intake.start()
    assert not kept.result(SECONDS).lost
    intake.turn_away()
    assert intake.offer(delivery()).result(SECONDS) == Delivered()
    intake.stop()


@pytest.mark.promise(row="R16")
def test_what_waits_when_it_is_stopped_is_written_and_nothing_more_is_taken(
    database: Database,
) -> None:
    intake = Intake(database, standing())
    too_many_for_two = receive.TOGETHER // 2 + 1
    offers = [intake.offer(Delivery([an_event()] * too_many_for_two)) for _ in range(3)]
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


def test_it_is_unwell_once_nothing_is_written_any_more(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiving(database, standing()) as intake:
        assert intake.unwell() == ""
    assert intake.unwell() == "", "it was told to stop"
    with monkeypatch.context() as broken:
        broken.setattr(Intake, "_next", lambda _: 1 / 0)
        broken.setattr(threading, "excepthook", lambda _: None)
        dead = Intake(database, standing())
        dead.start()
        dead._writer.join()
        assert dead.unwell() == "what is sent is written no more"


@pytest.mark.promise(row="R12")
def test_a_database_that_cannot_be_written_to_keeps_nobody_waiting(database: Database) -> None:
    with receiving(database, standing()) as intake:
        with database.write(), pytest.raises(Busy, match="send it again"):
            intake.offer(delivery()).result(SECONDS)
        assert intake.offer(delivery()).result(SECONDS) == Delivered()
        assert counted(database) == 1


PLACE = Place("checkout", hour_of(NOON))


def harmless(line: bytes, *events: Event) -> Delivery:
    census = Census()
    census.add(line)
    return Delivery(list(events), traffic={PLACE: census})


def lines(database: Database) -> int:
    with database.read() as session:
        return traffic.hourly(session, PLACE.service, first=PLACE.hour, last=PLACE.hour).get(
            PLACE.hour, 0
        )


def test_harmless_lines_are_kept_every_ten_seconds_and_at_the_end(database: Database) -> None:
    clock = Clock()
    with receiving(database, clock) as intake:
        intake.offer(harmless(b"one", an_event())).result(SECONDS)
        intake.offer(harmless(b"two", an_event())).result(SECONDS)
        assert lines(database) == 0
        clock.move(seconds=10)
        intake.offer(harmless(b"three", an_event())).result(SECONDS)
        intake.offer(delivery()).result(SECONDS)  # after what the writer does between two groups
        assert lines(database) == 24
        intake.offer(harmless(b"four", an_event())).result(SECONDS)
    assert lines(database) == 32


# ---- a database that cannot be written to, and a spool


@pytest.fixture
def away(database: Database) -> Away:
    return Away(database.engine)


@contextmanager
def spooling(
    database: Database,
    file: Path,
    *,
    size: int = 1 << 20,
    clock: receive.Clock | None = None,
    tried_every_seconds: float = 0.01,
) -> Iterator[Intake]:
    with closing(Spool(file, size=size)) as spool:
        intake = Intake(
            database, clock or standing(), spool=spool, tried_every_seconds=tried_every_seconds
        )
        intake.start()
        try:
            yield intake
        finally:
            intake.stop()


def caught_up(intake: Intake) -> None:
    """Once nothing waits in the spool."""
    told = Told()
    while intake._deferred and intake._deferred.waits:
        told.wait(0.01)


@pytest.mark.promise(row="R11")
@pytest.mark.promise(row="R12")
def test_what_the_database_cannot_take_is_kept_and_counts_once_it_can(
    away: Away, tmp_path: Path
) -> None:
    again = an_event()
    with spooling(away, tmp_path / "spool") as intake:
        for events in ([again, an_event(customer="globex")], [an_event()], [again]):
            assert intake.offer(delivery(*events)).result(SECONDS) == Delivered()
        away.comes_back()
        caught_up(intake)
        assert counted(away) == 3
        assert intake.offer(delivery(again)).result(SECONDS) == Delivered(known=1)


@pytest.mark.both_engines
@pytest.mark.promise(row="R11")
def test_a_database_that_may_only_be_read_costs_no_event(
    database: Database, tmp_path: Path
) -> None:
    """As a server is that stands by, or was set so because its disk is full."""
    with spooling(database, tmp_path / "spool") as intake:
        with read_only(database.engine):
            assert intake.offer(delivery(an_event(), an_event())).result(SECONDS) == Delivered()
            assert intake._deferred
            assert intake._deferred.waits
        caught_up(intake)
        assert counted(database) == 2


@pytest.mark.both_engines
@pytest.mark.promise(row="R19")
def test_a_schema_that_another_release_changed_costs_no_event(
    database: Database, tmp_path: Path
) -> None:
    with spooling(database, tmp_path / "spool") as intake:
        rename(database.engine, "seen", "known")
        assert intake.offer(delivery(an_event(), an_event())).result(SECONDS) == Delivered()
        assert intake._deferred
        assert intake._deferred.waits
        rename(database.engine, "known", "seen")
        caught_up(intake)
        assert counted(database) == 2


def rename(engine: Engine, table: str, new: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(f"ALTER TABLE {table} RENAME TO {new}"))


@contextmanager
def read_only(engine: Engine) -> Iterator[None]:
    """No connection may write, but those that are made later."""
    said = {
        "sqlite": "PRAGMA query_only = ON",
        "postgresql": "SET default_transaction_read_only = on",
    }

    def prepare(connection: Any, _record: object) -> None:
        connection.cursor().execute(said[engine.dialect.name])
        connection.commit()

    engine.dispose()
    event.listen(engine, "connect", prepare)
    try:
        yield
    finally:
        event.remove(engine, "connect", prepare)
        engine.dispose()


@pytest.mark.promise(row="R12")
def test_harmless_lines_keep_no_error_waiting_for_the_database(away: Away, tmp_path: Path) -> None:
    clock = Clock()
    with spooling(away, tmp_path / "spool", clock=clock, tried_every_seconds=3_600) as intake:
        clock.move(seconds=10)
        for line in (b"one", b"two"):  # the second after what the writer does in between
            assert intake.offer(harmless(line, an_event())).result(SECONDS) == Delivered()
        away.comes_back()
    assert lines(away) == 16, "the database was not asked, or they would be lost"


def test_what_holds_no_error_takes_no_room_and_says_nothing_of_the_database(
    away: Away, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with spooling(away, tmp_path / "spool", tried_every_seconds=0) as intake:
        intake.offer(delivery()).result(SECONDS)
        assert intake.offer(Delivery([])).result(SECONDS) == Delivered()
        assert "is written again" not in caplog.text


def test_a_spool_that_cannot_be_read_any_more_leaves_nobody_without_an_answer(
    away: Away, tmp_path: Path
) -> None:
    with closing(Spool(tmp_path / "spool", size=1 << 20)) as spool:
        intake = Intake(away, standing(), spool=spool)
        intake.start()
        intake.offer(delivery()).result(SECONDS)
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), spool._file)
        for _ in range(2):
            with suppress(Busy):
                intake.offer(delivery()).result(SECONDS)
        intake.stop()


@pytest.mark.promise(row="R1")
def test_what_waits_in_the_spool_is_counted_by_whoever_comes_next(
    away: Away, tmp_path: Path
) -> None:
    events = [an_event(message=f"disk {name} is full") for name in ("sda", "nvme")]
    with spooling(away, tmp_path / "spool") as intake:
        intake.offer(delivery(*events)).result(SECONDS)
    away.comes_back()
    assert counted(away) == 0
    with spooling(away, tmp_path / "spool") as intake:
        caught_up(intake)
    assert counted(away) == 2


def test_what_lies_in_the_spool_is_redacted_and_of_the_same_error(
    away: Away, tmp_path: Path
) -> None:
    secret, mail = "hunter2hunter2", "ana@example.com"
    stack = f'Traceback (most recent call last):\n  File "a.py", line 1, in pay\nValueError: {mail}'
    one = an_event(
        message=f"login failed: password={secret}",
        error_type="ValueError",
        error_message=f"no user {mail}",
        stack=stack,
        chain=(("ValueError", f"no user {mail}"),),
        url=f"https://example.com/?token={secret}",
        attributes={"authorization": secret},
        fingerprint=(secret,),
    )
    others = [replace(one, source_id=f"other {number}") for number in range(5)]
    with spooling(away, tmp_path / "spool") as intake:
        intake.offer(delivery(one, *others)).result(SECONDS)
        assert intake._deferred
        waiting = repr(intake._deferred.first())
        assert "hunter2" not in waiting
        assert mail not in waiting
        away.comes_back()
        caught_up(intake)
        assert (
            intake.offer(delivery(replace(one, source_id="later"))).result(SECONDS) == Delivered()
        )
    with away.read() as session:
        samples = session.exec(select(Sample)).all()
    assert counted(away) == 7
    assert {sample.signature_id for sample in samples} == {samples[0].signature_id}
    assert samples[0].message == "no user <email>"


@pytest.mark.promise(row="R21")
def test_a_full_spool_takes_no_more_and_says_so_once(
    away: Away, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with spooling(away, tmp_path / "spool", size=1_000) as intake:
        assert intake.offer(delivery()).result(SECONDS) == Delivered()
        for _ in range(2):
            with pytest.raises(Busy, match="send it again"):
                intake.offer(delivery(*(an_event(message="x" * n) for n in range(99)))).result(
                    SECONDS
                )
        away.comes_back()
        caught_up(intake)
        assert counted(away) == 1
    assert caplog.text.count("The spool is full") == 1
    assert caplog.text.count("Nothing can be written (") == 1
    assert caplog.text.count("is written again") == 1


def test_who_keeps_count_himself_is_told_to_come_again(away: Away, tmp_path: Path) -> None:
    with spooling(away, tmp_path / "spool") as intake:
        with pytest.raises(Busy):
            intake.offer(delivery(), along=lambda _: None).result(SECONDS)
        assert intake._deferred
        assert not intake._deferred.waits


def test_what_another_release_spooled_otherwise_is_kept_and_stops_nothing(
    away: Away, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(Spool(tmp_path / "spool", size=1 << 20)) as spool:
        spool.put(b"something else", events=1)
    away.comes_back()
    with spooling(away, tmp_path / "spool") as intake:
        caught_up(intake)
        assert intake.offer(delivery()).result(SECONDS) == Delivered()
    (aside,) = tmp_path.glob("spool.*.unread")
    assert aside.read_bytes() == b"something else"
    assert aside.stat().st_mode & 0o777 == 0o600
    assert f"it is kept in {aside}" in caplog.text
