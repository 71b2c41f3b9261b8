"""The databases that tests run on: files of SQLite, or those of a PostgreSQL of the tests' own.

What is the same for many tests is filled once in a run, by the process that wants it first while
the others wait, and copied for each of them: to migrate each takes fifteen times as long. A crash
of the machine could lose what is written there, which no test minds.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from fcntl import LOCK_EX, flock
from itertools import count
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Protocol

from storage.database import Database, open_database
from tests.postgres import Server

Fill = Callable[[Database], object]


def nothing(_database: Database) -> None:
    """What fills a database that is to be empty."""


class Engine(Protocol):
    """Gives addresses of databases that last as long as a block."""

    def blank(self) -> AbstractContextManager[str]:
        """One without any table."""

    def copy(self, name: str = "empty", fill: Fill = nothing) -> AbstractContextManager[str]:
        """A copy of one that was filled once in this run."""


class Files:
    """Makes databases of SQLite; the folder is shared by all processes of a run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def blank(self) -> Iterator[str]:
        # whoever still writes at the end leaves something, which goes with the folder of all
        with TemporaryDirectory(dir=self._folder, ignore_cleanup_errors=True) as folder:
            yield f"sqlite:///{folder}/triage.db"

    @contextmanager
    def copy(self, name: str = "empty", fill: Fill = nothing) -> Iterator[str]:
        with self.blank() as url:
            copyfile(self.filled(name, fill), url.removeprefix("sqlite:///"))
            yield url

    def filled(self, name: str = "empty", fill: Fill = nothing) -> Path:
        """The file of one that was filled once in this run: to be copied."""
        file, part = self._folder / f"{name}.db", self._folder / f"{name}.part"
        with _first(file) as is_first:
            if is_first:
                _fill(f"sqlite:///{part}", fill)
                part.rename(file)
        return file


class Servers:
    """Makes databases on a server, which whoever is first starts."""

    def __init__(self, folder: Path, server: Server) -> None:
        self._folder = folder
        self._server = server
        self._names = (f"test-{os.getpid()}-{number}" for number in count())

    @contextmanager
    def blank(self) -> Iterator[str]:
        with self._made(like="template1") as url:
            yield url

    @contextmanager
    def copy(self, name: str = "empty", fill: Fill = nothing) -> Iterator[str]:
        mark = self._folder / f"{name}.on-server"
        with _first(mark) as is_first:
            if is_first:
                self._server.start()
                self._server.drop(name)
                _fill(self._server.create(name), fill)
                mark.touch()
        with self._made(like=name) as url:
            yield url

    @contextmanager
    def _made(self, *, like: str) -> Iterator[str]:
        self._server.start()
        name = next(self._names)
        url = self._server.create(name, like=like)
        try:
            yield url
        finally:
            self._server.drop(name)


def _fill(url: str, fill: Fill) -> None:
    with closing(open_database(url, durable=False)) as database:
        fill(database)


@contextmanager
def _first(mark: Path) -> Iterator[bool]:
    """Whether nobody did yet what leaves a mark; nobody else is at it meanwhile."""
    with mark.with_name(f"{mark.name}.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        yield not mark.exists()
