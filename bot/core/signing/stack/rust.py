"""Rust: a panic, or an error that anyhow or eyre wrapped, and the backtrace where one was asked."""

import re
from collections.abc import Iterator

from bot.core.event import Frame
from bot.core.signing.stack.trace import MOST_LINES, Raised, collapse

START = re.compile(r"^thread '[^'\n]{0,80}'(?: \(\d{1,20}\))? panicked at ", re.MULTILINE)
WRAPPED = re.compile(r"^Stack backtrace:\n {1,8}0: ", re.MULTILINE)
_HEAD = re.compile(
    START.pattern
    + r"(?:'(?P<said>[^\n]{0,2000})', )?(?P<file>[^\s:]{1,400}):\d{1,9}(?::\d{1,9})?:?$",
    re.MULTILINE,
)
_ENDS = re.compile(r"^(?:note: |stack backtrace:)", re.MULTILINE)
_CALL = re.compile(r" {0,8}\d{1,4}: {1,8}(?:0x[0-9a-f]{1,16} - )?(\S[^\n]{0,500})$")
_PLACE = re.compile(r" {8,40}at ([^\n]{1,400}?):(\d{1,9})(?::\d{1,9})?$")
_HASH = re.compile(r"::h[0-9a-f]{16}$|::\{\{closure\}\}|::\{closure#\d{1,4}\}")
_FOREIGN = re.compile(r"/rustc/|/\.cargo/|/registry/src/|/library/(?:std|core|alloc)/")
_LIBRARY = re.compile(
    r"<?(?:&?(?:mut |dyn )?)?(?:std|core|alloc|anyhow|eyre|tokio|futures\w*|rayon\w*)::"
    r"|_?_?rust_|_start|main$|__libc"
)


def read(text: str) -> Iterator[Raised]:
    """The panic; without a backtrace its one frame is the file, in no module."""
    head = _HEAD.search(text)
    if head is None:
        return
    end = _ENDS.search(text, head.end())
    said = head["said"] or text[head.end() : end.start() if end else len(text)].strip("\n")
    calls = collapse(_calls(text[end.start() :] if end else ""))
    yield Raised("panic", said, calls or (Frame("", head["file"]),))


def read_wrapped(text: str) -> Iterator[Raised]:
    """The error as `main` returns it, with what it came of in its message: neither has a type."""
    said, _, calls = text.partition("\nStack backtrace:\n")
    yield Raised("Error", said.rpartition("Error: ")[2].strip(), collapse(_calls(calls)))


def _calls(text: str) -> list[Frame]:
    calls: list[Frame] = []
    name = ""
    for line in text.split("\n")[:MOST_LINES]:
        if place := _PLACE.match(line):
            if name:
                calls.append(_frame(name, place[1], int(place[2])))
            name = ""
        elif call := _CALL.match(line):
            if name:
                calls.append(_frame(name, "", None))
            name = call[1]
    return calls


def _frame(name: str, path: str, line: int | None) -> Frame:
    name = _HASH.sub("", _HASH.sub("", name))
    module, seam, function = name.rpartition("::")
    is_own = not (_FOREIGN.search(path) or _LIBRARY.match(name))
    return Frame(module if seam else path, function, line, in_app=is_own)
