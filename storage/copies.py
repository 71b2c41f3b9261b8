"""Copies of a SQLite database: made while it is used, and put in its place."""

import sqlite3
from contextlib import closing
from pathlib import Path

from storage.failures import Unusable
from storage.files import check_there, copied, may_write_to, refuse_a_stranger, sqlite_file
from storage.schemas import refuse_the_future

LOGS = ("-wal", "-shm", "-journal")
"""Ends the names of the files that belong to a SQLite database while it is open, or was killed."""


def backup(url: str, target: Path) -> None:
    """Write a consistent copy of a SQLite database to `target`, while others go on using it.

    Raises Unusable where there is no such file, where `target` exists or cannot be written, or on
    PostgreSQL.
    """
    source = sqlite_file(url)
    if source is None:
        raise Unusable("PostgreSQL is backed up with pg_dump; this command copies SQLite files.")
    check_there(source)
    if target.exists():
        raise Unusable(f"{target} exists already; name a new file.")
    if not target.parent.is_dir():
        raise Unusable(f"There is no folder {target.parent}: create it, or name another.")
    if not may_write_to(target.parent):
        raise Unusable(
            f"The folder {target.parent.absolute()} may not be written to; "
            "name another, or give it to this user."
        )
    refuse_a_stranger(source)
    with copied(source, beside=target) as whole:
        whole.replace(target)


def restore(url: str, source: Path) -> Path | None:
    """Put the copy `source` in the place of the database; the old file stays beside it.

    Returns where the old file was put, damaged or not, or None where there was none. Raises
    Unusable, with nothing changed, when `source` is no sound copy or there is no room for it, and
    while anything has the database open: it would go on writing to the old file.
    """
    target = sqlite_file(url)
    if target is None:
        raise Unusable("PostgreSQL is restored with pg_restore; this command copies SQLite files.")
    _check(source)
    if target.exists() and target.samefile(source):
        raise Unusable(f"{source} is the database itself; name the copy to restore.")
    with copied(source, beside=target) as whole:
        kept = _set_aside(target)
        whole.replace(target)
    return kept


def _check(file: Path) -> None:
    if not file.is_file():
        raise Unusable(f"There is no file {file}: name a copy that `triage db backup` made.")
    try:
        with closing(
            sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)
        ) as connection:
            (verdict,) = connection.execute("PRAGMA integrity_check").fetchone()
            revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError as error:
        raise Unusable(f"{file} is not a database of this program: {error}.") from error
    if verdict != "ok":
        raise Unusable(f"{file} is damaged: {verdict}.")
    if revision is None:
        raise Unusable(f"{file} was never migrated: it is no copy of a database in use.")
    refuse_the_future(revision[0])


def _set_aside(target: Path) -> Path | None:
    """Move the database, with its write-ahead log, to the first free name; gives that back."""
    number = 1
    while (kept := target.with_name(f"{target.name}.replaced-{number}")).exists():
        number += 1
    existed = target.exists()
    if existed:
        _put_log_into(target)
    for end in (*LOGS, ""):
        file = target.with_name(target.name + end)
        if file.exists():
            file.rename(kept.with_name(kept.name + end))
    return kept if existed else None


def _put_log_into(file: Path) -> None:
    """Move all that was committed from the write-ahead log into the database file itself.

    Raises Unusable while anything has it open: only the last user of WAL mode may leave it.
    """
    try:
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise Unusable(f"Something has {file} open: stop it, then restore again.") from error
