"""Rails: what it logs of an exception that no controller caught, and of what caused it."""

import re
from collections.abc import Iterator

from bot.core.event import Frame
from bot.core.signing.stack.trace import MOST_EXCEPTIONS, Raised, collapse

_TAGS = r"(?:\[[^\[\]\s]{1,80}\] ?){0,5}"
_CALL = rf"^{_TAGS}([^\n:]{{1,300}}):(\d{{1,9}}):in [`']([^'\n]{{1,200}})'"
START = re.compile(
    rf"^{_TAGS}((?:[A-Z]\w{{0,80}}::){{0,8}}[A-Z]\w{{1,80}}) "
    r"\(([^\n]{0,2000}(?:\n[^\n]{1,500}){0,3}?)\):?[ \t]{0,8}\n"
    rf"(?:[ \t]{{0,8}}\n){{0,3}}(?={_CALL})",
    re.MULTILINE,
)
_FRAME = re.compile(_CALL, re.MULTILINE)
_OF_A_GEM = re.compile(r"[\w-]{1,80} \(\d|.*/gems/")


def read(text: str) -> Iterator[Raised]:
    """The exceptions, the one that was raised last first."""
    starts = list(START.finditer(text))[:MOST_EXCEPTIONS]
    for number, first in enumerate(starts):
        end = starts[number + 1].start() if number + 1 < len(starts) else len(text)
        calls = _FRAME.finditer(text, first.end(), end)
        yield Raised(first[1], first[2], collapse(map(_frame, calls)))


def _frame(call: re.Match[str]) -> Frame:
    function = re.sub(r"^(?:block|rescue|ensure)(?: \(\d{1,3} levels\))? in ", "", call[3])
    is_own = False if _OF_A_GEM.match(call[1]) else None
    return Frame(call[1], function, int(call[2]), in_app=is_own)
