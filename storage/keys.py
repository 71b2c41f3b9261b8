"""The keys that senders of errors prove themselves by."""

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlmodel import Session, col

from storage.tables import ApiKey


def add(session: Session, project: str, *, prefix: str, digest: str, now: datetime) -> ApiKey:
    """Store a new key of a project; it holds until it is revoked."""
    row = ApiKey(project=project, prefix=prefix, digest=digest, created_at=now)
    session.add(row)
    session.flush()
    return row


def get(session: Session, number: int) -> ApiKey | None:
    """One key, whether it holds or was revoked."""
    return session.get(ApiKey, number)


def every(session: Session) -> list[ApiKey]:
    """All keys there ever were, in the order in which they were made."""
    return list(session.execute(select(ApiKey).order_by(col(ApiKey.id))).scalars())


def holding(session: Session) -> list[ApiKey]:
    """The keys that nobody revoked."""
    return [row for row in every(session) if row.revoked_at is None]


def revived(before: Path, after: Path) -> list[tuple[int, str]]:
    """The number and project of each key that holds in the SQLite file `after` and was revoked in
    `before`; none where either cannot be read, as one that is damaged or of an earlier schema."""
    try:
        revoked = {digest for _, _, digest, at in _kept_in(before) if at}
        found = _kept_in(after)
    except sqlite3.Error:
        return []
    return [(number, project) for number, project, key, at in found if key in revoked and not at]


def _kept_in(file: Path) -> list[tuple[int, str, str, str | None]]:
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        return connection.execute(
            "SELECT id, project, digest, revoked_at FROM api_keys ORDER BY id"
        ).fetchall()
