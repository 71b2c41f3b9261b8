"""Open the database, keep its schema current, copy it, and bring a copy back."""

import glob
import os
import sqlite3
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from fcntl import LOCK_EX, LOCK_NB, flock
from functools import cache
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any, TextIO, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Table,
    create_engine,
    delete,
    event,
    inspect,
    select,
    text,
    tuple_,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    InternalError,
    OperationalError,
    SQLAlchemyError,
)
from sqlmodel import Session

T = TypeVar("T")
Value = TypeVar("Value", int, str, bytes, tuple[str, int])
MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_TIMEOUT_SECONDS = 5
"""How long a writer waits for another before it gives up as locked."""

IDLE_SECONDS = 10
"""So long a transaction may ask nothing of PostgreSQL: that of whoever was paused, or cut off, in
the middle of one is undone, and the lock is free."""

CUT_OFF_SECONDS = 10
"""So long the server's machine may leave open whether it gets what we send: then the connection is
given up as cut. A system's TCP would wait for a quarter of an hour, and while it only reads for two
hours."""
_WATCHFUL = {
    "connect_timeout": CUT_OFF_SECONDS // 2,
    "tcp_user_timeout": 1000 * CUT_OFF_SECONDS,
    "keepalives_idle": CUT_OFF_SECONDS // 2,
    "keepalives_interval": 2,
}
"""What the address says instead holds."""
DRIVER = "postgresql+psycopg"
OLDEST_SERVER = (14,)

_ALONE = text("LOCK TABLE alembic_version IN EXCLUSIVE MODE")
"""Others may read, but not write: a table that is there in every database and written to only by
migrations."""

STATEMENTS_KEPT = 1_000
"""Of each connection: a statement is another one for each number of values it asks for."""


class Unusable(Exception):
    """The database cannot be used as it is; the message says why and what to do."""


class FromTheFuture(Unusable):
    """A later release migrated it; this one does not know its schema."""


YIELD = "name another, or give it to this user"
ERRORS = (DatabaseError, sqlite3.DatabaseError)
_DAMAGES = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
FAILURES = (OperationalError, InternalError, sqlite3.OperationalError)
"""What a database in use may raise any time: it is locked, its disk is full, it went away, or may
only be read now, as a PostgreSQL that stands by."""


class _Turn:
    """Threads of one process queue for the lock here: SQLite would have them ask again and again
    and tell whoever has bad luck that it is locked, and each would hold a connection."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._done = 0

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Raises what the database would when nobody's turn ended well for as long as it waits."""
        self._await()
        try:
            yield
            self._done += 1
        finally:
            self._lock.release()

    def _await(self) -> None:
        done = self._done
        while not self._lock.acquire(timeout=BUSY_TIMEOUT_SECONDS):
            if self._done == done:
                locked = TimeoutError("database is locked by this process")
                raise OperationalError("BEGIN IMMEDIATE", None, locked)
            done = self._done


@dataclass(frozen=True, slots=True)
class Database:
    """An opened database of the current schema."""

    engine: Engine
    _turn: _Turn = field(default_factory=_Turn, init=False, repr=False, compare=False)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session in one write transaction: committed at the end, rolled back on an exception.

        Nobody else writes meanwhile, and it sees all that was written before: the lock is taken
        before anything is read. So what was read is true when it is acted on, and nobody who read
        first is refused half way, where no waiting helps.
        """
        with (
            self._turn.taken(),
            Session(self.engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            session.connection(execution_options={"triage_begin": "IMMEDIATE"})
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session on one unchanging snapshot; nothing written in it is kept."""
        with Session(self.engine, expire_on_commit=False) as session:
            session.connection(execution_options={"triage_begin": "DEFERRED"})
            yield session

    @property
    def is_shared(self) -> bool:
        """Whether several may serve on it: SQLite is for one."""
        return self.engine.dialect.name == "postgresql"

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


class Owed:
    """What is to be written, whatever happens: what cannot be now is before anything else."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._works: list[Callable[[Session], object]] = []

    def write(self, work: Callable[[Session], object]) -> None:
        """Now, or as soon as it can be. Raises one of FAILURES where that is later."""
        try:
            with self._database.write() as session:
                work(session)
        except FAILURES:
            self._works.append(work)
            raise

    def catch_up(self) -> None:
        """Write what could not be. Raises one of FAILURES as long as it still cannot."""
        while self._works:
            self.write(self._works.pop())


def open_database(url: str, *, durable: bool = True, backups: bool = True) -> Database:
    """The database behind `url`, migrated to this release; a file is created if there is none.

    A migration of a file that has data copies it first, beside it. `durable=False` gives up the
    sync after each commit: for a replay, whose database is thrown away. Raises Unusable.
    """
    engine = _engine(url, durable=durable)
    with _opening(url, engine):
        if file := sqlite_file(url):
            _refuse_a_stranger(file)
        else:
            _refuse_an_old_server(engine)
        _migrate(engine, backups=backups)
    return Database(engine)


@contextmanager
def only_one(url: str) -> Iterator[None]:
    """Nobody else serves on the same SQLite file until the block is left; on PostgreSQL many may.

    Raises Unusable where somebody does, in this or another process.
    """
    file = sqlite_file(url)
    if file is None:
        yield
        return
    with file.with_name(f"{file.name}.serving").open("w") as mark:
        be_alone(
            mark,
            f"Another `triage serve` has {file}, and SQLite is for one: stop that, or move to "
            "PostgreSQL (DATABASE_URL=postgresql+psycopg://…), on which many may serve.",
        )
        yield


def be_alone(file: int | TextIO, remedy: str) -> None:
    """Lock an open file until it is closed. Raises Unusable with the remedy where it is locked
    already, by this or another process."""
    try:
        flock(file, LOCK_EX | LOCK_NB)
    except BlockingIOError as error:
        raise Unusable(remedy) from error


def open_existing(url: str) -> Database:
    """The database behind `url`, to read in: none is made, and what may not be written is not.

    Raises Unusable; also where it may not be written to and needs a migration.
    """
    file = sqlite_file(url)
    if file is None:
        return open_database(url)
    _check_there(file)
    if may_write(file):
        return open_database(url)
    engine = create_engine(url, creator=lambda: _reading(file), hide_parameters=True)
    with _opening(url, engine):
        _refuse_a_stranger(file)
        _refuse_the_past(engine, file)
    return Database(engine)


@contextmanager
def _opening(url: str, engine: Engine) -> Iterator[None]:
    try:
        yield
    except Unusable:
        engine.dispose()
        raise
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        engine.dispose()
        if is_damaged(error):
            raise Unusable(_damage(error, f"The database {_public(url)}")) from error
        raise Unusable(
            f"The database {_public(url)} cannot be opened: {cause(error)}. Check the address, "
            "that the file and its folder may be written to, and that nothing else holds it."
        ) from error


def insert(session: Session, table: Any) -> Any:
    """The dialect's INSERT, which knows ON CONFLICT on both databases."""
    return insert_of(session.get_bind().dialect.name, table)


def insert_of(dialect: str, table: Any) -> Any:
    """The same by the name of the dialect."""
    return (postgresql if dialect == "postgresql" else sqlite).insert(table_of(table))


def table_of(model: Any) -> Table:
    """The plain table behind a model: batches go through core, not row by row through the ORM."""
    return model.__table__  # type: ignore[no-any-return]


def in_parts(values: Collection[Value], size: int = 5_000) -> Iterator[list[Value]]:
    """All of them, ascending, a few at a time: a statement takes only so many values."""
    ordered = sorted(values)
    for start in range(0, len(ordered), size):
        yield ordered[start : start + size]


def delete_some(session: Session, model: Any, *wheres: ColumnElement[bool], limit: int) -> int:
    """Delete some of a table's rows for which all of `wheres` hold; gives back how many.

    By their keys: PostgreSQL's DELETE takes no limit, and SQLite's only where it was built so.
    """
    table = table_of(model)
    key = table.primary_key.columns
    some = select(*key).where(*wheres).limit(limit)
    gone: Any = session.execute(delete(table).where(tuple_(*key).in_(some)))
    return int(gone.rowcount)


def backup(url: str, target: Path) -> None:
    """Write a consistent copy of a SQLite database to `target`, while others go on using it.

    Raises Unusable where there is no such file, where `target` exists or cannot be written, or on
    PostgreSQL.
    """
    source = sqlite_file(url)
    if source is None:
        raise Unusable("PostgreSQL is backed up with pg_dump; this command copies SQLite files.")
    _check_there(source)
    if target.exists():
        raise Unusable(f"{target} exists already; name a new file.")
    if not target.parent.is_dir():
        raise Unusable(f"There is no folder {target.parent}: create it, or name another.")
    if not _writable(target.parent):
        raise Unusable(f"The folder {target.parent.absolute()} may not be written to; {YIELD}.")
    _refuse_a_stranger(source)
    with _copied(source, beside=target) as whole:
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
    with _copied(source, beside=target) as whole:
        kept = _set_aside(target)
        whole.replace(target)
    return kept


def sqlite_file(url: str) -> Path | None:
    """The file behind a SQLite address, or None for another database. Raises Unusable."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
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
    """How the path of a file is written as one; nothing else is repeated, for it may have a
    password."""
    path = Path(given)
    if not given or "@" in given or not path.parent.is_dir():
        return ""
    return f"The file {given} is sqlite:///{path / 'triage.db' if path.is_dir() else path}. "


def head() -> str:
    """The revision of this release's schema."""
    return _revisions()[-1]


@cache
def _revisions() -> tuple[str, ...]:
    """The schemas that this release knows, the oldest first: a script's name begins with its own.

    Alembic is loaded only to migrate: it takes longer than most commands.
    """
    scripts = (MIGRATIONS / "versions").glob("[0-9]*.py")
    return tuple(sorted(script.stem.partition("_")[0] for script in scripts))


def _revision(connection: Connection) -> str | None:
    """The schema a database has, if any."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _engine(url: str, *, durable: bool) -> Engine:
    file = sqlite_file(url)
    if file is None:
        return _server(url)
    if not file.parent.is_dir():
        raise Unusable(f"The folder {file.parent} of the database does not exist; create it first.")
    _refuse_a_folder(file)
    try:
        file.touch(mode=0o600)
    except OSError as error:
        raise Unusable(
            f"The database {file} cannot be opened: {error.strerror}. Check that the file and its "
            "folder may be written to."
        ) from error
    engine = create_engine(
        url,
        connect_args={"timeout": BUSY_TIMEOUT_SECONDS, "cached_statements": STATEMENTS_KEPT},
        hide_parameters=True,
    )
    synchronous = "FULL" if durable else "OFF"

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={synchronous}",
            "foreign_keys=ON",
            "recursive_triggers=ON",  # or REPLACE would delete a decision past its trigger
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get("triage_begin", "IMMEDIATE")
        connection.connection.cursor().execute(f"BEGIN {mode}")

    return engine


def _server(url: str) -> Engine:
    parsed = make_url(url)
    watchful = _WATCHFUL if parsed.drivername == DRIVER else {}
    try:
        engine = create_engine(
            url,
            connect_args={name: watchful[name] for name in watchful.keys() - parsed.query.keys()},
            pool_pre_ping=True,
            isolation_level="REPEATABLE READ",
            hide_parameters=True,
        )
    except (ArgumentError, ImportError) as error:
        remedy = (
            "install one with `pip install psycopg[binary]` and begin it with postgresql+psycopg://"
            if make_url(url).drivername.startswith("postgres")
            else "name a SQLite file, such as sqlite:///triage.db"
        )
        raise Unusable(
            f"The address {_public(url)} needs a driver that is not there: {remedy}."
        ) from error

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        with closing(connection.cursor()) as cursor:
            cursor.execute("SET TIME ZONE 'UTC'")
            cursor.execute(f"SET lock_timeout = '{BUSY_TIMEOUT_SECONDS}s'")
            cursor.execute(f"SET idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'")
        connection.commit()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("triage_begin") == "IMMEDIATE":
            # Whatever is read first would fix the snapshot; only LOCK TABLE may come before that.
            connection.execute(_ALONE)

    return engine


def _check_there(file: Path) -> None:
    _refuse_a_folder(file)
    if not file.parent.is_dir():
        raise Unusable(f"There is no database at {file}, nor its folder: check the address.")
    if not file.is_file():
        raise Unusable(f"There is no database at {file}; `triage ingest FILE` makes one.")


def _refuse_a_folder(file: Path) -> None:
    if file.is_dir():
        raise Unusable(f"{file} is a folder: name the file in it, sqlite:///{file / 'triage.db'}")


def may_write(file: Path) -> bool:
    """Whether SQLite can: it also writes beside the file."""
    return _writable(file) and _writable(file.absolute().parent)


def _writable(path: Path) -> bool:
    return os.access(path, os.W_OK, effective_ids=True)


def _reading(file: Path) -> sqlite3.Connection:
    """A connection that makes no file.

    Where nothing may be written SQLite cannot make what it coordinates with others by: if they left
    none there, nobody writes, and it need not look for them.
    """
    is_written = file.with_name(file.name + "-wal").exists()
    mode = "rw" if may_write(file) else "ro" if is_written else "ro&immutable=1"
    return sqlite3.connect(
        f"{file.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=BUSY_TIMEOUT_SECONDS,
        check_same_thread=False,
    )


def _refuse_a_stranger(file: Path) -> None:
    """Before anything is written: opening it for good would change how another program's works."""
    with closing(_reading(file)) as connection:
        rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        tables = sorted(name for (name,) in rows if not name.startswith("sqlite_"))
    if tables and not {"alembic_version", "signatures"} <= {*tables}:
        raise Unusable(
            f"{file} is the database of another program (it has a table {tables[0]}): name a file "
            "of Triage's own, with --db or DATABASE_URL."
        )


def _refuse_an_old_server(engine: Engine) -> None:
    """Only a newer one ends the sessions of those it does not hear of."""
    with engine.connect() as connection:
        version = connection.dialect.server_version_info or ()
    if version < OLDEST_SERVER:
        needed, found = (".".join(map(str, one)) for one in (OLDEST_SERVER, version))
        raise Unusable(
            f"Triage needs PostgreSQL {needed} or newer, and this is {found}: upgrade it."
        )


def _refuse_the_past(engine: Engine, file: Path) -> None:
    with engine.connect() as connection:
        current = _revision(connection)
    _refuse_the_future(current)
    if current != head():
        raise Unusable(
            f"{file} needs a migration to this release and may not be written to: run `triage db "
            "upgrade` as the user it belongs to, or on a copy."
        )


def _migrate(engine: Engine, *, backups: bool) -> None:
    with engine.connect() as connection:
        current = _revision(connection)
    if current == head():
        return
    _refuse_the_future(current)
    with _alone(engine), engine.begin() as connection:
        current = _revision(connection)
        if backups and current not in (None, head()):
            _keep_as_it_was(engine)
        _upgrade(connection)


@contextmanager
def _alone(engine: Engine) -> Iterator[None]:
    """Of several that start at once one migrates PostgreSQL, where there is no table yet to lock.
    On SQLite the transaction itself has the lock."""
    if engine.dialect.name != "postgresql":
        yield
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET lock_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_lock(hashtext('triage migrates'))"))
        try:
            yield
        finally:
            connection.invalidate()  # its session ends, and with that the lock


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _keep_as_it_was(engine: Engine) -> None:
    """Copy what a migration is about to change; it holds the lock, so nothing is written since."""
    file = sqlite_file(engine.url.render_as_string(hide_password=False))
    if file:
        copy = file.with_name(f"{file.name}.before-{head()}")
        for torso in file.parent.glob(f"{glob.escape(copy.name)}.*"):
            # Left by one that was killed while it copied: who starts over and over fills no disk.
            rmtree(torso)
        with _copied(file, beside=copy) as whole:
            whole.replace(copy)


def _refuse_the_future(current: str | None) -> None:
    if current is not None and current not in _revisions():
        raise FromTheFuture(
            f"The database has schema {current}, which this release does not know: a later one "
            "migrated it. Run that release, or restore the copy it made before migrating."
        )


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
    _refuse_the_future(revision[0])


@contextmanager
def _copied(source: Path, *, beside: Path) -> Iterator[Path]:
    """A whole copy on the disk, for its owner's eyes; at the end it is gone unless it was moved.

    So what a full disk or a kill cut short never bears the name of a good copy. Raises Unusable.
    """
    try:
        with TemporaryDirectory(prefix=f"{beside.name}.", dir=beside.parent) as folder:
            whole = Path(folder) / "whole"
            whole.touch(mode=0o600)
            with closing(_reading(source)) as connection:
                connection.execute("VACUUM INTO ?", (str(whole),))
            with whole.open("rb") as file:
                os.fsync(file.fileno())
            yield whole
    except (sqlite3.Error, OSError) as error:
        raise Unusable(
            f"{source} cannot be copied to {beside}: {error}. Check that the folder exists, may be "
            "written to, and has room."
        ) from error


LOGS = ("-wal", "-shm", "-journal")
"""Ends the names of the files that belong to a SQLite database while it is open, or was killed."""


def _set_aside(target: Path) -> Path | None:
    """Move the database, and what log it left, out of the way, to the first free name."""
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
    """All that was committed is in the database file itself, where it can be read.

    Raises Unusable while anything has it open: only WAL mode's last user may leave WAL mode.
    """
    try:
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise Unusable(f"Something has {file} open: stop it, then restore again.") from error


def _public(url: str) -> str:
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return "the given address"


def cause(error: Exception) -> str:
    """What the database itself says of an error, on a line."""
    if isinstance(error, DatabaseError) and error.orig is not None:
        return str(error.orig)
    return str(error)


def is_damaged(error: BaseException | None) -> bool:
    """Whether SQLite finds the file itself broken, or no database at all."""
    cause = error.orig if isinstance(error, DatabaseError) else error
    return getattr(cause, "sqlite_errorcode", 0) & 0xFF in _DAMAGES


def is_denied(error: BaseException) -> bool:
    """Whether PostgreSQL lacks what a statement names, or grants no right to it, whatever was to be
    written; SQLite says so by one of FAILURES."""
    cause = error.orig if isinstance(error, DatabaseError) else error
    return str(getattr(cause, "sqlstate", "")).startswith("42")


def in_use(error: Exception) -> str:
    """What a database that failed while in use complains of, and what to do."""
    if is_damaged(error):
        return _damage(error, "The database")
    return (
        f"The database failed: {cause(error)}. What was recorded before is kept; try again when "
        "nothing else writes to it and its disk has room."
    )


def _damage(error: Exception, what: str) -> str:
    return (
        f"{what} cannot be read: {cause(error)}. Stop the bot and put a copy in its place: "
        "`triage db restore BACKUP`; or name another file with --db or DATABASE_URL."
    )
