"""The mutes of all of a service, or of all that hits only one customer."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update
from sqlmodel import Session, col

from storage.tables import Mute, WideMute


def begin(session: Session, wide: WideMute) -> int:
    """From now on it holds; gives back its number."""
    session.add(wide)
    session.flush()
    return wide.id


def end(session: Session, wide_id: int, *, by: str, now: datetime) -> bool:
    """It is over; False where it was already."""
    result = session.execute(
        update(WideMute)
        .where(col(WideMute.id) == wide_id, col(WideMute.ended_at).is_(None))
        .values(ended_at=now, ended_by=by)
    )
    return bool(result.rowcount)  # type: ignore[attr-defined]


def resume(session: Session, wide_id: int) -> None:
    """It holds again."""
    session.execute(
        update(WideMute).where(col(WideMute.id) == wide_id).values(ended_at=None, ended_by="")
    )


def begun_on(session: Session, wide_id: int) -> int | None:
    """The signature that it was begun on, by number: the first that it muted."""
    statement = select(col(Mute.signature_id)).where(col(Mute.wide_id) == wide_id)
    return session.execute(statement.order_by(col(Mute.id)).limit(1)).scalar_one_or_none()


def holding(session: Session) -> list[WideMute]:
    """Those that hold now, the oldest first."""
    statement = select(WideMute).where(col(WideMute.ended_at).is_(None))
    return list(session.execute(statement.order_by(col(WideMute.id))).scalars())


def get(session: Session, wide_ids: Collection[int]) -> dict[int, WideMute]:
    """Some by their numbers, whether they hold or not."""
    rows = session.execute(select(WideMute).where(col(WideMute.id).in_(wide_ids))).scalars()
    return {row.id: row for row in rows}


def covered(session: Session, wide_id: int) -> set[int]:
    """The signatures it ever muted, by number: each once, so that what tripped stays awake."""
    statement = select(col(Mute.signature_id)).where(col(Mute.wide_id) == wide_id)
    return set(session.execute(statement).scalars())


def muted(session: Session, wide_id: int) -> list[int]:
    """The signatures it mutes now, by number."""
    statement = select(col(Mute.signature_id)).where(
        col(Mute.wide_id) == wide_id, col(Mute.ended_at).is_(None)
    )
    return list(session.execute(statement.order_by(col(Mute.id))).scalars())
