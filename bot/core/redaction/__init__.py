"""Secrets and people's data, hidden: before storage, a model, Slack and our own logs."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.core.redaction import identity, keyed, tokens, transport
from bot.core.redaction.rule import Rule, apply

FAILED = "<redaction failed>"
MOST_PASSES = 6
"""A text that has not settled by then is dropped."""


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text safe to keep, and the kinds of what was hidden in it, sorted."""

    text: str
    found: tuple[str, ...]


RULES: tuple[Rule, ...] = (
    *transport.BLOCKS,
    *transport.RULES,
    *tokens.RULES,
    *keyed.RULES,
    *identity.RULES,
)
"""In the order they are applied: what is larger or surer first."""


def redact(text: str) -> Redacted:
    """The text without its secrets; never raises.

    Redacting again changes nothing. Should a rule fail, the whole text is dropped.
    """
    return redact_with(text, RULES)


def redact_with(text: str, rules: Iterable[Rule]) -> Redacted:
    """As `redact`, by these rules: a site's own come after ours."""
    try:
        return _settled(tuple(rules), text)
    except Exception:  # noqa: BLE001  the one place that must not let a text through
        return Redacted(FAILED, ("failed",))


def _settled(rules: tuple[Rule, ...], text: str) -> Redacted:
    """The rules applied until they change nothing: what one hides may lay bare another's sign."""
    kinds: set[str] = set()
    for _ in range(MOST_PASSES):
        hidden, found = apply(rules, text)
        kinds.update(found)
        if hidden == text:
            return Redacted(text, tuple(sorted(kinds)))
        text = hidden
    return Redacted(FAILED, ("failed",))
