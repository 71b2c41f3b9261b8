"""Many errors that begin together: how far they reach, and the worst of them."""

from collections.abc import Sequence

from bot.core.telling.storm import Storm
from bot.slack import text
from bot.slack.blocks import card as cards
from bot.slack.blocks import listing
from bot.slack.blocks.elements import Block, Rendering, context, roomiest, section

_NAMED = 4
_LISTED = 8


def message(found: Storm) -> Rendering:
    """How far the storm reaches, and a line and a Details button for each of the worst errors."""

    def build(room: int, items: int) -> list[Block]:
        rows = [listing.row(card, room=room) for card in found.cards[:items]]
        beyond = len(found.cards) - len(rows)
        more = [context(f"… and {text.count(beyond)} more")] if beyond else []
        return [section(_reach(found, room=room)), *rows, *more]

    lines = [cards.line(card, room=80) for card in found.cards[:_LISTED]]
    words = text.cut("\n".join([_reach(found, room=80), *lines]), text.MAX_TEXT)
    return Rendering(words, roomiest(build, most=_LISTED))


def _reach(found: Storm, *, room: int) -> str:
    lines = [
        f"🌩️ *Storm*: {text.told(found.reason, 2 * room)}",
        f"Since {text.date(found.since)}",
        f"In {_shares(found.services, 'service')}",
    ]
    whom = f"Hits {_shares(found.customers, 'customer')}" if found.customers else ""
    return "\n".join([*lines, *([whom] if whom else [])])


def _shares(counted: Sequence[tuple[str, int]], noun: str) -> str:
    """In how many of the errors each is, the most first: "checkout (12), search (6) and 3 more"."""
    named = [f"{text.inline(name, 40)} ({number:,})" for name, number in counted[:_NAMED]]
    beyond = len(counted) - len(named)
    more = f" and {text.plural(beyond, f'more {noun}')}" if beyond else ""
    return f"{', '.join(named)}{more}"
