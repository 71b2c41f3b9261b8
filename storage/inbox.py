"""Requests from Slack that were acknowledged and are not carried out yet, in the order they
came."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from storage.database import table_of
from storage.prepared import inserting
from storage.tables import Asked

_ASKED = table_of(Asked)
_ADD = inserting(Asked, lambda insert: insert.on_conflict_do_nothing())


def add(
    session: Session, asked: Mapping[str, Mapping[str, Any]], *, holder: str, now: datetime
) -> None:
    """Store requests, by key, for the worker `holder` to carry out; a key that is stored already
    stays as it is."""
    rows = [
        {"key": key, "body": dict(body), "at": now, "holder": holder} for key, body in asked.items()
    ]
    _ADD.each(session, rows)


def remove(session: Session, keys: Collection[str]) -> None:
    """Delete the requests with these keys: they were carried out."""
    if keys:
        session.execute(delete(Asked).where(col(Asked.key).in_(keys)))


def holders(session: Session, *, besides: str) -> list[str]:
    """The workers that still have requests to carry out, except `besides`."""
    others = select(col(Asked.holder)).where(col(Asked.holder) != besides)
    return list(session.execute(others.distinct()).scalars())


def take(session: Session, left_by: Collection[str], *, holder: str) -> list[Mapping[str, Any]]:
    """Hand the requests of some workers over to `holder`; gives back their bodies, the oldest
    first."""
    taken = session.execute(
        update(Asked)
        .where(col(Asked.holder).in_(left_by))
        .values(holder=holder)
        .returning(_ASKED.c.id, _ASKED.c.body)
    )
    return [row.body for row in sorted(taken, key=lambda row: row.id)]
