"""Which right a click, a command or a form needs, and on which signature."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.core.ownership.role import Right
from bot.slack import actions

_MARKUP = "`*_~<>.,;:!?"
_DECIDING = (
    actions.CLAIM,
    actions.TAKE_OVER,
    actions.RELEASE,
    actions.REROUTE,
    actions.RESOLVE,
    actions.REOPEN,
    actions.UNDO,
    actions.NOTE,
    actions.MERGE,
    actions.SPLIT,
)
_MUTING = (actions.MUTE, actions.UNMUTE, actions.END_ALL, *actions.BY_MUTE)
_TYPED: Mapping[str, Right] = {
    **dict.fromkeys(_DECIDING, Right.DECIDE),
    **dict.fromkeys(_MUTING, Right.MUTE),
}
_FORMS_BY_BUTTON = (actions.WRONG, actions.FLAGS, actions.NOTE, actions.MERGE, actions.SPLIT)
_POSTING = (actions.SHARE, actions.HELPS)
"""Actions that take no right, but change something."""
_CLICKED: Mapping[str, Right] = {**_TYPED, actions.FLAGS: Right.CONFIGURE}


@dataclass(frozen=True, slots=True)
class Claim:
    """What somebody wants to do, the right it needs, and on which signature; for an action of
    `BY_MUTE` that is the number of a mute."""

    action: str
    right: Right
    short_id: str = ""

    @property
    def verb(self) -> str:
        """The word that people use for the action."""
        return self.action.replace("_", " ")


def claimed(body: Mapping[str, Any]) -> Claim | None:
    """The right that a payload of Slack's needs, and on what; None if it needs none."""
    if body.get("actions"):
        return _of_click(body["actions"][0])
    if "view" in body and body.get("type") == "view_submission":
        view = body["view"]
        origin = actions.from_metadata(str(view.get("private_metadata", "")))
        return _claim(_CLICKED, str(view.get("callback_id")), origin.short_id)
    if "command" in body:
        return _of_words(_words(str(body.get("text") or "")))
    return None


def mentioned(event: Mapping[str, Any]) -> Claim | None:
    """The right that a mention of us needs, and on what, if its words are a command."""
    return _of_words(_words(str(event.get("text") or ""))[1:])


def changes(body: Mapping[str, Any]) -> bool:
    """Whether a payload changes something, and does not only ask for a form or an answer."""
    if body.get("event"):
        return mentioned(body["event"]) is not None
    if body.get("actions") and _said(body["actions"][0])[0] in _POSTING:
        return True
    return claimed(body) is not None and not opens_a_form(body)


def opens_a_form(body: Mapping[str, Any]) -> bool:
    """Whether a payload asks for a form, which has to be opened within three seconds."""
    if body.get("actions"):
        verb, value = _said(body["actions"][0])
        chosen = actions.from_menu(value)[0] if verb == actions.MORE else verb
        return chosen in (actions.MUTE, actions.REROUTE, actions.RESOLVE, *_FORMS_BY_BUTTON)
    claim = claimed(body) if "command" in body else None
    return claim is not None and claim.verb in (actions.MUTE, actions.REROUTE)


def canonical(short_id: str) -> str:
    """The short id in its one form, however it was typed."""
    return short_id.strip(_MARKUP).upper().removeprefix("E-")


def typed(word: str, short_id: str) -> Claim | None:
    """The right that a typed command needs, and on what; None if it needs none."""
    return _claim(_TYPED, word, short_id)


def _words(text: str) -> list[str]:
    return [word for said in text.split() if (word := said.strip(_MARKUP))]


def _of_words(said: list[str]) -> Claim | None:
    return _claim(_TYPED, said[0].lower(), (said[1:] or [""])[0]) if said else None


def _of_click(action: Mapping[str, Any]) -> Claim | None:
    verb, value = _said(action)
    if verb == actions.MORE:
        verb, value = actions.from_menu(value)
    return _claim(_CLICKED, verb, value)


def _said(action: Mapping[str, Any]) -> tuple[str, str]:
    option = action.get("selected_option") or {}
    return str(action.get("action_id")), str(action.get("value") or option.get("value"))


def _claim(rights: Mapping[str, Right], verb: str, short_id: str) -> Claim | None:
    return Claim(verb, rights[verb], short_id[:40]) if verb in rights else None
