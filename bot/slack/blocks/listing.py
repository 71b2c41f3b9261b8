"""Lists of signatures under headings: a queue, a search, a handover."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.digest import Card
from bot.slack import actions, text
from bot.slack.blocks import card as cards
from bot.slack.blocks.elements import Block, Rendering, button, context, roomiest, section

LISTED = 12
_ROOM = 80


@dataclass(frozen=True, slots=True)
class Section:
    """Some signatures under a heading, or what to say where there are none.

    `further` counts those that were found and are not among the cards.
    """

    title: str
    cards: Sequence[Card]
    empty: str
    further: int = 0


def message(sections: Sequence[Section]) -> Rendering:
    """A line and a Details button for each signature; what is beyond the room is counted."""
    filled = max(1, sum(bool(one.cards) for one in sections))

    def build(room: int, items: int) -> list[Block]:
        most = max(1, items // filled)
        return [block for one in sections for block in _blocks(one, most, room=room)]

    words = "\n".join(line for one in sections for line in _lines(one))
    return Rendering(text.cut(words, text.MAX_TEXT), roomiest(build, most=LISTED))


def _lines(one: Section) -> list[str]:
    shown = [cards.line(card, room=_ROOM) for card in one.cards[:LISTED]]
    return [_heading(one), *shown]


def _blocks(one: Section, most: int, *, room: int) -> list[Block]:
    all_but_one = len(one.cards) == most + 1 and not one.further
    shown = one.cards if all_but_one else one.cards[:most]
    rows = [row(card, room=room) for card in shown]
    beyond = len(one.cards) - len(rows) + one.further
    more = [context(f"… and {text.count(beyond)} more")] if beyond > 0 else []
    return [section(_heading(one)), *rows, *more]


def _heading(one: Section) -> str:
    if not one.cards:
        return text.inline(one.empty, 300)
    count = text.plural(len(one.cards) + one.further, "signature")
    return f"*{text.inline(one.title, 100)}*: {count}"


def row(card: Card, *, room: int) -> Block:
    """A signature in a line, with a Details button."""
    words = section(cards.line(card, room=room))
    return {**words, "accessory": button("Details", actions.DETAILS, value=card.short_id)}
