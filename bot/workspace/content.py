"""What an app may put into a message, whichever way it sends it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.workspace.blocks import Surface, problems, too_long, view_problems, view_too_large
from bot.workspace.schema import Problem
from bot.workspace.state import Json, SlackError

POSTED_TEXT = 40_000
UPDATED_TEXT = 4_000
METADATA_BYTES = 8_000


@dataclass(frozen=True, slots=True)
class Content:
    """The text and blocks of a message; `blocks` is None where the app sent none at all."""

    text: str
    blocks: tuple[Json, ...] | None


def content(arguments: Mapping[str, Any]) -> Content:
    """The text and blocks among the arguments. Raises SlackError with everything wrong in them."""
    text = str(arguments.get("text") or "")
    if "attachments" in arguments and decoded(arguments["attachments"], "invalid_attachments"):
        raise SlackError("invalid_attachments", needed="blocks: attachments are not drawn here")
    sent = arguments.get("blocks")
    blocks = None if sent is None else tuple(checked_blocks(sent))
    if not text and not blocks:
        raise SlackError("no_text")
    return Content(text, blocks)


def checked_blocks(sent: Any) -> list[Json]:
    """The blocks of a message. Raises SlackError."""
    blocks = decoded(sent, "invalid_blocks_format")
    refuse(problems(blocks, Surface.MESSAGE), "invalid_blocks")
    if too_long(blocks):
        raise SlackError("msg_blocks_too_long")
    return list(blocks)


def checked_view(sent: Any) -> Json:
    """A modal or a home tab. Raises SlackError."""
    view = decoded(sent, "invalid_arguments")
    refuse(view_problems(view), "invalid_arguments")
    if view_too_large(view):
        raise SlackError("view_too_large")
    return dict(view)


def checked_metadata(sent: Any) -> Json:
    """The metadata of a message: an event type and a payload. Raises SlackError."""
    metadata = decoded(sent, "invalid_metadata_format")
    if metadata in (None, {}):
        return {}
    if not isinstance(metadata, dict) or set(metadata) != {"event_type", "event_payload"}:
        raise SlackError("invalid_metadata_schema")
    sound = isinstance(metadata["event_type"], str) and metadata["event_type"]
    if not sound or not isinstance(metadata["event_payload"], dict):
        raise SlackError("invalid_metadata_schema")
    if len(json.dumps(metadata)) > METADATA_BYTES:
        raise SlackError("metadata_too_large")
    return metadata


def decoded(sent: Any, error: str) -> Any:
    """A JSON value sent as such or as a string. Raises SlackError of that name."""
    if not isinstance(sent, str):
        return sent
    try:
        return json.loads(sent)
    except ValueError as broken:
        raise SlackError(error) from broken


def refuse(found: list[Problem], error: str) -> None:
    """Raise SlackError with all the problems, as Slack lists them, if there are any."""
    if found:
        raise SlackError(
            error,
            errors=[str(problem) for problem in found],
            response_metadata={"messages": [f"[ERROR] {problem}" for problem in found]},
        )
