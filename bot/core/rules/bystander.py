"""Whether a text is about somebody else's doing, or only mentions it: what a client, a stranger or
a routine does is noise only where the text says nothing else.

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
    """Where in a text a verdict was found: from `start` up to `end`."""

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
    """The text without the named fields that others can fill; those the program fills itself
    stay."""
    return _FIELD.sub(lambda field: field[0] if _is_telling(_key(field)) else " ", text)


def values_of_others(text: str) -> list[tuple[int, int]]:
    """From where to where the values of fields go that others can fill."""
    fields = (field for field in _FIELD.finditer(text) if not _is_telling(_key(field)))
    return [(max(field.end("key"), field.end("bare")), field.end()) for field in fields]


def without_values(text: str) -> str:
    """The text without the values of such fields; their names stay, since one may be the text's
    last word."""
    for start, end in reversed(values_of_others(text)):
        text = f"{text[:start]} {text[end:]}"
    return text


def _is_telling(key: str) -> bool:
    """Whether a field's name says that it holds an error, or what the program says of one."""
    is_error = key.endswith(("error", "exception"))
    return is_error or key in _SAID or not _TELLING.isdisjoint(_PARTS.split(key))


def is_the_subject(one: Span, others: Sequence[Span], text: str) -> bool:
    """Whether a text of a single line is about this and nothing else: it stands at the beginning or
    after a mark, outside of quotes and of fields that others fill, with nothing beside it but how a
    connection ended."""
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
    """Whether a match lies in a field that others fill, or in quotes. Quotes inside a value may be
    unescaped, so that the field seems to end early."""
    key = _key(field)
    if key in _SPEAKING or not field.start() <= one.start < field.end():
        return False
    return one.end <= field.end() or key not in _QUOTING


def _key(field: re.Match[str]) -> str:
    return (field["key"] or field["bare"] or "").lower()


def _is_told_by(other: Span, one: Span, text: str) -> bool:
    """Whether two matches are one statement: they overlap, or punctuation ties one to the other."""
    if _overlap(one, other) or _is_a_mere_name(other, text):
        return True
    before = text[max(0, one.start - 100) : one.start]
    if other.verdict.name not in _SAME:
        return other.verdict.name == v.TLS.name and bool(_OPENSSL.search(before))
    if other.end <= one.start:
        return bool(_LEADS_IN.search(before) or _DURING.match(text, max(0, one.start - 2)))
    return bool(_LEADS_ON.match(text, one.end))


def _is_a_mere_name(other: Span, text: str) -> bool:
    """Whether a match says that something happened, not what."""
    return bool(_MERE_NAME.fullmatch(text, other.start, other.end))


def _overlap(one: Span, other: Span) -> bool:
    return other.start < one.end and one.start < other.end
