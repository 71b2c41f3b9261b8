"""How asking a model may end. No exception leaves an adapter: every call ends in one of these.

Ok           an answer that fits its schema
Truncated    cut off at its length
Refused      the model would not answer
Invalid      an answer that does not fit its schema
Retryable    the provider asks to come back later
SpendLimit   the account's own limit at the provider is reached
Config       the key, the model or the request is wrong: somebody has to mend it
TooLarge     the request is too long for the model, or the answer for us
Timeout      the deadline passed
Unavailable  nobody answers there, or not as a model does
Stopped      the program ends
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Generic, TypeVar

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the provider counted them; `thinking` is a part of `output`."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0
    thinking: int = 0


NOTHING = Usage()


@dataclass(frozen=True, slots=True)
class Call:
    """What is known of one call; `usage` is None where the provider may have billed unseen tokens.

    `model` is the one that answered, empty if none did.
    """

    asked: str
    model: str = ""
    request_id: str = ""
    usage: Usage | None = None
    latency_seconds: float = 0


@dataclass(frozen=True, slots=True)
class _Ended:
    call: Call


@dataclass(frozen=True, slots=True)
class Ok(_Ended, Generic[T_co]):
    """An answer that fits its schema."""

    answer: T_co
    name: ClassVar[str] = "ok"


@dataclass(frozen=True, slots=True)
class _Failed(_Ended):
    why: str


@dataclass(frozen=True, slots=True)
class Truncated(_Failed):
    """Cut off at its length: more tokens may help."""

    name: ClassVar[str] = "truncated"
    said: ClassVar[str] = "model cut off"


@dataclass(frozen=True, slots=True)
class Refused(_Failed):
    """The model would not answer; asking again gives the same."""

    name: ClassVar[str] = "refused"
    said: ClassVar[str] = "model refused"


@dataclass(frozen=True, slots=True)
class Invalid(_Failed):
    """An answer that does not fit its schema: a stronger model may do better."""

    name: ClassVar[str] = "invalid"
    said: ClassVar[str] = "model made no sense"


@dataclass(frozen=True, slots=True)
class Retryable(_Failed):
    """Too many requests, too much load, or a fault of the provider; `retry_after_seconds` if it
    said so."""

    status: int
    retry_after_seconds: float | None = None
    name: ClassVar[str] = "retryable"

    @property
    def said(self) -> str:
        """What people are told: that the provider is busy, or with which status it failed."""
        return "model busy" if self.status in _BUSY else f"model failed, HTTP {self.status}"


_BUSY = {408, 409, 425, 429, 503, 529}


@dataclass(frozen=True, slots=True)
class SpendLimit(_Failed):
    """The account may spend no more at the provider, until `until` if that is known."""

    until: datetime | None = None
    name: ClassVar[str] = "spend_limit"
    said: ClassVar[str] = "spend limit at the provider reached"


@dataclass(frozen=True, slots=True)
class Config(_Failed):
    """The key, the model or the request is wrong: a person has to act."""

    status: int = 0
    name: ClassVar[str] = "config"
    said: ClassVar[str] = "model not usable"

    def remedy(self, key: str) -> str:
        """What to do about it; `key` says which API key is sent."""
        if self.status in {401, 403}:
            return f"Check the key: {key}."
        if self.status == 404:
            return "Check base_url and the names of the models (cheap, strong, trial) in [llm]."
        return f"Check provider, base_url and the names of the models in [llm], and the key: {key}."


@dataclass(frozen=True, slots=True)
class TooLarge(_Failed):
    """The request is too long for the model, or the answer for us."""

    name: ClassVar[str] = "too_large"
    said: ClassVar[str] = "request or answer too long"


@dataclass(frozen=True, slots=True)
class Timeout(_Failed):
    """The deadline passed; whatever was asked may be billed."""

    name: ClassVar[str] = "timeout"
    said: ClassVar[str] = "model too slow"


@dataclass(frozen=True, slots=True)
class Unavailable(_Failed):
    """Nobody answers at the address, or something that is no model: then `status` is not 0."""

    status: int = 0
    name: ClassVar[str] = "unavailable"

    @property
    def said(self) -> str:
        """What people are told."""
        return "no model answers at its address" if self.status else "model not available"


@dataclass(frozen=True, slots=True)
class Stopped(_Failed):
    """Given up because the program ends; what was under way may be billed."""

    name: ClassVar[str] = "stopped"
    said: ClassVar[str] = "stopped"


Failure = (
    Truncated
    | Refused
    | Invalid
    | Retryable
    | SpendLimit
    | Config
    | TooLarge
    | Timeout
    | Unavailable
    | Stopped
)
Outcome = Ok[T_co] | Failure

ITS_OWN = frozenset(kind.name for kind in (Truncated, Refused, Invalid, TooLarge))
"""What a model ends with because of what it was asked, and would again: names of outcomes."""
