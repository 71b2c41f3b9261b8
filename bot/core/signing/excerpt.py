"""What is shown of a title, and of a stack trace, where there is room for little."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise, zip_longest

from bot.core.event import Frame
from bot.core.signing import stack
from bot.core.signing.stack import Raised

TITLE = 60
"""Characters of the title of an error that is one of several things in a line."""
_FIRST, _LAST = 4, 5
"""Of what is no trace. Both ends: Java begins with what was raised, Python ends with it."""
_OWN = 3
"""So many of our own calls are looked for in each exception."""
_FEW = 2
"""So many words of a call have to stand in its line."""
_SAID = 40
_WORD = re.compile(r"\w+")


def begun(words: str, most: int) -> str:
    """At most so many characters of a text: whole words of it, unless one is half of that, and an
    ellipsis where it was cut."""
    if len(words) <= most:
        return words
    kept = words[: most - 1]
    whole = kept if words[most - 1].isspace() else kept.rpartition(" ")[0]
    return f"{(whole if len(whole) >= most // 2 else kept).rstrip(' ,;:')}…"


def of(lines: Sequence[str], *, most: int) -> list[int]:
    """The lines to show, in their order: both ends, and of each exception the innermost call of the
    team's own code and what was raised, as far as `most` lines go, of which each gap takes one."""
    ends = [*range(_FIRST), *range(len(lines) - _LAST, len(lines))]
    wanted = [0, len(lines) - 1, *telling(lines), *ends]
    kept: set[int] = set()
    for number in (one for one in wanted if 0 <= one < len(lines)):
        if _rows(kept | {number}, len(lines)) <= most:
            kept.add(number)
    return sorted(kept | {n for n in range(len(lines)) if {n - 1, n + 1} <= kept})


def telling(lines: Sequence[str]) -> list[int]:
    """The lines that name a call of the team's own code or what was raised, the most telling first;
    none where it is no trace."""
    raised = [one for outer in stack.parse("\n".join(lines)) for one in (outer, *outer.members)]
    words = [frozenset(_WORD.findall(line)) for line in lines] if raised else []
    own = [[_at(words, frame) for frame in _own(one)] for one in raised]
    first, *further = zip_longest(*own) if any(own) else [()]
    calls = [_with_source(lines, number) for number in _found(first)]
    heads = [_head(lines, one) for one in raised]
    return list(dict.fromkeys([*chain(*calls), *_found(heads), *_found(chain(*further))]))


def _rows(kept: set[int], total: int) -> int:
    """How many rows so many lines take with a row for each gap."""
    inside = sorted({-1, *kept, total})
    gaps = sum(later - earlier > 1 for earlier, later in pairwise(inside))
    return len(kept) + gaps


def _own(raised: Raised) -> list[Frame]:
    return [frame for frame in raised.frames if stack.in_app(frame)][:_OWN]


def _at(words: Sequence[frozenset[str]], frame: Frame) -> int | None:
    """The line that a call stands in: the first that has the most of its words."""
    said = {*_WORD.findall(f"{frame.module} {frame.function}"), str(frame.line)}
    best = max(range(len(words)), key=lambda number: len(said & words[number]), default=None)
    return best if best is not None and len(said & words[best]) >= _FEW else None


def _head(lines: Sequence[str], raised: Raised) -> int | None:
    """The line that says what was raised."""
    said = raised.message.partition("\n")[0][:_SAID]
    heads = (n for n, line in enumerate(lines) if raised.type in line and said in line)
    return next(heads, None) if raised.type else None


def _with_source(lines: Sequence[str], number: int) -> Iterator[int]:
    """The line, and the next where that belongs to it: the source of a call, or its place."""
    yield number
    following = lines[number + 1] if number + 1 < len(lines) else ""
    if _margin(following) > _margin(lines[number]):
        yield number + 1


def _margin(line: str) -> int:
    return len(line) - len(line.lstrip())


def _found(numbers: Iterable[int | None]) -> Iterator[int]:
    return (number for number in numbers if number is not None)
