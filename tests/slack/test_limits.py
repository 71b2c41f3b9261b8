"""Each limit of Slack, from both sides."""

from typing import Any

import pytest

from bot.slack import limits

Json = dict[str, Any]


def a_section(words: str = "x", **facts: Any) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": words}, **facts}


def a_button(**facts: Any) -> Json:
    label = {"type": "plain_text", "text": facts.pop("label", "Claim")}
    return {"type": "button", "text": label, "action_id": "claim", **facts}


def an_option(label: str = "one", value: str = "1") -> Json:
    return {"text": {"type": "plain_text", "text": label}, "value": value}


def a_row(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def a_menu(*options: Json) -> Json:
    return {"type": "overflow", "action_id": "more", "options": list(options)}


def a_modal(*blocks: Json, **facts: Any) -> Json:
    title = {"type": "plain_text", "text": facts.pop("title", "Mute")}
    return {"type": "modal", "title": title, "blocks": list(blocks), **facts}


def an_input() -> Json:
    element = {"type": "plain_text_input", "action_id": "reason"}
    label = {"type": "plain_text", "text": "Why?"}
    return {"type": "input", "block_id": "reason", "label": label, "element": element}


def a_message(*blocks: Json, text: str = "x") -> Json:
    return {"text": text, "blocks": list(blocks)}


SUBMIT = {"type": "plain_text", "text": "Mute"}

FITS: list[Json] = [
    a_message(),
    a_message(text="x" * 4000),
    a_message(*[a_section()] * 50),
    a_message(a_section("x" * 3000)),
    a_message(a_row(a_button(label="x" * 75, value="x" * 2000))),
    a_message(a_row(*[a_button(action_id=f"a{n}") for n in range(25)])),
    a_message(a_row(a_menu(*[an_option()] * 5))),
    a_message(a_row(a_menu(an_option("x" * 75, "x" * 75)))),
    a_modal(*[a_section()] * 100),
    a_modal(an_input(), submit=SUBMIT),
    a_modal(private_metadata="x" * 3000),
    {"type": "home", "blocks": [a_section()] * 100},
]
TOO_MUCH: list[Json] = [
    a_message(text=""),
    a_message(text="x" * 4001),
    a_message(text="🔥" * 2001),
    a_message(*[a_section()] * 51),
    a_message(a_section("")),
    a_message(a_section("x" * 3001)),
    a_message(*[a_section("x" * 2900)] * 5),
    a_message(a_section(), {"type": "section"}),
    a_message({"type": "section", "fields": [{"type": "mrkdwn", "text": "x"}] * 11}),
    a_message({"type": "section", "fields": [{"type": "mrkdwn", "text": "x" * 2001}]}),
    a_message({"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}),
    a_message({"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 11}),
    a_message({"type": "context", "elements": []}),
    a_message(a_section(block_id="x" * 256)),
    a_message(a_section(block_id="same"), a_section(block_id="same")),
    a_message(a_row(a_button(label="x" * 76))),
    a_message(a_row(a_button(value="x" * 2001))),
    a_message(a_row(a_button(style="warning"))),
    a_message(a_row(a_button(), a_button())),
    a_message(a_row(*[a_button(action_id=f"a{n}") for n in range(26)])),
    a_message(a_row(a_menu())),
    a_message(a_row(a_menu(*[an_option()] * 6))),
    a_message(a_row(a_menu(an_option("x" * 76)))),
    a_message(a_row(a_menu(an_option(value="x" * 76)))),
    a_message(an_input()),
    a_message({"type": "carousel"}),
    a_modal(title="x" * 25),
    a_modal(*[a_section()] * 101),
    a_modal(an_input()),
    a_modal(private_metadata="x" * 3001),
    a_modal(*[a_section("x" * 3000)] * 90),
    {"type": "home", "blocks": [a_section()] * 101},
    {"type": "popup", "blocks": []},
]


@pytest.mark.parametrize("payload", FITS)
def test_what_is_at_the_limit_fits(payload: Json) -> None:
    assert limits.check(payload) == []


@pytest.mark.parametrize("payload", TOO_MUCH)
def test_what_is_past_a_limit_is_named(payload: Json) -> None:
    assert limits.check(payload)


def test_a_message_that_fits_is_sent_as_it_is() -> None:
    assert limits.fitting("x", [a_section()]) == ("x", [a_section()])


def test_blocks_that_do_not_fit_are_left_out_one_by_one() -> None:
    sound, broken = a_section(), {"type": "carousel"}
    assert limits.fitting("x", [sound, broken, a_section("x" * 3001)]) == ("x", [sound])


def test_words_are_cut_before_anything_is_left_out() -> None:
    first, huge, row = a_section("first"), a_section("x" * 2500), a_row(a_button())
    text, kept = limits.fitting("x" * 5000, [first, *[huge] * 8, row])
    assert len(text) == 4000
    assert [kept[0], kept[-1]] == [first, row]
    assert len(kept) == 10
    assert {len(block["text"]["text"]) for block in kept[1:-1]} == {1400}


def test_the_words_of_an_error_are_cut_and_those_of_a_button_are_not() -> None:
    evidence = {
        "type": "rich_text_preformatted",
        "elements": [{"type": "text", "text": "🔥" * 999}],
    }
    stack = {"type": "rich_text", "elements": [evidence]}
    link = a_row(a_button(label="Open in logs", url="x" * 2900))
    _, (shown, row) = limits.fitting("x", [stack, link])
    assert row == link
    assert shown["elements"][0]["elements"][0]["text"].startswith("🔥" * 200)


def test_of_rows_that_are_too_much_together_those_of_buttons_go_last() -> None:
    rows = [a_row(a_button(url="x" * 2900)) for _ in range(3)]
    _, kept = limits.fitting("x", [*[a_section("🔥" * 40)] * 40, *rows])
    assert kept[-3:] == rows
    assert 3 < len(kept) < 43


def test_text_alone_is_left_when_no_block_fits() -> None:
    assert limits.fitting("x", [{"type": "carousel"}] * 2) == ("x", [])


def test_a_view_that_does_not_fit_says_so() -> None:
    shown = limits.fitting_view(a_modal(*[a_section()] * 101))
    assert limits.check(shown) == []
    assert "too much" in shown["blocks"][0]["text"]["text"]
