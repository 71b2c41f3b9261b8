"""PHP: the innermost first, what wraps it after `Next`."""

import re
from collections.abc import Iterator

from bot.core.event import Frame
from bot.core.signing.stack.trace import MOST_EXCEPTIONS, Raised, collapse

START = re.compile(r"^#0 .*(?:\(\d{1,9}\): |\{main\})", re.MULTILINE)
_HEAD = re.compile(
    (
        r"^(?:.{0,200}?(?:Uncaught |Next |exception '))?([A-Za-z_\\][\w\\]{0,200}?)(?:: "
        r"(.*?)| with message '(.*?)')? in (\S.{0,300}?)(?::|\()(\d{1,9})\)?$"
    ),
    re.MULTILINE,
)
_FRAME = re.compile(
    r"#\d{1,4} (?:(.{1,300}?)\((\d{1,9})\)|\[internal function\]): ([^\n(]{1,300})\("
)


def read(text: str) -> Iterator[Raised]:
    """The exceptions of a trace, the outermost first."""
    found = []
    heads = list(_HEAD.finditer(text))[:MOST_EXCEPTIONS]
    for number, head in enumerate(heads):
        end = heads[number + 1].start() if number + 1 < len(heads) else len(text)
        calls = list(_FRAME.finditer(text, head.end(), end))
        files = [head[4], *(call[1] or "" for call in calls)]
        lines = [int(head[5]), *(int(call[2] or 0) for call in calls)]
        names = [*(call[3] for call in calls), "{main}"]
        frames = [Frame(*place) for place in zip(files, names, lines, strict=True)]
        found.append(Raised(head[1], head[2] or head[3] or "", collapse(frames)))
    return reversed(found)
