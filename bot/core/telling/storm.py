"""A storm: many errors that begin together, how far they reach, and what most of them share."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from bot.core.telling import incident
from bot.core.telling.digest import Card
from bot.core.telling.incident import Incident

FEWEST = 10
"""Fewer are read one by one in the time that a summary takes."""


@dataclass(frozen=True, slots=True)
class Storm:
    """Cards that began together, in the order they were given.

    `services` and `customers` say in how many cards each is, the most first. `known` is the largest
    incident among them, if any.
    """

    cards: tuple[Card, ...]
    since: datetime
    lasted: timedelta
    services: tuple[tuple[str, int], ...]
    customers: tuple[tuple[str, int], ...]
    known: Incident | None

    @property
    def reason(self) -> str:
        """Why they are told of together, in words."""
        number = len(self.cards)
        minutes = int(self.lasted.total_seconds() // 60)
        within = f"within {minutes} min" if minutes else "in the same minute"
        began = f"{number:,} errors began {within}"
        if self.known is None:
            return f"{began}; no two of them have a cause in common that is known"
        return f"{began}; {len(self.known.cards):,} of them have one cause: {self.known.reason}"


def of(cards: Sequence[Card]) -> Storm | None:
    """The storm of some cards that began within an hour; None where they are too few."""
    if len(cards) < FEWEST:
        return None
    found = incident.group(cards)
    largest = max(found, key=lambda one: len(one.cards))
    began = sorted(map(_began, cards))
    return Storm(
        cards=tuple(cards),
        since=began[0],
        lasted=began[-1] - began[0],
        services=_counted(card.where for card in cards),
        customers=_counted(chain.from_iterable(dict(card.customers) for card in cards)),
        known=largest if largest.siblings else None,
    )


def _began(card: Card) -> datetime:
    return max((why.opened_at for why in card.whys), default=card.first_seen)


def _counted(names: Iterable[str]) -> tuple[tuple[str, int], ...]:
    counted = Counter(names).items()
    return tuple(sorted(counted, key=lambda one: (-one[1], one[0])))
