"""What a mute covers: one signature, all of a service, or what hits nobody but one customer."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.core.wording.plural import counted


class Breadth(StrEnum):
    """How much a mute covers."""

    SIGNATURE = "signature"
    SERVICE = "service"
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a mute covers: `subject` names the service or the customer, and is "" for a signature.

    Neither is compared by case.
    """

    breadth: Breadth = Breadth.SIGNATURE
    subject: str = ""

    @property
    def is_wide(self) -> bool:
        """Whether it covers more than the signature that somebody muted."""
        return self.breadth is not Breadth.SIGNATURE

    def covers(self, service: str, customers: Collection[str]) -> bool:
        """Whether it covers another signature of a service, which so far hit these customers."""
        if self.breadth is Breadth.SERVICE:
            return service.casefold() == self.subject.casefold()
        if self.breadth is Breadth.CUSTOMER:
            return {name.casefold() for name in customers} == {self.subject.casefold()}
        return False

    def __str__(self) -> str:
        if self.breadth is Breadth.SERVICE:
            return f"every error of service {self.subject}"
        if self.breadth is Breadth.CUSTOMER:
            return f"every error that only {self.subject} has"
        return "only this signature"


THIS = Scope()


@dataclass(frozen=True, slots=True)
class Wide:
    """A mute of more than one signature that holds: its number, and the short ids of what it mutes
    now, possibly none."""

    number: int
    scope: Scope
    by: str
    at: datetime
    until: datetime | None
    reason: str
    muted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Backtest:
    """What a mute would have hidden in the last two weeks: `posts` about so many signatures, of
    which somebody claimed one `claims` times."""

    posts: int
    claims: int
    signatures: int = 1

    def __str__(self) -> str:
        if not self.posts:
            return "would have hidden no post"
        posts, signatures = counted(self.posts, "post"), counted(self.signatures, "signature")
        of = f" of {signatures}" if self.signatures > 1 else ""
        claimed = f"{self.claims:,}" if self.claims else "none"
        return f"would have hidden {posts}{of}, {claimed} claimed"
