"""Whether an analysis that is kept still holds, or has to be asked for anew."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.outcome import ITS_OWN
from bot.core.routing import Tier

RECENT = timedelta(hours=6)
"""So long nothing is asked again, whatever happens."""
LASTING = timedelta(days=7)
"""So long nothing is asked again while nothing changed."""


SOON = timedelta(minutes=5)
"""So long a signature rests after a call that failed for no fault of its own."""
_FIRST = 2


@dataclass(frozen=True, slots=True)
class Kept:
    """A model's analysis: when it was made, from what evidence, under which prompt, and by whom."""

    at: datetime
    evidence: str
    prompt: str
    tier: Tier


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an analysis of now would go by."""

    evidence: str
    prompt: str
    tier: Tier


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether to ask, and why or why not."""

    ask: bool
    reason: str


def judge(kept: Kept | None, wanted: Wanted, *, now: datetime) -> Verdict:
    """Whether to ask anew: what is kept is served meanwhile, with its age."""
    if kept is None:
        return Verdict(ask=True, reason="not explained yet")
    if kept.prompt != wanted.prompt:
        return Verdict(ask=True, reason="another prompt")
    if wanted.tier is Tier.STRONG and kept.tier is Tier.CHEAP:
        return Verdict(ask=True, reason="matters more than it did")
    age = now - kept.at
    if age < RECENT:
        return Verdict(ask=False, reason="recent")
    if kept.evidence != wanted.evidence:
        return Verdict(ask=True, reason="the evidence changed")
    if age < LASTING:
        return Verdict(ask=False, reason="nothing changed")
    return Verdict(ask=True, reason="a week old")


def rests_until(outcome: str, at: datetime) -> datetime:
    """When to ask about a signature again after a call at a moment that ended so: what failed by
    its own text would fail again."""
    return at + (RECENT if outcome in ITS_OWN else SOON)


def evidence(*, events: int, customers: int, version: str, kinds: Collection[str]) -> str:
    """What an analysis rests on, coarsely: it changes when about four times as many events or
    twice as many customers are hit, with a new version, and with how it behaves unusually. The
    first thirty or so events are one size: an error that has just begun always grows."""
    size = f"{max(_FIRST, events.bit_length() // 2)}.{customers.bit_length()}"
    return "|".join([size, version, *sorted(kinds)])
