"""Values for tests: every builder takes only what matters to the test that calls it."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from bot.core.event import Event

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
_numbers = count(1)


def an_event(**facts: Any) -> Event:
    """An error of the checkout service at noon, with its own source_id."""
    time = facts.pop("time", NOON)
    defaults: dict[str, Any] = {
        "source": "test",
        "source_id": f"event-{next(_numbers)}",
        "time": time,
        "received": time,
        "message": "payment failed: connection refused",
        "service": "checkout",
        "environment": "production",
        "customer": "acme",
    }
    return Event(**{**defaults, **facts})
