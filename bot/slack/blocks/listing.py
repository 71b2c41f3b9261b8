"""Lists of signatures under headings: a queue, a search, a handover."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.ownership.scope import Wide
from bot.core.telling.digest import Card
from bot.slack import actions, text
from bot.slack.blocks import card as cards
from bot.slack.blocks.elements import Block, Rendering, button, context, roomiest, section
from bot.slack.blocks.elements import actions as row_of

LISTED = 12
_ROOM = 80
_WIDE = 5
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Section:
    """Some signatures under a heading, or what to say where there are none.

    `further` counts those that were found besides the cards; `asked` is the command that lists this
    section alone, page by page, if it is one of several. `wide` are mutes of more than one
    signature, which come first. If it `is_of_mutes`, the button of a line ends its mute instead of
    showing Details.
    """

    title: str
    cards: Sequence[Card]
    empty: str
    further: int = 0
    asked: str = ""
    wide: Sequence[Wide] = ()
    is_of_mutes: bool = False

    def rows(self, cards: Sequence[Card], *, room: int) -> list[Block]:
        """The rows of some of its signatures."""
        return [(muted if self.is_of_mutes else row)(card, room=room) for card in cards]


def message(sections: Sequence[Section]) -> Rendering:
    """A line and a Details button for each signature; those for which there is no room are
    counted."""
    filled = max(1, sum(bool(one.cards) for one in sections))

    def build(room: int, items: int) -> list[Block]:
        most = max(1, items // filled)
        return [block for one in sections for block in _blocks(one, most, room=room)]

    words = "\n".join(line for one in sections for line in _lines(one))
    return Rendering(text.cut(words, text.MAX_TEXT), roomiest(build, most=LISTED))


def page(one: Section, asked: str, *, start: int = 0) -> Rendering:
    """The signatures of a list from the place `start` on, with buttons for the next and the first
    page.

    `asked` is the command that lists them.
    """
    start = start if start < len(one.cards) else 0

    def build(room: int, items: int) -> list[Block]:
        shown = one.cards[start : start + items]
        rows = one.rows(shown, room=room)
        below = [*rows, *_turns(one, asked, start, start + len(shown))]
        return [*wide(one.wide, room=room), section(_heading(one)), *below]

    told = one.cards[start : start + LISTED]
    lines = [*_widely(one), _heading(one), *(cards.line(card, room=_ROOM) for card in told)]
    words = "\n".join(lines)
    return Rendering(text.cut(words, text.MAX_TEXT), roomiest(build, most=LISTED))


def _turns(one: Section, asked: str, start: int, end: int) -> list[Block]:
    """Which of the signatures these are, with the buttons; nothing if they are all."""
    total = len(one.cards) + one.further
    if start == 0 and end >= total:
        return []
    where = context(f"{start + 1:,} to {end:,} of {total:,}")
    first = [button("« First", actions.FIRST, value=f"0 {asked}")] if start else []
    following = [button("Next »", actions.NEXT, value=f"{end} {asked}")] if end < total else []
    return [where, row_of([*first, *following], block_id="turn")]


def _lines(one: Section) -> list[str]:
    shown = [cards.line(card, room=_ROOM) for card in one.cards[:LISTED]]
    return [*_widely(one), _heading(one), *shown]


def _blocks(one: Section, most: int, *, room: int) -> list[Block]:
    all_but_one = len(one.cards) == most + 1 and not one.further
    shown = one.cards if all_but_one else one.cards[:most]
    rows = one.rows(shown, room=room)
    beyond = len(one.cards) - len(rows) + one.further
    above = wide(one.wide, room=room)
    if beyond <= 0:
        return [*above, section(_heading(one)), *rows]
    return [*above, _opening(one), *rows, context(f"… and {text.count(beyond)} more")]


def _opening(one: Section) -> Block:
    """The heading of a list that is not complete, with a button that lists it alone."""
    if not one.asked:
        return section(_heading(one))
    everything = button(f"All {len(one.cards)} »", actions.FIRST, value=f"0 {one.asked}")
    return {**section(_heading(one)), "accessory": everything}


def _heading(one: Section) -> str:
    if not one.cards:
        return text.inline(one.empty, 300)
    count = text.plural(len(one.cards) + one.further, "signature")
    return f"*{text.inline(one.title, 100)}*: {count}"


def _widely(one: Section) -> list[str]:
    return [_wide(mute, room=_ROOM) for mute in one.wide[:_WIDE]]


def wide(mutes: Sequence[Wide], *, room: int) -> list[Block]:
    """The wide mutes, each with a button that ends it for all it covers."""
    rows = [
        {
            **section(_wide(one, room=room)),
            "accessory": button("End for all", actions.END_WIDE, value=str(one.number)),
        }
        for one in mutes[:_WIDE]
    ]
    rest = len(mutes) - len(rows)
    return [*rows, *([context(f"… and {rest:,} more such mutes")] if rest > 0 else [])]


def _wide(one: Wide, *, room: int) -> str:
    """What a wide mute covers, by whom, until when, why, and what it mutes now."""
    until = f"until {text.date(one.until)}" if one.until else "until somebody ends it"
    now = f"{', '.join(one.muted[:_NAMED])}{'…' if one.muted[_NAMED:] else ''} by now"
    what = text.inline(str(one.scope), max(40, room))
    return (
        f"🔕 *Muted: {what}*, by {text.person(one.by)} {until}: {text.inline(one.reason, room)} · "
        f"{now if one.muted else 'nothing of it yet'}"
    )


def row(card: Card, *, room: int) -> Block:
    """A signature in two lines, with a Details button."""
    words = section(cards.lines(card, room=room))
    return {**words, "accessory": button("Details", actions.DETAILS, value=card.short_id)}


def muted(card: Card, *, room: int) -> Block:
    """A signature in two lines, with a button that ends its mute."""
    words = section(cards.lines(card, room=room))
    return {**words, "accessory": button("End mute", actions.UNMUTE, value=card.short_id)}
