"""What Slack takes as blocks and views: every limit, checked as strictly as Slack does.

Pure, and written apart from the bot's own check of what it sends, so that each finds the other's
mistakes. Block types which exist on Slack but not here are problems too: nothing is silently fine.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any

from bot.workspace.elements import (
    IDENTIFIER,
    IMAGE_ELEMENT,
    IN_ACTIONS,
    IN_INPUT,
    IN_SECTION,
    RICH_TEXT,
)
from bot.workspace.schema import (
    Problem,
    Rule,
    any_text,
    anything,
    array,
    boolean,
    one_of,
    plain_text,
    record,
    string,
    tagged,
)

MESSAGE_BYTES = 13_200
MARKDOWN_CHARACTERS = 12_000
VIEW_BYTES = 250_000
TABLE_COLUMNS = 20
CHARTS = 2


class Surface(Enum):
    """Where blocks are shown; the value is how many may be shown there."""

    MESSAGE = ("message", 50)
    MODAL = ("modal", 100)
    HOME = ("home", 100)

    @property
    def maximum(self) -> int:
        """How many blocks it holds."""
        return self.value[1]


def _block(
    kind: str,
    required: Mapping[str, Rule] | None = None,
    optional: Mapping[str, Rule] | None = None,
) -> Rule:
    return record(
        {"type": one_of(kind), **(required or {})}, {"block_id": IDENTIFIER, **(optional or {})}
    )


def _section(value: Any, pointer: str) -> Iterator[Problem]:
    shape = _block(
        "section",
        {},
        {
            "text": any_text(3000),
            "fields": array(any_text(2000), maximum=10),
            "accessory": tagged(IN_SECTION),
            "expand": boolean,
        },
    )
    yield from shape(value, pointer)
    if "text" not in value and "fields" not in value:
        yield Problem("must define either `text` or `fields`", pointer)


def _file_id(value: Any, pointer: str) -> Iterator[Problem]:
    if not re.fullmatch(r"F[A-Z0-9]{8,}", str(value)):
        yield Problem("input must match regex pattern: ^[F][A-Z0-9]{8,}$", pointer)


_FILE = record({"id": _file_id})
"""By its address Slack takes one as well; nobody here does."""


def _image(value: Any, pointer: str) -> Iterator[Problem]:
    shape = _block(
        "image",
        {"alt_text": string(maximum=2000)},
        {"image_url": string(maximum=3000), "slack_file": _FILE, "title": plain_text(2000)},
    )
    yield from shape(value, pointer)
    if ("image_url" in value) == ("slack_file" in value):
        yield Problem("must define either `image_url` or `slack_file`", pointer)


def _number(value: Any, pointer: str) -> Iterator[Problem]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield Problem("must provide a number", pointer)


_POINT = record({"label": string(maximum=20), "value": _number})
_SERIES = record({"name": string(maximum=20), "data": array(_POINT, maximum=20)})
_AXIS = record(
    {"categories": array(string(maximum=20), maximum=20)},
    {"x_label": string(maximum=50), "y_label": string(maximum=50)},
)
_XY = record(
    {
        "type": one_of("line", "bar", "area"),
        "series": array(_SERIES, maximum=6),
        "axis_config": _AXIS,
    }
)


def _chart(value: Any, pointer: str) -> Iterator[Problem]:
    """A line, bar or area: each series has a value for every category, by its name."""
    found = list(_XY(value, pointer))
    yield from found or _unlike_its_axis(value, pointer)


def _unlike_its_axis(chart: Mapping[str, Any], pointer: str) -> Iterator[Problem]:
    names = [series["name"] for series in chart["series"]]
    if len(set(names)) < len(names):
        yield Problem("series names must be unique", f"{pointer}/series")
    categories = chart["axis_config"]["categories"]
    for number, series in enumerate(chart["series"]):
        if [point["label"] for point in series["data"]] != categories:
            yield Problem("labels must match the categories", f"{pointer}/series/{number}/data")


_CELL = tagged(
    {
        "raw_text": record({"type": one_of("raw_text"), "text": string(minimum=0, maximum=3000)}),
        "rich_text": _block("rich_text", {"elements": array(RICH_TEXT, maximum=100)}),
    }
)

_COLUMN = record({}, {"align": one_of("left", "center", "right"), "is_wrapped": boolean})

BLOCKS: Mapping[str, Rule] = {
    "section": _section,
    "header": _block("header", {"text": plain_text(150)}),
    "context": _block(
        "context",
        {
            "elements": array(
                tagged(
                    {
                        "plain_text": any_text(3000),
                        "mrkdwn": any_text(3000),
                        "image": IMAGE_ELEMENT,
                    }
                ),
                maximum=10,
            )
        },
    ),
    "actions": _block("actions", {"elements": array(tagged(IN_ACTIONS), maximum=25)}),
    "divider": _block("divider"),
    "image": _image,
    "input": _block(
        "input",
        {"label": plain_text(2000), "element": tagged(IN_INPUT)},
        {"hint": plain_text(2000), "optional": boolean, "dispatch_action": boolean},
    ),
    "rich_text": _block("rich_text", {"elements": array(RICH_TEXT, maximum=100)}),
    "data_visualization": _block(
        "data_visualization", {"title": string(maximum=50), "chart": _chart}
    ),
    "markdown": _block("markdown", {"text": string(maximum=MARKDOWN_CHARACTERS)}),
    "table": _block(
        "table",
        {"rows": array(array(_CELL, maximum=TABLE_COLUMNS), maximum=100)},
        {"column_settings": array(_COLUMN, maximum=TABLE_COLUMNS)},
    ),
}

_NOT_IN_MODALS = ("data_visualization", "markdown", "table")
_ON_SURFACE = {
    Surface.MESSAGE: tagged(BLOCKS),
    Surface.MODAL: tagged({k: v for k, v in BLOCKS.items() if k not in _NOT_IN_MODALS}),
    Surface.HOME: tagged({k: v for k, v in BLOCKS.items() if k not in ("markdown", "table")}),
}


def problems(blocks: Any, surface: Surface, *, pointer: str = "/blocks") -> list[Problem]:
    """Everything Slack would refuse in these blocks on that surface; empty when it takes them."""
    shape = array(_ON_SURFACE[surface], minimum=0, maximum=surface.maximum)
    found = list(shape(blocks, pointer))
    return found or [
        *_duplicates(blocks, pointer),
        *_focused_twice(blocks, pointer),
        *_too_much_in_one(blocks, pointer),
    ]


def too_long(blocks: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a message of these blocks is refused as `msg_blocks_too_long`.

    The bound is undocumented; about 13.2 kB has been reported.
    """
    return len(json.dumps(blocks, ensure_ascii=False).encode()) > MESSAGE_BYTES


def view_problems(view: Any) -> list[Problem]:
    """Everything Slack would refuse in a modal or a home tab; empty when it takes it."""
    if not isinstance(view, dict) or view.get("type") not in ("modal", "home"):
        return [Problem("must be one of modal, home", "/view/type")]
    modal = view["type"] == "modal"
    found = list((_MODAL if modal else _HOME)(view, "/view"))
    surface = Surface.MODAL if modal else Surface.HOME
    found += problems(view.get("blocks", []), surface, pointer="/view/blocks")
    if modal and not found and "submit" not in view and _has_input(view["blocks"]):
        found.append(Problem("missing required field: submit", "/view"))
    return found


def view_too_large(view: Mapping[str, Any]) -> bool:
    """Whether a view is refused as `view_too_large`: more than 250 kB."""
    return len(json.dumps(view, ensure_ascii=False).encode()) > VIEW_BYTES


def interactive(block: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The elements of a block which a person can act on, in the order they are shown."""
    elements = [*block.get("elements", []), block.get("accessory"), block.get("element")]
    return [element for element in elements if element and element.get("type") in _ACTED_ON]


_ACTED_ON = {**IN_ACTIONS, **IN_INPUT}.keys()


_COMMON: Mapping[str, Rule] = {
    "private_metadata": string(minimum=0, maximum=3000),
    "callback_id": string(minimum=0, maximum=255),
    "external_id": string(minimum=0, maximum=255),
}

_HOME = record({"type": one_of("home"), "blocks": anything}, _COMMON)

_MODAL = record(
    {"type": one_of("modal"), "blocks": anything, "title": plain_text(24)},
    {
        **_COMMON,
        "submit": plain_text(24),
        "close": plain_text(24),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "submit_disabled": boolean,
    },
)


def _has_input(blocks: Iterable[Mapping[str, Any]]) -> bool:
    return any(block["type"] == "input" for block in blocks)


def _duplicates(blocks: Sequence[Mapping[str, Any]], pointer: str) -> Iterator[Problem]:
    ids = Counter(block["block_id"] for block in blocks if "block_id" in block)
    for identifier in (name for name, times in ids.items() if times > 1):
        yield Problem(f"`block_id` {identifier} already exists", pointer)
    for index, block in enumerate(blocks):
        actions = Counter(e["action_id"] for e in interactive(block) if "action_id" in e)
        for identifier in (name for name, times in actions.items() if times > 1):
            yield Problem(f"`action_id` {identifier} already exists", f"{pointer}/{index}/elements")


def _focused_twice(blocks: Iterable[Mapping[str, Any]], pointer: str) -> Iterator[Problem]:
    focused = [e for block in blocks for e in interactive(block) if e.get("focus_on_load")]
    if len(focused) > 1:
        yield Problem("only one element can have `focus_on_load`", pointer)


def _too_much_in_one(blocks: Sequence[Mapping[str, Any]], pointer: str) -> Iterator[Problem]:
    markdown = sum(len(block["text"]) for block in blocks if block["type"] == "markdown")
    if markdown > MARKDOWN_CHARACTERS:
        yield Problem(f"markdown must be less than {MARKDOWN_CHARACTERS + 1} characters", pointer)
    if sum(block["type"] == "table" for block in blocks) > 1:
        yield Problem("only one table allowed", pointer)
    if sum(block["type"] == "data_visualization" for block in blocks) > CHARTS:
        yield Problem(f"no more than {CHARTS} charts allowed", pointer)
