"""Templates that turn out to be one: what only the whole set of them can tell."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain

from bot.core.signing import masking
from bot.core.wording import english

MANY = 30
"""Different words in one place of one sentence: more than HTTP has methods or a network has ways to
fail. What looks like a name in code does not count: a program may say the same of each of its jobs.
"""
MANY_NAMES = 8
"""The same where none of the words is one of the language, as names are. A service seldom depends
on so many others that it names in one sentence; what is said first is who speaks, and stays."""
_VARIABLE = "<*>"
_PUNCTUATION = ",;:"
_LITERALS_NEEDED = 2
_LONGEST = 200
"""Pieces of a template."""
_PIECE = re.compile(
    r"<\*>|(?<!\w)\"[^\"<>]{0,80}\"(?!\w)|(?<!\w)'[^'<>]{0,80}'(?!\w)|\w(?:[\w.@+$%/-]*\w)?|\W"
)
_QUOTES = "'\""
_OPENING = "'\"`[(:"
_WORD = re.compile(r"[^\W\d_]{2,}")
_CODE = re.compile(r"[a-z\d][A-Z]|\w_\w|[:()]")
_IN_CODE = re.compile(r"(?:::|[.$#])<\*>|<\*>(?:::|\()")
_KINDS_OF_CODE = frozenset(
    (
        "attribute", "class", "column", "component", "constant", "constraint", "field", "function",
        "interface", "method", "package", "property", "relation", "relationship", "table", "trait",
        "variable",
    )
)  # fmt: skip
"""What stands behind one of these is named by code: it tells errors apart, however many it has."""
_NAMED_BY_CODE = re.compile(r"[A-Za-z][a-z]+(?:[A-Z][a-z]+)+")
"""`tickTime` and `SessionTimeout` are no values of `<*> set to <num>`."""
_SAYS_WHAT_HAPPENED = re.compile(
    r"(?i:no|not|error|invalid|unknown|missing|timeout|bad|wrong|unable|cannot|too|failure"
    r"|[\w-]{3,}ed)|[A-Z][A-Z\d_]+|[\w.$]*(?:Error|Exception|Fault|Failure|Warning)|\S*\d\S*"
)
"""What still has a digit is a code that masking kept: 5xx, 404."""


def join(templates: Iterable[str]) -> Mapping[str, str]:
    """Template → the wider one it belongs to, for those that have one; both stay valid names.

    A template that equals another but for one place, where the other has a variable, is a case of
    it; and where `MANY` differ in one place only (`MANY_NAMES`, if by names), all are cases of one
    that nobody wrote. The answer depends on the set alone, and a larger set only ever joins more.
    Give it the templates of one service; those of exceptions have no variable places and stay
    apart.
    """
    by_key = _by_key(templates)
    ways = {key: tuple(_wider(key)) for key in by_key}
    ways |= {key: tuple(_wider(key)) for key in _crowded(ways)}
    wider = {
        key: found
        for key, some in ways.items()
        if (found := next((text for _, text in some if text in ways), ""))
    }
    whole = {key: _widest(key, wider) for key in by_key}
    return {
        template: named
        for key, same in by_key.items()
        for template in same
        if template != (named := by_key.get(whole[key], [whole[key]])[0])
    }


def cases(newcomers: Iterable[str], known: Iterable[str]) -> Mapping[str, str]:
    """Newcomer → the known template that it is a case of, for those that have one: as `join` says,
    in a fraction of its time, but for families that nobody knows yet."""
    keys = {masking.untyped(template): template for template in known if "<" in template}
    joined = dict[str, str]()
    for newcomer in newcomers:
        wider = (text for _, text in _wider(masking.untyped(newcomer)) if text in keys)
        if text := next(wider, ""):
            joined[newcomer] = keys[text]
    return joined


def near(templates: Iterable[str], newcomers: Iterable[str]) -> tuple[str, ...]:
    """The templates that a newcomer may be a family with: those with as many words."""
    lengths = {_length(newcomer) for newcomer in newcomers}
    return tuple(template for template in templates if _length(template) in lengths)


def _length(template: str) -> int:
    return sum(map(str.isspace, _PIECE.findall(masking.untyped(template))))


def _by_key(templates: Iterable[str]) -> dict[str, list[str]]:
    by_key: dict[str, list[str]] = {}
    for template in sorted(set(templates)):
        by_key.setdefault(masking.untyped(template), []).append(template)
    return by_key


def _crowded(ways: Mapping[str, Iterable[tuple[str, str]]]) -> frozenset[str]:
    """The texts with a variable where so many of those that may be wider have a word each, or a
    name."""
    if len(ways) < MANY_NAMES:
        return frozenset()
    words: dict[str, set[str]] = defaultdict(set)
    for word, text in chain.from_iterable(ways.values()):
        if not (_CODE.search(word) or _IN_CODE.search(text)):
            words[text].add(word)
    return frozenset(text for text, different in words.items() if _is_crowd(text, different))


def _is_crowd(text: str, words: Collection[str]) -> bool:
    if len(words) < MANY_NAMES or text.startswith(_VARIABLE):
        return len(words) >= MANY
    return len(words) >= MANY or sum(map(_is_name, words)) >= MANY_NAMES


def _is_name(word: str) -> bool:
    """Whether somebody or something may be called so; all that is listed here is no name, nor is
    what has dots in it, as a setting."""
    if "." in word:
        return False
    parts = word.strip(_QUOTES).lower().replace("-", " ").split()
    return not all(map(english.is_word, parts))


def _wider(key: str) -> Iterator[tuple[str, str]]:
    """The texts, from the left, with a variable where this one has a word; and that word."""
    pieces = _PIECE.findall(key)
    if len(pieces) > _LONGEST:
        return
    says = _that_say(pieces)
    for start, end in _places(pieces):
        word = "".join(pieces[start:end])
        if sum(says[:start] + says[end:]) < _LITERALS_NEEDED or not _may_vary(word):
            continue
        if _is_in_code(pieces[:start]):
            continue
        wide = masking.untyped("".join([*pieces[:start], _VARIABLE, *pieces[end:]]))
        if wide.count(_VARIABLE) >= key.count(_VARIABLE):
            yield word, wide


def _that_say(pieces: Iterable[str]) -> list[bool]:
    """Which are words; who is named in brackets says nothing."""
    says, depth = [], 0
    for piece in pieces:
        says.append(depth == 0 and _WORD.search(piece) is not None)
        depth = max(0, depth + (piece == "[") - (piece == "]"))
    return says


def _places(pieces: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where each piece begins and ends, and all that stand together without a blank."""
    start = 0
    for end, piece in enumerate([*pieces, " "]):
        if piece.isspace():
            stop = end - (end > start and pieces[end - 1] in _PUNCTUATION)
            if stop - start > 1:
                yield start, stop
            yield from ((place, place + 1) for place in range(start, end))
            start = end + 1


def _may_vary(word: str) -> bool:
    """Whether it can be a value: reasons, constants and types of errors say what happened."""
    return (
        word != _VARIABLE
        and not _NAMED_BY_CODE.fullmatch(word)
        and (word[0] in _QUOTES or any(map(str.isalnum, word)))
        and not any(map(_SAYS_WHAT_HAPPENED.fullmatch, word.strip(_QUOTES).split()))
    )


def _is_in_code(before: Sequence[str]) -> bool:
    """Whether what stands there is what code calls a class, a column …"""
    for piece in reversed(before):
        if not piece.isspace() and piece not in _OPENING:
            return piece.lower() in _KINDS_OF_CODE
    return False


def _widest(key: str, wider: Mapping[str, str]) -> str:
    while key in wider:
        key = wider[key]
    return key
