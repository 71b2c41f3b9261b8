"""Lists: one member stands for all, however many words each takes."""

import re
from collections.abc import Sequence

from bot.core.signing.masking.pair import ANY

LONGEST_MEMBER = 8
"""Pieces of a member: what stands between blanks, commas, semicolons and what opens a bracket."""
_PIECE = re.compile(r"[^\s,;(\[{]+")
_PLACEHOLDER = re.compile(ANY)
_VARIABLE = "<*>"
_CLOSING = ")]}:."
_JOINING = ("and", "or", "&")
_WORD = re.compile(r"[^\W\d_]")
_WORDS = re.compile(rf"{ANY}|([^\W\d_]+)")
_LAST = re.compile(rf"({ANY}),? (?:and|or|&) (?={ANY})")


def once(masked: str) -> str:
    """The text with one member of each list of which a member has a placeholder and a word; a list
    of placeholders alone stays, with commas only. Takes time in proportion to the text."""
    if masked.count(">") < 2:
        return masked
    masked = _LAST.sub(r"\1, ", masked)
    words = list(filter(None, _WORDS.findall(masked)))
    if len(set(words)) == len(words):
        return masked
    found = list(_PIECE.finditer(masked))
    bare = [_PLACEHOLDER.sub(_VARIABLE, one[0]).rstrip(_CLOSING) for one in found]
    telling = _telling(bare)
    told, end, at = "", 0, 0
    while at < len(bare):
        length, stop = _list(bare, at, shortest=telling[at] - at + 1)
        if length:
            first, last = found[at + length - 1], found[stop - 1]
            told += masked[end : first.start()] + first[0].rstrip(_CLOSING)
            end = last.start() + len(last[0].rstrip(_CLOSING))
        at = stop
    return told + masked[end:]


def _telling(pieces: Sequence[str]) -> list[int]:
    """For each piece, up to where there are a variable and a word."""
    variable = word = len(pieces)
    found = []
    for at in range(len(pieces) - 1, -1, -1):
        variable = at if _VARIABLE in pieces[at] else variable
        word = at if _WORD.search(pieces[at]) else word
        found.append(max(variable, word))
    return found[::-1]


def _list(pieces: Sequence[str], start: int, *, shortest: int) -> tuple[int, int]:
    """How many pieces a member has of the list that starts there, 0 if none does; and where what
    starts there ends."""
    for length in range(shortest, min(LONGEST_MEMBER, len(pieces) - start - 1) + 1):
        if pieces[start + length] not in (pieces[start], *_JOINING):
            continue
        member = pieces[start : start + length]
        if (stop := _end(pieces, start + length, member)) > start + length:
            return length, stop
    return 0, start + 1


def _end(pieces: Sequence[str], at: int, member: Sequence[str]) -> int:
    """Where the repetitions of a member end."""
    while at < len(pieces):
        start = at + (pieces[at] in _JOINING)
        if pieces[start : start + len(member)] != member:
            break
        at = start + len(member)
    return at
