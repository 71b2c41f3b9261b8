"""Slack's limits in one table, against which a payload is checked before it is sent.

Where nothing is documented the cautious reading holds. Lengths are counted in UTF-16 units, and the
size of all blocks as the JSON that is sent.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.slack.text import MAX_TEXT, cut, length

Json = dict[str, Any]

MESSAGE_BYTES = 12_000
"""Undocumented: `msg_blocks_too_long` was reported from about 13,200 on."""
VIEW_BYTES = 250_000

_WORDS = (3000, 2000, 1400, 1000, 700, 500, 350, 250, 175, 125, 75)
"""How long the words of a block may be, the first that fits; a button's or an option's have 75."""

BLOCKS = {"message": 50, "modal": 100, "home": 100}
ON_SURFACE = {
    "section": ("message", "modal", "home"),
    "header": ("message", "modal", "home"),
    "context": ("message", "modal", "home"),
    "actions": ("message", "modal", "home"),
    "divider": ("message", "modal", "home"),
    "rich_text": ("message", "modal", "home"),
    "input": ("modal", "home"),
    "image": ("message", "modal", "home"),
    "data_visualization": ("message", "home"),
}
CHARTS = 2
"""On a message or a page."""
LENGTHS: Mapping[str, Mapping[str, int]] = {
    "section": {"text": 3000, "fields": 2000, "block_id": 255},
    "header": {"text": 150, "block_id": 255},
    "context": {"elements": 3000, "block_id": 255},
    "actions": {"block_id": 255},
    "input": {"label": 2000, "hint": 2000, "block_id": 255},
    "rich_text": {"block_id": 255},
    "text": {"text": 12_000},
    "button": {"text": 75, "value": 2000, "url": 3000, "action_id": 255},
    "overflow": {"action_id": 255},
    "option": {"text": 75, "value": 75, "description": 75},
    "confirm": {"title": 100, "text": 300, "confirm": 30, "deny": 30},
    "static_select": {"placeholder": 150, "action_id": 255},
    "radio_buttons": {"action_id": 255},
    "plain_text_input": {"placeholder": 150, "initial_value": 3000, "action_id": 255},
    "number_input": {"placeholder": 150, "action_id": 255},
    "modal": {"title": 24, "submit": 24, "close": 24, "private_metadata": 3000, "callback_id": 255},
    "home": {"private_metadata": 3000, "callback_id": 255},
    "image": {"alt_text": 2000, "title": 2000, "block_id": 255},
    "data_visualization": {"title": 50, "block_id": 255},
    "series": {"name": 20},
    "data": {"label": 20},
}
COUNTS: Mapping[str, Mapping[str, int]] = {
    "section": {"fields": 10},
    "context": {"elements": 10},
    "actions": {"elements": 25},
    "overflow": {"options": 5},
    "static_select": {"options": 100},
    "radio_buttons": {"options": 10},
    "line": {"series": 6},
    "series": {"data": 20},
}
REQUIRED: Mapping[str, Sequence[str]] = {
    "header": ("text",),
    "context": ("elements",),
    "actions": ("elements",),
    "button": ("text", "action_id"),
    "overflow": ("options", "action_id"),
    "static_select": ("options", "action_id"),
    "radio_buttons": ("options", "action_id"),
    "option": ("text", "value"),
    "input": ("label", "element"),
    "modal": ("title",),
    "image": ("alt_text", "slack_file"),
    "data_visualization": ("title", "chart"),
    "line": ("series", "axis_config"),
    "series": ("name", "data"),
    "data": ("label",),
}
_KINDS = {"options": "option", "confirm": "confirm", "series": "series", "data": "data"}
"""What has no type of its own, by the name it stands under."""
_INTERACTIVE = (
    "button",
    "overflow",
    "static_select",
    "radio_buttons",
    "plain_text_input",
    "number_input",
)


def check(payload: Mapping[str, Any]) -> list[str]:
    """Everything that is wrong with a message, a modal or a home tab; empty if Slack accepts it."""
    surface = payload.get("type", "message")
    if surface not in BLOCKS:
        return [f"unknown surface {surface!r}"]
    blocks = payload.get("blocks", [])
    shape = [*_nodes(payload, surface), *_surface(blocks, surface), *_twice(blocks)]
    return [*shape, *(_message(payload) if surface == "message" else _view(payload))]


def size(blocks: Sequence[Json]) -> int:
    """How many bytes the blocks are as they are sent."""
    return len(json.dumps(blocks))


def fitting(text: str, blocks: Sequence[Json]) -> tuple[str, list[Json]]:
    """The message as it is, or its richest form that keeps to the limits.

    Words are cut before anything is left out; buttons and menus go last of all.
    """
    short = cut(text, MAX_TEXT) or "…"
    plain = plainer(blocks)
    for candidate in (list(blocks), *_shorter(blocks), *_shorter(plain), _fewer(plain)):
        if not check({"text": short, "blocks": candidate}):
            return short, candidate
    return short, []


def plainer(blocks: Sequence[Json]) -> list[Json]:
    """The blocks that Slack accepts most reliably: sections, context and buttons."""
    plain = [b for b in blocks if b.get("type") in ("section", "context", "actions", "divider")]
    return [block for block in plain if not list(_nodes(block, "block"))][: BLOCKS["message"]]


def _shorter(blocks: Sequence[Json]) -> Iterator[list[Json]]:
    """The blocks with ever fewer words in each; buttons and menus keep theirs."""
    for most in _WORDS:
        yield [block if block.get("type") == "actions" else _cut(block, most) for block in blocks]


def _cut(node: Any, most: int) -> Any:
    if isinstance(node, list):
        return [_cut(item, most) for item in node]
    if not isinstance(node, dict):
        return node
    if node.get("type") in ("mrkdwn", "plain_text", "text"):
        return {**node, "text": cut(node["text"], most)}
    return {name: _cut(value, most) for name, value in node.items()}


def _fewer(blocks: Sequence[Json]) -> list[Json]:
    """As many of the blocks as a message has room for: buttons and menus, then the first ones."""
    kept, room = set[int](), MESSAGE_BYTES - 2
    controls_first = sorted(range(len(blocks)), key=lambda at: blocks[at]["type"] != "actions")
    for at in controls_first:
        needed = size([blocks[at]])
        if needed <= room:
            kept.add(at)
            room -= needed
    return [block for at, block in enumerate(blocks) if at in kept]


def fitting_view(view: Json) -> Json:
    """The view as it is, or one that says that it cannot be shown."""
    if not check(view):
        return view
    sorry = {
        "type": "section",
        "text": {
            "type": "plain_text",
            "text": "This is too much to show here; ask for less of it at once.",
        },
    }
    kept = {"type": view["type"], "blocks": [sorry]}
    if view["type"] == "modal":
        kept["title"] = {"type": "plain_text", "text": "Triage"}
    return kept


def _nodes(node: Any, kind: str) -> Iterator[str]:
    """The problems of a node of this kind and of everything in it; options and confirmations have
    no type of their own."""
    if isinstance(node, list):
        for item in node:
            yield from _nodes(item, kind)
    elif isinstance(node, dict):
        kind = node.get("type", kind)
        yield from _fields(node, kind)
        for name, value in node.items():
            yield from _nodes(value, _KINDS.get(name, ""))


def _fields(node: Json, kind: str) -> Iterator[str]:
    for name in REQUIRED.get(kind, ()):
        if not node.get(name):
            yield f"{kind} needs {name}"
    for name, most in LENGTHS.get(kind, {}).items():
        for text in _texts(node.get(name)):
            if not 0 < length(text) <= most and not (name == "private_metadata" and not text):
                yield f"{kind}.{name} has {length(text)} characters, 1 to {most} are allowed"
    for name, most in COUNTS.get(kind, {}).items():
        if name in node and not 0 < len(node[name]) <= most:
            yield f"{kind}.{name} has {len(node[name])} items, 1 to {most} are allowed"
    if kind == "section" and not (node.get("text") or node.get("fields")):
        yield "section needs text or fields"
    if kind == "button" and node.get("style", "primary") not in ("primary", "danger"):
        yield f"button.style is {node['style']!r}"


def _texts(value: Any) -> Iterator[str]:
    """The texts in a field: a string, a text object, or a list of text objects."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict) and value.get("type") in ("plain_text", "mrkdwn"):
        yield value["text"]
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _surface(blocks: Sequence[Json], surface: str) -> Iterator[str]:
    charts = sum(block.get("type") == "data_visualization" for block in blocks)
    if charts > CHARTS:
        yield f"{charts} charts, {CHARTS} are allowed"
    if len(blocks) > BLOCKS[surface]:
        yield f"{len(blocks)} blocks, {BLOCKS[surface]} are allowed"
    for block in blocks:
        if surface not in ON_SURFACE.get(block.get("type", ""), ()):
            yield f"{block.get('type')!r} is not for a {surface}"


def _twice(blocks: Sequence[Json]) -> Iterator[str]:
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    if len(ids) != len(set(ids)):
        yield "a block_id is there twice"
    for block in blocks:
        actions = [
            element["action_id"]
            for element in block.get("elements", [])
            if element.get("type") in _INTERACTIVE
        ]
        if len(actions) != len(set(actions)):
            yield "an action_id is there twice"


def _message(payload: Mapping[str, Any]) -> Iterator[str]:
    if not 0 < length(payload.get("text", "")) <= MAX_TEXT:
        yield f"text has {length(payload.get('text', ''))} characters, 1 to {MAX_TEXT} are allowed"
    if size(payload.get("blocks", [])) > MESSAGE_BYTES:
        yield f"blocks have {size(payload['blocks'])} bytes, {MESSAGE_BYTES} are allowed"


def _view(view: Mapping[str, Any]) -> Iterator[str]:
    if len(json.dumps(view)) > VIEW_BYTES:
        yield f"the view has more than {VIEW_BYTES} bytes"
    has_input = any(block.get("type") == "input" for block in view.get("blocks", []))
    if view["type"] == "modal" and has_input and not view.get("submit"):
        yield "a modal with an input needs submit"
