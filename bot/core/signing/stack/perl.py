"""Perl: what was said where it died or was confessed, then the calls, the innermost first."""

import re
from collections.abc import Iterator

from bot.core.event import Frame
from bot.core.signing.stack.trace import MOST_LINES, Raised, collapse

_AT = r" at (\S[^\n]{0,300}?) line (\d{1,9})"
START = re.compile(rf"^[ \t]{{1,8}}[^\n]{{1,1000}} called{_AT}", re.MULTILINE)
_CALL = re.compile(
    rf"[ \t]{{1,8}}(?:([\w:]{{1,300}})(?:\(.*\))?|(?:eval|require) .{{0,400}}?) called{_AT}"
)
_PLACE = re.compile(rf"{_AT}(?:, <\S{{1,80}}> (?:line|chunk) \d{{1,12}})?\.?$", re.MULTILINE)
_LIBRARY = re.compile(r"/(?:perl5?|site_perl|vendor_perl)/|^/usr/(?:share|lib)/")


def read(text: str) -> Iterator[Raised]:
    """The exception, which has no type; a call lies in the file where what it calls is called."""
    start = START.search(text)
    said = text[: start.start() if start else 0].strip("\n")
    place = _PLACE.search(said)
    path, frames = (place[1] if place else ""), list[Frame]()
    line = int(place[2]) if place else None
    for call in map(_CALL.match, text[len(said) + 1 :].split("\n")[:MOST_LINES]):
        if call is None:
            continue
        if call[1]:
            module, _, function = call[1].rpartition("::")
            is_own = False if _LIBRARY.search(path) else None
            frames.append(Frame(module.replace("::", "."), function, line, in_app=is_own))
        path, line = call[2], int(call[3])
    yield Raised("", said[: place.start()] if place else said, collapse(frames))
