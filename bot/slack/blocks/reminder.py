"""A reminder: whom it mentions, for what, and a button to claim that at once."""

from collections.abc import Sequence

from bot.core.ownership.decision import State
from bot.core.telling.digest import Card
from bot.slack import actions, text
from bot.slack.blocks import card as cards
from bot.slack.blocks.elements import Block, Rendering, button, context, roomiest, section

_LISTED = 12


def message(waiting: Sequence[Card], whom: Sequence[str], reason: str) -> Rendering:
    """The reminder; it mentions nobody any more once all of it is claimed."""
    open_now = [card for card in waiting if card.state is State.OPEN]
    mentions = " ".join(filter(None, map(text.called, whom)))
    opening = (
        f"⏰ {mentions} {text.told(reason, 200)}" if open_now else "⏰ Nobody is needed any more."
    )

    def build(room: int, items: int) -> list[Block]:
        rest = len(waiting) - items
        more = [context(f"… and {rest} more")] if rest > 0 else []
        return [section(opening), *(_row(card, room=room) for card in waiting[:items]), *more]

    words = "\n".join([opening, *(cards.line(card, room=80) for card in waiting[:_LISTED])])
    return Rendering(text.cut(words, text.MAX_TEXT), roomiest(build, most=_LISTED))


def _row(card: Card, *, room: int) -> Block:
    said = section(cards.lines(card, room=room))
    if card.state is not State.OPEN:
        return said
    return {**said, "accessory": button("Claim", actions.CLAIM, value=card.short_id, primary=True)}
