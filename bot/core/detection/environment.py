"""Which environments are production, and the news that an error got there."""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from bot.core.detection.finding import Finding, Kind
from bot.core.detection.subject import Observation, receipt_since
from bot.core.hour import hour_of
from bot.core.wording.moment import written

_PRODUCTION = frozenset(("live", "prd", "prod", "production"))
_NOT_QUITE = frozenset(
    ("copy", "dev", "like", "mirror", "non", "not", "pre", "stage", "staging", "test")
)


@lru_cache(maxsize=1_000)
def is_production(name: str) -> bool:
    """Whether an environment is called production: "prod-eu" is, "non-prod" is not."""
    words = set(re.split(r"[^a-z]+", name.lower()))
    return bool(words & _PRODUCTION) and not words & _NOT_QUITE


@dataclass(frozen=True, slots=True)
class Arrival:
    """When an error was first seen in production, and when we were told."""

    seen: datetime
    told: datetime


def arrived(observation: Observation, arrival: Arrival) -> Finding | None:
    """The finding that an error which is known elsewhere got to production within the last day."""
    first = max(hour_of(arrival.seen), hour_of(arrival.told))
    if not observation.start <= first <= observation.hour:
        return None
    said = (
        f"first seen in production {written(arrival.seen)}, "
        f"elsewhere since {written(observation.subject.first_seen)}"
    )
    return Finding(Kind.NEW, said, receipt_since(observation, arrival.seen))
