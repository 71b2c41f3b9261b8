"""The blocks we use, as small functions; all mrkdwn is `verbatim`, so that Slack makes nothing in
it a link or a mention."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from bot.slack import limits, text

Block = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rendering:
    """A message as it is sent. The text alone says everything, and so do the blocks."""

    text: str
    blocks: list[Block]


LONGEST = 3000
"""Characters of a section's text, or of an element of a context."""

ROOMS = (150, 90, 60, 40, 20)
"""How many characters of a log's own words are shown of each, the first that fits."""

_NAMES = (60, 20, 6)
"""How long people's names may be, the first that fits."""

BUDGET = limits.MESSAGE_BYTES - 500
"""Leaves room for what an answer adds below: the Share button."""


def roomiest(build: Callable[[int, int], list[Block]], *, most: int = 1) -> list[Block]:
    """The richest blocks that a message takes: words are cut first, then fewer than `most` items
    are shown.

    `build` gets the room for words and how many items to show.
    """
    forms = [*((room, most) for room in ROOMS), *((ROOMS[-1], most // part) for part in (2, 4))]
    for room, items in forms:
        blocks = build(room, items)
        if limits.size(blocks) <= BUDGET:
            break
    return blocks


def unmentioned(
    shown: Rendering, name: Callable[[str], str], *, besides: Collection[str] = ()
) -> Rendering:
    """The message with names in place of mentions, `besides` some; `name` gives a person's name.

    A name is longer than a mention: if the message would be too large, names are cut short.
    """
    for room in _NAMES:
        named = _with_names(shown, _clipped(name, room), besides)
        fits = text.length(named.text) <= text.MAX_TEXT
        if fits and limits.size(named.blocks) <= limits.MESSAGE_BYTES:
            break
    return Rendering(text.cut(named.text, text.MAX_TEXT), named.blocks)


def _clipped(name: Callable[[str], str], room: int) -> Callable[[str], str]:
    return lambda user: text.clip(name(user), room)


def _with_names(
    shown: Rendering, name: Callable[[str], str], besides: Collection[str]
) -> Rendering:
    def said(words: str) -> str:
        return text.unmentioned(words, name, besides=besides)

    def quiet(node: Any) -> Any:
        if isinstance(node, list):
            return [quiet(one) for one in node]
        if not isinstance(node, dict):
            return node
        if node.get("type") == "mrkdwn":
            return {**node, "text": text.cut(said(node["text"]), LONGEST)}
        return {key: quiet(value) for key, value in node.items()}

    return Rendering(said(shown.text), quiet(shown.blocks))


def mrkdwn(words: str) -> Block:
    """A mrkdwn object in which Slack does not look for names or addresses by itself."""
    return {"type": "mrkdwn", "text": words, "verbatim": True}


def plain(words: str) -> Block:
    """A plain-text object."""
    return {"type": "plain_text", "text": words, "emoji": True}


def section(words: str, *, block_id: str = "") -> Block:
    """A paragraph, cut at Slack's limit."""
    return _named({"type": "section", "text": mrkdwn(text.cut(words, LONGEST))}, block_id)


def context(*lines: str, block_id: str = "") -> Block:
    """Small print: one element, a line each."""
    words = text.cut("\n".join(line for line in lines if line), LONGEST)
    return _named({"type": "context", "elements": [mrkdwn(words)]}, block_id)


def actions(elements: Sequence[Block], *, block_id: str = "") -> Block:
    """A row of things to click."""
    return _named({"type": "actions", "elements": list(elements)}, block_id)


def header(words: str) -> Block:
    """A heading."""
    return {"type": "header", "text": plain(text.clip(words, 150))}


def divider() -> Block:
    """A horizontal line."""
    return {"type": "divider"}


def preformatted(words: str) -> Block:
    """Literal text in a monospaced font; Slack looks for nothing in it."""
    inner = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": words}]}
    return {"type": "rich_text", "elements": [inner]}


def button(label: str, action_id: str, *, value: str, primary: bool = False) -> Block:
    """A button; at most one of a card is primary."""
    made = {
        "type": "button",
        "text": {"type": "plain_text", "text": label},
        "action_id": action_id,
        "value": value,
    }
    return {**made, "style": "primary"} if primary else made


def confirm(title: str, words: str, *, yes: str) -> Block:
    """A question that is asked before a click counts."""
    return {
        "title": plain(title),
        "text": plain(text.clip(words, 300)),
        "confirm": plain(yes),
        "deny": plain("Leave it"),
    }


def option(label: str, value: str, *, below: str = "") -> Block:
    """An entry of a menu, a select or of radio buttons, with a line of text below it."""
    made: Block = {
        "text": {"type": "plain_text", "text": text.plain(label, 75) or "—"},
        "value": value,
    }
    if not below:
        return made
    return {**made, "description": {"type": "plain_text", "text": text.plain(below, 75)}}


def entry(
    name: str, label: str, element: Block, *, hint: str = "", optional: bool = False
) -> Block:
    """A field of a form; its errors are reported under `name`."""
    made = {
        "type": "input",
        "block_id": name,
        "label": plain(label),
        "element": {**element, "action_id": name},
        "optional": optional,
    }
    return {**made, "hint": plain(hint)} if hint else made


def _named(block: Block, block_id: str) -> Block:
    return {**block, "block_id": block_id} if block_id else block
