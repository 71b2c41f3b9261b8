"""The limits of blocks and views, each on its bound and one past it."""

from typing import Any

import pytest

from bot.workspace.blocks import Surface, problems, too_long, view_problems
from tests.workspace.pieces import (
    a_button,
    a_home,
    a_modal,
    a_section,
    a_select,
    actions,
    an_input,
    an_option,
    an_overflow,
    mrkdwn,
    plain,
)


def complaints(*blocks: dict[str, Any], surface: Surface = Surface.MESSAGE) -> list[str]:
    return [str(problem) for problem in problems(list(blocks), surface)]


def a_confirm(**facts: Any) -> dict[str, Any]:
    asked = {"title": plain("t"), "text": mrkdwn("t"), "confirm": plain("y"), "deny": plain("n")}
    return {**asked, **facts}


def a_table(*, rows: int, columns: int) -> dict[str, Any]:
    row = [{"type": "raw_text", "text": "1"}] * columns
    return {"type": "table", "rows": [row] * rows}


def rich(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text", "elements": list(parts)}


def preformatted(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text_preformatted", "elements": list(elements)}


LIMITS = {
    "section text": (lambda n: a_section("x" * n), 3000),
    "field": (lambda n: {"type": "section", "fields": [mrkdwn("x" * n)]}, 2000),
    "fields": (lambda n: {"type": "section", "fields": [mrkdwn("x")] * n}, 10),
    "header": (lambda n: {"type": "header", "text": plain("x" * n)}, 150),
    "context elements": (lambda n: {"type": "context", "elements": [mrkdwn("x")] * n}, 10),
    "actions": (lambda n: actions(*(a_button(str(i)) for i in range(n))), 25),
    "overflow options": (lambda n: actions(an_overflow(*(f"v{i}" for i in range(n)))), 5),
    "select options": (lambda n: actions(a_select(*(f"v{i}" for i in range(n)))), 100),
    "button text": (lambda n: actions(a_button(text=plain("x" * n))), 75),
    "button value": (lambda n: actions(a_button(value="x" * n)), 2000),
    "button url": (lambda n: actions(a_button(url="x" * n)), 3000),
    "option text": (lambda n: actions(a_select("x" * n)), 75),
    "confirm title": (lambda n: actions(a_button(confirm=a_confirm(title=plain("x" * n)))), 100),
    "confirm text": (lambda n: actions(a_button(confirm=a_confirm(text=mrkdwn("x" * n)))), 300),
    "confirm button": (lambda n: actions(a_button(confirm=a_confirm(deny=plain("x" * n)))), 30),
    "block_id": (lambda n: a_section(block_id="x" * n), 255),
    "action_id": (lambda n: actions(a_button("x" * n)), 255),
    "alt_text": (lambda n: {"type": "image", "image_url": "https://i", "alt_text": "x" * n}, 2000),
    "markdown": (lambda n: {"type": "markdown", "text": "x" * n}, 12_000),
    "table rows": (lambda n: a_table(rows=n, columns=1), 100),
    "table columns": (lambda n: a_table(rows=1, columns=n), 20),
}


@pytest.mark.parametrize(("build", "maximum"), LIMITS.values(), ids=LIMITS)
def test_a_limit_holds_exactly(build: Any, maximum: int) -> None:
    assert complaints(build(maximum)) == []
    assert complaints(build(maximum + 1)) != []


@pytest.mark.parametrize("surface", Surface)
def test_a_surface_holds_only_so_many_blocks(surface: Surface) -> None:
    assert complaints(*[a_section()] * surface.maximum, surface=surface) == []
    too_many = complaints(*[a_section()] * (surface.maximum + 1), surface=surface)
    assert too_many == [f"no more than {surface.maximum} items allowed [json-pointer:/blocks]"]


WRONG = {
    "an unknown block": {"type": "carousel"},
    "no block at all": "section",
    "a type that is no string": {"type": ["section"]},
    "an empty text": a_section(""),
    "a section without text": {"type": "section"},
    "a header in mrkdwn": {"type": "header", "text": mrkdwn("x")},
    "an unknown field": a_section(color="red"),
    "a style of its own": actions(a_button(style="success")),
    "an unknown element": actions({"type": "external_select", "action_id": "x"}),
    "an input element among actions": actions({"type": "plain_text_input", "action_id": "x"}),
    "a button as an input": an_input(a_button()),
    "no actions": actions(),
    "an image without alt_text": {"type": "image", "image_url": "https://i"},
    "an image without address": {"type": "image", "alt_text": "x"},
    "an initial option that is not offered": actions(a_select("a", initial_option=an_option("b"))),
    "a select without options": actions({"type": "static_select", "action_id": "x"}),
    "a user in preformatted text": rich(preformatted({"type": "user", "user_id": "U1"})),
    "an unknown rich text": rich({"type": "rich_text_poem", "elements": []}),
    "one action_id twice": actions(a_button("a"), a_button("a")),
    "an option with text of no type": actions(a_select("a", options=[{"text": "A", "value": "a"}])),
}


@pytest.mark.parametrize("block", WRONG.values(), ids=WRONG)
def test_what_slack_refuses_is_named_with_its_place(block: Any) -> None:
    (first, *_) = complaints(block)
    assert "[json-pointer:/blocks" in first


RIGHT = {
    "a divider": {"type": "divider"},
    "an accessory": a_section(accessory=an_overflow("a")),
    "a chosen option": actions(a_select("a", "b", initial_option=an_option("b"))),
    "rich text": rich(
        {"type": "rich_text_section", "elements": [{"type": "user", "user_id": "U1"}]},
        preformatted({"type": "text", "text": "trace"}),
        {
            "type": "rich_text_list",
            "style": "bullet",
            "elements": [{"type": "rich_text_section", "elements": []}],
        },
        {"type": "rich_text_quote", "elements": [{"type": "emoji", "name": "bug"}]},
    ),
    "a date picker": actions({"type": "datepicker", "initial_date": "2026-11-18"}),
    "a number": an_input({"type": "number_input", "is_decimal_allowed": False}),
}


@pytest.mark.parametrize("block", RIGHT.values(), ids=RIGHT)
def test_what_slack_takes_is_taken(block: Any) -> None:
    assert complaints(block) == []


def test_one_block_id_cannot_name_two_blocks() -> None:
    assert complaints(a_section(block_id="a"), a_section(block_id="a"))
    assert not complaints(a_section(block_id="a"), a_section(block_id="b"))


def test_one_message_takes_one_table() -> None:
    assert complaints(a_table(rows=1, columns=1), a_table(rows=1, columns=1))


def test_markdown_is_summed_over_the_message() -> None:
    half = {"type": "markdown", "text": "x" * 6_001}
    assert complaints(half) == []
    assert complaints(half, half)


def a_chart(*values: int, categories: int = 0, name: str = "seen", **facts: Any) -> Any:
    labels = [f"{number} Nov" for number in range(1, 1 + (categories or len(values)))]
    points = [
        {"label": f"{number} Nov", "value": value} for number, value in enumerate(values, start=1)
    ]
    chart = {
        "type": "line",
        "series": [{"name": name, "data": points}],
        "axis_config": {"categories": labels},
    }
    return {"type": "data_visualization", "title": "A trend", "chart": chart, **facts}


def test_a_chart_is_drawn_of_a_value_for_each_label() -> None:
    assert complaints(a_chart(1, 2, 3)) == []
    assert complaints(a_chart(1, 2, 3, categories=2))
    assert complaints(a_chart(*range(20))) == []
    assert complaints(a_chart(*range(21)))
    assert complaints(a_chart(1, name="x" * 21))
    assert complaints(a_chart(1, title="x" * 51))


def test_charts_are_for_messages_and_home_and_at_most_two() -> None:
    assert complaints(a_chart(1), a_chart(1), surface=Surface.HOME) == []
    assert complaints(a_chart(1), a_chart(1), a_chart(1))
    assert complaints(a_chart(1), surface=Surface.MODAL)


def test_a_picture_comes_from_one_place() -> None:
    here, there = {"slack_file": {"id": "F00000001"}}, {"image_url": "https://example.com/x.png"}
    image = {"type": "image", "alt_text": "x"}
    assert complaints({**image, **here}) == []
    assert complaints({**image, **there}) == []
    assert complaints(image)
    assert complaints({**image, **here, **there})
    assert complaints({**image, "slack_file": {"id": "x"}})


def test_tables_and_markdown_are_for_messages_only() -> None:
    assert complaints(a_table(rows=1, columns=1), surface=Surface.MODAL)
    assert complaints({"type": "markdown", "text": "x"}, surface=Surface.HOME)


def test_a_message_is_measured_as_a_whole() -> None:
    assert not too_long([a_section("x" * 3000)] * 4)
    assert too_long([a_section("x" * 3000)] * 5)


VIEWS = {
    "a title of 25": a_modal(title=plain("x" * 25)),
    "a submit of 25": a_modal(submit=plain("x" * 25)),
    "metadata of 3001": a_modal(private_metadata="x" * 3001),
    "no title": {"type": "modal", "blocks": []},
    "another type": {"type": "window", "blocks": []},
    "a title on a home tab": {**a_home(), "title": plain("Home")},
    "an input and no submit": {k: v for k, v in a_modal().items() if k != "submit"},
    "a wrong block": a_modal({"type": "section"}),
}


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_a_view_slack_refuses_is_refused(view: Any) -> None:
    assert "[json-pointer:/view" in str(view_problems(view)[0])


@pytest.mark.parametrize("view", [a_modal(), a_home(), a_modal(private_metadata="x" * 3000)])
def test_a_view_slack_takes_is_taken(view: Any) -> None:
    assert view_problems(view) == []
