"""Values for tests: every builder takes only what matters to the test that calls it."""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count, product
from time import monotonic
from typing import Any

from sqlalchemy import Connection, event

from bot.core.analysis import Category, Confidence, Level
from bot.core.asking.prompt import Answer
from bot.core.detection.history import Sighting
from bot.core.event import Event
from bot.core.hour import DAY, hour_of
from storage.database import Database
from storage.locks import Presence

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
PEOPLE = [
    "".join(pair)
    for pair in product(("ka", "lo", "mi", "nu", "ro", "ti"), ("lan", "mer", "gus", "hil", "jon"))
]
"""Thirty names that look like any word."""
_numbers = count(1)
_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
"""Workers share databases: their events are not each other's."""


def an_event(**facts: Any) -> Event:
    """An error of the checkout service at noon, with its own source_id."""
    time = facts.pop("time", NOON)
    defaults: dict[str, Any] = {
        "source": "test",
        "source_id": f"event-{_WORKER}{next(_numbers)}",
        "time": time,
        "received": time,
        "message": "payment failed: connection refused",
        "service": "checkout",
        "environment": "production",
        "customer": "acme",
    }
    return Event(**{**defaults, **facts})


def an_answer(**facts: Any) -> Answer:
    """What a model might say of such an error."""
    defaults: dict[str, Any] = {
        "evidence": ("connection refused",),
        "enough_evidence": True,
        "likely_cause": "The payment provider does not listen.",
        "category": Category.NETWORK,
        "severity": Level.HIGH,
        "confidence": Confidence.HIGH,
        "real_application_bug": False,
        "summary": "checkout cannot reach the payment provider",
        "explanation": "Nobody can pay.",
        "user_impact": "Payments fail.",
        "steps": (1,),
    }
    return Answer(**{**defaults, **facts})


def standing(moment: datetime = NOON) -> Callable[[], datetime]:
    """A clock that stands still."""
    return lambda: moment


def sightings(
    hours_ago: Mapping[int, int], *, customer: str = "acme", minutes: int | None = None
) -> tuple[Sighting, ...]:
    """Sightings of one signature at one customer: how many, by hours before noon."""
    noon = hour_of(NOON)
    return tuple(Sighting(1, noon - back, customer, n, minutes) for back, n in hours_ago.items())


def by_hour(seen: Iterable[Sighting], before: int) -> Counter[int]:
    """What some sightings say of each hour before an hour, as the database would count it."""
    counts: Counter[int] = Counter()
    for _, hour, _, occurrences, _ in seen:
        if hour < before:
            counts[hour] += occurrences
    return counts


def days_of(seen: Iterable[Sighting], before: int) -> dict[str, int]:
    """On which days before an hour each customer was hit, as the database would tell it."""
    days: dict[str, int] = {}
    for _, hour, customer, _, _ in seen:
        if customer and hour < before:
            days[customer] = days.get(customer, 0) | 1 << (before - 1 - hour) // DAY
    return days


@contextmanager
def statements(database: Database, *, written: bool = False) -> Iterator[list[str]]:
    """What the database is asked meanwhile, but for how long PostgreSQL is to wait; `written`: only
    while somebody holds the write lock."""
    asked: list[str] = []

    def hear(connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        mode = connection.get_execution_options().get("triage_begin")
        if (mode == "IMMEDIATE" or not written) and not statement.startswith("SET LOCAL"):
            asked.append(statement)

    event.listen(database.engine, "before_cursor_execute", hear)
    try:
        yield asked
    finally:
        event.remove(database.engine, "before_cursor_execute", hear)


def a_presence(
    database: Database, worker: str = "test", *, elapsed: Callable[[], float] = monotonic
) -> Presence:
    """A worker on a database, whom nobody hears of until it is kept."""
    return Presence(database, worker, let_go_seconds=60, elapsed=elapsed)


def no_link(_channel: str, _ts: str) -> str:
    """No message has an address."""
    return ""
