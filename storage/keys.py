"""The keys that senders of errors prove themselves by."""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from storage.tables import ApiKey


def add(session: Session, project: str, *, prefix: str, digest: str, now: datetime) -> ApiKey:
    """One more that holds."""
    row = ApiKey(project=project, prefix=prefix, digest=digest, created_at=now)
    session.add(row)
    session.flush()
    return row


def get(session: Session, number: int) -> ApiKey | None:
    """One of them, whether it holds or not."""
    return session.get(ApiKey, number)


def every(session: Session) -> list[ApiKey]:
    """All there ever were, in the order in which they were made."""
    return list(session.execute(select(ApiKey).order_by(col(ApiKey.id))).scalars())


def holding(session: Session) -> list[ApiKey]:
    """Those that nobody revoked."""
    return [row for row in every(session) if row.revoked_at is None]
