"""Questions to a person, asked again while an answer makes no sense."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Dialogue:
    """How a person is talked to: what is typed to `ask_secret` is not shown."""

    say: Callable[[str], None]
    ask: Callable[[str], str]
    ask_secret: Callable[[str], str]

    def answer(self, question: str, usual: str, read: Callable[[str], T]) -> T:
        """What was answered, or the usual where nothing was; asked again while `read` raises
        ValueError, which is said."""
        while True:
            hint = f" [{usual}]" if usual else ""
            try:
                return read(self.ask(f"{question}{hint}: ").strip() or usual)
            except ValueError as wrong:
                self.say(str(wrong))

    def agrees(self, question: str) -> bool:
        """Whether the answer is yes, which it is unless it begins with n."""
        return not self.ask(f"{question} [Y/n]: ").strip().lower().startswith("n")


def number(most: int) -> Callable[[str], int]:
    """Reads a number from 1 to the most. Raises ValueError."""

    def read(said: str) -> int:
        if said.isascii() and said.isdecimal() and 1 <= int(said) <= most:
            return int(said)
        raise ValueError(f"Type a number from 1 to {most}.")

    return read
