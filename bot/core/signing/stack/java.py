"""Java, Kotlin and Scala: the outermost first, each cause below it."""

import re
from collections.abc import Iterator

from bot.core.event import Frame
from bot.core.signing.stack.trace import MOST_LINES, Raised, collapse

_FRAME = re.compile(
    r"\s*at (?:[\w.-]{0,80}(?:@[\w.-]{0,40})?/{1,2})?"
    r"([\w.$<>]{1,300}?(?:/(?:0x)?[\da-f]{1,20})?)\.([\w$<>-]{1,160})\(([^)\n]{0,200})\)"
)
START = re.compile(
    (
        r"^\s{1,80}at [\w.$/@<>-]{1,400}\((?:[\w$-]{1,120}\.(?:java|kt|scala|groovy|clj)"
        r"(?::\d{1,7})?|Native Method|Unknown Source)\)"
    ),
    re.MULTILINE,
)
_TYPE = re.compile(
    r"\s*(?:Caused by: |Suppressed: |Wrapped by: |Exception in thread "
    r"\"[^\"\n]{0,200}\" )?((?:[A-Za-z_$][\w$]{0,100}\.){0,16}[A-Za-z_$][\w$]{0,100})"
    r"(?:: (.*))?$"
)


def read(text: str) -> Iterator[Raised]:
    """The exceptions of a trace, the outermost first."""
    head, frames, suppressed = "", list[Frame](), False
    for line in text.split("\n")[:MOST_LINES]:
        if found := _FRAME.match(line):
            if not suppressed:
                frames.append(Frame(found[1], _function(found[2]), _line_of(found[3])))
        elif line.lstrip().startswith("... "):
            continue
        elif "Caused by: " in line[:80]:
            yield from _one(head, frames)
            head, frames, suppressed = line, [], False
        elif line.lstrip().startswith("Suppressed: "):
            suppressed = True
        elif not frames and (not head or _head(line)):
            head = line
    yield from _one(head, frames)


def _head(line: str) -> bool:
    return _TYPED.match(line.strip()) is not None


_TYPED = re.compile(
    r"(?:Exception in thread \"[^\"\n]{0,200}\" )?[\w.$]{0,300}(?:Exception|Error|Throwable)\b"
)


def _one(head: str, frames: list[Frame]) -> Iterator[Raised]:
    found = _TYPE.match(head)
    if found or frames:
        yield Raised(
            found[1] if found else "", (found[2] or "") if found else head.strip(), collapse(frames)
        )


def written(name: str) -> str:
    """The class that somebody wrote, by the name of one that was made of it as the program ran:
    a proxy or a lambda, whose name has another number or hash at every start."""
    return _MADE.sub("", name)


MADE = (
    r"(?<=\w)(?:\$\$(?:\w{1,40}By[A-Z]|SpringCGLIB\$|(?:ExternalSynthetic)?Lambda|\$view)"
    r"|(?:\$Proxy\$)?_\$\$_|\$(?:HibernateProxy|HibernateBasicProxy|ByteBuddy|MockitoMock)\b)"
    r"[\w$]{0,200}(?:/\w{1,20})?"
)
"""Those of CGLIB, Java's lambdas, EJB's views, Javassist and Weld, and ByteBuddy."""
_MADE = re.compile(rf"{MADE}$|(?<=\$Proxy)\d{{1,6}}$")


def _function(name: str) -> str:
    """Compilers number lambdas anew at every build, and makers of proxies what they call."""
    name = re.sub(r"^CGLIB\$|\$(?:accessor|original)\$\w{1,20}$|\$\d{1,6}$", "", name)
    return re.sub(r"lambda\$(\w{1,100}?)\$\d{1,6}", r"lambda$\1", name)


def _line_of(place: str) -> int | None:
    number = place.rpartition(":")[2]
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 10 else None
