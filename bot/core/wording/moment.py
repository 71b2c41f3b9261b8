"""A moment as people read it, the same wherever that is: "2026-11-18 09:18 UTC"."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

_WRITTEN = re.compile(r"(?<!\w)\d{4}-\d\d-\d\d \d\d:\d\d UTC(?!\w)")
_STYLE = "%Y-%m-%d %H:%M UTC"


def written(at: datetime) -> str:
    """A moment, to the minute."""
    return f"{at.astimezone(UTC):{_STYLE}}"


def replaced(words: str, say: Callable[[datetime], str]) -> str:
    """The words with each moment in them replaced by what `say` makes of it, such as the reader's
    local time."""

    def said(found: re.Match[str]) -> str:
        try:
            return say(datetime.strptime(found[0], _STYLE).replace(tzinfo=UTC))
        except ValueError:  # no such day
            return found[0]

    return _WRITTEN.sub(said, words)
