"""Every schema there ever was becomes that of this release, with its data, whatever happens."""

import os
import signal
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text
from sqlmodel import SQLModel

from storage import faults, schemas, signatures
from storage.database import Database, open_database, open_existing
from storage.failures import FromTheFuture, Unusable
from storage.files import sqlite_file
from tests import migrating
from tests.builders import NOON
from tests.forked import Life
from tests.promises import Figures
from tests.storage.databases import (
    a_closed_database,
    a_disk_full_at,
    at,
    customers,
    meet,
    one_of_the_first_schema,
    plant_signature,
    url_of,
)

MIGRATION_KILLS = int(os.environ.get("TRIAGE_MIGRATION_KILLS", "2"))


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
