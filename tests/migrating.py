"""A migration as a process of its own that dies half way."""

import os
import signal
from itertools import count
from multiprocessing.connection import Connection

import alembic.command  # noqa: F401  (loaded once, not by each that dies)
from sqlalchemy import Engine, event

from storage.database import open_database


def main(url: str, last: int, line: Connection) -> None:
    """Open the database, which migrates it, and be killed in place of a statement: of the one with
    that number, counted from 0. Says how many there were, where that was more than there are."""
    numbers = count()

    @event.listens_for(Engine, "before_cursor_execute")
    def die(*_: object) -> None:
        if next(numbers) == last:
            os.kill(os.getpid(), signal.SIGKILL)

    open_database(url, durable=False).close()
    line.send(next(numbers))
