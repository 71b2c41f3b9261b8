"""Which signatures are still to be judged, and as of which hours, because events of them came."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, delete, literal, select
from sqlmodel import Session

from storage.database import insert, table_of
from storage.prepared import Prepared, inserting
from storage.tables import UnjudgedHour

_UNJUDGED = table_of(UnjudgedHour)


class Unjudged(NamedTuple):
    """A signature that is to be judged as of an hour, and when the last event came that asks for
    it."""

    signature_id: int
    hour: int
    arrived_at: datetime


def add(session: Session, cells: Collection[tuple[int, int]], *, now: datetime) -> None:
    """Have pairs of a signature's number and an hour judged, because events came `now`."""
    _ADD.each(session, [Unjudged(*cell, now)._asdict() for cell in sorted(cells)])


def pass_on(session: Session, case: int, above: int) -> None:
    """Have the signature `above`, which counts all that `case` does, judged as of the same hours as
    that."""
    rows = select(literal(above), _UNJUDGED.c.hour, _UNJUDGED.c.arrived_at).where(
        _UNJUDGED.c.signature_id == case
    )
    columns = ["signature_id", "hour", "arrived_at"]
    session.execute(_latest(insert(session, UnjudgedHour).from_select(columns, rows)))


def since(session: Session, hour: int) -> list[Unjudged]:
    """What is to be judged as of an hour or a later one."""
    return [Unjudged(*row) for row in _SINCE.rows(session, hour=hour)]


def oldest(session: Session, *, before: int, limit: int) -> list[Unjudged]:
    """At most `limit` of what is to be judged as of hours before one, the earliest hours first."""
    return [Unjudged(*row) for row in _OLDEST.rows(session, before=before, limit=limit)]


def done(session: Session, judged: Collection[Unjudged]) -> None:
    """Note that these were judged; one for which events came meanwhile stays to be judged again."""
    _DONE.each(session, [one._asdict() for one in sorted(judged)])


def _latest(statement: Any) -> Any:
    return statement.on_conflict_do_update(
        index_elements=["signature_id", "hour"], set_={"arrived_at": statement.excluded.arrived_at}
    )


_ADD = inserting(UnjudgedHour, _latest)
_BY_HOUR = select(_UNJUDGED).order_by(_UNJUDGED.c.hour, _UNJUDGED.c.signature_id)
_SINCE = Prepared(_BY_HOUR.where(_UNJUDGED.c.hour >= bindparam("hour")))
_OLDEST = Prepared(_BY_HOUR.where(_UNJUDGED.c.hour < bindparam("before")).limit(bindparam("limit")))
_DONE = Prepared(
    delete(_UNJUDGED).where(
        _UNJUDGED.c.signature_id == bindparam("signature_id"),
        _UNJUDGED.c.hour == bindparam("hour"),
        _UNJUDGED.c.arrived_at == bindparam("arrived_at", type_=_UNJUDGED.c.arrived_at.type),
    )
)
