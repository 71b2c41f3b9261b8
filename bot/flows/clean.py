"""Let go of what is old: hours become days, then nothing, and what came is not known again.

Decisions, mutes and switches stay, and so do signatures, their totals and their episodes: they are
what people did and saw, and few.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from itertools import islice

from bot.core import retention
from bot.core.baseline import DAY, hour_of, start_of
from bot.core.retention import Bounds, Retention
from storage import analyses, calls, digests, events, outbox, reminders, samples, sightings
from storage.database import Database

AT_ONCE = 2_000
"""Rows in a transaction: some hundredths of a second in which nobody else writes."""
MOST_PARTS = 500
"""Of one kind in a round; what is more waits for the next."""


def clean(
    database: Database,
    kept: Retention,
    *,
    now: datetime,
    rest: Callable[[], object] = lambda: None,
) -> int:
    """One round; gives back how many rows it let go of. What ends it half way, the next goes on
    with. After each transaction it takes a `rest`, so that others write."""
    gone = 0
    for part in _parts(database, bounds(database, kept, now=now)):
        gone += part
        rest()
    return gone


def bounds(database: Database, kept: Retention, *, now: datetime) -> Bounds:
    """What the days and the budgets leave, as of now."""
    today = hour_of(now) // DAY
    with database.read() as session:
        came = events.hourly(session, first=(today - kept.event_days) * DAY)
        is_much = sightings.number(session) > kept.most_sightings
        seen = sightings.rows_by_hour(session) if is_much else []
    return retention.bounds(kept, today, events=came, sightings=seen)


def _parts(database: Database, kept: Bounds) -> Iterator[int]:
    """How many rows each transaction let go of."""
    evidence, messages, asked = map(start_of, (kept.evidence, kept.messages, kept.calls))
    for some in (
        partial(events.forget, before=kept.events),
        partial(sightings.forget, before=kept.daily),
        partial(samples.forget, unseen_since=evidence),
        partial(analyses.forget, unseen_since=evidence),
        partial(outbox.forget, before=messages),
        partial(digests.forget, before=messages),
        partial(reminders.forget, before=messages),
        partial(calls.forget, before=asked),
    ):
        yield from islice(_all(database, some), MOST_PARTS)
    yield from islice(_rolled_up(database, before=kept.hourly), MOST_PARTS)


def _rolled_up(database: Database, *, before: int) -> Iterator[int]:
    with database.read() as session:
        hours = sightings.hours_of_days(session, before=before)
    for hour in hours:
        yield from _all(database, partial(sightings.roll_up, hour=hour))


def _all(database: Database, some: Callable[..., int]) -> Iterator[int]:
    """One transaction after the other, until one finds less than it would take."""
    gone = AT_ONCE
    while gone == AT_ONCE:
        with database.write() as session:
            gone = some(session, limit=AT_ONCE)
        yield gone
