"""Templates that turn out to be one: what only the whole set of them can tell."""

import re
from collections.abc import Iterable, Mapping

from bot.core import masking

_VARIABLE = "<*>"
_PUNCTUATION = ",;:"
_LITERALS_NEEDED = 2
_LONGEST = 64
_WORD = re.compile(r"[^\W\d_]{2,}")


def join(templates: Iterable[str]) -> Mapping[str, str]:
    """Template → the wider one it belongs to, for those that have one; both stay valid names.

    A template that equals another but for one place, where the other has a variable, is a case of
    it. The answer depends on the set alone, and a larger set only ever joins more. Give it the
    templates of one service; those of exceptions have no variable places and stay apart.
    """
    by_key = _by_key(templates)
    wider = {key: found for key in by_key if (found := _wider(key, by_key))}
    return {
        template: by_key[_widest(key, wider)][0]
        for key, same in by_key.items()
        for template in same
        if template != by_key[_widest(key, wider)][0]
    }


def near(templates: Iterable[str], newcomers: Iterable[str]) -> tuple[str, ...]:
    """The templates that a newcomer may be a family with: those with as many words."""
    lengths = {_length(newcomer) for newcomer in newcomers}
    return tuple(template for template in templates if _length(template) in lengths)


def _length(template: str) -> int:
    return masking.untyped(template).count(" ")


def _by_key(templates: Iterable[str]) -> dict[str, list[str]]:
    by_key: dict[str, list[str]] = {}
    for template in sorted(set(templates)):
        by_key.setdefault(masking.untyped(template), []).append(template)
    return by_key


def _wider(key: str, known: Mapping[str, object]) -> str:
    """The first template, from the left, that has a variable where this one has a word."""
    words = key.split(" ")
    if len(words) > _LONGEST:
        return ""
    says = [word != _VARIABLE and _WORD.search(word) is not None for word in words]
    for place, word in enumerate(words):
        variable = _VARIABLE + word[len(word.rstrip(_PUNCTUATION)) :]
        if word == variable or sum(says) - says[place] < _LITERALS_NEEDED:
            continue
        candidate = " ".join([*words[:place], variable, *words[place + 1 :]])
        if candidate in known:
            return candidate
    return ""


def _widest(key: str, wider: Mapping[str, str]) -> str:
    while key in wider:
        key = wider[key]
    return key
