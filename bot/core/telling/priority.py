"""Which card a person should look at first: a score of named parts, from 0 to 100.

What is claimed, muted or resolved comes after all that nobody has taken, whatever its score. The
weights are argued in docs/decisions/0009.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from bot.core.analysis import Level
from bot.core.detection.finding import Kind
from bot.core.ownership.decision import State
from bot.core.ownership.owner import NOISE
from bot.core.rules import operation
from bot.core.telling.digest import Card, share
from bot.core.wording.plural import counted

HIGHEST = 100

_KINDS = {Kind.CRITICAL: 30, Kind.SPREAD: 15, Kind.NEW: 10, Kind.SPIKE: 10, Kind.BACK: 10}
_SEVERITIES = {Level.LOW: 0, Level.MEDIUM: 6, Level.HIGH: 13, Level.CRITICAL: 20}
_CUSTOMERS, _A_DOUBLING_OF_CUSTOMERS = 12, 3
_SHARE = 8
_VELOCITY, _A_DOUBLING_OF_THE_USUAL = 10, 2
_NEVER_SEEN, _RELEASED, _RETURNED = 7, 3, 5
_CRITICAL_OPERATION = 10


@dataclass(frozen=True, slots=True)
class Part:
    """What one fact adds to the score, and the fact in a few words."""

    name: str
    points: int
    reason: str


@dataclass(frozen=True, slots=True)
class Priority:
    """A score and what it is made of; parts that add nothing are left out."""

    parts: tuple[Part, ...]

    @property
    def score(self) -> int:
        """From 0 to `HIGHEST`."""
        return sum(part.points for part in self.parts)

    @property
    def sum(self) -> str:
        """How the score adds up, in one line."""
        return " · ".join(f"{part.reason} {part.points:+}" for part in self.parts)


def of(card: Card) -> Priority:
    """How urgent a card is, by what is known of it at the moment of looking."""
    told = tuple(part for part in _parts(card) if part.points)
    if card.owner != NOISE:
        return Priority(told)
    halved = -(sum(part.points for part in told) // 2)
    return Priority((*told, Part("owner", halved, f"owner {NOISE}: half")))


def rank(cards: Iterable[Card]) -> tuple[Card, ...]:
    """The most urgent first; what is claimed, muted or resolved last."""
    return tuple(sorted(cards, key=_place))


def _place(card: Card) -> tuple[object, ...]:
    return card.state is not State.OPEN, -of(card).score, -card.last_day, card.short_id


def _parts(card: Card) -> Iterator[Part]:
    yield _kind(card)
    yield _severity(card)
    yield _customers(card)
    yield _share(card)
    yield _velocity(card)
    yield _novelty(card)
    yield _operation(card)


def _kind(card: Card) -> Part:
    """The points of the most urgent kind; numbers and customers have points of their own."""
    gravest = max(card.kinds, key=lambda kind: _KINDS[kind], default=None)
    return Part("kind", _KINDS[gravest] if gravest else 0, gravest or "not called out")


def _severity(card: Card) -> Part:
    severity = card.analysis.severity
    return Part("severity", _SEVERITIES[severity], f"{severity.lower()} severity")


def _customers(card: Card) -> Part:
    """Points for the first customer, and for each doubling of their number."""
    hit = len(card.customers)
    points = min(_CUSTOMERS, _A_DOUBLING_OF_CUSTOMERS * hit.bit_length())
    return Part("customers", points, counted(hit, "customer"))


def _share(card: Card) -> Part:
    hit = len(card.customers)
    known = max(hit, card.known_customers)
    points = round(_SHARE * hit / known) if known else 0
    return Part("share", points, f"{share(hit, known)} of all customers")


def _velocity(card: Card) -> Part:
    """Points for each doubling of the usual daily count; what is usually seen less than once a day
    counts as seen once."""
    times = int(card.last_day / max(1.0, card.usual_day))
    doublings = max(0, times.bit_length() - 1)
    points = min(_VELOCITY, _A_DOUBLING_OF_THE_USUAL * doublings)
    seldom = "usually less than one" if card.usual_day else "none before"
    against = f"{times}× usual" if card.usual_day >= 1 else f"{card.last_day} a day, {seldom}"
    return Part("velocity", points, against)


def _novelty(card: Card) -> Part:
    """Points for being new, and more if it is new after a release, which can be undone."""
    if card.as_of - card.first_seen < timedelta(days=1):
        if card.released_at:
            return Part("novelty", _NEVER_SEEN + _RELEASED, "never seen before this release")
        return Part("novelty", _NEVER_SEEN, "never seen before")
    returned = Kind.BACK in card.kinds
    return Part("novelty", _RETURNED if returned else 0, "thought to be over")


def _operation(card: Card) -> Part:
    affected = card.analysis.affects_critical_operation
    return Part("operation", _CRITICAL_OPERATION if affected else 0, _affected(card))


def _affected(card: Card) -> str:
    """Which key operation is affected, or that all are, or who says so, in words."""
    if operation.is_whole(card.analysis.row):
        return f"all operations are affected: {card.analysis.row}"
    which = operation.named(card.service, card.title)
    return f"a key operation is affected{f': {which}' if which else f', by {card.analyst}'}"
