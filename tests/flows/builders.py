"""One error that comes again, and what was decided on it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlmodel import Session

from bot.core.detection.threshold import Rules
from bot.core.ownership.decision import Standing
from bot.flows import decide, find, look
from bot.flows.detect import detect
from bot.flows.record import record
from storage.database import Database
from tests.builders import NOON, an_event

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def standing(database: Database, short_id: str) -> Standing:
    with database.read() as session:
        return find.standing(session, find.by_name(session, short_id))


def trail(database: Database, short_id: str) -> list[str]:
    """Who did what, the newest first."""
    return [f"{one.by} {one.kind}" for one in look.history(database, short_id)]


def seen_again(
    database: Database, *, hours: float = 0, count: int = 1, customer: str = "", version: str = ""
) -> None:
    """The error again, so many hours after noon, one event a customer unless one is named."""
    now = NOON + hours * HOUR
    events = [
        an_event(time=now, customer=customer or f"customer-{number}", version=version)
        for number in range(count)
    ]
    recorded = record(database, events, now=now)
    detect(database, recorded.signature_ids, now=now, rules=Rules())


def muted(database: Database, short_id: str, **limits: Any) -> None:
    facts = {"reason": "known", "until": NOON + DAY, **limits}
    decide.mute(database, short_id, by="U1", now=NOON, **facts)


@dataclass(frozen=True, slots=True)
class Interrupted(Database):
    """A database of which somebody else writes after it was read and before it is written."""

    meanwhile: Callable[[], object]

    @contextmanager
    def write(self) -> Iterator[Session]:
        """The session, after the others were faster."""
        self.meanwhile()
        with Database(self.engine).write() as session:
            yield session
