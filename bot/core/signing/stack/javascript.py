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
        r"^\s{0,80}at (?:[^\n(]{0,240} \()?(?:[^()\n]{1,400}:\d{1,9}:\d{1,9}|<anonymous>"
        r"|native)\)?(?: \{)?$"
    ),
    re.MULTILINE,
)
CALLED_AT = re.compile(
    r"^[^\s@][^\n@]{0,200}@(?:[a-z-]{2,20}://[^\n@]{1,400}|\[native code\])(?::\d{1,9}){1,2}$"
    r"|^@[a-z-]{2,20}://[^\n@]{1,400}:\d{1,9}:\d{1,9}$",
    re.MULTILINE,
)
_CALLED_AT = re.compile(
    r"(?P<called>[^\n@]{0,200})@(?P<place>[a-z-]{2,20}://[^\n@]{1,400}?|\[native code\])"
    r"(?: line (?P<within>\d{1,9}) > (?:eval|Function))?(?::(?P<line>\d{1,9}))?(?::\d{1,9})?$"
)
"""Of Firefox and Safari."""
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


def read_called(text: str) -> Iterator[Raised]:
    """The exception of a trace as Firefox and Safari write it, without what they await."""
    before, frames = list[str](), list[Frame]()
    for line in text.split("\n")[:MOST_LINES]:
        if found := _CALLED_AT.match(line.strip()):
            number = found["within"] or found["line"]
            name, place = _named(found["called"]), found["place"]
            is_own = None if _IS_PAGES.match(place) else False
            frames.append(Frame(_module(place), name, int(number) if number else None, is_own))
        elif frames:
            break
        else:
            before.append(line)
    yield _one("\n".join(before), frames)


def _named(called: str) -> str:
    """The function that somebody wrote, of `async*pay/<`: a closure in it, after what is awaited.
    What stands outside of all functions is none."""
    name = called.rpartition("*")[2].removeprefix("async ").strip("/<")
    return "" if name in _OUTSIDE else name


_IS_PAGES = re.compile(r"(?:https?|file|webpack|app|capacitor)://")
"""Not the browser's own code, nor an extension's."""
_OUTSIDE = ("global code", "module code", "eval code", "anonymous")


def _one(head: str, frames: list[Frame]) -> Raised:
    lines = head.strip().split("\n")
    for number, line in enumerate(lines):
        if found := _HEAD.match(line[:2000]):
            rest = "\n".join([found[3] or "", *lines[number + 1 :]])
            return Raised(found[1], rest.strip() or found[2] or "", collapse(frames))
    return Raised("", head.strip(), collapse(frames))


def _module(path: str) -> str:
    """The file, of one that was made for browsers without the hash of what is in it."""
    path = re.sub(r"^file://|\?.{0,200}$", "", path)
    return _HASH.sub("", path) if path.startswith("http") else path


_HASH = re.compile(r"[.-](?=\w{0,31}\d)\w{6,32}(?=\.(?:[a-z]{2,10}\.)?m?js$)")


def _function(name: str | None) -> str:
    return "" if name is None or name.endswith("<anonymous>") else name
