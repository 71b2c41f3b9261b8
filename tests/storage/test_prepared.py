"""Statements that are built once: they give what SQLAlchemy gives for them."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import bindparam, select

from storage import events as arrivals
from storage.database import Database, table_of
from storage.prepared import Prepared, inserting
from storage.tables import Customer
from tests.builders import statements

CUSTOMERS = table_of(Customer)
NAMED = Prepared(select(CUSTOMERS).where(CUSTOMERS.c.name.in_(bindparam("names"))))
NEW = inserting(Customer, lambda new: new.on_conflict_do_nothing())
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MET = [{"name": name, "first_seen": NOON} for name in ("acme", "globex", "initech")]


@pytest.fixture
def met(database: Database) -> Database:
    with database.write() as session:
        NEW.each(session, MET)
    return database


def test_rows_come_back_as_they_were_given(met: Database) -> None:
    with met.read() as session:
        assert [tuple(row) for row in NAMED.rows(session, names=["acme"])] == [("acme", NOON)]


def test_a_value_that_is_asked_for_twice_is_found_once(met: Database) -> None:
    with met.read() as session:
        assert len(NAMED.rows(session, names=["acme", "acme", "globex"])) == 2


@pytest.mark.parametrize("names", [[], ["hooli"]])
def test_what_is_not_there_has_no_value(met: Database, names: list[str]) -> None:
    with met.read() as session:
        assert NAMED.rows(session, names=names) == []
        assert NAMED.value(session, names=names) is None


def test_lists_of_about_one_length_are_one_statement(met: Database) -> None:
    with met.read() as session, statements(met) as asked:
        for some in range(5, 9):
            NAMED.rows(session, names=[str(number) for number in range(some)])
    assert len(asked) == 4
    assert len(set(asked)) == 1


def test_rows_may_come_as_their_values_in_the_order_of_some_names(database: Database) -> None:
    with database.write() as session:
        NEW.each_of(session, ("first_seen", "name"), [(NOON, "acme"), (NOON, "globex")])
        arrivals.admit(session, [b"1" * 16, b"2" * 16], received_hour=3)
        (found,) = NAMED.rows(session, names=["globex"])
        assert tuple(found) == ("globex", NOON)
        assert arrivals.admit(session, [b"2" * 16, b"3" * 16], received_hour=3) == {b"3" * 16}


def test_no_rows_are_no_statement(met: Database) -> None:
    with met.write() as session, statements(met) as asked:
        NEW.each(session, [])
        NEW.each_of(session, ("name", "first_seen"), [])
    assert not asked


def test_a_moment_that_names_no_zone_is_refused(met: Database) -> None:
    naive = [{"name": "hooli", "first_seen": NOON.replace(tzinfo=None)}]
    with met.write() as session, pytest.raises(ValueError, match="naive"):
        NEW.each(session, naive)
