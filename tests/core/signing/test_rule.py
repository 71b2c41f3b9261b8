"""The signs of rules of masking: what their patterns find has one of them, so that none is skipped.

It is proven from each pattern as Python reads it, not tried.
"""

import re
from collections.abc import Iterable
from itertools import product
from re import _constants as the  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest

from bot.core.signing.masking import (
    dated,
    former,
    quoted,
    rendered,
    request,
    rule,
    sentence,
    token,
    unread,
)

UNKNOWN = "\0"
MOST = 5_000
TABLES = {
    f"{module.__name__.rpartition('.')[2]}.{name}": table
    for module in (dated, former, quoted, rendered, request, sentence, token, unread)
    for name, table in vars(module).items()
    if isinstance(table, tuple) and table and isinstance(table[0], tuple) and len(table[0]) == 3
} | {f"sentence {version}": table for version, table in sentence._SENTENCES.items()}


@pytest.mark.parametrize("name", TABLES)
def test_whatever_a_rule_finds_has_one_of_its_signs(name: str) -> None:
    unproven = [
        (signs, pattern.pattern)
        for signs, pattern, _ in TABLES[name]
        if not has_sign(parser.parse(pattern.pattern), signs)
    ]
    assert unproven == []


@pytest.mark.parametrize(
    ("sign", "pattern", "is_proven"),
    [
        ("ser ", r"\b([Uu]ser) x", True),
        ("user ", r"\b([Uu]ser) x", False),
        ("ser ", r"\b([Uu]ser|[Ll]ogin) x", False),
        ("ser |ogin ", r"\b([Uu]ser|[Ll]ogin) x", True),
        ("x", "ax?", False),
        ("xx", "a(?:x{2,9})", True),
        ("x", "(?:x){0,2}", False),
        ("a ", "a(?: x){0,2} ", True),
        ("> (", r"<(?:id|num)> \((?:a|b)", True),
        ("b", "a(?=.{0,9}b)", True),
        ("b", "a(?!b)", False),
        ("b", "(?i:b)", False),
    ],
)
def test_a_sign_is_proven_where_each_way_to_match_has_it(
    sign: str, pattern: str, is_proven: bool
) -> None:
    ((signs, _, _),) = rule.table((sign, pattern, ""))
    assert has_sign(parser.parse(pattern), signs) is is_proven


def has_sign(parsed: Iterable[Any], signs: tuple[str, ...]) -> bool:
    """Whether a text in which the pattern finds something must have one of the signs."""
    parsed = with_edges(list(parsed))
    if all(any(sign in text for sign in signs) for text in texts(parsed)):
        return True
    return any(part_has_sign(kind, what, signs) for kind, what in parsed)


def with_edges(parsed: list[Any]) -> list[Any]:
    """The pattern with what must stand before it and behind it."""
    if parsed and parsed[0][0] is the.ASSERT and parsed[0][1][0] < 0:
        parsed = [*parsed[0][1][1], *parsed[1:]]
    if parsed and parsed[-1][0] is the.ASSERT and parsed[-1][1][0] > 0:
        parsed = [*parsed[:-1], *parsed[-1][1][1]]
    return parsed


def part_has_sign(kind: object, what: Any, signs: tuple[str, ...]) -> bool:
    if kind is the.BRANCH:
        return all(has_sign(either, signs) for either in what[1])
    if kind is the.ASSERT or (kind is the.SUBPATTERN and not what[1]):
        return has_sign(what[-1], signs)
    return kind in REPEATS and what[0] > 0 and has_sign(what[2], signs)


REPEATS = (the.MAX_REPEAT, the.MIN_REPEAT, the.POSSESSIVE_REPEAT)


def texts(parsed: Iterable[Any]) -> set[str]:
    """What the pattern may find, with a mark in place of all that may be anything."""
    found = {""}
    for kind, what in parsed:
        more = texts_of(kind, what)
        found = joined(found, more)
    return found


def texts_of(kind: object, what: Any) -> set[str]:
    if kind is the.LITERAL:
        return {chr(what)}
    if kind is the.IN and all(one is the.LITERAL for one, _ in what):
        return {chr(one) for _, one in what}
    if kind is the.BRANCH:
        return set().union(*map(texts, what[1]))
    if kind is the.SUBPATTERN and not what[1] & re.IGNORECASE:
        return texts(what[-1])
    if kind in REPEATS:
        return repeated(*what)
    if kind in (the.AT, the.ASSERT, the.ASSERT_NOT):
        return {""}
    return {UNKNOWN}


def repeated(least: int, most: int, parsed: Iterable[Any]) -> set[str]:
    if not least:
        return {""} | repeated(1, most, parsed)
    as_few = one = texts(parsed)
    for _ in range(least - 1):
        as_few = joined(as_few, one)
    return as_few | joined(as_few, joined({UNKNOWN}, one)) if most > least else as_few


def joined(before: set[str], behind: set[str]) -> set[str]:
    """What is in the one before what is in the other; of too many, only where each begins."""
    if len(before) * len(behind) > MOST:
        behind = {text[:1] + UNKNOWN * (len(text) > 1) for text in behind}
    if len(before) * len(behind) > MOST:
        behind = {UNKNOWN}
    return {one + two for one, two in product(before, behind)}
