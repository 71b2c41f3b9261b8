"""Play recorded events through the very same flows on a clock made of their own arrival times."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from sqlmodel import Session

from bot.core import decision
from bot.core.anomaly import Kind, Rules
from bot.core.baseline import start_of
from bot.core.event import Event
from bot.core.redaction import Redactor, redact
from bot.flows import recall
from bot.flows.detect import Memory, Opened, detect
from bot.flows.record import Recorded, record
from storage import decisions, sightings, signatures
from storage import events as arrivals
from storage.database import Database

TICK = timedelta(minutes=15)
"""How often the clock stops to judge; live, it is every minute."""
LAST_MINUTE = timedelta(minutes=59)
"""Counts of an hour are judged as it ends: it is the running hour until then."""


@dataclass(slots=True)
class Tally:
    """What a replay came to: what was recorded, the days (UTC) on which something arrived, and the
    alerts by kind; `late` are events more than a tick older than one that stood before them."""

    recorded: Recorded = field(default_factory=Recorded)
    days: set[date] = field(default_factory=set)
    alerts: Counter[Kind] = field(default_factory=Counter)
    late: int = 0


Stop = tuple[datetime, frozenset[int]]
"""A stop of the clock, and the signatures that were seen since the one before."""


def replay(
    database: Database, stops: Iterable[Stop], *, rules: Rules, tally: Tally
) -> Iterator[tuple[datetime, Opened]]:
    """Each episode that would have begun, with its moment, in that order; `tally` counts along."""
    memory = Memory()
    for now, touched in stops:
        for opened in detect(database, touched, now=now, rules=rules, memory=memory):
            tally.alerts[opened.finding.kind] += 1
            yield now, opened


def recorded(
    database: Database,
    events: Iterable[Event],
    *,
    read_at: datetime,
    tally: Tally,
    tick: timedelta = TICK,
    by: Redactor = redact,
    on_recorded: Callable[[Recorded], None] = lambda _: None,
) -> Iterator[Stop]:
    """Record events as they came, with a stop after each tick in which any did.

    `read_at` is what they were read with as `received`: one without an arrival of its own arrives
    when it happened. Events are taken in their order; one that arrived earlier than the clock says
    is recorded at the clock's time, as a late one would be.
    """
    for now, batch in _by_tick(_as_arrived(events, read_at, tick, tally), tick):
        made = record(database, batch, now=now, by=by)
        tally.recorded += made
        on_recorded(made)
        tally.days |= {event.received.date() for event in batch}
        yield now, made.signature_ids


def stored(source: Database, database: Database, *, tally: Tally) -> Iterator[Stop]:
    """Bring what a database counted into an empty one, with a stop at the end of each such hour.

    An hour is all that is known of when something was seen, and nothing of when it arrived: what
    came late is there in its hour. What is merged counts as it does today; what people resolved
    is resolved from the hour after on.
    """
    with source.read() as session:
        decided = _resolutions(session)
        first_seen = _prepare(session, database)
        for hour, rows in sightings.by_hour(session):
            totals = _totals(rows)
            with database.write() as target:
                while decided and decided[0].made_at < start_of(hour):
                    _resolve(target, decided.popleft())
                signatures.saw(
                    target, [_seen(*each, first_seen, hour=hour) for each in totals.items()]
                )
                sightings.add(target, rows)
            tally.recorded += Recorded(events=totals.total(), signature_ids=frozenset(totals))
            tally.days.add(start_of(hour).date())
            yield start_of(hour) + LAST_MINUTE, frozenset(totals)


class _Resolution(NamedTuple):
    """That a signature was resolved, or was no longer."""

    made_at: datetime
    signature_id: int
    at: datetime | None
    version: str


def _resolutions(session: Session) -> deque[_Resolution]:
    found: deque[_Resolution] = deque()
    for made in decisions.oldest_first(session):
        before, after = decision.from_json(made.before), decision.from_json(made.after)
        if (before.resolved_at, before.resolved_in) != (after.resolved_at, after.resolved_in):
            found.append(
                _Resolution(made.at, made.signature_id, after.resolved_at, after.resolved_in)
            )
    return found


def _resolve(target: Session, made: _Resolution) -> None:
    signatures.resolve(target, made.signature_id, at=made.at, version=made.version)


def _prepare(session: Session, database: Database) -> dict[int, datetime]:
    """Bring over what holds from the start: since when we look, who the customers are, and the
    signatures as they were when they were first seen, which is given back."""
    first_seen: dict[int, datetime] = {}
    first = arrivals.first_arrival(session)
    since = recall.known_since(session, first or 0)
    with database.write() as target:
        arrivals.arrived(target, [arrivals.Arrival(since, "replay", 0, start_of(since))])
        sightings.meet(target, sightings.customers(session))
        for rows in signatures.rows(session):
            signatures.create(target, [{**row, **_UNTOUCHED, **_first(row)} for row in rows])
            first_seen |= {row["id"]: row["first_seen"] for row in rows}
    return first_seen


_UNTOUCHED = {"total": 0, "resolved_at": None, "resolved_in": "", "merged_into": None}


def _first(row: Mapping[str, Any]) -> dict[str, datetime]:
    times = ("last_seen", "first_received", "last_received")
    return dict.fromkeys(times, row["first_seen"])


def _totals(rows: Iterable[sightings.Row]) -> Counter[int]:
    totals: Counter[int] = Counter()
    for row in rows:
        totals[row.signature_id] += row.occurrences
    return totals


def _seen(
    number: int, occurrences: int, first_seen: Mapping[int, datetime], *, hour: int
) -> signatures.Seen:
    """What an hour adds to a signature, as if all of it had come as the hour began."""
    at = max(start_of(hour), first_seen[number])
    return signatures.Seen(number, occurrences, at, at, at, at, severity=0, version="")


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


def _as_arrived(
    events: Iterable[Event], read_at: datetime, tick: timedelta, tally: Tally
) -> Iterator[Event]:
    """The events with their arrivals; those out of order are tallied."""
    latest: datetime | None = None
    for given in events:
        event = _arrived(given, read_at)
        latest = max(event.received, latest or event.received)
        tally.late += latest - event.received > tick
        yield event


def _arrived(event: Event, read_at: datetime) -> Event:
    return replace(event, received=event.time) if event.received == read_at else event


def _next_tick(moment: datetime, tick: timedelta) -> datetime:
    seconds = int(tick.total_seconds())
    return datetime.fromtimestamp((int(moment.timestamp()) // seconds + 1) * seconds, UTC)
