"""Greet a channel, once."""

from datetime import datetime

from storage import outbox
from storage.database import Database


def greet(database: Database, *, channel: str, words: str, now: datetime) -> bool:
    """Queue the words for a channel; False where that was done before."""
    with database.write() as session:
        wanted = outbox.add(
            session,
            f"greeting:{channel}",
            channel=channel,
            kind="notice",
            content={"text": words},
            now=now,
        )
    return wanted is not None
