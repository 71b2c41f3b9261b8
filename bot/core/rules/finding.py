"""What is found in a text: a verdict, the words that led to it, and what these are worth."""

import re
from enum import IntEnum
from typing import NamedTuple

from bot.core.rules.bystander import Span
from bot.core.rules.verdicts import Verdict


class Weight(IntEnum):
    """How much a kind of evidence is worth: the highest decides."""

    WEAK = 1
    STATUS = 2
    NAME = 3
    PRECISE = 4
    VENDOR = 5
    BYSTANDER = 6
    CRITICAL = 7


class Finding(NamedTuple):
    """A verdict, where it was found, and the words that led to it."""

    weight: Weight
    position: int
    length: int
    verdict: Verdict
    words: str

    @classmethod
    def of(cls, match: re.Match[str], verdict: Verdict, *, weight: Weight, words: str) -> "Finding":
        """The finding of an expression's match."""
        return cls(weight, match.start(), match.end() - match.start(), verdict, words)

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.position + self.length

    @property
    def span(self) -> Span:
        """Where it was found, and its verdict."""
        return Span(self.position, self.end, self.verdict)


def precise(verdict: Verdict) -> Weight:
    """The weight of an exact name or number that leads to a verdict."""
    return Weight.BYSTANDER if verdict.noise else Weight.PRECISE
