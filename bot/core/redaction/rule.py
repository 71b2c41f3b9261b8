"""One kind of secret: how it is found, and what stands in its place."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

KINDS = (
    *("api-key", "auth", "card", "cookie", "customer", "date-of-birth", "email", "iban", "ip"),
    *("jwt", "mac", "name", "national-id", "phone", "private-key", "secret", "session", "street"),
    *("token", "user"),
)

SAFE = (
    r"<(?:" + "|".join((*KINDS, "[*]", "bool", "id", "hex", "num", "value", "text", "uuid")) + r")>"
)
"""What redaction and masking leave behind; never redacted again."""


def always(_: re.Match[str]) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Rule:
    """`pattern` finds candidates; the first of its `groups` that took part is hidden if `confirms`.

    Every text with such a secret has one of the `hints` in it, in lower case and with every digit
    a 0 (none: any text); most texts have not, and looking is cheap. `anchor` finds, in the text in
    lower case, the few places where the pattern may match at all.
    """

    kind: str
    pattern: re.Pattern[str]
    hints: tuple[bytes, ...] = ()
    confirms: Callable[[re.Match[str]], bool] = always
    anchor: re.Pattern[str] | None = None
    groups: tuple[str | int, ...] = (0,)


def rule(
    kind: str,
    pattern: str,
    *,
    hints: tuple[str, ...] | str = (),
    confirms: Callable[[Any], bool] = always,
    anchor: str = "",
) -> Rule:
    """A rule from a verbose pattern; hints in one string are separated by white space."""
    words = hints.split() if isinstance(hints, str) else hints
    compiled = re.compile(pattern, re.VERBOSE)
    return Rule(
        kind,
        compiled,
        tuple(word.encode() for word in words),
        confirms,
        re.compile(anchor) if anchor else None,
        tuple(name for name in ("secret", "quoted", "bare") if name in compiled.groupindex) or (0,),
    )


@dataclass(frozen=True, slots=True)
class View:
    """A text and the two forms of it that make looking for rules cheap."""

    text: str
    lowered: str
    hinted: bytes


_ZEROED = bytes.maketrans(b"123456789", b"000000000")


def view(text: str) -> View:
    """The text with its forms; the one in lower case has every character in its place."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(low if len(low := char.lower()) == 1 else char for char in text)
    return View(text, lowered, text.encode("utf-8", "replace").lower().translate(_ZEROED))


def apply(rules: Iterable[Rule], text: str) -> tuple[str, set[str]]:
    """The text with what the rules find hidden, and the kinds of what they found."""
    seen, kinds = view(text), set()
    for rule in rules:
        if rule.hints and not _hinted(rule.hints, seen.hinted):
            continue
        if rule.anchor is not None and not rule.anchor.search(seen.lowered):
            continue
        hidden = _hidden(rule, seen)
        if hidden is not None:
            kinds.add(rule.kind)
            seen = view(hidden)
    return seen.text, kinds


def _hinted(hints: tuple[bytes, ...], text: bytes) -> bool:
    for hint in hints:  # noqa: SIM110  a generator costs more than most of these rules
        if hint in text:
            return True
    return False


def _hidden(rule: Rule, seen: View) -> str | None:
    parts: list[str] = []
    end = 0
    for found in _candidates(rule, seen):
        start, stop = next(span for name in rule.groups if (span := found.span(name)) != (-1, -1))
        if start >= end and start != stop and rule.confirms(found):
            parts += [seen.text[end:start], f"<{rule.kind}>"]
            end = stop
    return "".join(parts) + seen.text[end:] if parts else None


def _candidates(rule: Rule, seen: View) -> Iterable[re.Match[str]]:
    if rule.anchor is None:
        return rule.pattern.finditer(seen.text)
    starts = (place.start() for place in rule.anchor.finditer(seen.lowered))
    return (found for start in starts if (found := rule.pattern.match(seen.text, start)))
