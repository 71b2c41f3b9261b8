"""What every language's traces come to: exceptions with their frames."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.core.event import Frame

MOST_LINES = 2_000
MOST_EXCEPTIONS = 32


@dataclass(frozen=True, slots=True)
class Raised:
    """One exception: `frames` innermost call first, recursion collapsed; `members` of a group."""

    type: str
    message: str
    frames: tuple[Frame, ...] = ()
    members: tuple["Raised", ...] = ()


def collapse(frames: Iterable[Frame]) -> tuple[Frame, ...]:
    """The frames with every run of calls that repeats (of up to 4 functions) kept once."""
    kept: list[Frame] = []
    for frame in frames:
        kept.append(frame)
        for length in range(1, 5):
            tail, before = kept[-length:], kept[-2 * length : -length]
            if len(before) == length and all(map(_same_call, tail, before)):
                del kept[-length:]
                break
    return tuple(kept)


def _same_call(one: Frame, other: Frame) -> bool:
    return one.function == other.function and one.module == other.module
