"""Which model is asked, and what is tried when it gives no answer."""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from bot.core.spending.breaker import PAUSE
from bot.core.spending.budget import Room
from bot.core.spending.outcome import Invalid, Outcome, Retryable, Truncated

SHORTEST_TRY = 5.0
"""A second try needs so many seconds at least."""
PATIENCE = 2.0
"""An overloaded provider that does not say when is asked once more after so many seconds."""
_WHOLE = 2**64


class Tier(StrEnum):
    """A class of models, by what they cost."""

    CHEAP = "cheap"
    STRONG = "strong"


@dataclass(frozen=True, slots=True)
class Need:
    """What is known of a signature that decides how well it has to be explained."""

    new: bool = False
    critical: bool = False
    spreading: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """The class of model to ask, or none, and why."""

    tier: Tier | None
    reason: str


def choose(need: Need, room: Room) -> Route:
    """The strong model for what is new, critical or spreading, the cheap one for the rest; where
    money is short the cheap one, and only for what is new or critical."""
    pressing = next((name for name in ("critical", "new", "spreading") if getattr(need, name)), "")
    if room is Room.NONE:
        return Route(None, "budget used up")
    if room is Room.SHORT and pressing in ("", "spreading"):
        return Route(None, "budget short")
    if room is Room.SHORT:
        return Route(Tier.CHEAP, f"{pressing}, budget short")
    return Route(Tier.STRONG, pressing) if pressing else Route(Tier.CHEAP, "known")


def may_ask(tier: Tier, need: Need, room: Room) -> bool:
    """Whether there is money to ask this class of models once more; where money is short, only for
    what would be asked in the first place."""
    return room is Room.OPEN or choose(need, room).tier is tier


@dataclass(frozen=True, slots=True)
class Again:
    """How to ask once more: which class of models, with how many times the tokens, after which
    wait."""

    tier: Tier
    tokens: int = 1
    wait_seconds: float = 0.0


def again(outcome: Outcome[object], tier: Tier, *, seconds_left: float) -> Again | None:
    """What to try after the first outcome, if anything fits into the time that is left; else None.

    What was cut off gets twice the length; what does not fit its schema goes to the stronger model;
    a busy provider is asked once more when it says, or after a while. Any other outcome would be
    the same again.
    """
    tried = _again(outcome, tier)
    if tried is None or seconds_left - tried.wait_seconds < SHORTEST_TRY:
        return None
    return tried


def _again(outcome: Outcome[object], tier: Tier) -> Again | None:
    match outcome:
        case Truncated():
            return Again(tier, tokens=2)
        case Invalid() if tier is Tier.CHEAP:
            return Again(Tier.STRONG)
        case Retryable(retry_after_seconds=float(seconds)):
            return Again(tier, wait_seconds=seconds)
        case Retryable(status=429):
            return Again(tier, wait_seconds=PAUSE.total_seconds())
        case Retryable():
            return Again(tier, wait_seconds=PATIENCE)
        case _:
            return None


def is_in_share(key: str, share: float) -> bool:
    """Whether a key is in a share, from 0 to 1, of all keys: the same keys every time."""
    return int.from_bytes(sha256(key.encode()).digest()[:8]) < share * _WHOLE
