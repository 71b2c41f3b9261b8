"""The hours that are to be judged again, for something of them came when they were over."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, delete, select
from sqlmodel import Session

from storage.database import inserting, table_of
from storage.tables import LateHour

_LATE = table_of(LateHour)


class Late(NamedTuple):
    """A signature in an hour of which something came late, the last of it at a moment."""

    signature_id: int
    hour: int
    arrived_at: datetime


def add(session: Session, cells: Collection[tuple[int, int]], *, now: datetime) -> None:
    """Of these signatures something of these hours came now."""
    if not cells:
        return
    rows = [Late(*cell, now)._asdict() for cell in sorted(cells)]
    session.execute(_ADD(session), rows)


def oldest(session: Session, *, limit: int) -> list[Late]:
    """Some of them, hour by hour."""
    rows = session.connection().execute(_OLDEST, {"limit": limit})
    return [Late(*row) for row in rows.all()]


def done(session: Session, judged: Collection[Late]) -> None:
    """These were judged; of what came meanwhile the hours are judged again."""
    if judged:
        session.connection().execute(_DONE, [late._asdict() for late in judged])


def _latest(statement: Any) -> Any:
    return statement.on_conflict_do_update(
        index_elements=["signature_id", "hour"], set_={"arrived_at": statement.excluded.arrived_at}
    )


_ADD = inserting(LateHour, _latest)
_OLDEST = select(_LATE).order_by(_LATE.c.hour, _LATE.c.signature_id).limit(bindparam("limit"))
_DONE = delete(_LATE).where(
    _LATE.c.signature_id == bindparam("signature_id"),
    _LATE.c.hour == bindparam("hour"),
    _LATE.c.arrived_at == bindparam("arrived_at", type_=_LATE.c.arrived_at.type),
)
