"""JavaScript, of Node and of browsers."""

import re
from collections.abc import Iterator

from bot.core.event import Frame
from bot.core.signing.stack.trace import MOST_LINES, Raised, collapse

_FRAME = re.compile(
    r"\s*at (?:(?:async )?(?:new )?([^\s(][^(\n]{0,200}?)(?: \[as ([\w.$]{1,80})\])? "
    r"\()?(?:async )?"
    r"((?:file://|node:|webpack:|https?://)?[^()\n]{1,400}?):(\d{1,9}):\d{1,9}\)?(?: \{)?$"
)
START = re.compile(
    (
        r"^\s*at (?:[^\n(]{0,240} \()?(?:[^()\n]{1,400}:\d{1,9}:\d{1,9}|<anonymous>"
        r"|native)\)?(?: \{)?$"
    ),
    re.MULTILINE,
)
_HEAD = re.compile(
    r"(?:.*?[\s:] ?)?(?:Uncaught )?((?:[A-Z][\w$]{0,80})?(?:Error|Exception)"
    r"|[A-Z][\w$]{1,80}Error\w{0,20})(?: \[([\w ]{1,60})\])?(?::(?: (.*))?)?$"
)
_MEMBER = re.compile(r"\s+(?:[A-Z][\w$]{0,80})?Error(?: \[[\w ]{1,60}\])?(?::|$)")


def read(text: str) -> Iterator[Raised]:
    """The exceptions of a trace, the outermost first."""
    head, frames, before, is_of_group = "", list[Frame](), list[str](), False
    for line in text.split("\n")[:MOST_LINES]:
        if line.lstrip().startswith("at "):
            if found := _FRAME.match(line):
                frames.append(Frame(_module(found[3]), _function(found[1]), int(found[4])))
            continue
        if frames and (
            nested := re.match(r"\s*(?:\[cause\]: |\[errors\]: \[|Caused by: )(.*)", line)
        ):
            yield _one(head or "\n".join(before), frames)
            head, frames, is_of_group = nested[1], [], is_of_group or "[errors]" in line
        elif is_of_group and _MEMBER.match(line):
            if head:
                yield _one(head, frames)
            head, frames = line, []
        elif not frames and not head:
            before.append(line)
        elif frames and not head:
            head = "\n".join(before)
    if frames or before or head:
        yield _one(head or "\n".join(before), frames)


def _one(head: str, frames: list[Frame]) -> Raised:
    lines = head.strip().split("\n")
    for number, line in enumerate(lines):
        if found := _HEAD.match(line[:2000]):
            rest = "\n".join([found[3] or "", *lines[number + 1 :]])
            return Raised(found[1], rest.strip() or found[2] or "", collapse(frames))
    return Raised("", head.strip(), collapse(frames))


def _module(path: str) -> str:
    return re.sub(r"^file://|\?.{0,200}$", "", path)


def _function(name: str | None) -> str:
    return "" if name is None or name.endswith("<anonymous>") else name
