"""Python: the cause is printed first, a group's members after it, indented."""

import re
from collections.abc import Iterator
from dataclasses import replace

from bot.core.event import Frame
from bot.core.signing.stack.trace import MOST_LINES, Raised, collapse

START = re.compile(
    r"^[ \t|+>]*Traceback \(most recent call last\):|^[ >|]*File \"[^\"\n]{1,400}\", line \d",
    re.MULTILINE,
)
_FRAME = re.compile(r"File \"([^\"\n]{1,400})\", line (\d{1,9})(?:, in ([^\n]{1,200}))?")
_TYPE = re.compile(
    r"((?:[A-Za-z_][\w]{0,100}\.(?:<locals>\.)?){0,12}[A-Za-z_]\w{0,100})(?::[ ]?(.*)|)$"
)


def read(text: str) -> Iterator[Raised]:
    """The exceptions of a trace, the outermost first; a group has its members."""
    found: list[Raised] = []
    for depth, raised in _blocks(text):
        owner = next((at for at in range(len(found) - 1, -1, -1) if _is_group(found[at])), None)
        if depth and owner is not None:
            found[owner] = replace(found[owner], members=(*found[owner].members, raised))
        else:
            found.append(raised)
    return reversed(found)


def _is_group(raised: Raised) -> bool:
    return raised.type.endswith("ExceptionGroup")


def _blocks(text: str) -> Iterator[tuple[bool, Raised]]:
    frames: list[Frame] = []
    margin, inside = 0, False
    for line in text.split("\n")[-MOST_LINES:]:
        bare = line.lstrip(" |+\t>")
        if bare.startswith("File") and (found := _FRAME.match(bare)):
            path, number, function = found.groups()
            frames.append(Frame(_module(path), function or "", int(number)))
        elif bare.startswith(("Traceback (most", "Exception Group Traceback (most")):
            frames, margin, inside = [], len(line) - len(bare), line.lstrip().startswith("|")
        elif frames and len(line) - len(bare) == margin and (raised := _TYPE.match(bare)):
            yield inside, Raised(raised[1], (raised[2] or "").strip(), collapse(reversed(frames)))
            frames = []


def _module(path: str) -> str:
    return path.replace("\\", "/")
