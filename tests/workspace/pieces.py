"""Blocks and views for tests: every builder takes only what matters to the test that calls it."""

from typing import Any


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


def a_section(text: str = "hello", **facts: Any) -> dict[str, Any]:
    return {"type": "section", "text": mrkdwn(text), **facts}


def a_button(action_id: str = "claim", **facts: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain("Claim"), "action_id": action_id, **facts}


def actions(*elements: dict[str, Any], **facts: Any) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements), **facts}


def an_option(value: str = "a") -> dict[str, Any]:
    return {"text": plain(value.title()), "value": value}


def an_overflow(*values: str) -> dict[str, Any]:
    return {"type": "overflow", "action_id": "more", "options": [an_option(v) for v in values]}


def a_select(*values: str, **facts: Any) -> dict[str, Any]:
    options = [an_option(value) for value in values]
    return {"type": "static_select", "action_id": "select", "options": options, **facts}


def an_input(element: dict[str, Any] | None = None, **facts: Any) -> dict[str, Any]:
    element = element or {"type": "plain_text_input", "action_id": "reason"}
    named = {"type": "input", "block_id": "reason", "label": plain("Reason"), "element": element}
    return {**named, **facts}


def a_modal(*blocks: dict[str, Any], **facts: Any) -> dict[str, Any]:
    shown = {"type": "modal", "callback_id": "mute", "title": plain("Mute")}
    return {**shown, "submit": plain("Mute"), "blocks": list(blocks or [an_input()]), **facts}


def a_home(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {"type": "home", "blocks": list(blocks or [a_section()])}
