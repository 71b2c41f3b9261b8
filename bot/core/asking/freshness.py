"""Whether an analysis that is kept still holds, or has to be asked for anew."""

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
    """What analyses of a signature rested on so far, coarsely: how many events and customers, which
    releases it may come from, and in which ways it was unusual. It only grows, so that a kind that
    comes and goes is news once."""

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
    """A model's analysis: when a model was last asked, on what evidence, under which prompt, of
    which class it was, and whether it is `proven` or nothing came of it."""

    at: datetime
    mark: Mark
    prompt: str
    tier: Tier
    proven: bool = True


@dataclass(frozen=True, slots=True)
class Wanted:
    """The evidence, prompt and class of model that an analysis of now would go by."""

    mark: Mark
    prompt: str
    tier: Tier


@dataclass(frozen=True, slots=True)
class Renewal:
    """Whether to ask, and why or why not."""

    ask: bool
    reason: str


def judge(kept: Kept | None, wanted: Wanted, *, now: datetime) -> Renewal:
    """Whether to ask anew: what is kept is served meanwhile, with its age.

    An older prompt than that of what is kept is no reason: during an upgrade both are in use.
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
    """What is new grows by the hour, and what explains it holds; where nothing did, there is more
    to go by now."""
    if kept.proven and Kind.NEW in mark.kinds:
        mark = replace(mark, size=0, customers=0)
    return kept.mark.joined(mark) != kept.mark


def rests_until(outcome: str, at: datetime) -> datetime:
    """When to ask about a signature again at the earliest after a call at a moment that ended so:
    what failed by its own text would fail again, and is kept as an attempt by its evidence, too;
    what ended with the program was no failure."""
    if outcome == Stopped.name:
        return at
    return at + (RECENT if outcome in ITS_OWN else SOON)


def mark(*, events: int, customers: int, release: str, kinds: Collection[Kind]) -> Mark:
    """What an analysis of now rests on: news when ten times as many events or customers are hit, or
    when it turns out which release began shortly before the first of them.

    The numbers on a card are those of now in any case, and that an error spreads is a kind of its
    own: what a model says of it changes with the order of magnitude, not with a few more. That what
    is new comes often, and at several customers, is part of its being new. A release that came
    later is no news: it is not shown to a model, and what an error does otherwise since then is.
    """
    size, hit = max(_FIRST, len(str(events))), len(str(customers))
    told = _OF_NEW.intersection(kinds) if Kind.NEW in kinds else kinds
    return Mark(size, hit, frozenset({release} if release else ()), frozenset(map(str, told)))
