"""Play recorded events through the very same flows on a clock made of their own arrival times."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from bot.core.anomaly import Kind, Rules
from bot.core.event import Event
from bot.core.redaction import Redactor, redact
from bot.flows.detect import Memory, Opened, detect
from bot.flows.record import Recorded, record
from storage.database import Database

TICK = timedelta(minutes=15)
"""How often the clock stops to judge; live, it is every minute."""


@dataclass(slots=True)
class Tally:
    """What a replay came to: what was recorded, the days (UTC) on which something arrived, and the
    alerts by kind."""

    recorded: Recorded = field(default_factory=Recorded)
    days: set[date] = field(default_factory=set)
    alerts: Counter[Kind] = field(default_factory=Counter)


def replay(
    database: Database,
    events: Iterable[Event],
    *,
    read_at: datetime,
    rules: Rules,
    tally: Tally,
    tick: timedelta = TICK,
    by: Redactor = redact,
    on_recorded: Callable[[Recorded], None] = lambda _: None,
) -> Iterator[tuple[datetime, Opened]]:
    """Each episode that would have begun, with the moment, in that order; `tally` counts along.

    `read_at` is what they were read with as `received`: one without an arrival of its own arrives
    when it happened. Events are taken in their order; one that arrived earlier than the clock says
    is recorded at the clock's time, as a late one would be.
    """
    memory = Memory()
    for now, batch in _by_tick((_arrived(event, read_at) for event in events), tick):
        recorded = record(database, batch, now=now, by=by)
        tally.recorded += recorded
        on_recorded(recorded)
        tally.days |= {event.received.date() for event in batch}
        for opened in detect(database, recorded.signature_ids, now=now, rules=rules, memory=memory):
            tally.alerts[opened.finding.kind] += 1
            yield now, opened


def _by_tick(events: Iterable[Event], tick: timedelta) -> Iterator[tuple[datetime, list[Event]]]:
    """The events that arrived up to each tick, ticks without any left out."""
    batch: list[Event] = []
    due: datetime | None = None
    for event in events:
        if due is None or event.received >= due:
            if due is not None:
                yield due, batch
            due, batch = _next_tick(event.received, tick), []
        batch.append(event if event.received <= due else replace(event, received=due))
    if due is not None:
        yield due, batch


def _arrived(event: Event, read_at: datetime) -> Event:
    return replace(event, received=event.time) if event.received == read_at else event


def _next_tick(moment: datetime, tick: timedelta) -> datetime:
    seconds = int(tick.total_seconds())
    return datetime.fromtimestamp((int(moment.timestamp()) // seconds + 1) * seconds, UTC)
