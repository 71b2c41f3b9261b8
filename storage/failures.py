"""What a database complains of, and what to do about it."""

import sqlite3

from sqlalchemy.exc import DatabaseError, InternalError, OperationalError


class Unusable(Exception):
    """The database cannot be used as it is; the message says why and what to do."""


class FromTheFuture(Unusable):
    """A later release migrated it; this one does not know its schema."""


ERRORS = (DatabaseError, sqlite3.DatabaseError)
"""All that either database raises, our own mistakes among them."""
_DAMAGES = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
FAILURES = (OperationalError, InternalError, sqlite3.OperationalError)
"""What a database in use may raise any time: it is locked, its disk is full, it went away, or may
only be read now, as a PostgreSQL that stands by."""


def cause(error: Exception) -> str:
    """What the database itself says of an error, on a line."""
    return " ".join(str(_own(error)).split())


def brief(error: Exception) -> str:
    """The same for those who ask without a key: without the server's address and user, which
    PostgreSQL adds."""
    own = _own(error)
    is_ours = isinstance(own, sqlite3.Error | TimeoutError)
    return cause(error) if is_ours else type(own).__name__


def _own(error: BaseException | None) -> BaseException | None:
    """The error of the database's driver inside one of SQLAlchemy's."""
    return (error.orig or error) if isinstance(error, DatabaseError) else error


def is_damaged(error: BaseException | None) -> bool:
    """Whether SQLite finds the file itself broken, or no database at all."""
    own = _own(error)
    return getattr(own, "sqlite_errorcode", 0) & 0xFF in _DAMAGES


def is_locked(error: BaseException | None) -> bool:
    """Whether another connection holds the lock that was needed."""
    own = _own(error)
    code = getattr(own, "sqlite_errorcode", 0) & 0xFF
    return code in _LOCKED or getattr(own, "sqlstate", "") == "55P03"


def is_denied(error: BaseException) -> bool:
    """Whether PostgreSQL lacks what a statement names, or grants no right to it. SQLite raises one
    of FAILURES for that."""
    own = _own(error)
    return str(getattr(own, "sqlstate", "")).startswith("42")


def is_outside(error: BaseException) -> bool:
    """Whether what a database depends on is to blame, not our statement: a disk, a lock, a right,
    the network."""
    own = _own(error)
    is_statement = getattr(own, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_ERROR
    return isinstance(error, FAILURES) and not is_statement


def in_use(error: Exception) -> str:
    """What a database complains of that failed while in use, and what to do, for people."""
    if is_damaged(error):
        return damage(error, "The database")
    again = (
        "nothing else writes to it: `fuser -v` or `lsof` with the name of its file names who does"
        if is_locked(error)
        else "nothing else writes to it and its disk has room"
    )
    return (
        f"The database failed: {cause(error)}. What was recorded before is kept; try again when "
        f"{again}."
    )


def damage(error: Exception, what: str) -> str:
    """What to do where a file is damaged; `what` names the file at the beginning of a sentence."""
    return (
        f"{what} cannot be read: {cause(error)}. Stop the bot and put a copy in its place: "
        "`triage db restore BACKUP`; or name another file with --db or DATABASE_URL."
    )
