"""One of all does it; the others wait for its lease to end, not for ever."""

from datetime import timedelta

import pytest

from storage import leases
from storage.database import Database
from tests.builders import NOON

MINUTE = timedelta(minutes=1)


def take(database: Database, holder: str, *, minutes: float = 0) -> bool:
    now = NOON + minutes * MINUTE
    with database.write() as session:
        return leases.take(session, "it", holder=holder, now=now, until=now + MINUTE)


def test_the_first_gets_it_and_the_others_do_not(database: Database) -> None:
    assert take(database, "a")
    assert not take(database, "b")
    assert not take(database, "a"), "nor do other threads of the same holder"


def test_what_was_given_back_is_free(database: Database) -> None:
    take(database, "a")
    with database.write() as session:
        leases.give_back(session, "it", holder="b")
    assert not take(database, "b"), "only its holder gives it back"
    with database.write() as session:
        leases.give_back(session, "it", holder="a")
    assert take(database, "b")


def test_a_holder_that_died_holds_nothing_for_ever(database: Database) -> None:
    take(database, "a")
    assert not take(database, "b", minutes=0.9)
    assert take(database, "b", minutes=1)
    with database.write() as session:
        leases.give_back(session, "it", holder="a")
    assert not take(database, "c", minutes=1.5), "a late one gives back nothing of another's"


def left(database: Database, *gone: str) -> list[tuple[str, str]]:
    with database.read() as session:
        return leases.left(session, "i", gone=lambda _, holders: set(gone) & set(holders))


def test_what_those_hold_who_are_gone_is_known_by_its_name(database: Database) -> None:
    take(database, "a")
    assert left(database, "b") == []
    assert left(database, "a") == [("it", "a")]
    with database.read() as session:
        assert leases.left(session, "_t", gone=lambda *_: {"a"}) == []


def test_what_came_to_nothing_rests_and_is_nobodys(database: Database) -> None:
    take(database, "a")
    for holder, found in (("b", [("it", "a")]), ("a", [])):
        with database.write() as session:
            leases.rest(session, "it", holder=holder)
        assert left(database, "a", "") == found
    assert not take(database, "b", minutes=0.9)
    assert take(database, "b", minutes=1)


@pytest.mark.promise(row="R6")
def test_a_clock_that_was_set_back_holds_nothing_up(database: Database) -> None:
    take(database, "a")
    assert not take(database, "b", minutes=-4), "replicas' clocks differ"
    assert take(database, "b", minutes=-60)
