"""A PostgreSQL of their own for tests, that only this machine's users reach.

It is found on the path or where Debian puts it, and runs as another user where this one is root,
whom it refuses.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from tempfile import mkdtemp

USER = "nobody"
NOT_DURABLE = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"


def missing() -> str:
    """What this machine lacks to run one, or nothing."""
    if find_spec("psycopg") is None:
        return "psycopg is not installed"
    return "" if _program("initdb") else "PostgreSQL is not installed"


@contextmanager
def running() -> Iterator[Callable[[], str]]:
    """Makes an empty database and gives its address, in a server that runs so long: in a folder
    with a path short enough for its socket."""
    numbers = count()

    def address_of_another() -> str:
        name = f"triage{next(numbers)}"
        _run("createdb", f"--host={folder}", "--username=triage", name)
        return f"postgresql+psycopg://triage@/{name}?host={folder}"

    folder = Path(mkdtemp(prefix="pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, USER)
    try:
        _run("initdb", "--auth=trust", "--username=triage", "--no-sync", "-D", f"{folder}/files")
        _run("pg_ctl", "start", "--wait", *_where(folder), f"-o-k {folder} -h '' {NOT_DURABLE}")
        try:
            yield address_of_another
        finally:
            _run("pg_ctl", "stop", "--wait", "--mode=immediate", *_where(folder))
    finally:
        shutil.rmtree(folder)


def _where(folder: Path) -> tuple[str, ...]:
    return "-D", f"{folder}/files", "-l", f"{folder}/log"


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
