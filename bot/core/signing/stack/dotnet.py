""".NET: the messages first, then the frames, the innermost exception's at the top."""

import re
from collections.abc import Iterable, Iterator

from bot.core.event import Frame
from bot.core.signing.stack.trace import MOST_EXCEPTIONS, MOST_LINES, Raised, collapse

_FRAME = re.compile(
    r"\s+at ([\w.`<>$+\[\],|&*]{1,300})\.([\w`<>$|.]{1,200})"
    r"(?:\[[^\]\n]{0,200}\])?\([^)\n]{0,400}\)(?: in (.{1,300}):line (\d{1,9}))?"
)
START = re.compile(
    (
        r"^\s{1,80}at [\w.`<>$+\[\],|&*]{1,500}\([^)\n]{0,400}\) in .{1,300}:line \d|^ {3}at "
        r"[\w.`<>$+\[\]]{1,400}\([^)\n:]{0,400}\)$"
    ),
    re.MULTILINE,
)
_TYPE = re.compile(
    r"(?:Unhandled exception\. )?((?:\w{1,100}\.){0,12}\w{1,100})(?: \("
    r"(?:0x)?[0-9A-Fa-f]{1,8}\))?: (.*)"
)


def read(text: str) -> Iterator[Raised]:
    """The exceptions of a trace, the outermost first, those that it was aggregated of last."""
    text, *members = _INNER.split(text)[:MOST_EXCEPTIONS]
    head, *rest = re.split(r"^\s{1,80}at ", text, maxsplit=1, flags=re.MULTILINE)
    heads = [_head(part) for part in re.split(r"\s*--->\s*", head.strip())][:MOST_EXCEPTIONS]
    body = "   at " + rest[0] if rest else ""
    blocks = [
        block.split("\n")[:MOST_LINES]
        for block in re.split(r"\s*--- End of inner exception stack trace ---", body)
    ]
    outer_first = list(reversed(blocks))
    for number, (kind, message) in enumerate(heads):
        lines = outer_first[number] if number < len(outer_first) else []
        yield Raised(kind, message, collapse(_frames(lines)))
    for member in members:
        yield Raised(*_head(member.lstrip()))


_INNER = re.compile(r"^\s{0,80}---> \(Inner Exception #\d{1,3}\) ", re.MULTILINE)


def _head(text: str) -> tuple[str, str]:
    found = _TYPE.search(text)
    return (found[1], found[2]) if found else ("", text)


def _frames(lines: Iterable[str]) -> Iterator[Frame]:
    for line in lines:
        if found := _FRAME.match(line):
            owner, function = _CLOSURE.sub("", found[1]), _LOCAL.sub(r"\1", found[2])
            if machine := _ASYNC.search(owner):
                owner, function = owner[: machine.start()], machine[1]
            yield Frame(owner, function, int(found[4]) if found[4] else None)


_CLOSURE = re.compile(r"[+.]<>c(?:__DisplayClass\d{1,4}_\d{1,4})?$")
_LOCAL = re.compile(r"<(\w{1,80})>[bg]__\w{1,80}(?:\|\d{1,4}_\d{1,4})?")
_ASYNC = re.compile(r"[+.]<(\w{1,80})>d__\d{1,4}$")
