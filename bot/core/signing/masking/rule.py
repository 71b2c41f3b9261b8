"""Rules of masking, each with what a text must have in it, a pattern, and what replaces a match."""

import re
from collections.abc import Iterable

Rule = tuple[str, re.Pattern[str], str]


def table(*rows: tuple[str, str, str]) -> tuple[Rule, ...]:
    """The rules of a table, their patterns compiled."""
    return tuple((needed, re.compile(pattern), put) for needed, pattern, put in rows)


def apply(rules: Iterable[Rule], text: str) -> str:
    """The text by all the rules, one after the other."""
    for needed, pattern, replacement in rules:
        # `sub` takes longer to read the replacement, which it does first, than to look for a match
        if needed in text and pattern.search(text):
            text = pattern.sub(replacement, text)
    return text
