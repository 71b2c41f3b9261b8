"""The question whether a mute without an end is still right, with a button to end it."""

from collections.abc import Sequence

from bot.core.ownership.decision import State
from bot.core.telling.digest import Card
from bot.slack import actions, text
from bot.slack.blocks import card as cards
from bot.slack.blocks.elements import Block, Rendering, button, context, roomiest, section

_LISTED = 12


def message(muted: Sequence[Card]) -> Rendering:
    """The question, then each signature with what its mute hid."""
    many = text.plural(len(muted), "signature")
    opening = f"🔕 *Still noise?* {many} muted without an end, for 30 days or longer."
    small = "Whoever muted them may have forgotten. What stays muted is asked about in 30 days."

    def build(room: int, items: int) -> list[Block]:
        rest = len(muted) - items
        more = [context(f"… and {rest} more")] if rest > 0 else []
        rows = [_row(card, room=room) for card in muted[:items]]
        return [section(opening), *rows, *more, context(small)]

    words = "\n".join([opening, *(cards.line(card, room=80) for card in muted[:_LISTED])])
    return Rendering(text.cut(words, text.MAX_TEXT), roomiest(build, most=_LISTED))


def _row(card: Card, *, room: int) -> Block:
    said = section(cards.lines(card, room=room))
    if card.state is not State.MUTED:
        return said
    return {**said, "accessory": button("End mute", actions.UNMUTE, value=card.short_id)}
