"""Ruby."""

import re
from collections.abc import Iterator

from bot.core.event import Frame
from bot.core.signing.stack.trace import MOST_EXCEPTIONS, Raised, collapse

START = re.compile(
    r"^(\S[^\n:]{0,300}):(\d{1,9}):in [`']([^'\n]{1,200})': (.{0,2000}?) ?\(([A-Z][\w:]{0,200})\)",
    re.MULTILINE,
)
_FROM = re.compile(r"\s+(?:\d+: )?from ([^\n:]{1,300}):(\d{1,9}):in [`']([^'\n]{1,200})'")


def read(text: str) -> Iterator[Raised]:
    """The exceptions of a trace, the outermost first."""
    starts = list(START.finditer(text))[:MOST_EXCEPTIONS]
    for number, first in enumerate(starts):
        end = starts[number + 1].start() if number + 1 < len(starts) else len(text)
        frames = [Frame(first[1], _function(first[3]), int(first[2]))]
        frames += [
            Frame(found[1], _function(found[3]), int(found[2]))
            for found in _FROM.finditer(text, first.end(), end)
        ]
        yield Raised(first[5], first[4], collapse(frames))


def _function(name: str) -> str:
    return re.sub(r"^(?:block|rescue|ensure)(?: \(\d{1,3} levels\))? in ", "", name)
