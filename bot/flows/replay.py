"""Play recorded events through the same flows as live ones, by a clock of their arrival times."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import chain, pairwise, takewhile
from typing import Any, NamedTuple

from sqlmodel import Session

from bot.core.detection.finding import Kind
from bot.core.detection.receipt import Receipt
from bot.core.detection.threshold import Rules
from bot.core.event import Event
from bot.core.hour import DAY, MOMENT, start_of
from bot.core.intake.census import Census, Place
from bot.core.intake.order import Order
from bot.core.ownership import decision
from bot.core.redaction import Redactor, redact
from bot.flows import recall
from bot.flows.detect import Opened, detect, unjudged
from bot.flows.measure import measure
from bot.flows.record import Recorded, record
from bot.flows.remember import Memory
from bot.flows.revisit import revisit
from storage import decisions, deploys, sightings, signatures, traffic
from storage import events as arrivals
from storage.database import Database

TICK = timedelta(minutes=15)
"""How often the clock stops to judge; live, it is every half minute."""
SILENT_HOURS = DAY + 7
"""After the last event an episode goes on for no more hours than this: a day in which the event is
in its window, and until it is over. Then nothing changes until something arrives."""
LAST_MINUTE = timedelta(minutes=59)
"""Counts of an hour are judged in its last minute: it is the running hour until then."""


@dataclass(slots=True)
class Tally:
    """What a replay came to: what was recorded, the days (UTC) on which anything arrived, the
    alerts by kind, and whether events came in order.

    `judges_from` is set where the replay ended before anything could be called unusual: from then
    on it could be. `delays` are how long after the event that caused it each alert came, where
    known.
    """

    recorded: Recorded = field(default_factory=Recorded)
    days: set[date] = field(default_factory=set)
    alerts: Counter[Kind] = field(default_factory=Counter)
    order: Order = field(default_factory=Order)
    delays: list[timedelta] = field(default_factory=list)
    judges_from: datetime | None = None


class Stop(NamedTuple):
    """A moment at which a replay judges, and the signatures seen since the one before, each with
    the times at which its events arrived, ascending, if these are known."""

    now: datetime
    seen: Mapping[int, Sequence[datetime]]


def replay(
    database: Database, stops: Iterable[Stop], *, rules: Rules, tally: Tally
) -> Iterator[tuple[datetime, Opened]]:
    """Each episode that would have begun, and when, in the order of time; `tally` is updated
    meanwhile."""
    memory, last = Memory(), None
    for now, seen in stops:
        last = now
        came = unjudged(database, now=now)
        began = detect(database, seen.keys(), now=now, rules=rules, memory=memory)
        for opened in (*began, *revisit(database, came, now=now, rules=rules)):
            tally.alerts[opened.finding.kind] += 1
            if moments := seen.get(opened.signature_id):
                tally.delays.append(now - _cause(opened.finding.receipt, moments))
            yield now, opened
    if last:
        with database.read() as session:
            tally.judges_from = recall.judges_from(session, last)


def _cause(receipt: Receipt, arrived: Sequence[datetime]) -> datetime:
    """When the event arrived that caused a finding; the first one, where that is not known.

    A count fires with the event that reached the threshold: as many before the last as the count
    exceeds it.
    """
    past = receipt.observed - receipt.fires_from if receipt.unit == "occurrences" else len(arrived)
    return arrived[max(0, len(arrived) - 1 - int(past))]


def recorded(
    database: Database,
    events: Iterable[Event],
    *,
    read_at: datetime,
    tally: Tally,
    by: Redactor = redact,
    measured: Callable[[], Mapping[Place, Census]] = dict,
    on_recorded: Callable[[Recorded], None] = lambda _: None,
) -> Iterator[Stop]:
    """Record events in the order they came, with a stop after each tick in which any came, and one
    for each hour of a silence in which an episode may end.

    An event whose `received` is `read_at` does not say when it arrived: it arrives when it
    happened. `measured` gives the traffic counted since it was called last. One that arrived before
    the time the clock has reached is recorded at that time, as a late one.
    """
    for now, batch in _by_tick(_arrivals(events, read_at, tally.order)):
        came = [arrival.event for arrival in batch]
        made = record(database, came, now=now, by=by) if batch else Recorded()
        tally.recorded += made
        on_recorded(made)
        measure(database, measured())
        tally.days |= {arrival.at.date() for arrival in batch}
        yield Stop(now, _moments(batch, made))


class _Arrival(NamedTuple):
    """An event, and when it arrived."""

    at: datetime
    event: Event


def _moments(batch: Iterable[_Arrival], made: Recorded) -> dict[int, list[datetime]]:
    """When the events of each signature arrived, ascending."""
    moments: dict[int, list[datetime]] = {number: [] for number in made.signature_ids}
    for at, event in batch:
        if (number := made.counted.get(event.source_id)) is not None:
            moments[number].append(at)
    return {number: sorted(some) for number, some in moments.items()}


def stored(source: Database, database: Database, *, tally: Tally, now: datetime) -> Iterator[Stop]:
    """Copy the sightings of a database into an empty one, hour by hour, with a stop at the end of
    each hour (or `now` in the running one), and one for each hour of a silence in which an episode
    may end.

    Only the hour is known in which something was seen, and not when it arrived: what came late is
    there in its hour. What is merged counts as it does today. What people resolved is resolved from
    the next hour on.
    """
    with source.read() as session:
        decided = _resolutions(session)
        first_seen = _prepare(session, database)
        last: datetime | None = None
        for hour, rows in sightings.by_hour(session):
            totals = _totals(rows)
            yield from (Stop(moment, {}) for moment in _silence(last, start_of(hour)))
            last = max(start_of(hour), min(start_of(hour) + LAST_MINUTE, now))
            with database.write() as target:
                while decided and decided[0].made_at < start_of(hour):
                    _resolve(target, decided.popleft())
                signatures.saw(
                    target, [_seen(*each, first_seen, hour=hour) for each in totals.items()]
                )
                sightings.add(target, rows)
            tally.recorded += Recorded(events=totals.total(), signature_ids=frozenset(totals))
            tally.days.add(start_of(hour).date())
            yield Stop(last, dict.fromkeys(totals, ()))


class _Resolution(NamedTuple):
    """That a signature was resolved, or reopened: then `at` is None."""

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
    """Copy what holds from the start: since when anything is known, the customers, the traffic,
    since when each version runs, and the signatures as they were when first seen.

    Gives back when that was, by number.
    """
    first_seen: dict[int, datetime] = {}
    first = arrivals.first_arrival(session)
    since = recall.known_since(session, first or 0)
    with database.write() as target:
        arrivals.arrived(target, [arrivals.Arrival(since, "replay", 0, start_of(since))])
        sightings.meet(target, sightings.customers(session))
        deploys.put(target, deploys.rows(session))
        for some in traffic.rows(session):
            traffic.put(target, some)
        for rows in signatures.rows(session):
            signatures.create(target, [{**row, **_UNTOUCHED, **_first(row)} for row in rows])
            first_seen |= {row["id"]: row["first_seen"] for row in rows}
    return first_seen


_UNTOUCHED = {"total": 0, "resolved_at": None, "resolved_in": "", "merged_into": None}


def _first(row: Mapping[str, Any]) -> dict[str, datetime]:
    times = ("last_seen", "first_received")
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
    return signatures.Seen(number, occurrences, at, at, at, severity=0, version="")


def _by_tick(came: Iterable[_Arrival]) -> Iterator[tuple[datetime, list[_Arrival]]]:
    """The last moment of each tick, and what arrived in it. In a silence there is an empty tick
    each hour, as long as an episode may end."""
    batch: list[_Arrival] = []
    last: datetime | None = None
    for arrival in came:
        if last is None or arrival.at > last:
            if last is not None:
                yield last, batch
            yield from ((moment, []) for moment in _silence(last, arrival.at))
            last, batch = _last_moment(arrival.at), []
        batch.append(arrival)
    if last is not None:
        yield last, batch


def _silence(since: datetime | None, until: datetime) -> Iterator[datetime]:
    """The moments, an hour apart, at which an episode may end though nothing arrives."""
    if since is not None:
        hours = (since + timedelta(hours=later) for later in range(1, SILENT_HOURS + 1))
        yield from takewhile(lambda moment: moment < until, hours)


def _arrivals(events: Iterable[Event], read_at: datetime, order: Order) -> Iterator[_Arrival]:
    """The events with their arrivals; a stray date is replaced by the time of the clock."""
    told = (_told(event, read_at) for event in events)
    for arrival, following in pairwise(chain(told, (None,))):
        if arrival is None:
            return
        at = order.follow(arrival.at, following.at if following else None)
        yield _Arrival(at, arrival.event)


def _told(event: Event, read_at: datetime) -> _Arrival:
    return _Arrival(event.time if event.received == read_at else event.received, event)


def _last_moment(moment: datetime) -> datetime:
    """The last moment of the tick that a moment lies in.

    A moment later the next hour might have begun, and the two hours judged then would no longer
    include the first of the two that are judged now.
    """
    seconds = int(TICK.total_seconds())
    ends = (int(moment.timestamp()) // seconds + 1) * seconds
    return datetime.fromtimestamp(ends, UTC) - MOMENT
