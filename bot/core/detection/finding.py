"""What is unusual about a signature: in which way, in a sentence, and in numbers."""

from dataclasses import dataclass
from enum import StrEnum

from bot.core.detection.receipt import Receipt


class Kind(StrEnum):
    """The ways in which a signature can be unusual, in the order of the digest's first line."""

    CRITICAL = "critical"
    NEW = "new"
    SPIKE = "spike"
    SPREAD = "spread"
    BACK = "back"


LOUD = frozenset({Kind.CRITICAL, Kind.SPREAD})
"""Kinds that end a mute when they begin: whoever muted it did not have this in mind."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One way in which a signature is unusual now: the reason as a sentence for people, and the
    numbers."""

    kind: Kind
    reason: str
    receipt: Receipt


def critical(what: str, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The same findings, preceded by a critical one whose reason says `what` makes them so."""
    cause = findings[0]
    return (Finding(Kind.CRITICAL, f"{what}: {cause.reason}", cause.receipt), *findings)
