"""What is piped in, line by line."""

import json
from collections.abc import Iterator
from typing import Any

from bot.cli.output import complain
from bot.core.wording.plural import counted
from bot.errors import SourceError
from bot.sources.stream import piped_lines

NAMED = 5
"""Of the lines that cannot be read: enough to see what is wrong with them."""


def lines() -> Iterator[str]:
    """Each line without its end. Raises SourceError where nothing can be piped in."""
    for line in piped_lines():
        yield line.decode("utf-8", "replace").removesuffix("\n").removesuffix("\r")


def objects(field: str, *, form: str, remedy: str) -> Iterator[dict[str, Any]]:
    """The JSON object on each line, if it has a text in `field`.

    The first other lines are complained of by their number, with the `form` that is wanted. If
    there were any, raises SourceError with the `remedy` after the last line.
    """
    unfit = 0
    for number, line in enumerate(lines(), 1):
        value = _parsed(line)
        if isinstance(value, dict) and isinstance(value.get(field), str):
            yield value
            continue
        unfit += 1
        if unfit <= NAMED:
            complain(f"Line {number} of stdin is not an object of the form {form}.")
    if unfit:
        raise SourceError(f"Of stdin {counted(unfit, 'line')} could not be read. {remedy}")


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
