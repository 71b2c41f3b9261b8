"""Which events were counted already, and what came in per hour and source."""

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import bindparam, case, func, or_, select
from sqlmodel import Session

from storage.database import delete_some, in_parts, table_of
from storage.prepared import Prepared, inserting
from storage.tables import Ingest, Seen

_INGESTS = table_of(Ingest)
_FIRST_ARRIVAL = Prepared(select(func.min(_INGESTS.c.hour)))


class Arrival(NamedTuple):
    """What came in from one source in one hour; `newest` is the latest time of its events,
    `received` when the last of them came."""

    hour: int
    source: str
    events: int
    newest: datetime
    received: datetime | None = None


class Came(NamedTuple):
    """What came in from one source: the hours, how many events in each, and the times of the
    newest."""

    source: str
    hours: tuple[int, ...]
    events: tuple[int, ...]
    newest: datetime
    received: datetime | None


def admit(session: Session, keys: Collection[bytes], *, received_hour: int) -> set[bytes]:
    """Remember some keys, and give back those that were not known before."""
    seen = {key for some in in_parts(keys) for (key,) in _SEEN.rows(session, keys=some)}
    new = set(keys) - seen
    _ADMIT.each_of(session, ("key", "received_hour"), [(key, received_hour) for key in sorted(new)])
    return new


def newest(session: Session) -> datetime | None:
    """When the latest event came in that was counted."""
    found: datetime | None = session.execute(select(func.max(_INGESTS.c.received))).scalar()
    return found


def arrived(session: Session, arrivals: Sequence[Arrival]) -> None:
    """Add to the running totals of what came in."""
    _ARRIVED.each(session, [arrival._asdict() for arrival in arrivals])


def _added(statement: Any) -> Any:
    given = statement.excluded
    newer = (_INGESTS.c.newest < given.newest, given.newest)
    is_later = or_(_INGESTS.c.received.is_(None), _INGESTS.c.received < given.received)
    later = (is_later, given.received)
    return statement.on_conflict_do_update(
        index_elements=["hour", "source"],
        set_={
            "events": _INGESTS.c.events + given.events,
            "newest": case(newer, else_=_INGESTS.c.newest),
            "received": case(later, else_=_INGESTS.c.received),
        },
    )


_SEEN = Prepared(select(table_of(Seen).c.key).where(table_of(Seen).c.key.in_(bindparam("keys"))))
_ADMIT = inserting(Seen, lambda new: new.on_conflict_do_nothing())
_ARRIVED = inserting(Ingest, _added)


def forget(session: Session, *, before: int, limit: int) -> int:
    """Forget some keys of events that arrived before an hour; gives back how many. The same events
    would count again."""
    return delete_some(session, Seen, table_of(Seen).c.received_hour < before, limit=limit)


def hourly(session: Session, *, first: int) -> list[tuple[int, int]]:
    """How many events are remembered of each hour since `first` in which any came, ascending."""
    hour = _INGESTS.c.hour
    rows = session.execute(
        select(hour, func.sum(_INGESTS.c.events)).where(hour >= first).group_by(hour).order_by(hour)
    )
    return [(hour, int(number)) for hour, number in rows]


def count(session: Session, *, first: int, last: int) -> int:
    """How many events came in during the hours `first` to `last`, both included."""
    total = select(func.sum(_INGESTS.c.events)).where(
        _INGESTS.c.hour >= first, _INGESTS.c.hour <= last
    )
    return int(session.execute(total).scalar() or 0)


def freshness(session: Session) -> tuple[tuple[str, datetime], ...]:
    """The time of the newest event of each source."""
    rows = session.execute(
        select(_INGESTS.c.source, func.max(_INGESTS.c.newest))
        .group_by(_INGESTS.c.source)
        .order_by(_INGESTS.c.source)
    )
    return tuple((source, at) for source, at in rows)


def came(session: Session, *, first: int, last: int) -> list[Came]:
    """What came in from each source in the hours `first` to `last`, by their names."""
    rows = session.execute(
        select(_INGESTS)
        .where(_INGESTS.c.hour.between(first, last), _INGESTS.c.events > 0)
        .order_by(_INGESTS.c.source, _INGESTS.c.hour)
    )
    return [_came(source, list(of)) for source, of in groupby(rows, key=attrgetter("source"))]


def _came(source: str, rows: Sequence[Any]) -> Came:
    return Came(
        source,
        tuple(row.hour for row in rows),
        tuple(row.events for row in rows),
        max(row.newest for row in rows),
        max((row.received for row in rows if row.received), default=None),
    )


def first_arrival(session: Session) -> int | None:
    """The hour in which the first event reached us; None in an empty database."""
    hour: int | None = _FIRST_ARRIVAL.value(session)
    return hour
