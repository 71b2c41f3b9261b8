"""Choose by which prompt and models a signature is explained: by those in use, or, for a share of
all signatures, by those on trial.

For flows that ask a model. Which signatures are in a share is drawn from their fingerprints: the
same ones in every replica and in every round, and those of a smaller share are in a larger one.
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
"""Makes the prompt of some evidence, with a nonce of its own."""


@dataclass(frozen=True, slots=True)
class Way:
    """How something is explained: by which models, under which `prompt`, how the question is
    written and the answer judged; both redact."""

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
    """The way in use and one on `trial`, if any is, with the shares of all signatures, from 0 to 1,
    that this explains in its place, and that it is asked about only to be compared, where nobody
    set them live."""

    usual: Way
    trial: Way | None = None
    share: float = 0.0
    shadow_share: float = 0.0

    @property
    def said(self) -> str:
        """What is on trial, if anything is."""
        return f"On trial: {self.trial.name}" if self.trial else "Nothing is on trial"


def chooser(session: Session, ways: Ways, *, now: datetime) -> Callable[[str], Way]:
    """By which way a signature is explained, by its fingerprint; none goes one of which a model
    cannot be asked now."""
    trial, share = ways.trial, _share(session, Flag.TRIAL, ways.share)
    if not trial or not share or _is_refused(session, trial.terms, now=now):
        return lambda _: ways.usual
    return lambda key: trial if _is_drawn(key, Flag.TRIAL, trial, share) else ways.usual


def is_shadowed(session: Session, ways: Ways, key: str) -> bool:
    """Whether what is on trial is to be asked about a signature only to be compared."""
    share = _share(session, Flag.SHADOW, ways.shadow_share)
    return ways.trial is not None and _is_drawn(key, Flag.SHADOW, ways.trial, share)


def _is_refused(session: Session, terms: Terms, *, now: datetime) -> bool:
    return any(spend.refusal(session, terms, one, now=now) for one in terms.models.values())


def _share(session: Session, flag: Flag, otherwise: float) -> float:
    row = flags.standing(session).get(flag)
    return Position(row.on, row.percent).share(otherwise) if row else otherwise


def _is_drawn(key: str, flag: Flag, way: Way, share: float) -> bool:
    """Each trial draws anew: else the same few signatures would bear all of them."""
    return is_in_share(f"{flag} {way.name} {key}", share)
