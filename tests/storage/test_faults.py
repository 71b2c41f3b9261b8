"""What is wrong with a database is found, and nothing is found in one that is sound."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.core.intake.retention import Retention
from bot.flows import decide, look
from bot.flows.clean import clean
from bot.flows.record import record
from storage import faults
from storage.database import Database
from storage.tables import Decision
from tests.builders import NOON, an_event


def found(database: Database) -> dict[str, list[str]]:
    with database.read() as session:
        return {one.what: one.faults for one in faults.checks(session) if one.faults}


@pytest.fixture
def short_id(database: Database) -> str:
    """An error that was seen on two days and claimed."""
    events = [an_event(time=NOON - timedelta(days=days)) for days in (0, 1, 1)]
    record(database, events, now=NOON)
    (card,) = look.search(database, "payment failed", now=NOON, most=5).cards
    decide.claim(database, card.short_id, by="U1", now=NOON)
    return card.short_id


@pytest.mark.both_engines
def test_nothing_is_wrong_with_one_in_use(database: Database, short_id: str) -> None:
    assert found(database) == {}
    clean(database, Retention(), now=NOON + timedelta(days=401))
    assert found(database) == {}, "what is gone is missed nowhere"


def test_what_comes_in_older_than_anything_kept_is_no_fault(database: Database) -> None:
    for _ in range(2):
        record(database, [an_event(time=NOON - timedelta(days=500))], now=NOON)
        assert found(database) == {}
        clean(database, Retention(), now=NOON)
    assert found(database) == {}


def doing(*statements: str) -> Callable[[Database], None]:
    def done(database: Database) -> None:
        with database.engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
            connection.commit()

    return done


@pytest.mark.both_engines
def test_what_others_put_beside_ours_is_named_and_no_fault(database: Database) -> None:
    doing(
        "CREATE TABLE notes (day TEXT)",
        "CREATE INDEX ix_notes ON notes (day)",
        "CREATE INDEX ix_theirs ON sightings (count)",
    )(database)
    assert found(database) == {}
    with database.read() as session:
        named = faults.foreign(session)
    assert {"table notes", "index ix_theirs"} <= {*named}


def without_triggers(database: Database) -> None:
    (name, *_) = sorted(faults.TRIGGERS[database.engine.dialect.name])
    on = "" if database.engine.dialect.name == "sqlite" else " ON decisions"
    doing(f"DROP TRIGGER {name}{on}")(database)


def without_a_parent(database: Database) -> None:
    if database.engine.dialect.name == "postgresql":
        doing(
            "SET session_replication_role = replica",
            "DELETE FROM signatures",
            "RESET session_replication_role",
        )(database)
        return
    with closing(sqlite3.connect(str(database.engine.url.database))) as connection, connection:
        connection.execute("DELETE FROM signatures")


def taken_back_before(database: Database) -> None:
    facts = {"signature_id": 1, "by": "U1", "at": NOON, "reason": ""}
    stands = {"before": {"state": "claimed"}, "after": {"state": "claimed", "assignee": "U1"}}
    with database.write() as session:
        session.add(Decision(id=50, kind="reroute", **facts, **stands))
        session.flush()
        session.add(Decision(id=40, kind="undo", undoes=50, **facts, **stands))


@pytest.mark.both_engines
@pytest.mark.parametrize(
    ("breaks", "what", "said"),
    [
        (doing("UPDATE sightings SET count = count + 1"), "counts", "says 3 in all, and its"),
        (doing("DELETE FROM sightings WHERE count = 1"), "counts", "its hours and days 2"),
        (doing("UPDATE signatures SET state = 'open'"), "trail", "its trail leaves it claimed"),
        (doing("UPDATE signatures SET state = 'muted'"), "mutes", "is muted, and 0 mutes of it"),
        (doing("UPDATE signatures SET merged_into = id"), "merges", "is merged into itself"),
        (doing("DELETE FROM aliases"), "names", "is known by no fingerprint"),
        (doing("DROP INDEX ix_seen_received_hour"), "schema", "add_index ix_seen_received_hour"),
        (without_triggers, "triggers", "what was decided could be changed"),
        (without_a_parent, "references", "1 of aliases name a signatures that is not there"),
        (taken_back_before, "undone", "decision 40 takes back one that came after it"),
    ],
)
def test_what_is_wrong_is_found(
    database: Database, short_id: str, breaks: Callable[[Database], None], what: str, said: str
) -> None:
    breaks(database)
    assert said in "; ".join(found(database)[what])


@pytest.mark.sqlite
def test_a_page_that_is_damaged_is_found(url: str, database: Database, short_id: str) -> None:
    file = Path(url.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'ix_seen_received_hour'"
        ).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with file.open("r+b") as raw:
        raw.seek((page - 1) * size + size - 8)
        raw.write(b"\xff" * 8)
    database.close()
    assert "ix_seen_received_hour" in "; ".join(found(database)["storage"])
