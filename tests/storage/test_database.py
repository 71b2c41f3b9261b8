import os
import resource
import signal
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, DateTime, create_engine, inspect, text
from sqlalchemy.exc import DatabaseError, IntegrityError, StatementError
from sqlmodel import SQLModel

from storage import (
    analyses,
    anomalies,
    copies,
    decisions,
    faults,
    schemas,
    sightings,
    signatures,
)
from storage import database as databases
from storage.database import Database, only_one, open_database, open_existing
from storage.failures import FromTheFuture, Unusable
from storage.files import sqlite_file
from storage.tables import Customer, Decision, Signature
from tests import migrating
from tests.builders import NOON
from tests.conftest import POSTGRESQL
from tests.forked import Life
from tests.promises import Figures

MIGRATION_KILLS = int(os.environ.get("TRIAGE_MIGRATION_KILLS", "2"))


def url_of(file: Path) -> str:
    return f"sqlite:///{file}"


def meet(database: Database, name: str) -> None:
    with database.write() as session:
        session.add(Customer(name=name, first_seen=NOON))


def customers(database: Database) -> list[str]:
    with database.read() as session:
        return sorted(session.execute(text("SELECT name FROM customers")).scalars())


def a_signature(database: Database) -> Signature:
    with database.write() as session:
        made = Signature(
            fingerprint="f",
            short_id="E-7K2",
            service="checkout",
            environment="production",
            title="it broke",
            template="it broke",
            error_type="",
            severity=40,
            first_seen=NOON,
            last_seen=NOON,
            first_received=NOON,
            first_version="",
            last_version="",
            total=1,
        )
        session.add(made)
    return made


# The schema


def test_a_migrated_empty_database_is_what_the_tables_say(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, SQLModel.metadata)
        unique = {
            table: {
                tuple(sorted(one["column_names"]))
                for one in inspect(connection).get_unique_constraints(table)
            }
            for table in SQLModel.metadata.tables
        }
    assert not differences
    assert unique["digests"] == {("channel", "slot")}
    assert unique["decisions"] == {("key",), ("undoes",)}
    assert unique["outbox"] == {("key",)}


def test_the_schema_of_this_release_is_the_last_that_the_scripts_lead_to() -> None:
    config = Config()
    config.set_main_option("script_location", str(schemas.MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [schemas.head()]


def test_signatures_of_the_first_schema_arrived_when_they_were_first_seen(tmp_path: Path) -> None:
    url = url_of(tmp_path / "triage.db")
    at(url, "0001")
    with closing(sqlite3.connect(tmp_path / "triage.db")) as connection, connection:
        connection.execute(
            "INSERT INTO signatures VALUES (7, 'v1:f', 'E-7K2', 's', 'e', 't', 't', '', 40,"
            " '2026-11-18 12:00:00.000000', '2026-11-18 13:00:00.000000',"
            " '2026-11-18 13:00:01.000000', '', '', 1, 0, 'open', '', '', 0, '', NULL, NULL, '')"
        )
        connection.execute("INSERT INTO aliases VALUES ('v1:f', 7)")
    with open_database(url).read() as session:
        (kept,) = signatures.get(session, [7]).values()
        assert signatures.ids_of(session, ["v1:f"]) == {"v1:f": 7}
        assert signatures.was_signed_by(session, "v1")
    assert (kept.first_received, kept.merged_into) == (NOON, None)


def test_a_new_database_was_never_signed_by_rules_before(database: Database) -> None:
    with database.read() as session:
        assert not signatures.was_signed_by(session, "v1")


def plant_signature(connection: Connection) -> None:
    """Number 1, in whatever columns the schema has by then."""
    values = {
        str(one["name"]): "'2026-11-18 12:00:00'" if isinstance(one["type"], DateTime) else "''"
        for one in inspect(connection).get_columns("signatures")
        if not one["nullable"]
    }
    values |= {"id": "1", "severity": "17", "total": "1", "samples": "0", "owner_decided": "'0'"}
    columns, given = ", ".join(values), ", ".join(values.values())
    connection.execute(text(f"INSERT INTO signatures ({columns}) VALUES ({given})"))


def at(url: str, revision: str) -> None:
    """Bring a new database to an earlier schema."""
    engine = create_engine(url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(schemas.MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def test_opening_it_again_keeps_what_is_in_it(tmp_path: Path) -> None:
    url = url_of(tmp_path / "triage.db")
    for name in ("acme", "globex"):
        database = open_database(url)
        meet(database, name)
        database.close()
    assert [file.name for file in tmp_path.iterdir()] == ["triage.db"], "no copy without need"
    assert customers(open_database(url)) == ["acme", "globex"]


@pytest.mark.both_engines
@pytest.mark.promise(row="R17")
@pytest.mark.parametrize("revision", ["0001", "0020"])
def test_every_schema_is_brought_to_that_of_this_release_with_its_data(
    blank: str, revision: str
) -> None:
    at(blank, revision)
    engine = create_engine(blank)
    with engine.begin() as connection:
        plant_signature(connection)
    engine.dispose()
    with closing(open_database(blank, backups=False)) as database, database.read() as session:
        found = session.execute(text("SELECT version_num FROM alembic_version")).scalar()
        assert found == schemas.head()
        assert signatures.get(session, [1])[1].severity == 17


@pytest.mark.both_engines
@pytest.mark.promise(row="R17")
def test_several_that_start_at_once_migrate_it_once(blank: str) -> None:
    at_once = Barrier(6)

    def start(name: str) -> None:
        at_once.wait()
        with closing(open_database(blank, durable=False)) as database:
            meet(database, name)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(start, "abcdef"))
    with closing(open_database(blank)) as database:
        assert customers(database) == list("abcdef")


@pytest.mark.both_engines
@pytest.mark.promise(row="R17")
def test_a_migration_that_is_killed_half_way_begins_anew(blank: str, figures: Figures) -> None:
    at(blank, "0001")
    engine = create_engine(blank)
    with engine.begin() as connection:
        plant_signature(connection)
    engine.dispose()
    with_all = 1_000_000
    places = [0, *range(5, 100, 100 // MIGRATION_KILLS)]
    killed = [Life(migrating.main, blank, place).ended() for place in places]
    whole = Life(migrating.main, blank, with_all)
    assert whole.hear() > max(places), "all of them were half way"
    assert (whole.ended(), {*killed}) == (0, {-signal.SIGKILL})
    figures(f"{len(killed)} kills, each at another statement")
    with closing(open_database(blank)) as database, database.read() as session:
        assert [one for one in faults.checks(session) if one.what == "schema" and one.faults] == []
        assert signatures.get(session, [1])[1].severity == 17
    if file := sqlite_file(blank):
        assert schema_of(file.with_name(f"{file.name}.before-{schemas.head()}")) == "0001"


@pytest.mark.promise(row="R17")
def test_what_a_killed_migration_left_of_a_copy_goes_with_the_next(tmp_path: Path) -> None:
    one_of_the_first_schema(tmp_path / "triage.db")
    (torso := tmp_path / f"triage.db.before-{schemas.head()}.k1ll3d").mkdir()
    (torso / "whole").write_text("a part")
    open_database(url_of(tmp_path / "triage.db")).close()
    assert not torso.exists()


def test_a_database_from_the_future_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "triage.db"
    open_database(url_of(file)).close()
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    before = file.read_bytes()
    with pytest.raises(FromTheFuture, match="schema 9999, which this release does not know"):
        open_database(url_of(file))
    assert file.read_bytes() == before


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


def test_a_password_is_in_no_message() -> None:
    with pytest.raises(Unusable) as refusal:
        open_database("mysterydb+driver://triage:hunter2@db/triage")
    assert "hunter2" not in str(refusal.value)


@contextmanager
def a_disk_full_at(size: int) -> Iterator[None]:
    """No file of this process grows past `size` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def one_of_the_first_schema(file: Path) -> None:
    at(url_of(file), "0001")
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.executemany(
            "INSERT INTO customers VALUES (?, '2026-11-18 12:00:00.000000')",
            [(f"{number:0200d}",) for number in range(2_000)],
        )


@pytest.mark.promise(row="R11")
@pytest.mark.promise(row="R17")
def test_without_room_for_a_copy_nothing_is_migrated(tmp_path: Path) -> None:
    file = tmp_path / "triage.db"
    one_of_the_first_schema(file)
    with a_disk_full_at(200_000), pytest.raises(Unusable, match="has room"):
        open_database(url_of(file))
    assert schema_of(file) == "0001"
    assert [file.name for file in tmp_path.iterdir()] == ["triage.db"], "no torso of a copy"
    open_database(url_of(file)).close()
    copy = tmp_path / f"triage.db.before-{schemas.head()}"
    assert (schema_of(file), schema_of(copy)) == (schemas.head(), "0001")


@pytest.mark.promise(row="R17")
def test_what_was_written_since_an_earlier_copy_is_copied_before_a_migration(
    tmp_path: Path,
) -> None:
    file = tmp_path / "triage.db"
    copy = tmp_path / f"triage.db.before-{schemas.head()}"
    one_of_the_first_schema(file)
    copy.write_text("a torso")
    open_database(url_of(file)).close()
    assert schema_of(copy) == "0001"


def schema_of(file: Path) -> str:
    with closing(sqlite3.connect(file)) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


# Transactions


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
    known = a_signature(database).id
    many = range(known, 300_000)
    with database.write() as session:
        assert list(signatures.get(session, many)) == [known]
        assert not sightings.of(session, many, since_hour=0)
        assert not analyses.of(session, many)
        assert not anomalies.of(session, many)
        anomalies.end(session, many, now=NOON, calm_since=NOON)


# The audit trail


@pytest.mark.both_engines
@pytest.mark.promise(row="R20")
@pytest.mark.parametrize(
    "change", ["UPDATE decisions SET \"by\" = 'U2'", "DELETE FROM decisions", "at once"]
)
def test_what_was_decided_cannot_be_changed(database: Database, change: str) -> None:
    signature = a_signature(database)
    with database.write() as session:
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
def test_a_server_that_is_too_old_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "OLDEST_SERVER", (999,))
    with pytest.raises(Unusable, match=r"needs PostgreSQL 999 or newer, and this is \d+"):
        open_database(url)


# Backup and restore


@pytest.mark.promise(row="R18")
@pytest.mark.sqlite
def test_a_backup_taken_while_others_write_restores_what_was_committed(
    database: Database, tmp_path: Path
) -> None:
    url, copy = str(database.engine.url), tmp_path / "copy.db"
    meet(database, "acme")
    with database.write() as session:
        session.add(Customer(name="not yet", first_seen=NOON))
        session.flush()
        copies.backup(url, copy)
    meet(database, "too late")
    database.close()
    kept = copies.restore(url, copy)
    assert customers(open_database(url)) == ["acme"]
    assert kept
    assert customers(open_database(url_of(kept))) == ["acme", "not yet", "too late"]


@pytest.mark.sqlite
def test_a_backup_overwrites_nothing(database: Database, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copy.write_text("precious")
    with pytest.raises(Unusable, match="exists already"):
        copies.backup(str(database.engine.url), copy)
    assert copy.read_text() == "precious"


def test_there_is_no_backup_of_nothing(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="no database"):
        copies.backup(url_of(tmp_path / "missing.db"), tmp_path / "copy.db")
    assert not list(tmp_path.iterdir()), "looking must not create it"


@pytest.mark.sqlite
def test_a_restore_where_there_was_nothing_needs_nothing_set_aside(
    database: Database, tmp_path: Path
) -> None:
    meet(database, "acme")
    copy, url = tmp_path / "a copy?#%20.db", url_of(tmp_path / "new.db")
    copies.backup(str(database.engine.url), copy)
    assert copies.restore(url, copy) is None
    assert customers(open_database(url)) == ["acme"]


def a_torn_copy(folder: Path, database: Database) -> Path:
    for number in range(200):
        meet(database, f"{number:0200d}")
    copy = folder / "torn.db"
    copies.backup(str(database.engine.url), copy)
    whole = copy.read_bytes()
    copy.write_bytes(whole[: len(whole) // 2])
    return copy


def a_strangers_database(folder: Path, _: Database) -> Path:
    with closing(sqlite3.connect(folder / "other.db")) as connection, connection:
        connection.execute("CREATE TABLE notes (text)")
    return folder / "other.db"


def an_unversioned_one(folder: Path, database: Database) -> Path:
    copy = folder / "unversioned.db"
    copies.backup(str(database.engine.url), copy)
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("DELETE FROM alembic_version")
    return copy


def one_from_the_future(folder: Path, database: Database) -> Path:
    copy = folder / "future.db"
    copies.backup(str(database.engine.url), copy)
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    return copy


def a_text(folder: Path, _: Database) -> Path:
    (folder / "text.db").write_text("not a database " * 500)
    return folder / "text.db"


def nothing(folder: Path, _: Database) -> Path:
    return folder / "missing.db"


def itself(_: Path, database: Database) -> Path:
    return Path(str(database.engine.url.database))


@pytest.mark.sqlite
@pytest.mark.parametrize(
    "source",
    [
        a_torn_copy,
        a_strangers_database,
        an_unversioned_one,
        one_from_the_future,
        a_text,
        nothing,
        itself,
    ],
)
def test_what_is_no_sound_copy_replaces_nothing(
    source: Callable[[Path, Database], Path], database: Database, tmp_path: Path
) -> None:
    meet(database, "acme")
    wrong, url = source(tmp_path, database), str(database.engine.url)
    with pytest.raises(Unusable):
        copies.restore(url, wrong)
    assert "acme" in customers(open_database(url))


@pytest.mark.sqlite
def test_what_is_set_aside_overwrites_nothing_that_was_set_aside_before(
    database: Database, tmp_path: Path
) -> None:
    url, copy = str(database.engine.url), tmp_path / "copy.db"
    copies.backup(url, copy)
    database.close()
    kept = {copies.restore(url, copy) for _ in range(3)}
    assert len(kept) == 3
    assert all(file and file.is_file() for file in kept)


@pytest.mark.promise(row="R11")
@pytest.mark.promise(row="R18")
@pytest.mark.sqlite
def test_without_room_for_the_copy_the_old_database_stays(
    database: Database, tmp_path: Path
) -> None:
    url, copy = str(database.engine.url), tmp_path / "copy.db"
    one_of_the_first_schema(copy)
    meet(database, "acme")
    database.close()
    with a_disk_full_at(200_000), pytest.raises(Unusable, match="has room"):
        copies.restore(url, copy)
    folder = Path(str(database.engine.url.database)).parent
    assert [file.name for file in folder.glob("*.db*")] == ["triage.db"]
    assert customers(open_database(url)) == ["acme"]


@pytest.mark.sqlite
def test_a_database_that_is_in_use_is_not_replaced(database: Database, tmp_path: Path) -> None:
    url, copy = str(database.engine.url), tmp_path / "copy.db"
    copies.backup(url, copy)
    with database.read() as session:
        session.execute(text("SELECT name FROM customers"))
        meet(database, "acme")
        with pytest.raises(Unusable, match=r"triage\.db open: stop it"):
            copies.restore(url, copy)
    with pytest.raises(Unusable, match=r"triage\.db open: stop it"):
        copies.restore(url, copy)
    assert customers(database) == ["acme"]


@pytest.mark.sqlite
def test_a_damaged_database_is_replaced_and_kept(database: Database, tmp_path: Path) -> None:
    file, copy = itself(tmp_path, database), tmp_path / "copy.db"
    meet(database, "acme")
    copies.backup(url_of(file), copy)
    database.close()
    file.write_text("not a database " * 500)
    kept = copies.restore(url_of(file), copy)
    assert customers(open_database(url_of(file))) == ["acme"]
    assert kept
    assert kept.read_text().startswith("not a database")


@pytest.mark.sqlite
def test_the_log_of_a_lost_database_is_not_read_into_its_copy(
    database: Database, tmp_path: Path
) -> None:
    file, copy = itself(tmp_path, database), tmp_path / "copy.db"
    copies.backup(url_of(file), copy)
    meet(database, "acme")
    log = file.with_name(f"{file.name}-wal")
    left = log.read_bytes()
    database.close()
    file.unlink()
    log.write_bytes(left)
    assert copies.restore(url_of(file), copy) is None
    assert customers(open_database(url_of(file))) == []


def test_only_its_owner_reads_a_copy(tmp_path: Path) -> None:
    file, copy = tmp_path / "triage.db", tmp_path / "copy.db"
    one_of_the_first_schema(file)
    open_database(url_of(file)).close()
    copies.backup(url_of(file), copy)
    copies.restore(url_of(tmp_path / "new.db"), copy)
    before = tmp_path / f"triage.db.before-{schemas.head()}"
    modes = {one.stat().st_mode & 0o777 for one in (copy, before, tmp_path / "new.db")}
    assert modes == {0o600}


# What is only read


def a_closed_database(file: Path) -> Path:
    database = open_database(url_of(file))
    meet(database, "acme")
    database.close()
    return file


def a_stranger(file: Path) -> Path:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE cookies (name)")
    return file


@pytest.fixture
def nobody() -> Iterator[None]:
    """Root may write everywhere: for this test it is nobody in particular."""
    me = os.geteuid()
    os.seteuid(me or 65_534)
    yield
    os.seteuid(me)


@pytest.fixture
def shelf() -> Iterator[Path]:
    """A folder that everybody may look into and only its owner may write to."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        folder.chmod(0o755)


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


def test_what_may_not_be_written_to_and_is_old_names_the_migration(
    shelf: Path, request: pytest.FixtureRequest
) -> None:
    file = a_closed_database(shelf / "t.db")
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
        connection.commit()
    file.chmod(0o444)
    shelf.chmod(0o555)
    request.getfixturevalue("nobody")
    with pytest.raises(Unusable, match="needs a migration to this release and may not be written"):
        open_existing(url_of(file))


def test_a_backup_names_the_folder_it_cannot_be_written_to(
    shelf: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(Unusable, match=f"There is no folder {tmp_path / 'no'}: create it"):
        copies.backup(url_of(a_closed_database(shelf / "t.db")), tmp_path / "no" / "copy.db")
    (shelf / "t.db").chmod(0o444)
    shelf.chmod(0o555)
    request.getfixturevalue("nobody")
    with pytest.raises(Unusable, match=f"The folder {shelf} may not be written to"):
        copies.backup(url_of(shelf / "t.db"), shelf / "copy.db")


@pytest.mark.parametrize("garbage", [b"some text\n" * 400, b"SQLite format 3\0" + b"\xff" * 8_000])
def test_a_damaged_database_is_restored_as_its_message_says(garbage: bytes, tmp_path: Path) -> None:
    file = a_closed_database(tmp_path / "t.db")
    copies.backup(url_of(file), tmp_path / "copy.db")
    file.write_bytes(garbage)
    with pytest.raises(Unusable, match="`triage db restore BACKUP`"):
        open_database(url_of(file))
    kept = copies.restore(url_of(file), tmp_path / "copy.db")
    assert kept
    assert kept.read_bytes() == garbage
    database = open_database(url_of(file))
    assert customers(database) == ["acme"]
    database.close()


def test_an_address_without_a_driver_names_the_remedy() -> None:
    with pytest.raises(Unusable, match=r"begin it with postgresql\+psycopg://"):
        open_database("postgres://db.internal/triage")
