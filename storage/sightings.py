"""How often each signature was seen, per hour and customer."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Integer,
    and_,
    bindparam,
    cast,
    column,
    delete,
    func,
    select,
    values,
)
from sqlmodel import Session

from storage.database import in_parts, table_of
from storage.prepared import Prepared, inserting
from storage.tables import Customer, Sighting, Signature

_SIGHTINGS = table_of(Sighting)
_CUSTOMERS = table_of(Customer)
_SIGNATURES = table_of(Signature)

_OF = Prepared(
    select(_SIGHTINGS)
    .where(
        _SIGHTINGS.c.signature_id.in_(bindparam("ids")),
        _SIGHTINGS.c.hour >= bindparam("since_hour"),
    )
    .order_by(_SIGHTINGS.c.signature_id)
)
_BEFORE = and_(
    _SIGHTINGS.c.signature_id.in_(bindparam("ids")),
    _SIGHTINGS.c.hour.between(bindparam("first"), bindparam("last")),
)
_ITS = and_(
    _SIGHTINGS.c.signature_id == _SIGNATURES.c.id,
    _SIGHTINGS.c.hour.between(bindparam("first"), bindparam("last")),
)
_FIRST: Any = select(func.min(_SIGHTINGS.c.hour)).where(_ITS).scalar_subquery()
_LAST: Any = select(func.max(_SIGHTINGS.c.hour)).where(_ITS).scalar_subquery()
_ASKED = _SIGNATURES.c.id.in_(bindparam("ids"))
_FIRST_HOURS = Prepared(select(_SIGNATURES.c.id, _FIRST).where(_ASKED))
_LAST_HOURS = Prepared(select(_SIGNATURES.c.id, _LAST).where(_ASKED))
"""By the ends of each one's part of the index: to group reads all of it."""
_COUNTS = Prepared(
    select(_SIGHTINGS.c.signature_id, func.sum(_SIGHTINGS.c.count))
    .where(_BEFORE)
    .group_by(_SIGHTINGS.c.signature_id)
)
_MERGED = select(_SIGNATURES.c.id).where(_SIGNATURES.c.merged_into.is_not(None))
_AMOUNT = Prepared(
    select(func.sum(_SIGHTINGS.c.count), func.count(_SIGHTINGS.c.signature_id.distinct())).where(
        _SIGHTINGS.c.hour.between(bindparam("first"), bindparam("last")),
        _SIGHTINGS.c.signature_id.not_in(_MERGED),
    )
)
_HOURLY = Prepared(
    select(_SIGHTINGS.c.signature_id, _SIGHTINGS.c.hour, func.sum(_SIGHTINGS.c.count))
    .where(_BEFORE)
    .group_by(_SIGHTINGS.c.signature_id, _SIGHTINGS.c.hour)
)
_HIT = Prepared(
    select(_SIGHTINGS.c.signature_id, _SIGHTINGS.c.customer, func.sum(_SIGHTINGS.c.count))
    .where(_BEFORE, _SIGHTINGS.c.customer != "")
    .group_by(_SIGHTINGS.c.signature_id, _SIGHTINGS.c.customer)
)
_DAYS_BACK: Any = cast((bindparam("last") - _SIGHTINGS.c.hour) // 24, Integer)
_DAY_BIT: Any = cast(1, BigInteger).bitwise_lshift(_DAYS_BACK)
_DAYS_HIT = Prepared(
    select(_SIGHTINGS.c.signature_id, _SIGHTINGS.c.customer, func.sum(_DAY_BIT.distinct()))
    .where(_BEFORE, _SIGHTINGS.c.customer != "")
    .group_by(_SIGHTINGS.c.signature_id, _SIGHTINGS.c.customer)
)
_NEWCOMERS = Prepared(
    select(_CUSTOMERS.c.name).where(
        _CUSTOMERS.c.name.in_(bindparam("names")), _CUSTOMERS.c.first_seen > bindparam("since")
    )
)
_NAMES = Prepared(select(_CUSTOMERS.c.name).order_by(_CUSTOMERS.c.name))
_KNOWN = Prepared(select(func.count()).where(_CUSTOMERS.c.first_seen <= bindparam("until")))
_CUSTOMERS_OF = Prepared(
    select(_SIGHTINGS.c.signature_id, _SIGHTINGS.c.customer)
    .where(_SIGHTINGS.c.signature_id.in_(bindparam("ids")), _SIGHTINGS.c.customer != "")
    .distinct()
)
_HOW_MANY_HIT = Prepared(
    select(_SIGHTINGS.c.signature_id, func.count(_SIGHTINGS.c.customer.distinct()))
    .where(_SIGHTINGS.c.signature_id.in_(bindparam("ids")), _SIGHTINGS.c.customer != "")
    .group_by(_SIGHTINGS.c.signature_id)
)
_FIRST_HOUR = Prepared(
    select(func.min(_SIGHTINGS.c.hour)).where(
        _SIGHTINGS.c.hour >= bindparam("since"), _SIGHTINGS.c.hour < bindparam("before")
    )
)
_BEFORE_ALL = select(func.min(_SIGHTINGS.c.hour).label("hour")).where(
    _SIGHTINGS.c.hour.between(bindparam("first"), bindparam("last"))
)
_ALL = _BEFORE_ALL.cte("heard", recursive=True)
_NEXT = select(func.min(_SIGHTINGS.c.hour)).where(
    _SIGHTINGS.c.hour > _ALL.c.hour, _SIGHTINGS.c.hour <= bindparam("last")
)
_ALL = _ALL.union_all(select(_NEXT.scalar_subquery()).where(_ALL.c.hour.is_not(None)))
_HEARD = Prepared(select(_ALL.c.hour).where(_ALL.c.hour.is_not(None)))
"""From one hour to the next by the index: to read all rows would take seconds."""


class Row(NamedTuple):
    """One signature in one hour at one customer; `hour` counts since the epoch.

    `minutes` are those of the hour in which it was seen, as bits; None where nobody counted them.
    """

    signature_id: int
    hour: int
    customer: str
    occurrences: int
    minutes: int | None = None


_COLUMNS = ("signature_id", "hour", "customer", "count", "minutes")


def added(statement: Any) -> Any:
    """The statement that adds rows to what is stored.

    Where the minutes of one of both are not known, those of the sum are not either.
    """
    on_top = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=["signature_id", "hour", "customer"],
        set_={
            "count": _SIGHTINGS.c.count + on_top.count,
            "minutes": _SIGHTINGS.c.minutes.bitwise_or(on_top.minutes),
        },
    )


_ADD = inserting(Sighting, added)


def add(session: Session, rows: Sequence[Row]) -> None:
    """Add rows to what is stored for the same signature, hour and customer."""
    _ADD.each_of(session, _COLUMNS, rows)


def meet(session: Session, customers: dict[str, datetime]) -> None:
    """Store since when customers are known; the earliest time of each stands."""
    _MEET.each(
        session, [{"name": name, "first_seen": at} for name, at in sorted(customers.items())]
    )


def _earliest(statement: Any) -> Any:
    given = statement.excluded.first_seen
    return statement.on_conflict_do_update(
        index_elements=["name"],
        set_={"first_seen": given},
        where=_CUSTOMERS.c.first_seen > given,
    )


_MEET = inserting(Customer, _earliest)


def newcomers(session: Session, since: datetime, *, among: Collection[str]) -> frozenset[str]:
    """The customers among some that were never seen before `since`."""
    return frozenset(
        name
        for names in in_parts(among)
        for (name,) in _NEWCOMERS.rows(session, names=names, since=since)
    )


def known_customers(session: Session, until: datetime) -> int:
    """How many customers anything was ever seen of, up to a moment."""
    return int(_KNOWN.value(session, until=until))


def of(session: Session, signature_ids: Collection[int], *, since_hour: int) -> list[Row]:
    """All sightings of some signatures since an hour, in the order of their signatures."""
    return _rows(session, _OF, signature_ids, since_hour=since_hour)


def last_hours(
    session: Session, signature_ids: Collection[int], *, first: int, last: int
) -> dict[int, int]:
    """When each of some signatures was last seen in the hours `first` to `last`, if it was."""
    return _known(_rows(session, _LAST_HOURS, signature_ids, first=first, last=last))


def _known(rows: Iterable[tuple[int, int | None]]) -> dict[int, int]:
    return {number: hour for number, hour in rows if hour is not None}


def first_hours(
    session: Session, signature_ids: Collection[int], *, first: int, last: int
) -> dict[int, int]:
    """When each of some signatures was first seen in the hours `first` to `last`, if it was."""
    return _known(_rows(session, _FIRST_HOURS, signature_ids, first=first, last=last))


def hourly(
    session: Session, signature_ids: Collection[int], *, first: int, last: int
) -> dict[int, dict[int, int]]:
    """How often each of some signatures was seen in each of the hours `first` to `last`."""
    counts: dict[int, dict[int, int]] = {number: {} for number in signature_ids}
    for number, hour, count in _rows(session, _HOURLY, signature_ids, first=first, last=last):
        counts[number][hour] = int(count)
    return counts


def hit_between(
    session: Session, signature_ids: Collection[int], *, first: int, last: int
) -> dict[int, dict[str, int]]:
    """How often each named customer was hit by each of some signatures in the hours `first` to
    `last`."""
    hit: dict[int, dict[str, int]] = {number: {} for number in signature_ids}
    for number, customer, count in _rows(session, _HIT, signature_ids, first=first, last=last):
        hit[number][customer] = int(count)
    return hit


def days_hit(
    session: Session, signature_ids: Collection[int], *, first: int, last: int
) -> dict[int, dict[str, int]]:
    """On which days before the hour `last` each of some signatures hit each of its named customers.

    The days are bits, the day that ends with `last` the lowest. `first` is at most two months
    earlier; nothing before it counts.
    """
    days: dict[int, dict[str, int]] = {number: {} for number in signature_ids}
    for number, customer, bits in _rows(session, _DAYS_HIT, signature_ids, first=first, last=last):
        days[number][customer] = int(bits)
    return days


def _rows(
    session: Session, statement: Prepared, signature_ids: Collection[int], **between: int
) -> list[Any]:
    """The rows of a statement for some signatures, a part of them at a time."""
    parts = in_parts(signature_ids)
    return [row for some in parts for row in statement.rows(session, ids=some, **between)]


def busy(session: Session, *, first: int, last: int) -> dict[int, int]:
    """How often each signature was seen in the hours `first` to `last`, both included.

    A merged signature is counted under what it is merged into.
    """
    rows = session.execute(
        select(_SIGHTINGS.c.signature_id, func.sum(_SIGHTINGS.c.count))
        .where(
            _SIGHTINGS.c.hour >= first,
            _SIGHTINGS.c.hour <= last,
            _SIGHTINGS.c.signature_id.not_in(_MERGED),
        )
        .group_by(_SIGHTINGS.c.signature_id)
    )
    return {signature_id: int(total) for signature_id, total in rows}


def amount(session: Session, *, first: int, last: int) -> tuple[int, int]:
    """How often anything was seen in the hours `first` to `last`, and how many signatures were.

    A merged signature is counted under what it is merged into.
    """
    ((total, number),) = _AMOUNT.rows(session, first=first, last=last)
    return int(total or 0), int(number)


def counts(
    session: Session, signature_ids: Collection[int], *, first: int, last: int
) -> dict[int, int]:
    """How often each of some signatures was seen in the hours `first` to `last`; absent if
    never."""
    rows = _rows(session, _COUNTS, signature_ids, first=first, last=last)
    return {number: int(count) for number, count in rows}


def customers_since(session: Session, hours: Mapping[int, int]) -> dict[int, dict[str, int]]:
    """How often each named customer was hit by each of some signatures since an hour of its own."""
    hit: dict[int, dict[str, int]] = {number: {} for number in hours}
    for since in _sinces(hours):
        rows = session.execute(
            select(_SIGHTINGS.c.signature_id, _SIGHTINGS.c.customer, func.sum(_SIGHTINGS.c.count))
            .join(since, since.c.signature_id == _SIGHTINGS.c.signature_id)
            .where(_SIGHTINGS.c.hour >= since.c.hour, _SIGHTINGS.c.customer != "")
            .group_by(_SIGHTINGS.c.signature_id, _SIGHTINGS.c.customer)
        )
        for number, customer, total in rows:
            hit[number][customer] = int(total)
    return hit


def _sinces(hours: Mapping[int, int]) -> Iterator[CTE]:
    """The hour from which on each of some signatures counts, as tables to join with."""
    for some in in_parts(hours):
        asked = values(column("signature_id", BigInteger), column("hour", BigInteger))
        yield asked.data([(number, hours[number]) for number in some]).cte("since")


def customers_of(session: Session, signature_ids: Collection[int]) -> dict[int, list[str]]:
    """The named customers that each of some signatures ever hit; none is an empty list."""
    hit: dict[int, list[str]] = {number: [] for number in signature_ids}
    for some in in_parts(signature_ids):
        for number, customer in _CUSTOMERS_OF.rows(session, ids=some):
            hit[number].append(customer)
    return hit


def how_many_hit(session: Session, signature_ids: Collection[int]) -> dict[int, int]:
    """How many named customers each of some signatures ever hit."""
    counts = dict.fromkeys(signature_ids, 0)
    for some in in_parts(signature_ids):
        counts |= dict(_HOW_MANY_HIT.rows(session, ids=some))
    return counts


def first_hour(session: Session, *, since: int, before: int) -> int | None:
    """The earliest hour of some time in which anything was seen."""
    hour: int | None = _FIRST_HOUR.value(session, since=since, before=before)
    return hour


def heard(session: Session, *, first: int, last: int) -> list[int]:
    """The hours `first` to `last` in which anything was seen, ascending."""
    return [hour for (hour,) in _HEARD.rows(session, first=first, last=last)]


def hours_of_days(session: Session, *, before: int) -> list[int]:
    """The hours before one that still have sightings by the hour, not by the day; a day is kept as
    its first hour."""
    return [hour for hour in heard(session, first=0, last=before - 1) if hour % 24]


def number(session: Session) -> int:
    """How many rows there are."""
    return int(session.execute(select(func.count()).select_from(_SIGHTINGS)).scalar_one())


def rows_by_hour(session: Session) -> list[tuple[int, int]]:
    """How many rows there are of each hour, ascending."""
    hour = _SIGHTINGS.c.hour
    rows = session.execute(select(hour, func.count()).group_by(hour).order_by(hour))
    return [(hour, number) for hour, number in rows]


def roll_up(session: Session, *, hour: int, limit: int) -> int:
    """Count some of the sightings of an hour under the first hour of its day; gives back how many
    rows."""
    rows = _some(session, _SIGHTINGS.c.hour == hour, limit)
    add(session, [row._replace(hour=hour - hour % 24, minutes=None) for row in rows])
    _remove(session, rows)
    return len(rows)


def forget(session: Session, *, before: int, limit: int) -> int:
    """Delete some of what was seen before an hour; gives back how many rows."""
    rows = _some(session, _SIGHTINGS.c.hour < before, limit)
    _remove(session, rows)
    return len(rows)


def _some(session: Session, condition: ColumnElement[bool], limit: int) -> list[Row]:
    return [Row(*row) for row in session.execute(select(_SIGHTINGS).where(condition).limit(limit))]


def _remove(session: Session, rows: Sequence[Row]) -> None:
    cells = ({"id": row.signature_id, "at": row.hour, "whom": row.customer} for row in rows)
    _REMOVE.each(session, [*cells])


_REMOVE = Prepared(
    delete(_SIGHTINGS).where(
        _SIGHTINGS.c.signature_id == bindparam("id"),
        _SIGHTINGS.c.hour == bindparam("at"),
        _SIGHTINGS.c.customer == bindparam("whom"),
    )
)


def by_hour(session: Session) -> Iterator[tuple[int, list[Row]]]:
    """All sightings, hour by hour, of the signatures that are not merged."""
    hours = session.execute(select(_SIGHTINGS.c.hour).distinct().order_by(_SIGHTINGS.c.hour))
    merged = select(_SIGNATURES.c.id).where(_SIGNATURES.c.merged_into.is_not(None))
    for some in in_parts(hours.scalars().all(), size=24):
        rows = session.execute(
            select(_SIGHTINGS)
            .where(
                _SIGHTINGS.c.hour.between(some[0], some[-1]),
                _SIGHTINGS.c.signature_id.not_in(merged),
            )
            .order_by(_SIGHTINGS.c.hour)
        )
        for hour, seen in groupby((Row(*row) for row in rows), key=attrgetter("hour")):
            yield hour, list(seen)


def customers(session: Session) -> dict[str, datetime]:
    """Every customer, and since when it is known."""
    return dict(session.execute(select(_CUSTOMERS.c.name, _CUSTOMERS.c.first_seen)).all())


def names(session: Session) -> list[str]:
    """Every customer that anything was ever seen of, by name."""
    return [name for (name,) in _NAMES.rows(session)]
