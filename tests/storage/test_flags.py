"""Switches: the newest setting holds, and every one that ever was is kept."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from storage import flags
from storage.database import Database
from tests.builders import NOON


def put(database: Database, *, on: bool, by: str = "U1") -> None:
    with database.write() as session:
        flags.put(session, "model", on=on, by=by, reason="costs", now=NOON)


def test_the_newest_setting_holds(database: Database) -> None:
    with database.read() as session:
        assert flags.standing(session) == {}
    put(database, on=False)
    put(database, on=True, by="U2")
    with database.read() as session:
        (stands,) = flags.standing(session).values()
    assert (stands.name, stands.on, stands.by, stands.reason) == ("model", True, "U2", "costs")


@pytest.mark.parametrize("change", ["UPDATE flags SET by = 'U9'", "DELETE FROM flags"])
def test_nobody_rewrites_who_set_it(database: Database, change: str) -> None:
    put(database, on=False)
    with pytest.raises(DatabaseError, match="append-only"), database.write() as session:
        session.execute(text(change))
