"""Whether a text is about somebody else's doing, or only mentions it: what a client, a stranger or
a routine says of itself is no fault of ours only where nothing beside it is.

Whoever can put a phrase into a field of a log line (a user agent, a coupon, a path) could otherwise
make any error noise.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from bot.core.rules import verdicts as v
from bot.core.rules.verdicts import Verdict

ENDS = frozenset(verdict.name for verdict in (v.RESET, v.CANCELLED, v.CLIENT_GONE))
"""How a connection ended, not who ended it: what names the client says the same, and more."""
_SAME = ENDS | {v.NOT_FOUND.name}


class Span(NamedTuple):
    """From where to where of a text a verdict was found."""

    start: int
    end: int
    verdict: Verdict


_FIELD = re.compile(
    r"(?:[\"']?(?P<key>[\w.@-]{1,60})[\"']? ?[=:] ?)?"
    r"(?:\"(?:[^\"\\]|\\.)*(?:\"|$)|(?<!\w)'(?:[^'\\]|\\.)*'(?!\w)|`[^`]*`|“[^”]*(?:”|$))"
    r"|\b(?P<bare>[\w.-]{1,60})=[^\s\"']+"
)
_SPEAKING = frozenset({"msg", "message", "err", "error", "exception", "domain"})
"""Fields in which a program says itself what happened."""
_SAID = _SPEAKING | {""}
_WORDS_OF_FAULTS = """
    reason cause status code errno state detail details description hint kind level severity event
    result outcome fault failure signal exit stderr log
"""
_TELLING = _SPEAKING | frozenset(_WORDS_OF_FAULTS.split())
"""In these, too, a program says what happened, if not always of itself."""
_PARTS = re.compile(r"[_.@-]")
_QUOTING = frozenset({"", "request"})
"""What a web server quotes before it says how that ended."""
_OPENING = re.compile(r"(?:^|[^\w\s]|\bthat|:\d\d\S*)\s*(?:[\w$.]+ ){0,2}[\w$.]*$")
"""The beginning of a line, or of what a mark introduces; two words may lead to what it says."""
_LEADS_IN = re.compile(r"(?::|\bis|\w \() ?(?:[Tt]he )?(?:[\w$]+\.)*$")
_MERE_NAME = re.compile(r"Error|IOException|[Uu]ncaught")
_OPENSSL = re.compile(r"routines:(?:\w*:)+$")
_DURING = re.compile(r"\) (?=while )")
_LEADS_ON = re.compile(r"\w*(?: connection| request)?(?:[:,] ?|: [\w.$]+: ?| \()")


def without_fields(text: str) -> str:
    """The text without what stands in named fields that are not what the program says itself."""
    return _FIELD.sub(lambda field: field[0] if _is_telling(_key(field)) else " ", text)


def values_of_others(text: str) -> list[tuple[int, int]]:
    """From where to where the values of fields go that are not known to be what a program says
    itself."""
    fields = (field for field in _FIELD.finditer(text) if not _is_telling(_key(field)))
    return [(max(field.end("key"), field.end("bare")), field.end()) for field in fields]


def without_values(text: str) -> str:
    """The text without these values; what they are called may be its last word."""
    for start, end in reversed(values_of_others(text)):
        text = f"{text[:start]} {text[end:]}"
    return text


def _is_telling(key: str) -> bool:
    """Whether it is the name of an error, or of what a program says of one."""
    is_error = key.endswith(("error", "exception"))
    return is_error or key in _SAID or not _TELLING.isdisjoint(_PARTS.split(key))


def is_the_subject(one: Span, others: Sequence[Span], text: str) -> bool:
    """Whether the text, a single line, says no more than that: at its beginning or after a mark,
    outside of quotes and of fields others fill, and beside nothing but how a connection ended."""
    if not _OPENING.search(text[max(0, one.start - 100) : one.start]):
        return False
    if any(_is_in(one, found) for found in _FIELD.finditer(text)):
        return False
    telling = [one, *(other for other in others if _overlap(one, other))]
    return all(
        any(_is_told_by(other, of, text) for of in telling)
        for other in others
        if not other.verdict.noise
    )


def _is_in(one: Span, field: re.Match[str]) -> bool:
    """Whether it stands in a field that others fill, or in quotes; quotes within may be unmarked,
    so that a field may seem to end early."""
    key = _key(field)
    if key in _SPEAKING or not field.start() <= one.start < field.end():
        return False
    return one.end <= field.end() or key not in _QUOTING


def _key(field: re.Match[str]) -> str:
    return (field["key"] or field["bare"] or "").lower()


def _is_told_by(other: Span, one: Span, text: str) -> bool:
    """Whether they are one statement: they overlap, or punctuation ties one to the other."""
    if _overlap(one, other) or _is_a_mere_name(other, text):
        return True
    before = text[max(0, one.start - 100) : one.start]
    if other.verdict.name not in _SAME:
        return other.verdict.name == v.TLS.name and bool(_OPENSSL.search(before))
    if other.end <= one.start:
        return bool(_LEADS_IN.search(before) or _DURING.match(text, max(0, one.start - 2)))
    return bool(_LEADS_ON.match(text, one.end))


def _is_a_mere_name(other: Span, text: str) -> bool:
    """It says that something happened, not what."""
    return bool(_MERE_NAME.fullmatch(text, other.start, other.end))


def _overlap(one: Span, other: Span) -> bool:
    return other.start < one.end and one.start < other.end
