"""What is acknowledged and not carried out yet, in the order in which it came."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, update
from sqlmodel import Session, col

from storage.database import table_of
from storage.prepared import inserting
from storage.tables import Asked

_ASKED = table_of(Asked)
_ADD = inserting(Asked, lambda insert: insert.on_conflict_do_nothing())


def add(session: Session, asked: Mapping[str, Mapping[str, Any]], *, now: datetime) -> None:
    """Keep what was asked, by key; what is kept already stays as it is."""
    _ADD.each(session, [{"key": key, "body": dict(body), "at": now} for key, body in asked.items()])


def remove(session: Session, keys: Collection[str]) -> None:
    """It is carried out."""
    if keys:
        session.execute(delete(Asked).where(col(Asked.key).in_(keys)))


def take(session: Session, *, until: datetime, now: datetime) -> list[Mapping[str, Any]]:
    """What came by then and is not carried out, the oldest first; from `now` on it counts as
    having come anew."""
    taken = session.execute(
        update(Asked)
        .where(col(Asked.at) <= until)
        .values(at=now)
        .returning(_ASKED.c.id, _ASKED.c.body)
    )
    return [row.body for row in sorted(taken, key=lambda row: row.id)]
