"""`triage` as a process of its own, without the second that its imports take: it is forked from one
that has imported all of it already, and ends as any other does.

Run as a module it is that one.
"""

import atexit
import gc
import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryFile
from threading import Thread
from typing import Any, NamedTuple

ROOT = Path(__file__).parent.parent
TIMEOUT_SECONDS = 60
_REQUEST_LIMIT = 1 << 20


class Ended(NamedTuple):
    """How a process ended, and all it wrote; below zero is the signal that killed it."""

    code: int
    stdout: bytes
    stderr: bytes


def run(
    arguments: Sequence[str], *, folder: Path, environment: Mapping[str, str], stdin: bytes
) -> Ended:
    """Run `triage` with these arguments there and nothing else of this process's environment."""
    request = {"arguments": arguments, "folder": str(folder), "environment": dict(environment)}
    reading, writing = os.pipe()
    with TemporaryFile() as stdout, TemporaryFile() as stderr:
        files = (reading, stdout.fileno(), stderr.fileno())
        socket.send_fds(_original(), [json.dumps(request).encode()], files)
        os.close(reading)
        feeding = Thread(target=_feed, args=(writing, stdin))
        feeding.start()
        code = int(_original().recv(16))
        feeding.join()
        stdout.seek(0)
        stderr.seek(0)
        return Ended(code, stdout.read(), stderr.read())


@cache
def _original() -> socket.socket:
    """The connection to the process that forks, which ends with this one."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    here.settimeout(TIMEOUT_SECONDS)
    forking = subprocess.Popen(
        [sys.executable, "-m", "tests.program", str(there.fileno())],
        cwd=ROOT,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        pass_fds=[there.fileno()],
    )
    there.close()
    atexit.register(forking.wait)
    atexit.register(here.close)
    return here


def _feed(writing: int, stdin: bytes) -> None:
    try:
        with open(writing, "wb") as pipe:
            pipe.write(stdin)
    except BrokenPipeError:
        pass  # it ended without reading all


def _fork_for_each(asking: socket.socket) -> None:
    """Serve requests; returns in each fork, with its request in place, and nowhere else."""
    while True:
        request, files, _, _ = socket.recv_fds(asking, _REQUEST_LIMIT, 3)
        if not request:
            sys.exit()
        if (child := os.fork()) == 0:
            asking.close()
            return _become(json.loads(request), files)
        for file in files:
            os.close(file)
        _, status = os.waitpid(child, 0)
        asking.send(str(os.waitstatus_to_exitcode(status)).encode())


def _become(request: Mapping[str, Any], files: Sequence[int]) -> None:
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    sys.argv = ["triage", *request["arguments"]]
    os.chdir(str(request["folder"]))
    os.environ.clear()
    os.environ.update(request["environment"])


if __name__ == "__main__":
    from bot.__main__ import main
    from bot.cli.program import COMMANDS

    for name in (*(f"bot.cli.commands.{name}" for name in COMMANDS), "alembic.command"):
        import_module(name)
    gc.freeze()  # else each fork looks for garbage in all of this when it ends
    _fork_for_each(socket.socket(fileno=int(sys.argv[1])))
    main()
