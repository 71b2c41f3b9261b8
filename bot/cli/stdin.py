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


def objects(field: str) -> Iterator[dict[str, Any]]:
    """The JSON object on each line, with a text in `field`. Raises SourceError for any other."""
    for line in lines():
        try:
            value = json.loads(line)
        except ValueError as error:
            raise SourceError(f"A line of stdin is not JSON: {error}.") from error
        if not isinstance(value, dict) or not isinstance(value.get(field), str):
            raise SourceError(f'Each line of stdin must be an object with a text "{field}".')
        yield value
