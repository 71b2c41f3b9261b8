"""One kind of secret: how it is found, what confirms it, and what stands in its place."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bot.core import linear

KINDS = (
    *("api-key", "auth", "card", "cookie", "customer", "date-of-birth", "email", "iban", "ip"),
    *("jwt", "mac", "name", "national-id", "phone", "private-key", "secret", "session", "street"),
    *("token", "user"),
)

SAFE = (
    r"<(?:" + "|".join((*KINDS, "[*]", "bool", "id", "hex", "num", "value", "text", "uuid")) + r")>"
)
"""What redaction and masking leave behind; never redacted again."""

QUOTE = (
    r"(?:\\{0,4}[\"'`]|\\{1,4}(?:x2[27]|u002[27])|%(?:25)?2[27]|&(?:quot|apos|\#3[49]|\#x2[27]);)"
)
"""A quotation mark, escaped as often as logs within logs do, or as URLs, XML and nginx write it."""

OPENS = (
    r"(?P<quote>\"{3}|'{3}|(?P<slash>\\{0,4})(?:[\"'`]|(?<=\\)(?:x2[27]|u002[27])|%(?:25)?2[27]"
    r"|&(?:quot|apos|\#3[49]|\#x2[27]);))"
    r"(?:(?=(?:(?!(?P=quote)).){1,8192}?(?<=\\)(?P=quote))(?P<slips>))?"
)
QUOTED = (
    r"""(?:(?:(?P=slash)\\|\\x5[Cc])(?:(?P=slash)\\|(?P=quote))|'\\''|''(?=\w)|(?!(?P=quote)).)"""
)
CLOSES = r"(?:(?P=quote)|(?(slips)(?=\n|$)|(?!)))"
"""A value in quotation marks: what opens it, a letter of it, and what closes it. The letters are to
be repeated possessively, in time in proportion to them.

A mark with one more backslash before it than has the one that opens belongs to the value, however
deep logs lie within logs; so does one that SQL doubles, 'it''s', and one that shells put between
two quotations, 'it'\\''s'. If no other mark follows, the value ends with its line.
"""

BEGINS = r"(?:(?<![A-Za-z0-9])|(?<=\\[nrt])|(?<=[%x]2[27])|(?<=%252[27])|(?<=u002[27])|(?<=-D))"
"""Where a name begins, also after what stands for a quotation mark or the end of a line."""

WORD_BEGINS = r"(?:(?<![A-Za-z])|(?-i:(?<=[a-z])(?=[A-Z])))"
"""Where a word begins, also inside a name: `customer_phone`, `customerPhone`."""

_BLANKS = r"(?:[ \t]{0,48}|\s{1,4})"
"""Also as many as line up a column of signs, or of values."""

IS = (
    rf"(?:{QUOTE})?(?:\[\d{{0,3}}\])?(?:\]|>>|%(?:25)?5[Dd])?(?P<gap>{_BLANKS}"
    rf"(?:=>|:=|={{1,3}}|[:：＝]|%(?:25)?3[DdAa]|\\{{1,4}}u003[Dd]|(?<=\s)(?:->|→)(?=\s)){_BLANKS})"
)
"""What gives a name its value, in any notation: the end of the name's quotation, then the sign."""

VALUE = (
    rf"(?:{_BLANKS}(?:=>|[:=#]){_BLANKS}|\s{{0,2}}(?:\bis\b)?\s{{0,2}})\\{{0,4}}[\"']?(?!{SAFE})"
)
"""After a name in plain words, what may stand before its value."""

KEY_OF_ROW = (
    r"(?:\bKey[ ]|[«»„“\"][ ]?)\((?P<columns>(?:[^()=\n]|\([^()=\n]{0,128}+\)){1,256}+)\)=\("
    rf"(?!{SAFE}\))(?P<secret>(?:(?!\)=\()[^\n]){{1,1024}}?)\)(?=[\s«.,;\"'\\]|$)"
)
"""The columns of a key and their values, as PostgreSQL tells them: `Key (id, name)=(7, Ann)`."""
KEY_OF_ROW_SIGN = r"\)=\("

NO_WORD = r"(?=[^\s\"'`]{0,64}[\d!@#$%^&*_])"
"""In a sentence a secret is told from the next word by a character that words have not."""

HIDDEN = ("secret", "quoted", "bare")
"""The groups of a pattern that are hidden; of one without them, all that it finds."""

LONGEST_NAME = 64
"""What stands in a secret's place may end in the name of another: `customer: account=acme-1`."""

# What signs are written with: they see bytes, in which a character past ASCII is a "?".
SPACE = r"[\s\x0b\x1c-\x1f?]"
WORD = r"[\w?]"
QUOTE_SIGN = r"(?:[\\\"'`]{0,5}|[\\%&#]{1,4}[\w;]{2,7})"
IS_SIGN = (
    rf"{QUOTE_SIGN}(?:\[\d*\])?(?:\]|>>|%(?:25)?5[Dd])?{SPACE}*(?:[:=?]|%(?:25)?3[DAda]|\\+u003|->)"
)
NOT_YET = rf"{SPACE}*(?:[^<\s]|<<)"
"""After it no placeholder stands."""
VALUE_SIGN = r"[^A-Za-z0-9]*(?:is\b[^A-Za-z0-9]*)?"


def after(chars: str) -> str:
    """In a sign, what `(?<![chars])` is in a pattern: RE2 does not look behind."""
    return rf"(?:^|[^{chars}])"


def digits(text: str) -> str:
    """The digits of a number, however it is grouped."""
    return re.sub(r"\D", "", text)


def always(_: re.Match[str]) -> bool:
    return True


@dataclass(frozen=True)
class Rule:
    """`pattern` finds candidates, and `confirms` that one is to be hidden.

    It is compiled when it is needed first: all of them take a third of a second, and most texts
    need none. `sign` is an expression for RE2 that every text in which `pattern` finds something
    has in it: all signs are looked for at once, so that a rule costs nothing where it has nothing
    to do. `begins` tells where `pattern` may begin, for one that is slow to look for it itself.
    `why` says what is found, and where its format comes from.
    """

    kind: str
    why: str
    verbose: str
    sign: str
    confirms: Callable[[re.Match[str]], bool]
    begins: str = ""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What finds candidates."""
        return re.compile(self.verbose, re.VERBOSE)

    @cached_property
    def groups(self) -> tuple[int, ...]:
        """What of a candidate is hidden: the first of these that took part."""
        index = self.pattern.groupindex
        return tuple(index[name] for name in HIDDEN if name in index) or (0,)

    @cached_property
    def _starts(self) -> Callable[[bytes, int], int] | None:
        return linear.where(self.begins) if self.begins else None

    def hide(self, text: str) -> str | None:
        """The text with what the rule finds hidden; None if that is nothing."""
        parts: list[str] = []
        end = place = 0
        seen = linear.seen(text) if self.begins else b""
        while found := self._next(text, seen, place):
            start, stop = self._span(found)
            if end <= start < stop and self.confirms(found):
                parts += [text[end:start], f"<{self.kind}>"]
                end = stop
                place = max(start, stop - LONGEST_NAME) if found.start() < start else stop
            else:
                place = max(start, found.start() + 1)
        return "".join(parts) + text[end:] if parts else None

    def _next(self, text: str, seen: bytes, place: int) -> re.Match[str] | None:
        if self._starts is None:
            return self.pattern.search(text, place)
        while (place := self._starts(seen, place)) >= 0:
            if found := self.pattern.match(text, place):
                return found
            place += 1
        return None

    def _span(self, found: re.Match[str]) -> tuple[int, int]:
        return next(span for group in self.groups if (span := found.span(group)) != (-1, -1))


def rule(
    kind: str,
    why: str,
    pattern: str,
    *,
    sign: str,
    confirms: Callable[[Any], bool] = always,
    starts: str = "",
) -> Rule:
    """A rule from a verbose pattern; its groups `HIDDEN` are what to hide."""
    return Rule(kind, why, pattern, unseen(sign), confirms, unseen(starts))


def unseen(sign: str) -> str:
    """A sign with a "?" for each letter that it cannot see."""
    return re.sub("[^\x00-\x7f]", r"\\?", sign)
