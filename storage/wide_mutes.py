"""The mutes of all of a service, or of all that hits only one customer."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update
from sqlmodel import Session, col

from storage.tables import Mute, WideMute


def begin(session: Session, wide: WideMute) -> int:
    """Store a wide mute, which holds from now on; gives back its number."""
    session.add(wide)
    session.flush()
    return wide.id


def end(session: Session, wide_id: int, *, by: str, now: datetime) -> bool:
    """End a wide mute; False where it was over already."""
    result = session.execute(
        update(WideMute)
        .where(col(WideMute.id) == wide_id, col(WideMute.ended_at).is_(None))
        .values(ended_at=now, ended_by=by)
    )
    return bool(result.rowcount)  # type: ignore[attr-defined]


def resume(session: Session, wide_id: int) -> None:
    """Let a wide mute that was ended hold again."""
    session.execute(
        update(WideMute).where(col(WideMute.id) == wide_id).values(ended_at=None, ended_by="")
    )


def begun_on(session: Session, wide_id: int) -> int | None:
    """The number of the signature that a wide mute was begun on: the first that it muted."""
    statement = select(col(Mute.signature_id)).where(col(Mute.wide_id) == wide_id)
    return session.execute(statement.order_by(col(Mute.id)).limit(1)).scalar_one_or_none()


def holding(session: Session) -> list[WideMute]:
    """The wide mutes that hold now, the oldest first."""
    statement = select(WideMute).where(col(WideMute.ended_at).is_(None))
    return list(session.execute(statement.order_by(col(WideMute.id))).scalars())


def get(session: Session, wide_ids: Collection[int]) -> dict[int, WideMute]:
    """Wide mutes by their numbers, whether they hold or not."""
    rows = session.execute(select(WideMute).where(col(WideMute.id).in_(wide_ids))).scalars()
    return {row.id: row for row in rows}


def covered(session: Session, wide_id: int) -> set[int]:
    """The numbers of the signatures that a wide mute ever muted: it mutes each only once, so that
    what woke by a tripwire stays awake."""
    statement = select(col(Mute.signature_id)).where(col(Mute.wide_id) == wide_id)
    return set(session.execute(statement).scalars())


def muted(session: Session, wide_id: int) -> list[int]:
    """The numbers of the signatures that a wide mute mutes now."""
    statement = select(col(Mute.signature_id)).where(
        col(Mute.wide_id) == wide_id, col(Mute.ended_at).is_(None)
    )
    return list(session.execute(statement.order_by(col(Mute.id))).scalars())
