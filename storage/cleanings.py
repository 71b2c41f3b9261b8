"""As of which moment old data was deleted last."""

from datetime import datetime

from sqlmodel import Session

from storage.tables import Cleaning

_ONLY = 1


def last(session: Session) -> datetime | None:
    """As of which moment the last cleaning deleted; None before the first."""
    row = session.get(Cleaning, _ONLY)
    return row.as_of if row else None


def put(session: Session, as_of: datetime) -> None:
    """Store as of which moment a cleaning deleted."""
    session.merge(Cleaning(id=_ONLY, as_of=as_of))
