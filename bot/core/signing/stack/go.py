"""Go: a panic and the goroutine that failed."""

import re
from collections.abc import Iterator, Sequence

from bot.core.event import Frame
from bot.core.signing.stack.trace import MOST_LINES, Raised, collapse

START = re.compile(
    r"^goroutine \d{1,12} (?:gp=\S{1,40} m=\S{1,10}(?: mp=\S{1,40})? )?\[[^\]\n]{1,80}\]:",
    re.MULTILINE,
)
LOGGED = re.compile(r"^[\w./*()\[\]{}~$%@-]{1,300}\n\t/\S{1,400}\.(?:go|s):\d{1,9}$", re.MULTILINE)
_CALL = re.compile(
    r"(?:created by )?([\w./*()\[\]{}~$%@…-]{1,300}?)(?:\((?:[^()\n]"
    r"|\([^()\n]{0,80}\)){0,600}\))?(?: in goroutine \d{1,12})?$"
)
_PLACE = re.compile(r"\t(\S{1,400}\.(?:go|s)):(\d{1,9})(?: |$)")
_HEAD = re.compile(r"(?:\t?panic: |fatal error: )(.*)", re.MULTILINE)


def read(text: str) -> Iterator[Raised]:
    """The exceptions of a trace, the outermost first."""
    heads = [head.removesuffix(" [recovered]") for head in _HEAD.findall(text[:4000])[:8]]
    calls = _calls(text)
    panicked = next(
        (at for at, call in enumerate(calls) if call.function in ("panic", "gopanic")), None
    )
    frames = collapse(calls if panicked is None else calls[panicked + 1 :])
    yield Raised("panic" if heads else "", heads[0] if heads else "", frames)


def read_logged(text: str) -> Iterator[Raised]:
    """Where something was logged or wrapped, as zap and `%+v` have it: an error without a type."""
    start = LOGGED.search(text)
    at = start.start() if start else 0
    yield Raised("", text[:at].strip("\n"), collapse(_listed(text[at:].split("\n"))))


def _calls(text: str) -> list[Frame]:
    """The calls of the first goroutine, that which failed; not who started it."""
    start = START.search(text)
    return _listed(text[start.end() if start else 0 :].split("\n")[1:])


def _listed(lines: Sequence[str]) -> list[Frame]:
    calls: list[Frame] = []
    name = ""
    for line in lines[:MOST_LINES]:
        if place := _PLACE.match(line):
            if name:
                calls.append(_frame(name, int(place[2])))
            name = ""
        elif not line.strip() or line.startswith("created by "):
            break
        elif call := _CALL.match(line.strip()):
            name = call[1]
    return calls


def _frame(name: str, line: int) -> Frame:
    folder, slash, rest = name.rpartition("/")
    package, dot, function = rest.partition(".")
    if not dot:
        return Frame("runtime", name, line)
    function = re.sub(r"\[\.\.\.\]", "", function)
    return Frame(folder + slash + package, function, line)
