"""The switches people set while the program runs, and who set them."""

from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from storage.tables import Flag


def put(
    session: Session,
    name: str,
    *,
    on: bool,
    by: str,
    reason: str,
    now: datetime,
    percent: int | None = None,
) -> Flag:
    """Set a flag."""
    row = Flag(name=name, on=on, by=by, at=now, reason=reason, percent=percent)
    session.add(row)
    session.flush()
    return row


def get(session: Session, number: int) -> Flag | None:
    """One setting of a flag."""
    return session.get(Flag, number)


def before(session: Session, row: Flag) -> Flag | None:
    """How a flag was set before; None where that was the first time."""
    statement = select(Flag).where(col(Flag.name) == row.name, col(Flag.id) < row.id)
    return session.execute(statement.order_by(col(Flag.id).desc()).limit(1)).scalar_one_or_none()


def latest(session: Session, *, limit: int) -> list[Flag]:
    """What was set last, the newest first."""
    statement = select(Flag).order_by(col(Flag.id).desc()).limit(limit)
    return list(session.execute(statement).scalars())


def standing(session: Session) -> dict[str, Flag]:
    """The newest setting of each flag that anybody ever set, by name."""
    newest = select(func.max(col(Flag.id))).group_by(col(Flag.name))
    rows = session.execute(select(Flag).where(col(Flag.id).in_(newest))).scalars()
    return {row.name: row for row in rows}
