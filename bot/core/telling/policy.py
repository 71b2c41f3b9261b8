"""What a channel is told at once, and what waits for its digest."""

from dataclasses import dataclass
from datetime import datetime

from bot.core.detection.finding import Kind
from bot.core.ownership import quiet
from bot.core.ownership.quiet import Quiet
from bot.core.telling.audience import EVERYTHING, Audience


@dataclass(frozen=True, slots=True)
class Policy:
    """Which kinds a channel is told of at once, of which errors, and in how many messages per hour.

    In quiet hours it is told only of what is critical.
    """

    an_hour: int
    kinds: frozenset[Kind] = frozenset({Kind.CRITICAL})
    quiet: Quiet | None = None
    audience: Audience = EVERYTHING

    def tells(self, kind: Kind, *, now: datetime) -> bool:
        """Whether a channel is told of an episode of that kind at a moment."""
        if not self.an_hour or kind not in self.kinds:
            return False
        return kind is Kind.CRITICAL or self.quiet is None or not quiet.holds(self.quiet, now)
