"""The shape of a text: what varies from one occurrence to the next becomes a typed placeholder.

Two stages, both pure. Stage 1 looks at one white-space token at a time, stage 2 at the masked text.
Digits are zeroed before either, so that texts that differ only in numbers are worked out once.
People read the placeholders' types; equality never depends on them: `Shape.key` has one for all.

Where a rule goes, in the order in which they are asked. What keeps digits is in `signing.codes`.

token     known from the token alone: a uuid, an address, a path, a number; `domain` tells hosts
unread    what somebody gave in and a program could not read, and values in statements of SQL
quoted    known from what the system around it always says: a row that broke a constraint, a login
request   what was asked of a server by HTTP
rendered  how languages write values out: objects, tables, bytes, several paths
pair      `key=value`, and which keys say what happened
dated     times in words
sentence  known from an English word beside it: `user x`, `topic "x"`, `12 seconds`
repeated  lists

`former` has what version 1 did otherwise, and `rule` how a table of rules is applied.
"""

import re
from dataclasses import dataclass

from bot.core import linear
from bot.core.cache import Bounded
from bot.core.signing import codes
from bot.core.signing.masking import sentence
from bot.core.signing.masking.former import without_code_names
from bot.core.signing.masking.pair import ANY
from bot.core.signing.masking.token import Tokens

VERSION = 2
"""The rules of today; those of version 1 are kept until what they signed has its new name."""
LONGEST_TEXT = 8_000
_MOST_ROUNDS = 8
Spans = tuple[codes.Span, ...]

_ZEROED = bytes.maketrans(b"123456789", b"000000000")


@dataclass(frozen=True, slots=True)
class Shape:
    """A masked text: `template` for people, `key` for equality (one placeholder for all types).

    `codes` are those in the text that tell cases of one exception apart. `coded`: texts of this
    shape may hold more, so that it is not final; `peopled`: they may name a customer.
    """

    template: str
    key: str
    codes: str = ""
    coded: bool = False
    peopled: bool = False


def shape(text: str) -> Shape:
    """The shape of a text of any length; only its first 8,000 characters count."""
    text = text[:LONGEST_TEXT]
    digitless = zeroed(text)
    known = _texts.get(digitless)
    if known is None:
        digitless = alike(digitless)
        known = _texts.get(digitless) or _learn(digitless)
    if isinstance(known, Shape):
        return known
    return shape_of_zeroed(codes.restore(digitless.decode(), text, known))


def shape_by(version: int, text: str) -> Shape:
    """The shape of a text under the rules of an earlier version; nothing is remembered."""
    return _shape(_first_stage(text[:LONGEST_TEXT], version), version)


def _first_stage(text: str, version: int) -> str:
    """What the first stage makes of a text, the codes in it hidden."""
    plain = zeroed(text).decode()
    masked = masked_tokens(plain)
    if not codes.likely(masked):
        return masked
    return masked_tokens(codes.restore(plain, text, codes.spans(plain, masked, version)))


def _learn(digitless: bytes) -> Shape | Spans:
    """The shape of every text with this zeroed form, or where in it are the codes that decide."""
    plain = digitless.decode()
    masked = masked_tokens(plain)
    found = shape_of_masked(masked)
    spans = codes.spans(plain, masked, VERSION) if found.coded else ()
    return _texts.keep(digitless, spans or found)


def zeroed(text: str) -> bytes:
    """The text as UTF-8 with every ASCII digit turned to 0."""
    return text.encode("utf-8", "replace").translate(_ZEROED)


def alike(digitless: bytes) -> bytes:
    """The zeroed text with one number, of the same length, for all that were drawn by lot and stand
    alone, or after an equals sign: they differ in letters, too, and come once.

    Whether each begins with a digit, a letter or a capital is kept: it decides what a header is.
    """
    return _DRAWN.sub(_same_number, digitless)


def _same_number(found: re.Match[bytes]) -> bytes:
    drawn = found[0]
    return drawn[:2].translate(_SAME_LETTER) + _SAME[found.lastindex or 0][: len(drawn) - 2]


_SAME_LETTER = bytes.maketrans(b"bcdefBCDEF", b"aaaaaAAAAA")
_SAME = (b"a0" * 32, b"e" + b"0" * 63, b"a0a0a0a-a0a0-a0a0-a0a0-a0a0a0a0a0a0")
_DRAWN = re.compile(
    rb"[ \t-\r=](?=[0A-Fa-f]{8})(?:"
    rb"(?!DB0)(?=[A-Fa-f]*+0)(?=0*+[A-Fa-f])"
    rb"(?:(?=0++(?:[eE]0++)?[A-Fa-f]{0,3}+(?![0A-Fa-f])()))?[0A-Fa-f]{8,64}+"
    rb"|((?=[A-Fa-f-]*+0)[0A-Fa-f]{8}(?:-[0A-Fa-f]{4}){3}-[0A-Fa-f]{12}))"
    rb"(?=[,;:]?(?:\s|$))"
)
"""Hexadecimal with digits and letters, but for Db2's codes. It may be a number with an exponent or
a unit, a UUID, or neither."""


def shape_of_zeroed(plain: str) -> Shape:
    """The shape of a text without digits other than 0 (and hidden codes)."""
    return shape_of_masked(masked_tokens(plain))


def masked_tokens(plain: str) -> str:
    """What the first stage makes of a text without digits other than 0."""
    return " ".join(map(_masked_token, plain.split()))


def shape_of_masked(masked: str) -> Shape:
    """The shape of what the first stage made of a text."""
    known = _shapes.get(masked)
    return _shapes.keep(masked, _shape(masked, VERSION)) if known is None else known


_PEOPLE = r"(?i)tenant|customer|\borg|account|workspace|<customer>"
_peopled = linear.where(_PEOPLE)


def _shape(masked: str, version: int) -> Shape:
    text = _settled(masked) if version >= 2 else _second_stage(without_code_names(masked), version)
    return Shape(
        text,
        untyped(text),
        codes=codes.telling(text),
        coded=codes.likely(masked),
        peopled=_peopled(linear.seen(text), 0) >= 0,
    )


def _second_stage(masked: str, version: int) -> str:
    return codes.reveal(sentence.mask(masked, version))


def _settled(masked: str) -> str:
    """What both stages make of it, taken again until the text stays: what one rule leaves out may
    bring together what another knows. So a template is a text whose template it is."""
    text = _second_stage(masked, VERSION)
    for _ in range(_MOST_ROUNDS):
        before, masked = masked, _first_stage(text, VERSION)
        if masked == before:
            break
        again = _second_stage(masked, VERSION)
        if again == text:
            break
        text = again
    return text


_PLACEHOLDER = re.compile(ANY)
_RUN = re.compile(r"[\"'`+#$/-]{0,3}<\*>(?:[ ,;:|/.@#_+*&?x-]{0,3}[\"'`]?<\*>[\"'`]?)*[\"'`%]{0,2}")
_EQUALS = re.compile(r" ?= ?")


def untyped(template: str) -> str:
    """What equality goes by: one placeholder for all types, a list of them counted as one."""
    return _EQUALS.sub("=", _RUN.sub("<*>", _PLACEHOLDER.sub("<*>", template))).rstrip(" .:;,!")


_texts: Bounded[bytes, Shape | Spans] = Bounded(size=8_000_000)
_tokens = Tokens(size=6_000_000)
_masked_token = _tokens.__getitem__
_shapes: Bounded[str, Shape] = Bounded(size=8_000_000)


def forget() -> None:
    """Drop what is remembered; answers stay the same."""
    for memory in (_texts, _tokens, _shapes):
        memory.clear()
