"""The database of a command: opened, closed again, and its failures told as TriageError."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from bot.errors import TriageError
from bot.settings import Settings
from storage import failures
from storage.database import Database, open_database, open_existing


@contextmanager
def database(settings: Settings) -> Iterator[Database]:
    """The database to write into, created if there is none. Raises TriageError for whatever fails
    meanwhile."""
    with failures_told(), closing(open_database(settings.database_url)) as opened:
        yield opened


@contextmanager
def existing(settings: Settings) -> Iterator[Database]:
    """The database to read from; none is created. Raises TriageError."""
    with failures_told(), closing(open_existing(settings.database_url)) as opened:
        yield opened


@contextmanager
def throw_away(folder: str) -> Iterator[Database]:
    """An empty database that nobody needs after a crash. Raises TriageError."""
    url = f"sqlite:///{folder}/replay.db"
    with failures_told(), closing(open_database(url, durable=False)) as opened:
        yield opened


@contextmanager
def failures_told() -> Iterator[None]:
    """Raise what a database fails with as TriageError, which names the remedy."""
    try:
        yield
    except failures.Unusable as error:
        raise TriageError(str(error)) from error
    except failures.ERRORS as error:
        if not (isinstance(error, failures.FAILURES) or failures.is_damaged(error)):
            raise
        raise TriageError(failures.in_use(error)) from error
