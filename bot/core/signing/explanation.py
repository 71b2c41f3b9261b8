"""Why a line has the signature it has: what was set aside, masked and kept, and why."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from bot.core.event import Event
from bot.core.redaction import Redactor, redact
from bot.core.signing import header, masking, raised, signature, stack
from bot.core.signing.header import Header
from bot.core.signing.signature import Signature

LONGEST_TEXT = 2_000
"""As much of a line is explained; comparing takes time in proportion to the square of it."""

_BECAUSE = {
    "bool": "a value that is true, false or nothing",
    "customer": "the customer: kept as whom it hit, so that all customers share one signature",
    "date": "a date",
    "email": "an e-mail address",
    "file": "a file's name with a number in it",
    "hex": "a hexadecimal number or address",
    "host": "a host",
    "id": "a word with a number in it: an id, unless it is a name such as IPv4",
    "ip": "a network address, with its port",
    "mac": "a hardware address",
    "name": "a name of several parts: a class, a topic, a logger",
    "num": "a number, with its unit",
    "path": "a path",
    "property": "a property and its value",
    "text": "too long for a word",
    "time": "a time",
    "url": "an address on the web",
    "user": "whoever does or is refused something",
    "uuid": "a unique id",
    "value": "the value of a key that does not say what happened",
}
_HIDDEN = "a secret or personal data: it is never stored"
_CODE = "a number that tells errors apart"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the text, what stands in its place, and why; a code stands for itself."""

    text: str
    shown: str
    why: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a line was read, redacted: its header, the pieces that vary, and the words that count."""

    signature: Signature
    header: Header
    aside: str
    parts: tuple[Part, ...]
    kept: str


def of(line: str, by: Redactor = redact) -> Explanation:
    """What became of each part of a raw line."""
    read = header.split(line[: signature.LONGEST_LINE])
    signed = signature.of_line(line, by)
    text = by(read.message[:LONGEST_TEXT]).text
    return Explanation(
        signature=signed,
        header=read,
        aside=by(line[: len(line) - len(read.message)]).text,
        parts=tuple(_parts(text, signed.template[:LONGEST_TEXT])),
        kept=" ".join(masking.untyped(signed.template).replace("<*>", "…").split()),
    )


@dataclass(frozen=True, slots=True)
class OfException:
    """How an event was read that tells of an exception: the log line above it, its types, which
    functions count, how many calls do not, the pieces of its message, and whether its words
    count."""

    signature: Signature
    aside: str
    types: tuple[str, ...]
    places: tuple[str, ...]
    calls_aside: int
    parts: tuple[Part, ...]
    is_worded: bool


def of_event(event: Event, by: Redactor = redact) -> OfException | None:
    """What became of each part of an event, if it tells of an exception."""
    failure = raised.of(event)
    if failure is None:
        return None
    message = event.error_message or event.message
    calls = sum(len(one.frames) for one in stack.parse(event.stack))
    said = event.message if event.stack and event.message not in event.stack else ""
    return OfException(
        signature=signature.of(event, by),
        aside=by(said[:LONGEST_TEXT]).text,
        types=failure.types,
        places=failure.places,
        calls_aside=calls - len(failure.places),
        parts=tuple(
            _parts(
                by(message[:LONGEST_TEXT]).text,
                by(masking.shape(message).template).text[:LONGEST_TEXT],
            )
        ),
        is_worded=failure.is_worded,
    )


_PIECE = re.compile(r"<[a-z]+>|\w+|[^\w\s]")
_PLACEHOLDER = re.compile(r"<([a-z]+)>")


def _parts(text: str, template: str) -> Iterator[Part]:
    """What differs between the text and its template, from left to right, and the codes in both."""
    pieces = list(_PIECE.finditer(text))
    shown = [found[0] for found in _PIECE.finditer(template)]
    matcher = SequenceMatcher(None, [found[0] for found in pieces], shown, autojunk=False)
    for kind, start, stop, first, last in matcher.get_opcodes():
        became = shown[first:last]
        if kind == "equal":
            yield from (Part(one, one, why) for one in became for why in _whys([one]))
        elif start < stop and (whys := dict.fromkeys(_whys(became))):
            piece = text[pieces[start].start() : pieces[stop - 1].end()]
            yield Part(piece, "".join(became), "; ".join(whys))


def _whys(shown: Iterable[str]) -> Iterator[str]:
    """Why pieces of a template are as they are; nothing of words."""
    for piece in shown:
        if found := _PLACEHOLDER.fullmatch(piece):
            yield _BECAUSE.get(found[1], _HIDDEN)
        elif any(map(str.isdigit, piece)):
            yield _CODE
