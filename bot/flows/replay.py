"""Play recorded events through the very same flows on a clock made of their own arrival times."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.core.anomaly import Rules
from bot.core.event import Event
from bot.flows.detect import Memory, Opened, detect
from bot.flows.record import Recorded, record
from storage.database import Database

TICK = timedelta(minutes=15)
"""How often the clock stops to judge; live, it is every minute."""
AT_ITS_OWN_TIME = datetime.max.replace(tzinfo=UTC)
"""What to read a file with as `received`, so that events without one arrive when they happened."""


def replay(
    database: Database,
    events: Iterable[Event],
    *,
    rules: Rules,
    tick: timedelta = TICK,
    on_recorded: Callable[[Recorded], None] = lambda _: None,
) -> Iterator[tuple[datetime, Opened]]:
    """Each episode that would have begun, with the moment, in that order.

    Events are taken in their order; one that arrived earlier than the clock says is recorded at
    the clock's time, as a late one would be.
    """
    memory = Memory()
    for now, batch in _by_tick(events, tick):
        recorded = record(database, batch, now=now)
        on_recorded(recorded)
        for opened in detect(database, recorded.signature_ids, now=now, rules=rules, memory=memory):
            yield now, opened


def _by_tick(events: Iterable[Event], tick: timedelta) -> Iterator[tuple[datetime, list[Event]]]:
    """The events that arrived up to each tick, ticks without any left out."""
    batch: list[Event] = []
    due: datetime | None = None
    for event in map(_arrived, events):
        if due is None or event.received >= due:
            if due is not None:
                yield due, batch
            due, batch = _next_tick(event.received, tick), []
        batch.append(event if event.received <= due else replace(event, received=due))
    if due is not None:
        yield due, batch


def _arrived(event: Event) -> Event:
    return replace(event, received=event.time) if event.received == AT_ITS_OWN_TIME else event


def _next_tick(moment: datetime, tick: timedelta) -> datetime:
    seconds = int(tick.total_seconds())
    return datetime.fromtimestamp((int(moment.timestamp()) // seconds + 1) * seconds, UTC)
