"""Arguments of a Web API call, which come as strings from a form and as anything from JSON."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from bot.workspace.state import Json, SlackError

Arguments = Mapping[str, Any]
T = TypeVar("T")
MOST = 999
"""Results that may be asked for at once."""


def required(arguments: Arguments, name: str) -> str:
    """That argument as a string. Raises SlackError when it is missing."""
    value = arguments.get(name)
    if value in (None, ""):
        missing = f"[ERROR] missing required field: {name}"
        raise SlackError("invalid_arguments", response_metadata={"messages": [missing]})
    return str(value)


def flag(arguments: Arguments, name: str) -> bool:
    """Whether that argument is on; SDKs send true, "true" or "1"."""
    return str(arguments.get(name, "")).lower() in ("true", "1")


def limit(arguments: Arguments, *, default: int) -> int:
    """How many results are asked for. Raises SlackError when it is no such number."""
    try:
        wanted = int(arguments.get("limit") or default)
    except ValueError as wrong:
        raise SlackError("invalid_limit") from wrong
    if not 1 <= wanted <= MOST:
        raise SlackError("invalid_limit")
    return wanted


def page(items: Sequence[T], arguments: Arguments, *, default: int) -> tuple[Sequence[T], Json]:
    """The results from the cursor on, and what the answer says about the rest of them."""
    cursor = str(arguments.get("cursor") or "")
    if cursor and not cursor.removeprefix("next:").isdecimal():
        raise SlackError("invalid_cursor")
    start = int(cursor.removeprefix("next:")) if cursor else 0
    end = start + limit(arguments, default=default)
    following = f"next:{end}" if end < len(items) else ""
    return items[start:end], {"response_metadata": {"next_cursor": following}}
