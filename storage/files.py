"""Files on the disk: where SQLite's lie, who has one or may write to it, and whole copies."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from storage.failures import Unusable

BUSY_TIMEOUT_SECONDS = 5
"""How long a writer waits for another before it gives up as locked."""


def sqlite_file(url: str) -> Path | None:
    """The file behind a SQLite address, or None for another database. Raises Unusable."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:  # the latter for a port that is no number
        raise Unusable(
            f"What was given is no database address. {_as_address(url)}Examples: "
            "sqlite:///triage.db, sqlite:////data/triage.db"
        ) from error
    if not parsed.drivername.startswith("sqlite"):
        return None
    if not parsed.database or parsed.database == ":memory:":
        raise Unusable(
            "An in-memory SQLite database would be a new one in each thread: name a file."
        )
    return Path(parsed.database)


def _as_address(given: str) -> str:
    """The address of a file that was given as a path, as a hint; nothing where it may be no path,
    for then it may hold a password."""
    path = Path(given)
    if not given or "@" in given or not path.parent.is_dir():
        return ""
    return f"The file {given} is sqlite:///{path / 'triage.db' if path.is_dir() else path}. "


def check_there(file: Path) -> None:
    """Raises Unusable where there is no such file, or it may not be read."""
    refuse_a_folder(file)
    if not file.parent.is_dir():
        raise Unusable(f"There is no database at {file}, nor its folder: check the address.")
    if not file.is_file():
        raise Unusable(f"There is no database at {file}; `triage ingest FILE` makes one.")
    refuse_unreadable(file)


def refuse_a_folder(file: Path) -> None:
    """Raises Unusable where the path is a folder; the message names a file in it."""
    if file.is_dir():
        raise Unusable(f"{file} is a folder: name the file in it, sqlite:///{file / 'triage.db'}")


def has_any(file: Path) -> bool:
    """Whether the file is there and not empty."""
    return file.exists() and file.stat().st_size > 0


def emptied(file: Path) -> str:
    """What to tell people of a database file that is there and empty."""
    return (
        f"{file} is empty, and begun anew: if it had anything in it, stop the bot and put a copy "
        "in its place by `triage db restore BACKUP`"
    )


def may_write(file: Path) -> bool:
    """Whether SQLite can write to the file; it also writes beside it."""
    return _unwritable(file) is None


def refuse_read_only(file: Path) -> None:
    """Raises Unusable where SQLite could not write to the file, or not even read it, and says what
    to do."""
    path = _unwritable(file)
    if path is None:
        return
    refuse_unreadable(file)
    if path in _beside(file):
        raise Unusable(
            f"{file} may be written to, but not {path}, which SQLite writes to as well: give that "
            f"to this user, too (`chmod u+rw {path}`)."
        )
    raise Unusable(
        f"{file} may be read but not written to, and the bot writes: give the file and its folder "
        "to this user, or name another database."
    )


def refuse_unreadable(file: Path) -> None:
    """Raises Unusable where this user may not read the file."""
    if not os.access(file, os.R_OK, effective_ids=True):
        raise Unusable(
            f"{file} may not be read: give the file to this user, or name another database."
        )


def _unwritable(file: Path) -> Path | None:
    """The first of the paths SQLite writes to that this user may not write to, if any."""
    if refused := [one for one in (file, file.absolute().parent) if not may_write_to(one)]:
        return refused[0]
    beside = (one for one in _beside(file) if one.exists() and not may_write_to(one))
    return next((one for one in beside if one.exists()), None)  # who closes it last removes it


def _beside(file: Path) -> tuple[Path, ...]:
    """The files in which SQLite keeps what is not in the database file yet, and its locks."""
    return tuple(file.with_name(f"{file.name}-{end}") for end in ("wal", "shm"))


def may_write_to(path: Path) -> bool:
    """Whether this user may write to a file or folder."""
    return os.access(path, os.W_OK, effective_ids=True)


def be_alone(file: int | TextIO, remedy: str) -> None:
    """Lock an open file until it is closed. Raises Unusable with the remedy where it is locked
    already, by this or another process."""
    try:
        flock(file, LOCK_EX | LOCK_NB)
    except BlockingIOError as error:
        raise Unusable(remedy) from error


def reading(file: Path) -> sqlite3.Connection:
    """A connection to read a SQLite file by that creates no file beside it.

    Where nothing may be written, SQLite cannot create the file by which processes coordinate. If
    there is none, nobody writes, and the connection need not look for it.
    """
    is_written = file.with_name(file.name + "-wal").exists()
    mode = "rw" if may_write(file) else "ro" if is_written else "ro&immutable=1"
    return sqlite3.connect(
        f"{file.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=BUSY_TIMEOUT_SECONDS,
        check_same_thread=False,
    )


def refuse_a_stranger(file: Path) -> None:
    """Raises Unusable where the file is another program's database: opening it for good would
    change it."""
    with closing(reading(file)) as connection:
        rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        tables = sorted(name for (name,) in rows if not name.startswith("sqlite_"))
    if tables and not {"alembic_version", "signatures"} <= {*tables}:
        raise Unusable(
            f"{file} is the database of another program (it has a table {tables[0]}): name a file "
            "of Triage's own, with --db or DATABASE_URL."
        )


@contextmanager
def copied(source: Path, *, beside: Path) -> Iterator[Path]:
    """A whole copy of a file, synced to the disk and readable by its owner alone; it is deleted at
    the end unless it was moved.

    So a copy that a full disk or a kill cut short never bears the name of a good one. Raises
    Unusable.
    """
    try:
        with TemporaryDirectory(prefix=f"{beside.name}.", dir=beside.parent) as folder:
            whole = Path(folder) / "whole"
            whole.touch(mode=0o600)
            with closing(reading(source)) as connection:
                connection.execute("VACUUM INTO ?", (str(whole),))
            with whole.open("rb") as file:
                os.fsync(file.fileno())
            yield whole
    except (sqlite3.Error, OSError) as error:
        raise Unusable(
            f"{source} cannot be copied to {beside}: {error}. Check that the folder exists, may be "
            "written to, and has room."
        ) from error
