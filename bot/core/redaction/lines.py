"""Text redacted line by line, as it comes, and what only the lines before a line tell of it."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from bot.core import linear
from bot.core.redaction import private_key
from bot.core.redaction.names import FULL_SIGN
from bot.core.redaction.redactor import Redactor
from bot.core.redaction.rule import unseen

_LINES_BEFORE = 4
_CHARACTERS = 1_000
"""Of each of them, the last: what a line is given for stands at the end of one before."""


def redacted(lines: Iterable[str], hide: Redactor) -> Iterator[str]:
    """Each line without its secrets, none held back; the lines of a private key in one piece.

    A line that is indented belongs to those before it, as in a record: `Value: ...` below the
    `Property: ...` that it is of, or a text of YAML below its key.
    """
    before = deque[str](maxlen=_LINES_BEFORE)
    for block in private_key.kept_whole(lines):
        if block and not block[0].isspace():
            before.clear()
        line = block
        if "\n" not in block and block.strip() and any(map(_names_a_secret, before)):
            line = hide("\n".join([*before, block])).text.rpartition("\n")[2]
        before.append(block[-_CHARACTERS:])
        yield hide(line).text


def _names_a_secret(line: str) -> bool:
    return _name()(linear.seen(line), 0) >= 0


@cache
def _name() -> Callable[[bytes, int], int]:
    return linear.where(unseen(rf"(?i){FULL_SIGN}"))
