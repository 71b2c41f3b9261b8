"""What every language's traces come to: exceptions with their frames."""

from collections.abc import Iterable, Sequence
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
        for length in range(1, min(_LONGEST_RUN, len(kept) // 2) + 1):
            if _same_call(frame, kept[-1 - length]) and _repeats(kept, length):
                del kept[-length:]
                break
    return tuple(kept)


_LONGEST_RUN = 4


def _repeats(kept: Sequence[Frame], length: int) -> bool:
    """Whether the last calls are those before them once more."""
    return all(map(_same_call, kept[-length:], kept[-2 * length : -length]))


def _same_call(one: Frame, other: Frame) -> bool:
    return one.function == other.function and one.module == other.module
