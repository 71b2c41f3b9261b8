"""Whether a stored analysis still holds, or a model has to be asked again."""

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core.detection.finding import Kind
from bot.core.detection.release import newer
from bot.core.spending.outcome import ITS_OWN, Stopped
from bot.core.spending.routing import Tier
from bot.core.wording.plural import counted

RECENT = timedelta(hours=6)
"""So long nothing is asked again, whatever happens; only a stronger model may be."""
LASTING = {Tier.STRONG: timedelta(days=7), Tier.CHEAP: timedelta(days=30)}
"""So long nothing is asked again while nothing changed: of what is new, critical or spreading a
week, since what stands beside it moves on; of what is merely known a month."""
SOON = timedelta(minutes=5)
"""So long a signature rests after a call that failed for no fault of its own."""
_OF_NEW = frozenset({Kind.NEW, Kind.CRITICAL})
_FIRST = 2
"""Counts of so many digits are one size, since an error that has just begun always grows."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What the analyses of a signature rested on so far, coarsely: the order of magnitude of its
    events and customers, the releases it may come from, and the ways in which it was unusual.

    It only grows, so that a kind that comes and goes is news once.
    """

    size: int = 0
    customers: int = 0
    releases: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()

    @classmethod
    def from_text(cls, text: str) -> "Mark":
        """The mark that `as_text` gave; for any other text an empty one."""
        try:
            size, customers, releases, kinds = json.loads(text)
            return cls(int(size), int(customers), frozenset(releases), frozenset(kinds))
        except (ValueError, TypeError):
            return cls()

    def as_text(self) -> str:
        """The mark as it is stored."""
        return json.dumps([self.size, self.customers, sorted(self.releases), sorted(self.kinds)])

    def joined(self, other: "Mark") -> "Mark":
        """The two marks together."""
        return Mark(
            max(self.size, other.size),
            max(self.customers, other.customers),
            self.releases | other.releases,
            self.kinds | other.kinds,
        )


@dataclass(frozen=True, slots=True)
class Kept:
    """A model's stored analysis: when a model was last asked, on what evidence, under which prompt,
    the class of the model, and whether it is `proven` or nothing came of it."""

    at: datetime
    mark: Mark
    prompt: str
    tier: Tier
    proven: bool = True


@dataclass(frozen=True, slots=True)
class Wanted:
    """The evidence, prompt and class of model on which an analysis of now would rest."""

    mark: Mark
    prompt: str
    tier: Tier


@dataclass(frozen=True, slots=True)
class Renewal:
    """Whether to ask, and why or why not."""

    ask: bool
    reason: str


def judge(kept: Kept | None, wanted: Wanted, *, now: datetime) -> Renewal:
    """Whether to ask again. Until then what is stored is shown, with its age.

    That `kept` was made under a newer prompt is no reason: during an upgrade both are in use.
    """
    if kept is None:
        return Renewal(ask=True, reason="not explained yet")
    if wanted.tier is Tier.STRONG and kept.tier is Tier.CHEAP:
        return Renewal(ask=True, reason="matters more than it did")
    age = now - kept.at
    if age < RECENT:
        return Renewal(ask=False, reason="recent")
    if newer(kept.prompt, wanted.prompt) != kept.prompt:
        return Renewal(ask=True, reason="a newer prompt")
    if _has_news(wanted.mark, kept):
        return Renewal(ask=True, reason="the evidence changed")
    if age < LASTING[wanted.tier]:
        return Renewal(ask=False, reason="nothing changed")
    return Renewal(ask=True, reason=f"{counted(age.days, 'day')} old")


def _has_news(mark: Mark, kept: Kept) -> bool:
    """Whether the evidence changed in a way that matters. What is new grows by the hour, and its
    explanation still holds; but where nothing was proven, more evidence may help."""
    if kept.proven and Kind.NEW in mark.kinds:
        mark = replace(mark, size=0, customers=0)
    return kept.mark.joined(mark) != kept.mark


def rests_until(outcome: str, at: datetime) -> datetime:
    """The earliest time to ask about a signature again after a call at a moment that ended in
    `outcome`.

    What failed because of its own text would fail again. What ended because the program did was no
    failure.
    """
    if outcome == Stopped.name:
        return at
    return at + (RECENT if outcome in ITS_OWN else SOON)


def mark(*, events: int, customers: int, release: str, kinds: Collection[Kind]) -> Mark:
    """The mark of what an analysis of now rests on. It changes when ten times as many events or
    customers are hit, or when the release is found that began shortly before.

    The numbers on a card are those of now in any case, and that an error spreads is a kind of its
    own: what a model says changes with the order of magnitude, not with a few more. That something
    new comes often, and at several customers, is part of its being new. A later release does not
    count: it is not shown to a model, and whatever the error does differently since is unusual in a
    way of its own.
    """
    size, hit = max(_FIRST, len(str(events))), len(str(customers))
    told = _OF_NEW.intersection(kinds) if Kind.NEW in kinds else kinds
    return Mark(size, hit, frozenset({release} if release else ()), frozenset(map(str, told)))
