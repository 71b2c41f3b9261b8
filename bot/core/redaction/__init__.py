"""Secrets and people's data, hidden: before storage, a model, Slack and our own logs.

`redact` goes by our rules, a module for each thing they recognise; `redactor_with` adds those that
a site writes.
"""

from collections.abc import Sequence
from hashlib import blake2b

from bot.core.redaction import (
    codes,
    command,
    contact,
    customer,
    dialogue,
    hashed,
    keyed,
    machine,
    national,
    payment,
    person,
    private_key,
    refused,
    spoken,
    statement,
    tokens,
    transport,
)
from bot.core.redaction.redactor import FAILED, Redacted, Redactor
from bot.core.redaction.rule import Rule
from bot.core.redaction.site import SiteRule

__all__ = ["FAILED", "GROUPS", "Redacted", "Redactor", "SiteRule", "redact", "redactor_with"]

GROUPS: tuple[tuple[Rule, ...], ...] = (
    (*private_key.RULES, *transport.RULES, *tokens.RULES),
    (
        *statement.RULES,
        *keyed.RULES,
        *refused.RULES,
        *codes.RULES,
        *spoken.RULES,
        *hashed.RULES,
        *command.RULES,
        *dialogue.RULES,
    ),
    (*contact.EMAIL, *payment.RULES, *national.RULES, *contact.PHONE, *machine.RULES),
    (*contact.STREET, *person.RULES, *customer.RULES),
)
"""In the order they are applied: what is larger or surer first."""

redact = Redactor(GROUPS)


def redactor_with(site_rules: Sequence[SiteRule]) -> Redactor:
    """As `redact`, and by a site's rules: after ours, lest they take from what ours find."""
    if not site_rules:
        return redact
    written = repr([(rule.kind, rule.pattern) for rule in site_rules])
    name = blake2b(written.encode("utf-8", "replace"), digest_size=8).hexdigest()
    return redact.and_by(site_rules, name=name)
