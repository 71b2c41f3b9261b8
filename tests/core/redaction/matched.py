"""Texts that an expression finds something in, drawn by chance.

Hypothesis can make them, too (`from_regex`), but takes a hundred times as long with expressions as
large as ours.
"""

import random
import re
from collections.abc import Iterable, Sequence
from functools import cache
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

LATIN = tuple(map(chr, range(256)))
REPEATS = (sre.MIN_REPEAT, sre.MAX_REPEAT, sre.POSSESSIVE_REPEAT)
CATEGORIES = {
    sre.CATEGORY_DIGIT: r"\d",
    sre.CATEGORY_NOT_DIGIT: r"\D",
    sre.CATEGORY_SPACE: r"\s",
    sre.CATEGORY_NOT_SPACE: r"\S",
    sre.CATEGORY_WORD: r"\w",
    sre.CATEGORY_NOT_WORD: r"\W",
}
TRIES = 1_000


def text_with(pattern: re.Pattern[str], draw: random.Random) -> str:
    """A text of Latin-1 that the pattern finds something in, sometimes with more around it.

    Raises ValueError for a pattern to which chance finds none.
    """
    tree = _tree(pattern)
    for _ in range(TRIES):
        text = _Drawn(draw).of(tree, pattern.flags)
        if pattern.search(text):
            return _padded(text, pattern, draw)
    raise ValueError(f"no text is found by {pattern.pattern}")


@cache
def _tree(pattern: re.Pattern[str]) -> Any:
    return parser.parse(pattern.pattern, pattern.flags)


def _padded(text: str, pattern: re.Pattern[str], draw: random.Random) -> str:
    left, right = ("".join(draw.choices(LATIN, k=draw.choice((0, 0, 1, 5)))) for _ in range(2))
    more = f"{left}{text}{right}"
    return more if pattern.search(more) else text


class _Drawn:
    """One way through the tree of an expression."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw
        self._groups: dict[int, str] = {}

    def of(self, tree: Iterable[tuple[Any, Any]], flags: int) -> str:
        return "".join(self._part(code, value, flags) for code, value in tree)

    def _part(self, code: Any, value: Any, flags: int) -> str:
        if code in {sre.LITERAL, sre.NOT_LITERAL, sre.IN, sre.ANY}:
            return self._cased(self._draw.choice(_class(code, _hashable(value))), flags)
        if code in REPEATS:
            return self._repeated(*value, flags=flags)
        if code is sre.BRANCH:
            return self.of(self._draw.choice(value[1]), flags)
        if code is sre.SUBPATTERN:
            group, added, removed, tree = value
            text = self.of(tree, (flags | added) & ~removed)
            self._groups[group] = text
            return text
        if code is sre.GROUPREF:
            return self._groups.get(value, "")
        if code is sre.GROUPREF_EXISTS:
            group, there, missing = value
            return self.of(there if group in self._groups else missing or (), flags)
        if code is sre.ATOMIC_GROUP:
            return self.of(value, flags)
        # What is to come may be made by what follows; what must not come is left to chance.
        made = code is sre.ASSERT and self._draw.random() < 0.5
        return self.of(value[1], flags) if made else ""

    def _repeated(self, least: int, most: int, tree: Any, *, flags: int) -> str:
        more = int(self._draw.expovariate(0.5)) if most - least > 1 else self._draw.randint(0, 1)
        times = least + min(int(most) - least, more)
        return "".join(self.of(tree, flags) for _ in range(times))

    def _cased(self, char: str, flags: int) -> str:
        other = char.swapcase()
        if flags & re.IGNORECASE and other in LATIN and self._draw.random() < 0.5:
            return other
        return char


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


@cache
def _class(code: Any, value: Any) -> Sequence[str]:
    """The characters of Latin-1 that one place of an expression takes."""
    if code is sre.LITERAL:
        return [chr(value)]
    if code is sre.NOT_LITERAL:
        return [char for char in LATIN if char != chr(value)]
    if code is sre.ANY:
        return LATIN
    negated = value[0][0] is sre.NEGATE
    named = [chr(point) for one in value for point in _named(*one)]
    return [
        char for char in (*LATIN, *named) if any(_takes(*one, char) for one in value) is not negated
    ]


def _named(code: Any, value: Any) -> Sequence[int]:
    """What a class names that is past Latin-1, or some of it."""
    first, last = value if code is sre.RANGE else (value, value) if code is sre.LITERAL else (0, 0)
    return range(max(first, len(LATIN)), min(last, first + 50) + 1)


def _takes(code: Any, value: Any, char: str) -> bool:
    if code is sre.RANGE:
        return bool(value[0] <= ord(char) <= value[1])
    if code is sre.CATEGORY:
        return re.match(CATEGORIES[value], char) is not None
    return code is sre.LITERAL and chr(value) == char
