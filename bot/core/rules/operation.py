"""Whether an error keeps people from what they came for: to sign in, to order, to pay."""

import re

from bot.core.analysis import Symptom
from bot.core.rules.verdicts import ALL, STOPPING, Verdict

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
"""Also of `payment-api`, `PaymentTimeout` and `/v1/payments`."""
_KEY = frozenset(
    (
        *("pay", "paying", "payment", "payments", "checkout", "checkouts", "purchase", "purchases"),
        *("booking", "bookings", "login", "logins", "signin", "signup", "registration"),
    )
)
_SERVICES = _KEY | {"auth", "order", "orders"}
"""What is called so does that; in a message the same words say other things."""
_READ = 1_000
_WHOLE = frozenset(verdict.name for verdict in ALL if verdict.critical_operation)


def is_key(symptom: Symptom, verdict: Verdict) -> bool:
    """Whether an error stops all that a service does, or a key operation by the names of the
    service and the error. Neither what somebody entered wrongly nor noise does."""
    if verdict.critical_operation:
        return True
    if verdict.noise or verdict.effect not in STOPPING:
        return False
    return bool(named(symptom.service, symptom.title))


def is_whole(row: str) -> bool:
    """Whether an error, by its row of the table, stops all that a service does."""
    return row in _WHOLE


def named(service: str, title: str) -> str:
    """The word in the service's name, or else in the error's title, that names a key operation, the
    first by the alphabet; "" without one."""
    return min(_words(service) & _SERVICES or _words(title) & _KEY, default="")


def _words(text: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(text[:_READ])}
