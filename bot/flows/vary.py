"""Choose the prompt and models that explain a signature: those in use or, for a share of all
signatures, those on trial.

For flows that ask a model. Whether a signature is in the share depends on its fingerprint alone:
the same ones are in every replica and every round, and those of a smaller share are in a larger
one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot.core.asking.evidence import Evidence
from bot.core.asking.prompt import Prompt
from bot.core.flag import Flag, Position
from bot.core.spending.routing import is_in_share
from bot.flows import spend
from bot.flows.prove import Check
from bot.flows.spend import Terms
from storage import flags

Write = Callable[[Evidence], Prompt]
"""Writes the prompt for some evidence, each time with a new nonce."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way to explain: the models and their terms, the name of the `prompt`, how the question is
    written and how the answer is checked; both of these redact."""

    terms: Terms
    prompt: str
    write: Write
    check: Check

    @property
    def name(self) -> str:
        """ "analysis 2 with claude-haiku-5-5 and claude-sonnet-5-5"."""
        return f"{self.prompt} with {' and '.join(dict.fromkeys(self.terms.models.values()))}"


@dataclass(frozen=True, slots=True)
class Ways:
    """The way in use, and the one on `trial`, if there is one.

    `share` of all signatures, from 0 to 1, is explained by the trial instead. For `shadow_share` it
    is asked as well, only to be compared. Both hold unless somebody set a flag to another share.
    """

    usual: Way
    trial: Way | None = None
    share: float = 0.0
    shadow_share: float = 0.0

    @property
    def said(self) -> str:
        """What is on trial, in words."""
        return f"On trial: {self.trial.name}" if self.trial else "Nothing is on trial"


def chooser(session: Session, ways: Ways, *, now: datetime) -> Callable[[str], Way]:
    """A function that gives the way of a signature by its fingerprint.

    The trial is left out while one of its models cannot be asked.
    """
    trial, share = ways.trial, _share(session, Flag.TRIAL, ways.share)
    if not trial or not share or _is_refused(session, trial.terms, now=now):
        return lambda _: ways.usual
    return lambda key: trial if _is_drawn(key, Flag.TRIAL, trial, share) else ways.usual


def is_shadowed(session: Session, ways: Ways, key: str) -> bool:
    """Whether what is on trial is asked about a signature to be compared."""
    share = _share(session, Flag.SHADOW, ways.shadow_share)
    return ways.trial is not None and _is_drawn(key, Flag.SHADOW, ways.trial, share)


def _is_refused(session: Session, terms: Terms, *, now: datetime) -> bool:
    return any(spend.refusal(session, terms, one, now=now) for one in terms.models.values())


def _share(session: Session, flag: Flag, otherwise: float) -> float:
    row = flags.standing(session).get(flag)
    return Position(row.on, row.percent).share(otherwise) if row else otherwise


def _is_drawn(key: str, flag: Flag, way: Way, share: float) -> bool:
    """Whether a signature is in the share. Each trial draws anew: else the same few signatures
    would be in all of them."""
    return is_in_share(f"{flag} {way.name} {key}", share)
