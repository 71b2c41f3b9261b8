"""Functions as processes of their own, which a test can kill: each is forked from one that has
imported what they use, and starts without the seconds that this takes."""

import signal
from collections.abc import Callable
from multiprocessing import get_context
from typing import Any

FORKED = get_context("forkserver")
FORKED.set_forkserver_preload(
    [
        "tests.crashing",
        "tests.cut_off",
        "tests.receiving",
        "tests.filling",
        "tests.migrating",
        "tests.posting",
        "tests.pulling",
        "tests.replica",
        "tests.flows.test_report",
    ]
)
ENDS_WITHIN_SECONDS = 30


class Life:
    """One process, from its start to its end.

    `main` is called there with the arguments and, last, the other end of `line`.
    """

    def __init__(self, main: Callable[..., None], *arguments: object) -> None:
        self.line, theirs = FORKED.Pipe()
        self._process = FORKED.Process(target=main, args=(*arguments, theirs), daemon=True)
        self._process.start()
        theirs.close()

    @property
    def pid(self) -> int:
        """Its number."""
        assert self._process.pid
        return self._process.pid

    def hear(self) -> Any:
        """What it says next; EOFError if it ended instead."""
        return self.line.recv()

    def goes_on(self, seconds: float) -> None:
        """Let it live for so long."""
        self._process.join(seconds)
        assert self._process.is_alive()

    def kill(self) -> bool:
        """Whether it was alive until now."""
        self._process.kill()
        return self.ended() == -signal.SIGKILL

    def stop(self) -> int | None:
        """Ask it to end, and give its exit status."""
        self._process.terminate()
        return self.ended()

    def ended(self) -> int | None:
        """Its exit status, once it has one."""
        self._process.join(ENDS_WITHIN_SECONDS)
        self.line.close()
        return self._process.exitcode
