"""A copy holds all that was committed, and only a sound one takes the place of a database."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from storage import copies, schemas
from storage.database import Database, open_database
from storage.failures import Unusable
from storage.tables import Customer
from tests.builders import NOON
from tests.storage.databases import (
    a_closed_database,
    a_disk_full_at,
    customers,
    meet,
    one_of_the_first_schema,
    url_of,
)


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
