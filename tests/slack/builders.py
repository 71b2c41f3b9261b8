"""Cards and digests for tests: every builder takes only what matters to the test."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.core.analysis import Analysis, Category, Confidence, Level
from bot.core.detection.episode import Why
from bot.core.detection.finding import Kind
from bot.core.ownership.decision import Mute, State
from bot.core.telling.digest import Card, Digest, Footer
from bot.flows.look import Status
from bot.slack.actions import Origin
from storage.outbox import Backlog
from tests.builders import NOON

ORIGIN = Origin("E-7K2", "C012AB3CD")
REFUSED = "upstream pricing: connection refused"
MUTING = Mute(reason="noise", by="U1", at=NOON, until=None)


def an_analysis(**facts: Any) -> Analysis:
    defaults: dict[str, Any] = {
        "category": Category.NETWORK,
        "severity": Level.HIGH,
        "confidence": Confidence.MEDIUM,
        "real_application_bug": False,
        "noise": False,
        "affects_critical_operation": True,
        "summary": "Payments fail because the gateway refuses connections.",
        "explanation": "The checkout cannot reach the payment gateway.",
        "user_impact": "Customers cannot pay.",
        "likely_cause": "the gateway is down",
        "immediate_actions": ("check the gateway",),
        "customer_communication": "Payments are failing; we are on it.",
    }
    return Analysis(**{**defaults, **facts})


def a_card(**facts: Any) -> Card:
    """A new error of the checkout, open, hit by two customers."""
    defaults: dict[str, Any] = {
        "short_id": "E-7K2",
        "service": "checkout",
        "environment": "production",
        "title": "ConnectionError: connection refused",
        "template": "payment failed: connection refused",
        "state": State.OPEN,
        "owner": "platform",
        "owner_reason": "network error",
        "assignee": "",
        "claimed_at": None,
        "resolved_at": None,
        "mute": None,
        "whys": (Why(Kind.NEW, "first seen 2026-11-18 09:00 UTC, 214 since", NOON),),
        "first_seen": NOON - timedelta(hours=3),
        "last_seen": NOON,
        "total": 214,
        "last_day": 214,
        "usual_day": 12.0,
        "daily": (0, 3, 12, 9, 214),
        "customers": (("acme", 150), ("globex", 64)),
        "analysis": an_analysis(),
        "analyst": "rules",
        "as_of": NOON,
    }
    return Card(**{**defaults, **facts})


def a_digest(*cards: Card, **facts: Any) -> Digest:
    """The digest of the day before noon."""
    defaults: dict[str, Any] = {
        "since": NOON - timedelta(days=1),
        "until": NOON,
        "cards": cards,
        "footer": Footer(events=12_345, signatures=220, quiet=214, sources=(("web", NOON),)),
    }
    return Digest(**{**defaults, **facts})


def numbered(cards: list[Card]) -> tuple[Card, ...]:
    """The cards, each with an id of its own: E-002, E-003 and so on."""
    return tuple(replace(one, short_id=f"E-{n:03}") for n, one in enumerate(cards, 2))


def a_status(words: str) -> Status:
    """A status in which `words` name all that somebody else may have named."""
    return Status(
        footer=Footer(events=1, signatures=1, sources=((words, NOON),) * 9),
        unusual=3,
        unclaimed=2,
        claimed=1,
        muted=0,
        digests=((words, NOON),) * 9,
        backlog=Backlog(waiting=2, failed=1, reasons={"on-call": words}),
    )


def an_incident(count: int, **facts: Any) -> tuple[Card, ...]:
    """Cards that belong together: each is refused by the same."""
    return numbered([a_card(title=REFUSED, **facts)] * count)
