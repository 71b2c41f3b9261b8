"""Rules of masking, each with what a text must have in it, a pattern, and what replaces a match.

What a text must have are the rule's signs, parted by "|": of all that the pattern finds, one is in
the text. They cost next to nothing to look for, and most patterns cannot match most texts.
"""

import re
from collections.abc import Iterable

Rule = tuple[tuple[str, ...], re.Pattern[str], str]


def table(*rows: tuple[str, str, str]) -> tuple[Rule, ...]:
    """The rules of a table, their patterns compiled."""
    return tuple(
        (tuple(signs.split("|")), re.compile(pattern), put) for signs, pattern, put in rows
    )


def apply(rules: Iterable[Rule], text: str) -> str:
    """The text by all the rules, one after the other."""
    for signs, pattern, replacement in rules:
        for sign in signs:
            if sign in text:
                # `sub` first reads the replacement, which takes longer than to look for a match
                if pattern.search(text):
                    text = pattern.sub(replacement, text)
                break
    return text
