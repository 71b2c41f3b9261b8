"""Ctrl-C: at any moment one line and the exit status that a shell expects, never a traceback.

Light on purpose: all else is imported under its care.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALLED = 128
"""A shell shows this and the number of the signal that ended a program."""
LAST_WORD = "Stopped."
_STDERR = 2

Handler = Callable[[int, FrameType | None], object]


class Stopped(BaseException):
    """Ctrl-C, while something runs that has to tidy up. Typer would end a KeyboardInterrupt without
    a word."""


def quit_at_once() -> None:
    """Let Ctrl-C end the program on the spot from now on, for where there is nothing to tidy up.

    An exception would not do: while Python imports, or after the last line, it prints the traceback
    and goes on.
    """
    if not _is_ignored(signal.SIGINT):
        signal.signal(signal.SIGINT, _quit)


@contextmanager
def quitting() -> Iterator[None]:
    """Let Ctrl-C end the program on the spot until the block is left."""
    with handling(_quit):
        yield


@contextmanager
def raising() -> Iterator[None]:
    """Let Ctrl-C raise Stopped in whatever runs, until the block is left."""
    with handling(_raise):
        yield


@contextmanager
def handling(handler: Handler, *numbers: int) -> Iterator[None]:
    """Handle some signals (Ctrl-C, unless others are named) until the block is left; those that are
    ignored, as in a job that nohup started, stay so."""
    chosen = [one for one in numbers or (signal.SIGINT,) if not _is_ignored(one)]
    before = {number: signal.signal(number, handler) for number in chosen}
    try:
        yield
    finally:
        for number, handled in before.items():
            signal.signal(number, handled)


def _is_ignored(number: int) -> bool:
    return signal.getsignal(number) == signal.SIG_IGN


def _quit(number: int, _frame: FrameType | None) -> None:
    os.write(_STDERR, f"{LAST_WORD}\n".encode())
    os._exit(SIGNALLED + number)


def _raise(_number: int, _frame: FrameType | None) -> None:
    raise Stopped
