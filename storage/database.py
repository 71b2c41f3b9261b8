"""Open the database, and read and write in it."""

import sqlite3
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Table,
    create_engine,
    delete,
    event,
    select,
    text,
    tuple_,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError
from sqlmodel import Session

from storage.failures import FAILURES, Unusable, cause, damage, is_damaged, is_locked
from storage.files import (
    BUSY_TIMEOUT_SECONDS,
    be_alone,
    check_there,
    has_any,
    may_write,
    reading,
    refuse_a_folder,
    refuse_a_stranger,
    refuse_read_only,
    sqlite_file,
)
from storage.schemas import head, migrate, refuse_the_future, refuse_the_past, revision

Value = TypeVar("Value", int, str, bytes, tuple[str, int])

IDLE_SECONDS = 10
"""So long a transaction may ask nothing of PostgreSQL: that of whoever was paused, or cut off, in
the middle of one is undone, and the lock is free."""

READER_IDLE_SECONDS = 600
"""Of a transaction that only reads, whose lock keeps nobody waiting but a migration: who reads much
reckons with a part of it before asking for the next."""

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
_READS = text(f"SET LOCAL idle_in_transaction_session_timeout = '{READER_IDLE_SECONDS}s'")

STATEMENTS_KEPT = 1_000
"""Of each connection: a statement is another one for each number of values it asks for."""


class _Turn:
    """A queue for SQLite's lock among the threads of a process.

    Left to SQLite, each thread would hold a connection and ask again and again, and whoever has bad
    luck would be told that the database is locked.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._done = 0

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold the turn until the block is left.

        Raises what SQLite would if nobody's turn ended well for as long as SQLite waits.
        """
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
        """Whether several processes may serve on it: on PostgreSQL they may, on SQLite only one."""
        return self.engine.dialect.name == "postgresql"

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


class Owed:
    """Writes that must not be lost: one that fails is kept, and made before the next."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._works: list[Callable[[Session], object]] = []

    def write(self, work: Callable[[Session], object]) -> None:
        """Run `work` in a transaction. Raises one of FAILURES where that cannot be; then it is
        kept."""
        try:
            with self._database.write() as session:
                work(session)
        except FAILURES:
            self._works.append(work)
            raise

    def catch_up(self) -> None:
        """Make the writes that were kept. Raises one of FAILURES as long as that still cannot
        be."""
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
            refuse_a_stranger(file)
        else:
            _refuse_an_old_server(engine)
        migrate(engine, backups=backups)
    return Database(engine)


@contextmanager
def only_one(url: str) -> Iterator[None]:
    """Keep everybody else from serving on the same SQLite file until the block is left; on
    PostgreSQL many may.

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


def open_existing(url: str) -> Database:
    """The database behind `url`, to read in: none is created, and a file that may not be written to
    is left as it is.

    Raises Unusable; also where it may not be written to and needs a migration.
    """
    file = sqlite_file(url)
    if file is None:
        return open_database(url)
    check_there(file)
    if may_write(file):
        return open_database(url)
    engine = _reading_engine(url, file)
    with _opening(url, engine):
        refuse_a_stranger(file)
        refuse_the_past(engine, file)
    return Database(engine)


def awaits_migration(url: str) -> bool:
    """Whether a database is of an older release, so that opening it would migrate it.

    Raises Unusable.
    """
    file = sqlite_file(url)
    if file and not has_any(file):
        return False
    engine = _reading_engine(url, file) if file else _engine(url, durable=True)
    with _opening(url, engine):
        current = revision(engine)
        refuse_the_future(current)
    engine.dispose()
    return current not in (None, head())


def _reading_engine(url: str, file: Path) -> Engine:
    """The engine for a SQLite file that is only read and stays as it is."""
    return create_engine(url, creator=lambda: reading(file), hide_parameters=True)


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
            raise Unusable(damage(error, f"The database {_public(url)}")) from error
        raise Unusable(
            f"The database {_public(url)} cannot be opened: {cause(error)}. {_remedy(url, error)}"
        ) from error


def _remedy(url: str, error: Exception) -> str:
    if not is_locked(error):
        return "Check the address, and that the file and its folder may be written to."
    file = sqlite_file(url)
    names = f"`fuser -v {file}` or `lsof {file}` names it" if file else "pg_stat_activity names it"
    return f"Another program holds it: {names}. Wait for that, or end it."


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


def _engine(url: str, *, durable: bool) -> Engine:
    file = sqlite_file(url)
    if file is None:
        return _server(url)
    _create(file)
    return _sqlite(url, durable=durable)


def _create(file: Path) -> None:
    """Create the file if it is not there. Raises Unusable where SQLite could not write to it."""
    if not file.parent.is_dir():
        raise Unusable(f"The folder {file.parent} of the database does not exist; create it first.")
    refuse_a_folder(file)
    if file.exists():
        refuse_read_only(file)
    try:
        file.touch(mode=0o600)
    except OSError as error:
        raise Unusable(
            f"The database {file} cannot be opened: {error.strerror}. Check that the file and its "
            "folder may be written to."
        ) from error


def _sqlite(url: str, *, durable: bool) -> Engine:
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
    engine = _server_engine(url)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        with closing(connection.cursor()) as cursor:
            cursor.execute("SET TIME ZONE 'UTC'")
            cursor.execute(f"SET lock_timeout = '{BUSY_TIMEOUT_SECONDS}s'")
            cursor.execute(f"SET idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'")
        connection.commit()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get("triage_begin")
        if mode == "DEFERRED":
            connection.execute(_READS)
        elif mode == "IMMEDIATE":
            # Whatever is read first would fix the snapshot; only LOCK TABLE may come before that.
            connection.execute(_ALONE)

    return engine


def _server_engine(url: str) -> Engine:
    """Raises Unusable for an address without a driver, or with an @ too many."""
    parsed = make_url(url)
    if "@" in f"{parsed.host}{parsed.database}":
        raise Unusable(
            "The address of the database has an @ too many: in a password write it as %40."
        )
    watchful = _WATCHFUL if parsed.drivername == DRIVER else {}
    try:
        return create_engine(
            url,
            connect_args={name: watchful[name] for name in watchful.keys() - parsed.query.keys()},
            pool_pre_ping=True,
            isolation_level="REPEATABLE READ",
            hide_parameters=True,
        )
    except (ArgumentError, ImportError) as error:
        remedy = (
            "install one with `pip install psycopg[binary]` and begin it with postgresql+psycopg://"
            if parsed.drivername.startswith("postgres")
            else "name a SQLite file, such as sqlite:///triage.db"
        )
        raise Unusable(
            f"The address {_public(url)} needs a driver that is not there: {remedy}."
        ) from error


def _refuse_an_old_server(engine: Engine) -> None:
    """Raises Unusable for a PostgreSQL that is too old to end the sessions of clients it no longer
    hears."""
    with engine.connect() as connection:
        version = connection.dialect.server_version_info or ()
    if version < OLDEST_SERVER:
        needed, found = (".".join(map(str, one)) for one in (OLDEST_SERVER, version))
        raise Unusable(
            f"Triage needs PostgreSQL {needed} or newer, and this is {found}: upgrade it."
        )


def _public(url: str) -> str:
    """An address without what may be a password, which may stand behind its ? too."""
    try:
        return make_url(url).set(query={}).render_as_string(hide_password=True)
    except ArgumentError:
        return "the given address"
