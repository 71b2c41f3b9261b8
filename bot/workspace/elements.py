"""What Slack takes as an interactive element, a confirmation and rich text."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.workspace.schema import (
    Problem,
    Rule,
    any_text,
    anything,
    array,
    boolean,
    both,
    integer,
    one_of,
    plain_text,
    record,
    string,
    tagged,
)

IDENTIFIER = string(maximum=255)

CONFIRM = record(
    {
        "title": plain_text(100),
        "text": any_text(300),
        "confirm": plain_text(30),
        "deny": plain_text(30),
    },
    {"style": one_of("primary", "danger")},
)

OPTION = record(
    {"text": any_text(75), "value": string(maximum=150)},
    {"description": any_text(75), "url": string(maximum=3000)},
)

OPTION_GROUP = record(
    {"label": plain_text(75), "options": array(OPTION, maximum=100)},
)

DISPATCH = record(
    {"trigger_actions_on": array(one_of("on_enter_pressed", "on_character_entered"), maximum=2)}
)


def _element(
    kind: str,
    required: Mapping[str, Rule] | None = None,
    optional: Mapping[str, Rule] | None = None,
) -> Rule:
    """An element of that type: every one may carry an action_id."""
    return record(
        {"type": one_of(kind), **(required or {})}, {"action_id": IDENTIFIER, **(optional or {})}
    )


_FOCUS: Mapping[str, Rule] = {"focus_on_load": boolean}
_PICKER: Mapping[str, Rule] = {"confirm": CONFIRM, **_FOCUS}
_SELECT: Mapping[str, Rule] = {**_PICKER, "placeholder": plain_text(150)}
_OPTIONS: Mapping[str, Rule] = {
    "options": array(OPTION, maximum=100),
    "option_groups": array(OPTION_GROUP, maximum=100),
}


def _initial_among_options(value: Any, pointer: str) -> Iterator[Problem]:
    options = value.get("options", [])
    for group in value.get("option_groups", []):
        options = [*options, *(group.get("options", []) if isinstance(group, dict) else [])]
    chosen = value.get("initial_options", [])
    if "initial_option" in value:
        chosen = [*chosen, value["initial_option"]]
    if any(option not in options for option in chosen):
        yield Problem("the initial option must be one of the options", pointer)


def _has_options(value: Any, pointer: str) -> Iterator[Problem]:
    if ("options" in value) == ("option_groups" in value):
        yield Problem("must define either `options` or `option_groups`", pointer)


def _chooser(kind: str, maximum: int) -> Rule:
    shape = _element(
        kind,
        {"options": array(OPTION, maximum=maximum)},
        {
            **_PICKER,
            "initial_option": OPTION,
            "initial_options": array(OPTION, maximum=maximum),
        },
    )
    return _sound_first(shape, _initial_among_options)


def _sound_first(shape: Rule, *further: Rule) -> Rule:
    """The further rules, only where the shape is right, so that they can rely on it."""

    def check(value: Any, pointer: str) -> Iterator[Problem]:
        problems = list(shape(value, pointer))
        yield from problems or both(*further)(value, pointer)

    return check


def _static_select(kind: str, initial: Mapping[str, Rule]) -> Rule:
    return _sound_first(
        _element(kind, {}, {**_SELECT, **_OPTIONS, **initial}),
        _has_options,
        _initial_among_options,
    )


BUTTON = _element(
    "button",
    {"text": plain_text(75)},
    {
        "value": string(maximum=2000),
        "url": string(maximum=3000),
        "style": one_of("primary", "danger"),
        "confirm": CONFIRM,
        "accessibility_label": string(maximum=75),
    },
)

_MANY: Mapping[str, Rule] = {"max_selected_items": integer(minimum=1)}

SELECTS: Mapping[str, Rule] = {
    "static_select": _static_select("static_select", {"initial_option": OPTION}),
    "multi_static_select": _static_select(
        "multi_static_select", {"initial_options": array(OPTION, maximum=100), **_MANY}
    ),
    "users_select": _element("users_select", {}, {**_SELECT, "initial_user": IDENTIFIER}),
    "multi_users_select": _element(
        "multi_users_select",
        {},
        {**_SELECT, **_MANY, "initial_users": array(IDENTIFIER, maximum=100)},
    ),
    "channels_select": _element(
        "channels_select",
        {},
        {**_SELECT, "initial_channel": IDENTIFIER, "response_url_enabled": boolean},
    ),
    "conversations_select": _element(
        "conversations_select",
        {},
        {
            **_SELECT,
            "initial_conversation": IDENTIFIER,
            "default_to_current_conversation": boolean,
            "response_url_enabled": boolean,
            "filter": anything,
        },
    ),
}

PICKERS: Mapping[str, Rule] = {
    "checkboxes": _chooser("checkboxes", 10),
    "radio_buttons": _chooser("radio_buttons", 10),
    "datepicker": _element(
        "datepicker",
        {},
        {**_SELECT, "initial_date": string(minimum=10, maximum=10)},
    ),
    "timepicker": _element(
        "timepicker",
        {},
        {**_SELECT, "initial_time": string(minimum=5, maximum=5), "timezone": IDENTIFIER},
    ),
    "datetimepicker": _element("datetimepicker", {}, {**_PICKER, "initial_date_time": integer()}),
}

_TEXT_INPUT: Mapping[str, Rule] = {
    **_FOCUS,
    "placeholder": plain_text(150),
    "dispatch_action_config": DISPATCH,
}

INPUTS: Mapping[str, Rule] = {
    "plain_text_input": _element(
        "plain_text_input",
        {},
        {
            **_TEXT_INPUT,
            "initial_value": string(minimum=0, maximum=3000),
            "multiline": boolean,
            "min_length": integer(maximum=3000),
            "max_length": integer(minimum=1, maximum=3000),
        },
    ),
    "number_input": _element(
        "number_input",
        {"is_decimal_allowed": boolean},
        {
            **_TEXT_INPUT,
            "initial_value": string(maximum=100),
            "min_value": string(maximum=100),
            "max_value": string(maximum=100),
        },
    ),
}

OVERFLOW = _element("overflow", {"options": array(OPTION, maximum=5)}, {"confirm": CONFIRM})

IMAGE_ELEMENT = record(
    {"type": one_of("image"), "image_url": string(maximum=3000), "alt_text": string(maximum=2000)}
)

IN_ACTIONS = {"button": BUTTON, "overflow": OVERFLOW, **SELECTS, **PICKERS}
IN_SECTION = {**IN_ACTIONS, "image": IMAGE_ELEMENT}
IN_INPUT = {**SELECTS, **PICKERS, **INPUTS}

_STYLE = record(
    {},
    dict.fromkeys(("bold", "italic", "strike", "code", "underline", "highlight"), boolean)
    | {"client_highlight": boolean, "unlink": boolean},
)


def _inline(kind: str, required: Mapping[str, Rule], optional: Mapping[str, Rule]) -> Rule:
    return record({"type": one_of(kind), **required}, {"style": _STYLE, **optional})


_INLINE: Mapping[str, Rule] = {
    "text": _inline("text", {"text": string(maximum=12_000)}, {}),
    "link": _inline(
        "link",
        {"url": string(maximum=3000)},
        {"text": string(minimum=0, maximum=3000), "unsafe": boolean},
    ),
    "emoji": _inline(
        "emoji",
        {"name": string(maximum=100)},
        {"unicode": string(maximum=100), "skin_tone": integer()},
    ),
    "user": _inline("user", {"user_id": IDENTIFIER}, {}),
    "usergroup": _inline("usergroup", {"usergroup_id": IDENTIFIER}, {}),
    "channel": _inline("channel", {"channel_id": IDENTIFIER}, {}),
    "broadcast": _inline("broadcast", {"range": one_of("here", "channel", "everyone")}, {}),
    "date": _inline(
        "date",
        {"timestamp": integer(), "format": string(maximum=255)},
        {"url": string(maximum=3000), "fallback": string(maximum=255)},
    ),
    "color": _inline("color", {"value": string(maximum=7)}, {}),
}

_SECTION = record(
    {
        "type": one_of("rich_text_section"),
        "elements": array(tagged(_INLINE), minimum=0, maximum=1000),
    }
)


def _lines(kind: str, inline: Mapping[str, Rule]) -> Rule:
    return record(
        {"type": one_of(kind), "elements": array(tagged(inline), minimum=0, maximum=1000)},
        {"border": integer(maximum=1), "language": string(maximum=100)},
    )


RICH_TEXT = tagged(
    {
        "rich_text_section": _SECTION,
        "rich_text_list": record(
            {
                "type": one_of("rich_text_list"),
                "style": one_of("bullet", "ordered"),
                "elements": array(_SECTION, maximum=1000),
            },
            {
                "indent": integer(maximum=8),
                "offset": integer(),
                "border": integer(maximum=1),
            },
        ),
        "rich_text_quote": _lines("rich_text_quote", _INLINE),
        "rich_text_preformatted": _lines(
            "rich_text_preformatted", {name: _INLINE[name] for name in ("text", "link")}
        ),
    }
)
