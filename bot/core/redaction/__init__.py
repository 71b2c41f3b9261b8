"""Secrets and people's data, hidden: before storage, a model, Slack and our own logs.

`redact` works by our rules, one module for each thing they recognise; `by` adds a site's own.
"""

from bot.core.redaction import (
    contact,
    customer,
    keyed,
    machine,
    national,
    payment,
    person,
    private_key,
    tokens,
    transport,
)
from bot.core.redaction.redactor import FAILED, Redacted, Redactor
from bot.core.redaction.rule import Rule

__all__ = ["FAILED", "GROUPS", "Redacted", "Redactor", "redact"]

GROUPS: tuple[tuple[Rule, ...], ...] = (
    (*private_key.RULES, *transport.RULES, *tokens.RULES),
    keyed.RULES,
    (*contact.EMAIL, *payment.RULES, *national.RULES, *contact.PHONE, *machine.RULES),
    (*contact.STREET, *person.RULES, *customer.RULES),
)
"""In the order they are applied: what is larger or surer first."""

redact = Redactor(GROUPS)
