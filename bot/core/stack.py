"""Stack traces as text, read: which exceptions, caused by which, raised where.

Python, Java (and Kotlin, Scala), JavaScript, Go, Ruby, PHP and .NET.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from bot.core.event import Frame

LONGEST_STACK = 200_000
MOST_LINES = 2_000
MOST_EXCEPTIONS = 32


@dataclass(frozen=True, slots=True)
class Raised:
    """One exception: `frames` innermost call first, recursion collapsed; `members` of a group."""

    type: str
    message: str
    frames: tuple[Frame, ...] = ()
    members: tuple["Raised", ...] = ()


def parse(text: str) -> tuple[Raised, ...]:
    """The exceptions in a text, from the outermost to its innermost cause; () if there is none."""
    text = _bounded(text)
    for looks_like, read in _LANGUAGES:
        if looks_like.search(text):
            return tuple(read(text))[:MOST_EXCEPTIONS]
    return ()


def _bounded(text: str) -> str:
    """The first and the last lines of what is too long: both ends tell more than the middle."""
    if len(text) > LONGEST_STACK:
        half = LONGEST_STACK // 2
        text = text[:half] + "\n" + text[-half:]
    return text


def collapse(frames: Iterable[Frame]) -> tuple[Frame, ...]:
    """The frames with every run of calls that repeats (of up to 4 functions) kept once."""
    kept: list[Frame] = []
    for frame in frames:
        kept.append(frame)
        for length in range(1, 5):
            tail, before = kept[-length:], kept[-2 * length : -length]
            if len(before) == length and all(map(_same_call, tail, before)):
                del kept[-length:]
                break
    return tuple(kept)


def _same_call(one: Frame, other: Frame) -> bool:
    return one.function == other.function and one.module == other.module


# ---- which frames are the application's own

_FOREIGN = re.compile(
    r"site-packages/|dist-packages/|/lib/python\d|\\lib\\|<frozen |<string>|<unknown>"
    r"|node_modules/|^node:|^internal/|<anonymous>|"
    r"^(?:java|javax|jdk|sun|com\.sun|kotlin|kotlinx|scala|akka|groovy|clojure)\.|^java\.base|"
    r"^(?:org\.(?:springframework|apache|hibernate|eclipse|jboss|junit|gradle|slf4j"
    r"|postgresql|mongodb)|"
    r"com\.(?:zaxxer|mysql|fasterxml|google\.common|netflix\.hystrix)|io\.(?:netty|vertx"
    r"|grpc|reactivex)|reactor\.|ch\.qos|okhttp3)\b|"
    r"^(?:System|Microsoft|MS|Npgsql|Newtonsoft|Dapper|Polly|Grpc)\.|"
    r"/gems/|/ruby/\d|/lib/ruby/|<internal:|/vendor/|^(?:runtime|net|net/http|internal"
    r"|reflect|sync|testing|bufio|io|os|encoding)"
    r"(?:/|\.|$)|/go/pkg/mod/|/usr/(?:local/)?(?:lib|go)/|^src/\w+/\w+\.p(?:yx|xi)$|\.p(?:yx|xi)$"
)


def in_app(frame: Frame) -> bool:
    """Whether a frame is the application's own; what the sender said, else by where it lies."""
    if frame.in_app is not None:
        return frame.in_app
    return not _FOREIGN.search(frame.module)


# ---- Python

_PY_START = re.compile(
    r"^[ \t|+>]*Traceback \(most recent call last\):|^[ >|]*File \"[^\"\n]{1,400}\", line \d",
    re.MULTILINE,
)
_PY_FRAME = re.compile(
    r"[ \t|+>]*File \"([^\"\n]{1,400})\", line (\d{1,9})(?:, in ([^\n]{1,200}))?"
)
_PY_TYPE = re.compile(
    r"((?:[A-Za-z_][\w]{0,100}\.(?:<locals>\.)?){0,12}[A-Za-z_]\w{0,100})(?::[ ]?(.*)|)$"
)
_PY_GROUP = re.compile(r"[ |]*\+-(?:\+)?-{2,}")
_PY_SEAM = re.compile(
    r"The above exception was the direct cause|During handling of the above exception"
)


def _python(text: str) -> Iterator[Raised]:
    """Blocks are printed cause first; the members of a group follow it, indented."""
    found: list[Raised] = []
    for depth, raised in _python_blocks(text):
        owner = next((at for at in range(len(found) - 1, -1, -1) if _is_group(found[at])), None)
        if depth and owner is not None:
            found[owner] = replace(found[owner], members=(*found[owner].members, raised))
        else:
            found.append(raised)
    return reversed(found)


def _is_group(raised: Raised) -> bool:
    return raised.type.endswith("ExceptionGroup")


def _python_blocks(text: str) -> Iterator[tuple[bool, Raised]]:
    frames: list[Frame] = []
    margin, inside = 0, False
    for line in text.split("\n")[-MOST_LINES:]:
        bare = line.lstrip(" |+\t>")
        if bare.startswith(("Traceback (most", "Exception Group Traceback (most")):
            frames, margin, inside = [], len(line) - len(bare), line.lstrip().startswith("|")
        elif found := _PY_FRAME.match(line):
            path, number, function = found.groups()
            frames.append(Frame(_python_module(path), function or "", int(number)))
        elif frames and len(line) - len(bare) == margin and (raised := _PY_TYPE.match(bare)):
            yield inside, Raised(raised[1], (raised[2] or "").strip(), collapse(reversed(frames)))
            frames = []


def _python_module(path: str) -> str:
    return path.replace("\\", "/")


# ---- Java

_JAVA_FRAME = re.compile(
    r"\s*at (?:[\w.$-]{0,80}"
    r"(?:@[\w.-]{0,40})?/{1,2})?([\w.$<>]{1,300}?)\.([\w$<>-]{1,160})\(([^)\n]{0,200})\)"
)
_JAVA_START = re.compile(
    (
        r"^\s+at [\w.$/@<>-]{1,400}\((?:[\w$-]{1,120}\.(?:java|kt|scala|groovy|clj)"
        r"(?::\d{1,7})?|Native Method|Unknown Source)\)"
    ),
    re.MULTILINE,
)
_JAVA_TYPE = re.compile(
    r"\s*(?:Caused by: |Suppressed: |Wrapped by: |Exception in thread "
    r"\"[^\"\n]{0,200}\" )?((?:[A-Za-z_$][\w$]{0,100}\.){0,16}[A-Za-z_$][\w$]{0,100})"
    r"(?:: (.*))?$"
)


def _java(text: str) -> Iterator[Raised]:
    head, frames, suppressed = "", list[Frame](), False
    for line in text.split("\n")[:MOST_LINES]:
        if found := _JAVA_FRAME.match(line):
            if not suppressed:
                frames.append(Frame(found[1], _java_function(found[2]), _line_of(found[3])))
        elif line.lstrip().startswith("... "):
            continue
        elif "Caused by: " in line[:80]:
            yield from _java_one(head, frames)
            head, frames, suppressed = line, [], False
        elif line.lstrip().startswith("Suppressed: "):
            suppressed = True
        elif not frames and (not head or _java_head(line)):
            head = line
    yield from _java_one(head, frames)


def _java_head(line: str) -> bool:
    return _TYPED.match(line.strip()) is not None


_TYPED = re.compile(
    r"(?:Exception in thread \"[^\"\n]{0,200}\" )?[\w.$]{0,300}(?:Exception|Error|Throwable)\b"
)


def _java_one(head: str, frames: list[Frame]) -> Iterator[Raised]:
    found = _JAVA_TYPE.match(head)
    if found or frames:
        yield Raised(
            found[1] if found else "", (found[2] or "") if found else head.strip(), collapse(frames)
        )


def _java_function(name: str) -> str:
    """Compilers number lambdas anew at every build."""
    return re.sub(r"lambda\$(\w{1,100}?)\$\d{1,6}", r"lambda$\1", re.sub(r"\$\d{1,6}$", "", name))


def _line_of(place: str) -> int | None:
    number = place.rpartition(":")[2]
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 10 else None


# ---- JavaScript

_JS_FRAME = re.compile(
    r"\s*at (?:(?:async )?(?:new )?([^\s(][^(\n]{0,200}?)(?: \[as ([\w.$]{1,80})\])? "
    r"\()?(?:async )?"
    r"((?:file://|node:|webpack:|https?://)?[^()\n]{1,400}?):(\d{1,9}):\d{1,9}\)?(?: \{)?$"
)
_JS_START = re.compile(
    (
        r"^\s*at (?:[^\n(]{0,240} \()?(?:[^()\n]{1,400}:\d{1,9}:\d{1,9}|<anonymous>"
        r"|native)\)?(?: \{)?$"
    ),
    re.MULTILINE,
)
_JS_HEAD = re.compile(
    r"(?:.*?[\s:] ?)?(?:Uncaught )?((?:[A-Z][\w$]{0,80})?(?:Error|Exception)"
    r"|[A-Z][\w$]{1,80}Error\w{0,20})(?: \[[\w ]{1,60}\])?(?:: (.*))?$"
)


def _js(text: str) -> Iterator[Raised]:
    head, frames, before = "", list[Frame](), list[str]()
    for line in text.split("\n")[:MOST_LINES]:
        if line.lstrip().startswith("at "):
            if found := _JS_FRAME.match(line):
                frames.append(Frame(_js_module(found[3]), _js_function(found[1]), int(found[4])))
            continue
        if frames and (
            nested := re.match(r"\s*(?:\[cause\]: |\[errors\]: \[|Caused by: )(.*)", line)
        ):
            yield _js_one(head or "\n".join(before), frames)
            head, frames = nested[1], []
        elif not frames and not head:
            before.append(line)
        elif frames and not head:
            head = "\n".join(before)
    if frames or before or head:
        yield _js_one(head or "\n".join(before), frames)


def _js_one(head: str, frames: list[Frame]) -> Raised:
    lines = head.strip().split("\n")
    for number, line in enumerate(lines):
        if found := _JS_HEAD.match(line[:2000]):
            rest = "\n".join([found[2] or "", *lines[number + 1 :]])
            return Raised(found[1], rest.strip(), collapse(frames))
    return Raised("", head.strip(), collapse(frames))


def _js_module(path: str) -> str:
    return re.sub(r"^file://|\?.{0,200}$", "", path)


def _js_function(name: str | None) -> str:
    return "" if name is None or name.endswith("<anonymous>") else name


# ---- Go

_GO_START = re.compile(
    r"^goroutine \d{1,12} (?:gp=\S{1,40} m=\S{1,10}(?: mp=\S{1,40})? )?\[[^\]\n]{1,80}\]:",
    re.MULTILINE,
)
_GO_CALL = re.compile(
    r"(?:created by )?([\w./*()\[\]{}~$%@…-]{1,300}?)(?:\((?:[^()\n]"
    r"|\([^()\n]{0,80}\)){0,600}\))?(?: in goroutine \d{1,12})?$"
)
_GO_PLACE = re.compile(r"\t(\S{1,400}\.(?:go|s)):(\d{1,9})(?: |$)")
_GO_HEAD = re.compile(r"(?:\t?panic: |fatal error: )(.*)", re.MULTILINE)


def _go(text: str) -> Iterator[Raised]:
    heads = [head.removesuffix(" [recovered]") for head in _GO_HEAD.findall(text[:4000])[:8]]
    calls = _go_calls(text)
    panicked = next(
        (at for at, call in enumerate(calls) if call.function in ("panic", "gopanic")), None
    )
    frames = collapse(calls if panicked is None else calls[panicked + 1 :])
    yield Raised("panic" if heads else "", heads[0] if heads else "", frames)


def _go_calls(text: str) -> list[Frame]:
    """The calls of the first goroutine, that which failed; not who started it."""
    calls: list[Frame] = []
    name = ""
    start = _GO_START.search(text)
    for line in text[start.end() if start else 0 :].split("\n")[1:MOST_LINES]:
        if place := _GO_PLACE.match(line):
            if name:
                calls.append(_go_frame(name, int(place[2])))
            name = ""
        elif not line.strip() or line.startswith("created by "):
            break
        elif call := _GO_CALL.match(line.strip()):
            name = call[1]
    return calls


def _go_frame(name: str, line: int) -> Frame:
    folder, slash, rest = name.rpartition("/")
    package, dot, function = rest.partition(".")
    if not dot:
        return Frame("runtime", name, line)
    function = re.sub(r"\[\.\.\.\]", "", function)
    return Frame(folder + slash + package, function, line)


# ---- Ruby

_RB_FIRST = re.compile(
    r"^(\S[^\n:]{0,300}):(\d{1,9}):in [`']([^'\n]{1,200})': (.{0,2000}?) ?\(([A-Z][\w:]{0,200})\)",
    re.MULTILINE,
)
_RB_FROM = re.compile(r"\s+(?:\d+: )?from ([^\n:]{1,300}):(\d{1,9}):in [`']([^'\n]{1,200})'")


def _ruby(text: str) -> Iterator[Raised]:
    starts = list(_RB_FIRST.finditer(text))[:MOST_EXCEPTIONS]
    for number, first in enumerate(starts):
        end = starts[number + 1].start() if number + 1 < len(starts) else len(text)
        frames = [Frame(first[1], _ruby_function(first[3]), int(first[2]))]
        frames += [
            Frame(found[1], _ruby_function(found[3]), int(found[2]))
            for found in _RB_FROM.finditer(text, first.end(), end)
        ]
        yield Raised(first[5], first[4], collapse(frames))


def _ruby_function(name: str) -> str:
    return re.sub(r"^(?:block|rescue|ensure)(?: \(\d{1,3} levels\))? in ", "", name)


# ---- PHP

_PHP_START = re.compile(r"^#0 .*(?:\(\d{1,9}\): |\{main\})", re.MULTILINE)
_PHP_HEAD = re.compile(
    (
        r"^(?:.{0,200}?(?:Uncaught |Next |exception '))?([A-Za-z_\\][\w\\]{0,200}?)(?:: "
        r"(.*?)| with message '(.*?)')? in (\S.{0,300}?)(?::|\()(\d{1,9})\)?$"
    ),
    re.MULTILINE,
)
_PHP_FRAME = re.compile(
    r"#\d{1,4} (?:(.{1,300}?)\((\d{1,9})\)|\[internal function\]): ([^\n(]{1,300})\("
)


def _php(text: str) -> Iterator[Raised]:
    """The innermost is printed first, those that wrap it after `Next`."""
    found = []
    heads = list(_PHP_HEAD.finditer(text))[:MOST_EXCEPTIONS]
    for number, head in enumerate(heads):
        end = heads[number + 1].start() if number + 1 < len(heads) else len(text)
        calls = list(_PHP_FRAME.finditer(text, head.end(), end))
        files = [head[4], *(call[1] or "" for call in calls)]
        lines = [int(head[5]), *(int(call[2] or 0) for call in calls)]
        names = [*(call[3] for call in calls), "{main}"]
        frames = [Frame(*place) for place in zip(files, names, lines, strict=True)]
        found.append(Raised(head[1], head[2] or head[3] or "", collapse(frames)))
    return reversed(found)


# ---- .NET

_NET_FRAME = re.compile(
    r"\s+at ([\w.`<>$+\[\],|&*]{1,300})\.([\w`<>$|.]{1,200})"
    r"(?:\[[^\]\n]{0,200}\])?\([^)\n]{0,400}\)(?: in (.{1,300}):line (\d{1,9}))?"
)
_NET_START = re.compile(
    (
        r"^\s+at [\w.`<>$+\[\],|&*]{1,500}\([^)\n]{0,400}\) in .{1,300}:line \d|^ {3}at "
        r"[\w.`<>$+\[\]]{1,400}\([^)\n:]{0,400}\)$"
    ),
    re.MULTILINE,
)
_NET_TYPE = re.compile(
    r"(?:Unhandled exception\. )?((?:\w{1,100}\.){0,12}\w{1,100})(?: \("
    r"(?:0x)?[0-9A-Fa-f]{1,8}\))?: (.*)"
)


def _net(text: str) -> Iterator[Raised]:
    """The inner exceptions' frames are printed first, each up to its own seam."""
    head, *rest = re.split(r"^\s+at ", text, maxsplit=1, flags=re.MULTILINE)
    heads = [_net_head(part) for part in re.split(r"\s*--->\s*", head.strip())][:MOST_EXCEPTIONS]
    body = "   at " + rest[0] if rest else ""
    blocks = [
        block.split("\n")[:MOST_LINES]
        for block in re.split(r"\s*--- End of inner exception stack trace ---", body)
    ]
    outer_first = list(reversed(blocks))
    for number, (kind, message) in enumerate(heads):
        lines = outer_first[number] if number < len(outer_first) else []
        yield Raised(kind, message, collapse(_net_frames(lines)))


def _net_head(text: str) -> tuple[str, str]:
    found = _NET_TYPE.search(text)
    return (found[1], found[2]) if found else ("", text)


def _net_frames(lines: Iterable[str]) -> Iterator[Frame]:
    for line in lines:
        if found := _NET_FRAME.match(line):
            owner, function = _NET_CLOSURE.sub("", found[1]), _NET_LOCAL.sub(r"\1", found[2])
            if machine := _NET_ASYNC.search(owner):
                owner, function = owner[: machine.start()], machine[1]
            yield Frame(owner, function, int(found[4]) if found[4] else None)


_NET_CLOSURE = re.compile(r"[+.]<>c(?:__DisplayClass\d{1,4}_\d{1,4})?$")
_NET_LOCAL = re.compile(r"<(\w{1,80})>[bg]__\w{1,80}(?:\|\d{1,4}_\d{1,4})?")
_NET_ASYNC = re.compile(r"[+.]<(\w{1,80})>d__\d{1,4}$")

_LANGUAGES: tuple[tuple[re.Pattern[str], Callable[[str], Iterable[Raised]]], ...] = (
    (_PY_START, _python),
    (_GO_START, _go),
    (_JAVA_START, _java),
    (_PHP_START, _php),
    (_RB_FIRST, _ruby),
    (_JS_START, _js),
    (_NET_START, _net),
)
