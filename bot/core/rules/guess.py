"""Guess from its words which part of the world an error concerns, where no rule knows it."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from bot.core.analysis import Category, Symptom
from bot.core.rules import bystander
from bot.core.rules.chain import lines_with, links, spoken
from bot.core.rules.vocabulary import VOCABULARY
from bot.core.signing import header

_READ = 2_000
_WORD = re.compile(r"[a-z0-9_]+")
_CLAUSE = re.compile(r": | - | \| |; ")
_ASIDE = re.compile(r"^(?:\[[^\]\n]{1,80}\] ?)+|\((?=[^()\n]*\d)[^()\n]{1,40}\)")
"""A thread, an id: who says it, and of which request."""
_NAME_WORDS = 2


def category(symptom: Symptom, *, around: str = "") -> Category | None:
    """The category that most words of what failed belong to, or else of who says so; None if no
    word tells.

    What failed is said in the innermost clause that is no mere name: of the innermost cause, then
    of the lines that hold the words `around`, or else of the first line that tells anything, since
    anybody may have written what follows. What a wrapper, or somebody who reports the error, says
    before it does not count: that is what was wanted, not what failed.
    """
    said = spoken(symptom)[:_READ]
    lines = (lines_with(around, said) if around else []) or said.split("\n")
    *causes, _ = links(symptom)
    return next(filter(None, map(_of_line, (*causes, *lines))), None)


def _of_line(line: str) -> Category | None:
    told = _ASIDE.sub(" ", bystander.without_fields(line[header.length(line) :]))
    return next(filter(None, map(_leading, _clauses(_CLAUSE.split(told)))), None)


def _clauses(pieces: Sequence[str]) -> Iterator[list[str]]:
    """The words of the innermost sentence, then of the names around it, from inside out."""
    is_said = False
    for words in (_WORD.findall(piece.lower()) for piece in reversed(pieces)):
        is_name = len(words) <= _NAME_WORDS
        if is_name or not is_said:
            yield words
        is_said = is_said or not is_name


def _leading(words: Iterable[str]) -> Category | None:
    known = {word for word in words if word in VOCABULARY}
    votes = Counter(VOCABULARY[word] for word in known).most_common(2)
    if not votes or (len(votes) > 1 and votes[0][1] == votes[1][1]):
        return None
    return votes[0][0]
