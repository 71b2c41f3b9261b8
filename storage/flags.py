"""The switches people set while the program runs, and who set them."""

from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from storage.tables import Flag


def put(session: Session, name: str, *, on: bool, by: str, reason: str, now: datetime) -> None:
    """From now on it stands so."""
    session.add(Flag(name=name, on=on, by=by, at=now, reason=reason))
    session.flush()


def standing(session: Session) -> dict[str, Flag]:
    """How each that was ever set stands, with who set it last."""
    newest = select(func.max(col(Flag.id))).group_by(col(Flag.name))
    rows = session.execute(select(Flag).where(col(Flag.id).in_(newest))).scalars()
    return {row.name: row for row in rows}
