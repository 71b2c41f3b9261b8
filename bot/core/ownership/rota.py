"""Who is on duty when people take turns."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Rota:
    """People who take turns of so many days, one after the other and then again from the first.

    `since` is when the first turn began, without a zone: by the clocks of `zone`, so that turns
    change at the same time of day in summer and winter.
    """

    people: tuple[str, ...]
    since: datetime
    days: int
    zone: ZoneInfo


def whose_turn(rota: Rota, now: datetime) -> str:
    """The person on duty, or an empty string before the first turn."""
    local = now.astimezone(rota.zone).replace(tzinfo=None)
    turns = (local - rota.since) // timedelta(days=rota.days)
    return rota.people[turns % len(rota.people)] if turns >= 0 and rota.people else ""
