"""The moment that the last cleaning went by."""

from datetime import datetime

from sqlmodel import Session

from storage.tables import Cleaning

_ONLY = 1


def last(session: Session) -> datetime | None:
    """That moment; None before the first cleaning."""
    row = session.get(Cleaning, _ONLY)
    return row.as_of if row else None


def put(session: Session, as_of: datetime) -> None:
    """Set that moment."""
    session.merge(Cleaning(id=_ONLY, as_of=as_of))
