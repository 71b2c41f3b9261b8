"""Let go of what is old: hours become days, then nothing, and what came is not known again.

Decisions, episodes, digests, messages and the ledger of models stay: they are what people did and
saw, and few.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from itertools import islice

from bot.core.baseline import DAY, hour_of
from bot.core.retention import Retention
from storage import events, sightings
from storage.database import Database

AT_ONCE = 2_000
"""Rows in a transaction: some hundredths of a second in which nobody else writes."""
MOST_PARTS = 50
"""In a round: what is more waits for the next, so that a first cleaning keeps nobody waiting."""


def clean(database: Database, retention: Retention, *, now: datetime) -> int:
    """One round; gives back how many rows it let go of. What ends it half way, the next goes on
    with."""
    return sum(islice(_parts(database, retention, now=now), MOST_PARTS))


def _parts(database: Database, retention: Retention, *, now: datetime) -> Iterator[int]:
    """How many rows each transaction let go of."""
    today = hour_of(now) // DAY
    hourly, daily, known = (
        (today - days) * DAY
        for days in (retention.hourly_days, retention.daily_days, retention.event_days)
    )
    yield from _all(database, partial(events.forget, before=known))
    yield from _all(database, partial(sightings.forget, before=daily))
    with database.read() as session:
        hours = sightings.hours_of_days(session, before=hourly)
    for hour in hours:
        yield from _all(database, partial(sightings.roll_up, hour=hour))


def _all(database: Database, some: Callable[..., int]) -> Iterator[int]:
    """One transaction after the other, until one finds less than it would take."""
    gone = AT_ONCE
    while gone == AT_ONCE:
        with database.write() as session:
            gone = some(session, limit=AT_ONCE)
        yield gone
