"""Who was mentioned because nobody took a signature, and when."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from storage.database import delete_some, in_parts
from storage.tables import Reminder


def add(session: Session, reminder: Reminder) -> None:
    """Store a reminder."""
    session.add(reminder)
    session.flush()


def between(
    session: Session, since: datetime, until: datetime, signature_ids: Collection[int]
) -> list[Reminder]:
    """The reminders about some signatures after a moment and up to another, in the order they were
    made."""
    made = col(Reminder.at) > since, col(Reminder.at) <= until
    statement = select(Reminder).where(*made).order_by(col(Reminder.id))
    parts = [
        statement.where(col(Reminder.signature_id).in_(some)) for some in in_parts(signature_ids)
    ]
    return [row for part in parts for row in session.execute(part).scalars()]


def forget(session: Session, *, before: datetime, limit: int) -> int:
    """Delete some reminders that were made before a moment; gives back how many."""
    return delete_some(session, Reminder, col(Reminder.at) < before, limit=limit)
