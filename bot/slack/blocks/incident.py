"""Several cards that are one incident: the leading one, and the others below it."""

from bot.core.telling.incident import Incident
from bot.slack import text
from bot.slack.blocks import card as cards
from bot.slack.blocks import listing
from bot.slack.blocks.elements import Block, Rendering, context, roomiest, section

_NAMED = 3
_LISTED = 6
_SAID = 40
"""More lines than the text alone has room for."""


def message(found: Incident, *, version: int) -> Rendering:
    """The leading card with its controls, and each sibling with a Details button."""
    if not found.siblings:
        return cards.message(found.lead, version=version)

    def build(room: int, items: int) -> list[Block]:
        rows = [listing.row(card, room=room) for card in found.siblings[:items]]
        unnamed = len(found.siblings) - len(rows)
        more = [context(f"… and {unnamed} more, in the thread")] if unnamed else []
        lead = cards.blocks(found.lead, version=version, room=room)
        return [section(blast(found, room=room)), *lead, *rows, *more]

    lines = [cards.line(card, room=80) for card in found.cards[:_SAID]]
    words = text.cut("\n".join([blast(found, room=80), *lines]), text.MAX_TEXT)
    return Rendering(words, roomiest(build, most=_LISTED))


def blast(found: Incident, *, room: int) -> str:
    """How far the incident reaches, and why it is one."""
    parts = [
        f"*1 incident: {found.lead.short_id} and {len(found.siblings)} more*",
        text.plural(len(found.services), "service"),
        text.plural(len(found.customers), "customer"),
        f"since {text.date(found.since)}",
    ]
    return f"{' · '.join(parts)}; because: {text.told(found.reason, 2 * room)}"


def named(found: Incident, *, room: int) -> list[str]:
    """The same, with its first siblings below."""
    names = [cards.name(card, room=min(room, 60)) for card in found.siblings[:_NAMED]]
    unnamed = len(found.siblings) - len(names)
    return [blast(found, room=room), *names, *([f"… and {unnamed} more"] if unnamed else [])]
