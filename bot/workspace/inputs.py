"""What a person enters into an element, as Slack reports it to the app."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.workspace.blocks import interactive
from bot.workspace.state import Json

Place = tuple[str, str]
Entered = Mapping[Place, Any]

REQUIRED = "Please complete this required field."


@dataclass(frozen=True, slots=True)
class Kind:
    """Where an element keeps what it starts with, and under which name it reports it."""

    initial: str
    reported: str
    options: bool = False
    many: bool = False


KINDS: Mapping[str, Kind] = {
    "static_select": Kind("initial_option", "selected_option", options=True),
    "overflow": Kind("", "selected_option", options=True),
    "radio_buttons": Kind("initial_option", "selected_option", options=True),
    "checkboxes": Kind("initial_options", "selected_options", options=True, many=True),
    "multi_static_select": Kind("initial_options", "selected_options", options=True, many=True),
    "users_select": Kind("initial_user", "selected_user"),
    "multi_users_select": Kind("initial_users", "selected_users", many=True),
    "channels_select": Kind("initial_channel", "selected_channel"),
    "conversations_select": Kind("initial_conversation", "selected_conversation"),
    "datepicker": Kind("initial_date", "selected_date"),
    "timepicker": Kind("initial_time", "selected_time"),
    "datetimepicker": Kind("initial_date_time", "selected_date_time"),
    "plain_text_input": Kind("initial_value", "value"),
    "number_input": Kind("initial_value", "value"),
}


def options_of(element: Json) -> list[Json]:
    """All options of an element, those inside groups included."""
    groups = element.get("option_groups", [])
    return [*element.get("options", []), *(o for group in groups for o in group["options"])]


def initial(element: Json) -> Any:
    """What stands in an element before anybody touched it: an option's value, a text, a list."""
    kind = KINDS.get(element["type"])
    start = element.get(kind.initial) if kind else None
    if kind is None or start is None or not kind.options:
        return start
    return [option["value"] for option in start] if kind.many else start["value"]


def reported(element: Json, entered: Any) -> Json:
    """The element's type and value as the app gets them.

    Raises ValueError when it has no such option.
    """
    kind = KINDS.get(element["type"])
    if kind is None:
        return {"type": element["type"]}
    if entered is None or entered == "":
        return {"type": element["type"], kind.reported: [] if kind.many else None}
    if not kind.options:
        return {"type": element["type"], kind.reported: _plain(element, entered)}
    chosen = [_option(element, value) for value in (entered if kind.many else [entered])]
    return {"type": element["type"], kind.reported: chosen if kind.many else chosen[0]}


def _plain(element: Json, entered: Any) -> Any:
    if element["type"] == "datetimepicker":
        return int(entered)
    return entered if isinstance(entered, list) else str(entered)


def _option(element: Json, value: Any) -> Json:
    for option in options_of(element):
        if option["value"] == value:
            return option
    raise ValueError(f"{element['action_id']} has no option {value!r}")


def placed(blocks: Sequence[Json], values: Mapping[str, Any]) -> Entered:
    """What was entered where, from values named `action_id` or, to be exact, `block_id/action_id`.

    Raises ValueError for a value that belongs to no element.
    """
    entered, unused = {}, set(values)
    for block in blocks:
        for element in interactive(block):
            block_id, action_id = block["block_id"], element["action_id"]
            for name in (action_id, f"{block_id}/{action_id}"):
                if name in values:
                    entered[block_id, action_id] = values[name]
                    unused.discard(name)
    if unused:
        raise ValueError(f"no input is named {', '.join(sorted(unused))}")
    return entered


def state_of(blocks: Sequence[Json], entered: Entered) -> Json:
    """What stands in every element that keeps a value: block_id → action_id → value."""
    values: Json = {}
    for block in blocks:
        for element in interactive(block):
            if element["type"] in ("button", "overflow"):
                continue
            place = (block["block_id"], element["action_id"])
            value = entered.get(place, initial(element))
            values.setdefault(place[0], {})[place[1]] = reported(element, value)
    return values


def missing_or_wrong(blocks: Sequence[Json], values: Json) -> dict[str, str]:
    """What Slack's own form complains about before the app hears of it, by block_id."""
    found = {}
    for block in blocks:
        if block["type"] == "input":
            element = block["element"]
            value = values[block["block_id"]][element["action_id"]]
            complaint = _complaint(block, value.get(KINDS[element["type"]].reported))
            if complaint:
                found[block["block_id"]] = complaint
    return found


def _complaint(block: Json, value: Any) -> str:
    if value is None or value in ([], ""):
        return "" if block.get("optional") else REQUIRED
    element = block["element"]
    if element["type"] == "number_input":
        return _number_complaint(element, value)
    if element["type"] != "plain_text_input":
        return ""
    if len(value) < element.get("min_length", 0):
        return f"Must be at least {element['min_length']} characters long."
    if len(value) > element.get("max_length", 3000):
        return f"Must be at most {element.get('max_length', 3000)} characters long."
    return ""


def _number_complaint(element: Json, value: str) -> str:
    try:
        number = float(value) if element["is_decimal_allowed"] else int(value)
    except ValueError:
        return "Please enter a number."
    if "min_value" in element and number < float(element["min_value"]):
        return f"Must be at least {element['min_value']}."
    if "max_value" in element and number > float(element["max_value"]):
        return f"Must be at most {element['max_value']}."
    return ""
