"""Questions to a person, asked again while an answer makes no sense."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Dialogue:
    """How to talk to a person; what they type to `ask_secret` is not shown."""

    say: Callable[[str], None]
    ask: Callable[[str], str]
    ask_secret: Callable[[str], str]

    def answer(self, question: str, usual: str, read: Callable[[str], T]) -> T:
        """What the person answered, or `usual` if they just pressed Enter; asked again, with the
        reason, while `read` raises ValueError."""
        while True:
            hint = f" [{usual}]" if usual else ""
            try:
                return read(self.ask(f"{question}{hint}: ").strip() or usual)
            except ValueError as wrong:
                self.say(str(wrong))

    def agrees(self, question: str) -> bool:
        """Whether the answer is yes; anything that does not begin with n is."""
        return not self.ask(f"{question} [Y/n]: ").strip().lower().startswith("n")


def number(most: int) -> Callable[[str], int]:
    """A function that reads a number from 1 to `most`. Raises ValueError."""

    def read(said: str) -> int:
        if said.isascii() and said.isdecimal() and 1 <= int(said) <= most:
            return int(said)
        raise ValueError(f"Type a number from 1 to {most}.")

    return read
