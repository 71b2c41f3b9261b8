"""The switches that people may set while the program runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Flag(StrEnum):
    """What can be switched off, each on until somebody does."""

    MODEL = "model"
    STRONG = "strong"
    TRIAL = "trial"
    SHADOW = "shadow"

    @property
    def says(self) -> str:
        """What it does."""
        return _SAYS[self]

    @property
    def has_share(self) -> bool:
        """Whether it may be set to a share of all signatures."""
        return self in (Flag.TRIAL, Flag.SHADOW)


_SAYS: Mapping[Flag, str] = {
    Flag.MODEL: "a model explains what behaves unusually; off: none is asked, the rules alone",
    Flag.STRONG: "the strong model explains what is new, critical or spreading; off: the cheap one",
    Flag.TRIAL: "what is on trial explains a share of it, which people are shown",
    Flag.SHADOW: "what is on trial is asked about a share too, and compared; nobody is shown it",
}


@dataclass(frozen=True, slots=True)
class Position:
    """How a flag is set: on, off, or on for a share of signatures in `percent`; None for the share
    of the settings."""

    on: bool = True
    percent: int | None = None

    def __str__(self) -> str:
        if not self.on:
            return "off"
        return "on" if self.percent is None else f"{self.percent} %"

    def share(self, otherwise: float) -> float:
        """The share from 0 to 1; `otherwise` is that of the settings."""
        if not self.on:
            return 0.0
        return otherwise if self.percent is None else self.percent / 100


ON, OFF = Position(), Position(on=False)


def position(flag: Flag, word: str) -> Position | None:
    """What "on", "off", "20" or "20 %" means for a flag; None where it means nothing for it."""
    said = word.strip().lower()
    if said in ("on", "off"):
        return ON if said == "on" else OFF
    number = said.removesuffix("%").strip()
    is_percent = number.isascii() and number.isdecimal() and len(number) <= len("100")
    if not (flag.has_share and is_percent) or int(number) > 100:
        return None
    return Position(percent=int(number)) if int(number) else OFF
