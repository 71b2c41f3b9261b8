"""One of all replicas holds a lock, and another has it soon after that one is heard of no more."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from threading import Event
from time import monotonic

import pytest

from storage import locks
from storage.database import Database, open_database
from storage.failures import FAILURES
from storage.locks import GONE_SECONDS, Lock, Presence
from tests.builders import a_presence
from tests.conftest import POSTGRESQL
from tests.fakes import Clock

on_postgresql = pytest.mark.parametrize("engine", [POSTGRESQL], indirect=True)
BRIEF_SECONDS = 0.3
DEADLINE_SECONDS = 20


@contextmanager
def replica(url: str, holder: str) -> Iterator[Lock]:
    """One with its own connections."""
    with closing(open_database(url)) as database:
        lock = Lock(database, "it", holder=holder, let_go_seconds=BRIEF_SECONDS)
        try:
            yield lock
        finally:
            lock.release()


def taken(lock: Lock) -> bool:
    lock.keep()
    return lock.is_held()


def soon(lock: Lock) -> bool:
    """Whether it is taken before long by one that asks again and again."""
    deadline = monotonic() + DEADLINE_SECONDS
    while not (is_taken := taken(lock)) and monotonic() < deadline:
        Event().wait(0.02)
    return is_taken


@on_postgresql
def test_one_holds_it_until_it_lets_go(url: str, database: Database) -> None:
    with replica(url, "host-a 1") as a, replica(url, "host-b 2") as b:
        assert taken(a)
        assert taken(a), "for as long as it is heard of"
        assert not taken(b)
        with database.read() as session:
            assert locks.holder(session, "it") == "host-a 1"
            assert locks.holder(session, "other") == ""
        a.release()
        assert soon(b)
        assert not taken(a)


@on_postgresql
@pytest.mark.promise(row="R23")
def test_who_is_heard_of_no_more_knows_it_before_another_has_it(
    url: str, database: Database
) -> None:
    with replica(url, "a") as a, replica(url, "b") as b:
        assert taken(a)
        assert soon(b)
        assert not a.is_held()
        with pytest.raises(FAILURES):
            a.keep()
        assert not taken(a), "it is there again, and not its turn"
        with database.read() as session:
            assert locks.holder(session, "it") == "b"


@on_postgresql
@pytest.mark.promise(row="R23")
def test_who_died_is_gone_and_who_lost_its_session_is_not(url: str, database: Database) -> None:
    both, now = ["dies", "lives"], Clock()
    with closing(open_database(url)) as own, database.write() as session:
        dies, lives, asks = (
            Presence(own, name, let_go_seconds=60, elapsed=lambda: now().timestamp())
            for name in (*both, "asks")
        )
        for one in (dies, lives):
            one.keep()
        now.move(seconds=GONE_SECONDS)
        assert not asks.gone(session, both)
        for one in (dies, lives):
            one.release()
        while len(asks._missed) < 2:  # the server ends a session when it gets to it
            assert not asks.gone(session, both), "it may come back"
        lives.keep()
        now.move(seconds=GONE_SECONDS)
        asks.keep()
        lives.release()
        while not asks.missing(session, ["lives"]):
            Event().wait(0.01)
        assert asks.gone(session, both) == {"dies"}, "the other one was there meanwhile"
        asks.release()


def test_all_others_are_gone_who_cannot_be_heard_of_once_what_they_asked_is_done(
    database: Database,
) -> None:
    """On SQLite that is everybody."""
    now = Clock()
    presence = a_presence(database, "new", elapsed=lambda: now().timestamp())
    presence.keep()
    said = []
    with database.read() as session:
        for seconds in (0, GONE_SECONDS - 1, 1):
            now.move(seconds=seconds)
            said.append(presence.gone(session, ["old", "new"]))
    assert said == [set(), set(), {"old"}]
    presence.release()


def test_on_sqlite_nobody_does(database: Database) -> None:
    with database.read() as session:
        assert locks.holder(session, locks.SOCKET_MODE) == ""
