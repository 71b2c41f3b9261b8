"""How many harmless lines each service wrote, per hour, which counts since the epoch."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, String, and_, bindparam, column, delete, func, select, values
from sqlmodel import Session

from storage.database import in_parts, insert, table_of
from storage.tables import Traffic

_TRAFFIC = table_of(Traffic)
_NEWEST = select(func.max(_TRAFFIC.c.hour)).scalar_subquery()
_HOURLY: Any = select(_TRAFFIC.c.hour, _TRAFFIC.c.lines).where(
    _TRAFFIC.c.service == bindparam("service"),
    _TRAFFIC.c.hour.between(bindparam("first"), bindparam("last")),
)
_AT_ONCE = 5_000


class Row(NamedTuple):
    """About how many lines a service wrote in an hour, and the registers of the census behind
    that."""

    service: str
    hour: int
    lines: int
    census: bytes


def censuses(session: Session, places: Collection[tuple[str, int]]) -> dict[tuple[str, int], bytes]:
    """The registers of some services in some hours, where anything was counted."""
    found: dict[tuple[str, int], bytes] = {}
    for some in in_parts(places):
        asked = (
            values(column("service", String), column("hour", BigInteger)).data(some).cte("asked")
        )
        is_asked = and_(asked.c.service == _TRAFFIC.c.service, asked.c.hour == _TRAFFIC.c.hour)
        rows = session.execute(select(_TRAFFIC).join(asked, is_asked)).mappings()
        found |= {(row["service"], row["hour"]): row["census"] for row in rows}
    return found


def services(session: Session, hours: Collection[int]) -> dict[int, int]:
    """How many services wrote anything in some hours."""
    counted = select(_TRAFFIC.c.hour, func.count()).group_by(_TRAFFIC.c.hour)
    return {
        hour: count
        for some in in_parts(hours)
        for hour, count in session.execute(counted.where(_TRAFFIC.c.hour.in_(some)))
    }


def put(session: Session, rows: Collection[Row]) -> None:
    """Store what was counted, in place of what was stored for the same services and hours."""
    if not rows:
        return
    statement = insert(session, Traffic)
    statement = statement.on_conflict_do_update(
        index_elements=["service", "hour"],
        set_={name: statement.excluded[name] for name in ("lines", "census")},
    )
    session.execute(statement, [row._asdict() for row in rows])


def forget(session: Session, *, hours: int) -> None:
    """Delete what is more than so many `hours` older than the newest row."""
    session.execute(delete(Traffic).where(_TRAFFIC.c.hour < _NEWEST - hours))


def hourly(session: Session, service: str, *, first: int, last: int) -> Mapping[int, int]:
    """How many lines a service wrote in each of the hours `first` to `last`."""
    asked = {"service": service, "first": first, "last": last}
    return dict(session.connection().execute(_HOURLY, asked).all())


def rows(session: Session) -> Iterator[list[Row]]:
    """All that is known, some at a time."""
    found = session.execute(select(_TRAFFIC), execution_options={"yield_per": _AT_ONCE})
    yield from ([Row(*row) for row in some] for some in found.partitions())
