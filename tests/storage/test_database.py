"""Which databases are opened, and what a transaction promises on them."""

import os
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, IntegrityError, StatementError

from storage import analyses, anomalies, copies, decisions, files, sightings, signatures
from storage import database as databases
from storage.database import Database, only_one, open_database, open_existing
from storage.failures import Unusable
from storage.tables import Customer, Decision
from tests.builders import NOON
from tests.conftest import POSTGRESQL
from tests.storage.databases import a_closed_database, a_signature, customers, meet, url_of


def a_text_file(folder: Path) -> Path:
    (folder / "triage.db").write_text("not a database, however long it is " * 200)
    return folder / "triage.db"


def a_folder(folder: Path) -> Path:
    return folder


def a_file_in_no_folder(folder: Path) -> Path:
    return folder / "missing" / "triage.db"


@pytest.mark.parametrize("place", [a_text_file, a_folder, a_file_in_no_folder])
def test_what_cannot_be_a_database_is_named(place: Callable[[Path], Path], tmp_path: Path) -> None:
    with pytest.raises(Unusable, match=str(place(tmp_path).parent)):
        open_database(url_of(place(tmp_path)))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite://", "name a file"),
        ("sqlite:///:memory:", "name a file"),
        ("what is this", "no database address"),
        ("", "no database address"),
    ],
)
def test_an_address_that_leads_nowhere_is_refused(url: str, said: str) -> None:
    with pytest.raises(Unusable, match=said):
        open_database(url)


def a_stranger(file: Path) -> Path:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE cookies (name)")
    return file


def test_reading_makes_no_database(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match=r"There is no database at .*`triage ingest FILE` makes one"):
        open_existing(url_of(tmp_path / "t.db"))
    with pytest.raises(Unusable, match=r"t.db, nor its folder: check the address"):
        open_existing(url_of(tmp_path / "none" / "t.db"))
    with pytest.raises(
        Unusable, match=r" is a folder: name the file in it, sqlite:////.*/triage\.db"
    ):
        open_existing(url_of(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_the_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = a_stranger(tmp_path / "cookies.db")
    before = file.read_bytes()
    uses: list[Callable[[], object]] = [
        lambda: open_database(url_of(file)),
        lambda: open_existing(url_of(file)),
        lambda: copies.backup(url_of(file), tmp_path / "copy.db"),
    ]
    for use in uses:
        with pytest.raises(Unusable, match="is the database of another program"):
            use()
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]


def test_what_may_not_be_written_to_is_read(
    shelf: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    file = a_closed_database(shelf / "t.db")
    file.chmod(0o444)
    shelf.chmod(0o555)
    request.getfixturevalue("nobody")
    database = open_existing(url_of(file))
    assert customers(database) == ["acme"]
    database.close()
    assert list(shelf.iterdir()) == [file]


def test_what_may_not_be_written_to_is_not_opened_to_write(
    shelf: Path, request: pytest.FixtureRequest
) -> None:
    file = a_closed_database(shelf / "t.db")
    shelf.chmod(0o777)
    file.chmod(0o444)
    request.getfixturevalue("nobody")
    with pytest.raises(Unusable, match=r"t\.db may be read but not written to"):
        open_database(url_of(file))
    assert list(shelf.iterdir()) == [file]


def test_what_may_not_even_be_read_is_said_to_be_so(
    shelf: Path, request: pytest.FixtureRequest
) -> None:
    file = a_closed_database(shelf / "t.db")
    file.chmod(0)
    request.getfixturevalue("nobody")
    for use in (open_database, open_existing):
        with pytest.raises(Unusable, match=r"t\.db may not be read"):
            use(url_of(file))


def test_a_file_beside_it_that_its_last_user_removes_meanwhile_is_no_hindrance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, beside = tmp_path / "t.db", tmp_path / "t.db-wal"
    for one in (file, beside):
        one.touch()

    def late(path: Path) -> bool:
        if path == beside:
            beside.unlink()
        return os.access(path, os.W_OK)

    monkeypatch.setattr(files, "may_write_to", late)
    assert files.may_write(file)
    assert not beside.exists()


def test_a_file_beside_it_that_may_not_be_written_to_is_named(
    shelf: Path, request: pytest.FixtureRequest
) -> None:
    writer = open_database(url_of(shelf / "t.db"))
    meet(writer, "acme")
    (shelf / "t.db").chmod(0o666)
    (shelf / "t.db-wal").chmod(0o666)
    (shelf / "t.db-shm").chmod(0o444)
    shelf.chmod(0o777)
    request.getfixturevalue("nobody")
    with pytest.raises(Unusable, match=r"may be written to, but not .*t\.db-shm"):
        open_database(url_of(shelf / "t.db"))
    reader = open_existing(url_of(shelf / "t.db"))
    assert customers(reader) == ["acme"]
    reader.close()
    writer.close()


def test_reading_begins_while_another_writes(tmp_path: Path) -> None:
    file = a_closed_database(tmp_path / "t.db")
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        reader = open_existing(url_of(file))
        assert customers(reader) == ["acme"]
        reader.close()


def test_what_is_written_by_another_is_read_as_of_now(
    shelf: Path, request: pytest.FixtureRequest
) -> None:
    writer = open_database(url_of(shelf / "t.db"))
    meet(writer, "acme")
    for file in shelf.iterdir():
        file.chmod(0o444)
    shelf.chmod(0o555)
    request.getfixturevalue("nobody")
    reader = open_existing(url_of(shelf / "t.db"))
    assert customers(reader) == ["acme"]
    reader.close()
    writer.close()


def test_an_address_without_a_driver_names_the_remedy() -> None:
    with pytest.raises(Unusable, match=r"begin it with postgresql\+psycopg://"):
        open_database("postgres://db.internal/triage")


@pytest.mark.promise(row="R2")
def test_commits_survive_a_power_cut(tmp_path: Path) -> None:
    database = open_database(url_of(tmp_path / "triage.db"))
    with database.read() as session:
        assert session.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert session.execute(text("PRAGMA synchronous")).scalar() == 2, "2 is FULL"
        assert session.execute(text("PRAGMA foreign_keys")).scalar() == 1


def test_an_exception_undoes_all_that_was_written(database: Database) -> None:
    meet(database, "acme")
    twice = "SELECT 'new', first_seen FROM customers UNION ALL SELECT * FROM customers"
    with pytest.raises(IntegrityError), database.write() as session:
        session.execute(text(f"INSERT INTO customers {twice}"))
    assert customers(database) == ["acme"]


def test_nothing_written_while_reading_is_kept(database: Database) -> None:
    with database.read() as session:
        session.add(Customer(name="acme", first_seen=NOON))
        session.flush()
    assert customers(database) == []


@pytest.mark.both_engines
def test_who_writes_sees_all_that_was_written_before_however_many_do_at_once(
    database: Database,
) -> None:
    """Each reads how many there are and adds one: none of the counts is of a moment before."""
    at_once = Barrier(8)

    def one(_: int) -> None:
        at_once.wait()
        for _ in range(5):
            with database.write() as session:
                known = session.execute(text("SELECT count(*) FROM customers")).scalar()
                session.add(Customer(name=f"c{known}", first_seen=NOON))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(8)))
    assert len(customers(database)) == 40


def test_a_reader_sees_one_moment_while_others_write(database: Database) -> None:
    with database.read() as session:
        counted = text("SELECT count(*) FROM customers")
        before = session.execute(counted).scalar()
        meet(database, "acme")
        assert session.execute(counted).scalar() == before == 0


@pytest.mark.sqlite
def test_a_writer_holds_the_lock_before_its_first_statement(database: Database) -> None:
    file = database.engine.url.database
    assert file
    with (
        database.write(),
        closing(sqlite3.connect(file, timeout=0)) as other,
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        other.execute("BEGIN IMMEDIATE")


@pytest.mark.both_engines
def test_a_moment_comes_back_aware_and_in_utc(database: Database) -> None:
    elsewhere = timezone(timedelta(hours=5, minutes=30))
    with database.write() as session:
        session.add(Customer(name="acme", first_seen=NOON.astimezone(elsewhere)))
    with database.read() as session:
        kept = session.get(Customer, "acme")
    assert kept
    assert (kept.first_seen, kept.first_seen.utcoffset()) == (NOON, timedelta())


def test_a_naive_moment_is_refused(database: Database) -> None:
    naive = datetime(2026, 11, 18, 12)  # noqa: DTZ001  (what must not get in)
    with pytest.raises(StatementError, match="naive"), database.write() as session:
        session.add(Customer(name="acme", first_seen=naive))


def test_more_signatures_than_a_statement_takes_values_are_looked_up(database: Database) -> None:
    with database.write() as session:
        known = a_signature(session, "E-7K2").id
    many = range(known, 300_000)
    with database.write() as session:
        assert list(signatures.get(session, many)) == [known]
        assert not sightings.of(session, many, since_hour=0)
        assert not analyses.of(session, many)
        assert not anomalies.of(session, many)
        anomalies.end(session, many, now=NOON, calm_since=NOON)


@pytest.mark.both_engines
@pytest.mark.promise(row="R20")
@pytest.mark.parametrize(
    "change", ["UPDATE decisions SET \"by\" = 'U2'", "DELETE FROM decisions", "at once"]
)
def test_what_was_decided_cannot_be_changed(database: Database, change: str) -> None:
    with database.write() as session:
        signature = a_signature(session, "E-7K2")
        made = Decision(
            signature_id=signature.id,
            kind="claim",
            by="U1",
            at=NOON,
            reason="",
            before={},
            after={},
        )
        decisions.add(session, made)
    if change == "at once":
        change = (
            "TRUNCATE decisions CASCADE"
            if database.engine.dialect.name == "postgresql"
            else "INSERT OR REPLACE INTO decisions"
            f" SELECT {made.id}, signature_id, kind, 'U2', at, reason, key, undoes, before, after"
            " FROM decisions"
        )
    with pytest.raises(DatabaseError, match="append-only"), database.write() as session:
        session.execute(text(change))
    with database.read() as session:
        assert [row.by for row in decisions.of(session, signature.id)] == ["U1"]


def test_on_sqlite_a_second_one_that_serves_is_refused_with_the_remedy(tmp_path: Path) -> None:
    url = url_of(tmp_path / "triage.db")
    with only_one(url):
        with pytest.raises(Unusable, match="PostgreSQL"), only_one(url):
            pytest.fail("two of them serve")
        with only_one(url_of(tmp_path / "another.db")):
            pass
    with only_one(url):
        pass


@pytest.mark.parametrize("engine", [POSTGRESQL], indirect=True)
def test_who_writes_may_not_idle_and_who_reads_may_for_minutes(database: Database) -> None:
    asked = text("SHOW idle_in_transaction_session_timeout")
    for _ in range(2):
        with database.read() as session:
            assert session.execute(asked).scalar_one() == "10min"
        with database.write() as session:
            assert session.execute(asked).scalar_one() == "10s"


@pytest.mark.parametrize("engine", [POSTGRESQL], indirect=True)
def test_a_server_that_is_too_old_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "OLDEST_SERVER", (999,))
    with pytest.raises(Unusable, match=r"needs PostgreSQL 999 or newer, and this is \d+"):
        open_database(url)
