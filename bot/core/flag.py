"""The switches that people may set while the program runs."""

from collections.abc import Mapping
from enum import StrEnum


class Flag(StrEnum):
    """What can be switched off, each on until somebody does."""

    MODEL = "model"
    STRONG = "strong"
    SHADOW = "shadow"

    @property
    def says(self) -> str:
        """What it does."""
        return _SAYS[self]


_SAYS: Mapping[Flag, str] = {
    Flag.MODEL: "a model explains what behaves unusually; off: none is asked, the rules alone",
    Flag.STRONG: "the strong model explains what is new, critical or spreading; off: the cheap one",
    Flag.SHADOW: "a share of it is asked of a second model too, and compared; nobody is shown it",
}
