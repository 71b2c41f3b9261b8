"""What is piped in, line by line."""

import json
from collections.abc import Iterator
from typing import Any

from bot.errors import SourceError
from bot.sources.stream import piped_lines


def lines() -> Iterator[str]:
    """Each line without its end. Raises SourceError where nothing can be piped in."""
    for line in piped_lines():
        yield line.decode("utf-8", "replace").removesuffix("\n").removesuffix("\r")


def objects(field: str, *, form: str, remedy: str) -> Iterator[dict[str, Any]]:
    """The JSON object on each line, with a text in `field`.

    Raises SourceError for any other, with its number, the `form` wanted and the `remedy`.
    """
    for number, line in enumerate(lines(), 1):
        value = _parsed(line)
        if not isinstance(value, dict) or not isinstance(value.get(field), str):
            raise SourceError(
                f"Line {number} of stdin is not an object of the form {form}. {remedy}"
            )
        yield value


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
