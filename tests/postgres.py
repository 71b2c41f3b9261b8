"""A PostgreSQL of their own for tests, that only this machine's users reach.

It is found on the path or where Debian puts it, and runs as another user where this one is root,
whom it refuses.
"""

import os
import shutil
import subprocess
from fcntl import LOCK_EX, flock
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import NullPool, create_engine, text

USER = "nobody"
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": 300,
}
"""Nothing there outlives the tests, and nothing else is to keep the machine busy."""


def missing() -> str:
    """What this machine lacks to run one, or nothing."""
    if find_spec("psycopg") is None:
        return "psycopg is not installed"
    return "" if _program("initdb") else "PostgreSQL is not installed"


class Server:
    """One that runs in a folder, with a path short enough for its socket, from when it is first
    started until it is stopped, by whichever processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._engine = create_engine(
            self.url("postgres"), isolation_level="AUTOCOMMIT", poolclass=NullPool
        )

    def start(self) -> None:
        """It runs when this returns; nothing where it does already."""
        with (self._folder.parent / f"{self._folder.name}.lock").open("w") as lock:
            flock(lock, LOCK_EX)
            if not self._runs():
                self._start()

    def _start(self) -> None:
        self._folder.mkdir()
        if os.geteuid() == 0:
            shutil.chown(self._folder, USER)
        _run("initdb", "--auth=trust", "--username=triage", "--no-sync", "-D", str(self._files))
        settings = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
        _run("pg_ctl", "start", "--wait", *self._where(), f"-o-k {self._folder} -h '' {settings}")

    def stop(self) -> None:
        """It runs no more, if it did."""
        if self._runs():
            _run("pg_ctl", "stop", "--wait", "--mode=immediate", *self._where())

    def url(self, name: str) -> str:
        """The address of a database there."""
        return f"postgresql+psycopg://triage@/{name}?host={self._folder}"

    def create(self, name: str, *, like: str = "template1") -> str:
        """Make a database as a copy of one that nobody has open; gives its address."""
        self._tell(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
        return self.url(name)

    def drop(self, name: str) -> None:
        """Remove a database, if there is one, whoever has it open."""
        self._tell(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _tell(self, statement: str) -> None:
        with self._engine.connect() as connection:
            connection.execute(text(statement))

    @property
    def _files(self) -> Path:
        return self._folder / "files"

    def _runs(self) -> bool:
        return (self._files / "postmaster.pid").exists()

    def _where(self) -> tuple[str, ...]:
        return "-D", str(self._files), "-l", str(self._folder / "log")


def _run(name: str, *arguments: str) -> None:
    subprocess.run(
        [_program(name), *arguments],
        check=True,
        user=USER if os.geteuid() == 0 else None,
        env={"LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        timeout=60,
    )


def _program(name: str) -> str:
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(debian[-1]) if debian else "")
