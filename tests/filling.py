"""The service as a process whose disk a test can fill: a small file system of its own.

Where the kernel lets nobody mount one, a limit on the size of its files stands in for it.
"""

import ctypes
import os
import resource
import sqlite3
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path

from pydantic import SecretStr

from bot.app import running
from bot.settings import Http
from storage.database import open_database
from storage.spool import Spool
from tests import crashing

DISK_BYTES = 8_000_000
SPOOL_BYTES = 30_000
ITS_OWN = "a file system of its own"
_NEWUSER, _NEWNS = 0x10000000, 0x00020000
_RECURSIVE, _PRIVATE = 1 << 14, 1 << 18


def main(folder: Path, api_url: str, key: str, started: float, log: Path, line: Connection) -> None:
    """Serve until told to stop, and "fill", "free", "lock" and "unlock" as told by `line`."""
    with log.open("a") as errors:
        os.dup2(errors.fileno(), 2)
    disk = _of_its_own(folder)
    database = open_database(f"sqlite:///{folder / 'triage.db'}")
    with (
        closing(sqlite3.connect(folder / "triage.db", isolation_level=None)) as another,
        closing(Spool(folder / "spool", size=SPOOL_BYTES)) as spool,
    ):
        http = Http(port=0, api_key=SecretStr(key))
        settings = crashing.settings(api_url).model_copy(update={"http": http})
        told = {
            "fill": disk.fill,
            "free": disk.free,
            "lock": lambda: another.execute("BEGIN IMMEDIATE"),
            "unlock": lambda: another.execute("ROLLBACK"),
        }
        clock = crashing.fast_clock(started)
        with running(settings, database, clock=clock, spool=spool) as service:
            line.send((service.port, disk.name))
            while (said := line.recv()) != "stop":
                told[said]()
                line.send("done")
    database.close()


class _Mounted:
    """A file system in memory, that a file fills."""

    name = ITS_OWN

    def __init__(self, folder: Path) -> None:
        self._filler = folder / "filler"

    def fill(self) -> None:
        """Not a byte is left."""
        with self._filler.open("wb", buffering=0) as file:
            for size in (100_000, 1_000, 1):
                try:
                    while file.write(bytes(size)):
                        pass
                except OSError:
                    continue

    def free(self) -> None:
        """It has room again."""
        self._filler.unlink()


class _Limited:
    """No file may grow."""

    name = "a limit on the size of files, as nothing may be mounted here"

    def __init__(self) -> None:
        self._before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(self) -> None:
        """No file may grow past what a database has at once."""
        resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, self._before[1]))

    def free(self) -> None:
        """All may again."""
        resource.setrlimit(resource.RLIMIT_FSIZE, self._before)


def _of_its_own(folder: Path) -> _Mounted | _Limited:
    """What this process alone sees at a folder: root of its own user namespace may mount there."""
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    if libc.unshare(_NEWNS if user == 0 else _NEWUSER | _NEWNS):
        return _Limited()
    if user:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    libc.mount(b"none", b"/", None, _PRIVATE | _RECURSIVE, None)
    options = f"size={DISK_BYTES},mode=700".encode()
    if libc.mount(b"tmpfs", bytes(folder), b"tmpfs", 0, options):
        return _Limited()
    return _Mounted(folder)
