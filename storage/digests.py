"""The digests that were composed: one per channel and local slot, whatever happens."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import String, cast, exists, func, literal, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from storage.database import delete_some, insert, table_of
from storage.tables import Digest, Message


def add(
    session: Session,
    channel: str,
    slot: str,
    *,
    since: datetime,
    until: datetime,
    now: datetime,
    late: bool,
    content: Mapping[str, Any],
) -> int | None:
    """Take a slot and give back the digest's id, or None when somebody took it already."""
    statement = (
        insert(session, Digest)
        .values(
            channel=channel,
            slot=slot,
            since=since,
            until=until,
            composed_at=now,
            late=late,
            content=dict(content),
        )
        .on_conflict_do_nothing()
        .returning(table_of(Digest).c.id)
    )
    taken: int | None = session.execute(statement).scalar_one_or_none()
    return taken


def get(session: Session, digest_id: int) -> Digest | None:
    """One digest."""
    return session.get(Digest, digest_id)


def latest(session: Session, *, now: datetime) -> dict[str, datetime]:
    """The end of the newest digest of each channel, without those that end in the future."""
    statement = select(col(Digest.channel), func.max(col(Digest.until))).where(
        col(Digest.until) <= now
    )
    return dict(session.execute(statement.group_by(col(Digest.channel))).all())


def last(session: Session, channel: str, *, before: datetime) -> Digest | None:
    """The newest digest of a channel that ends before a moment."""
    statement = select(Digest).where(col(Digest.channel) == channel, col(Digest.until) < before)
    newest = statement.order_by(col(Digest.until).desc(), col(Digest.id).desc()).limit(1)
    return session.execute(newest).scalar_one_or_none()


def forget(session: Session, *, before: datetime, limit: int) -> int:
    """Delete some digests that end before a moment and that no message shows; gives back how many.
    The newest of each channel stays."""
    later = aliased(Digest)
    return delete_some(
        session,
        Digest,
        col(Digest.until) < before,
        exists().where(
            col(later.channel) == col(Digest.channel), col(later.until) > col(Digest.until)
        ),
        ~exists().where(col(Message.key) == literal("digest:") + cast(col(Digest.id), String)),
        limit=limit,
    )
