"""Text redacted line by line, as it comes, and what only the lines before a line tell of it."""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from bot.core import linear
from bot.core.redaction import private_key
from bot.core.redaction.names import FULL_SIGN
from bot.core.redaction.redactor import Redactor
from bot.core.redaction.rule import unseen

_LINES_BEFORE = 8
_CHARACTERS = 1_000
"""Of each of them, the last: what a line is given for stands at the end of one before."""


_STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)"
_COLLECTED = re.compile(
    rf"(?:{_STAMP}[ ](?:(?:stdout|stderr)[ ][FP][ ])?)?"
    r"(?:[\w.-]{1,64} {1,32}\|(?: |$)|\[(?:pod|container)/[^\]\s]{1,256}\] "
    r"|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d [\w.-]{1,64} [\w./-]{1,64}(?:\[\d{1,7}\])?: )?"
)
"""What collectors put before each line, so that none is indented: Docker Compose, the container
runtimes of Kubernetes, its kubectl, syslog."""
_OF_STATEMENT = re.compile(r".{0,160}?\b(?:CONTEXT|DETAIL|HINT|QUERY|STATEMENT): {1,2}\S")
"""A line that PostgreSQL adds to the one above, with its own time."""


def redacted(lines: Iterable[str], hide: Redactor) -> Iterator[str]:
    """Each line without its secrets, none held back; the lines of a private key in one piece.

    A line that is indented belongs to those before it, as in a record: `Value: ...` below the
    `Property: ...` that it is of, or a text of YAML below its key; and so does what PostgreSQL adds
    to a statement.
    """
    before = deque[str](maxlen=_LINES_BEFORE)
    heads = deque[str]()
    for block in private_key.kept_whole(_without_heads(lines, heads)):
        head, *_ = [heads.popleft() for _ in range(block.count("\n") + 1)]
        of_statement = _OF_STATEMENT.match(block) is not None
        if block and not (block[0].isspace() or of_statement):
            before.clear()
        line = block
        if "\n" not in block and (of_statement or _may_be_a_secret(block, before)):
            line = hide("\n".join([*before, block])).text.rpartition("\n")[2]
        yield hide(head).text + line if of_statement and before else hide(head + line).text
        before.append(block[-_CHARACTERS:])


def _may_be_a_secret(line: str, before: Iterable[str]) -> bool:
    return bool(line.strip()) and any(map(_names_a_secret, before))


def _without_heads(lines: Iterable[str], heads: deque[str]) -> Iterator[str]:
    """The lines as they were written; what a collector put before each goes to `heads`."""
    for line in lines:
        found = _COLLECTED.match(line)
        length = found.end() if found else 0
        heads.append(line[:length])
        yield line[length:]


def _names_a_secret(line: str) -> bool:
    return _name()(linear.seen(line), 0) >= 0


@cache
def _name() -> Callable[[bytes, int], int]:
    return linear.where(unseen(rf"(?i){FULL_SIGN}"))
