"""Hours of the day in which people are left alone."""

from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Quiet:
    """From one local time of day to another; past midnight where the end is the earlier."""

    start: time
    end: time
    zone: ZoneInfo


def holds(quiet: Quiet, now: datetime) -> bool:
    """Whether it is quiet at a moment; the end itself is not part of it."""
    local = now.astimezone(quiet.zone).time()
    if quiet.start < quiet.end:
        return quiet.start <= local < quiet.end
    return local >= quiet.start or local < quiet.end
