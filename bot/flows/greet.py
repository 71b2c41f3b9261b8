"""Say in a channel that we are there, once."""

from datetime import datetime

from storage import outbox
from storage.database import Database


def greet(database: Database, *, channel: str, words: str, now: datetime) -> bool:
    """Want the words posted in a channel; False where they were wanted before."""
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
