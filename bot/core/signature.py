"""The signature of an event: the stable identity that ownership, mutes and analyses hang on.

It depends on the event alone: not on what came before, nor on the order of arrival.
"""

from dataclasses import dataclass
from hashlib import blake2b

from bot.core import customer, header, masking, raised
from bot.core.cache import Bounded
from bot.core.event import Event
from bot.core.redaction import redact

VERSION = "v1"

LONGEST_TEMPLATE = 2_000
LONGEST_TITLE = 150
LONGEST_LINE = 64_000


@dataclass(frozen=True, slots=True)
class Signature:
    """Which error an event is a case of.

    `fingerprint` is the identity: the version, a colon, 32 hexadecimal digits. `template` (at most
    2,000 characters) and `title` (one line, at most 150) are for people, redacted. `customer` is
    the one named in the text, or "".
    """

    fingerprint: str
    template: str
    title: str
    customer: str = ""


def of(event: Event) -> Signature:
    """The signature of an event: its exception's if it has one, however its log line reads."""
    exception = raised.of(event)
    if exception is None:
        return _of_text(event.message, event.service, event.customer)
    known = _signatures.get(key := f"{event.service}\0{exception.key}")
    return _of_exception(key, exception) if known is None else known


def of_line(line: str) -> Signature:
    """The signature of a raw line without a service, its header set aside."""
    return _exact.get(line) or _of_line(line[:LONGEST_LINE])


def _of_line(line: str) -> Signature:
    zeroed = masking.zeroed(line)
    known = _lines.get(zeroed)
    if known is None:
        return _learn(line, zeroed)
    found = known if isinstance(known, Signature) else _of_text(line[known:], "", "")
    return _exact.keep(line, found)


def short_id(fingerprint: str, length: int = 3) -> str:
    """What people call a signature: "E-7K2"; a longer one continues a shorter one.

    No 0, O, 1 or I. Up to 24 characters are told apart.
    """
    digest = blake2b(fingerprint.encode(), digest_size=_ID_BYTES).digest()
    number, letters = int.from_bytes(digest), []
    for _ in range(length):
        number, rest = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[rest])
    return "E-" + "".join(letters)


_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_ID_BYTES = 15


def _learn(line: str, zeroed: bytes) -> Signature:
    """Work a line out; what is remembered holds for every line that differs in digits only."""
    start = header.length(line)
    message = line[start : start + masking.LONGEST_TEXT]
    digitless = zeroed if len(message) == len(line) else masking.zeroed(message)
    shape = masking.shape_of_zeroed(digitless.decode())
    if shape.coded or shape.peopled:
        _lines.keep(zeroed, start)
        return _of_text(message, "", "")
    found = _signed("", shape)
    _lines.keep(zeroed, found)
    return found


def _of_text(message: str, service: str, customer_known: str) -> Signature:
    text = message[: masking.LONGEST_TEXT]
    shape = masking.shape(text)
    name = ""
    if customer_known:
        text = customer.hide(text, customer_known)
        shape = masking.shape(text)
    elif shape.peopled and (name := customer.find(text)):
        shape = masking.shape(customer.hide(text, name))
    found = _signed(service, shape)
    return Signature(found.fingerprint, found.template, found.title, name) if name else found


def _signed(service: str, shape: masking.Shape) -> Signature:
    key = f"{service}\0text\0{shape.key}"
    known = _signatures.get(key)
    return (
        known
        if known is not None
        else _signatures.keep(key, _new(key, shape.template, shape.template))
    )


def _of_exception(key: str, exception: raised.Failure) -> Signature:
    return _signatures.keep(key, _new(key, exception.template, exception.title))


def _new(key: str, template: str, title: str) -> Signature:
    digest = blake2b(key.encode("utf-8", "replace"), digest_size=16).hexdigest()
    template = redact(template[: LONGEST_TEMPLATE * 2]).text[:LONGEST_TEMPLATE]
    title = " ".join(redact(title[: LONGEST_TITLE * 4]).text.split())
    return Signature(f"{VERSION}:{digest}", template, title[:LONGEST_TITLE] or "(no message)")


_exact: Bounded[str, Signature] = Bounded(entries=20_000, size=10_000_000)
_lines: Bounded[bytes, Signature | int] = Bounded(entries=30_000, size=12_000_000)
_signatures: Bounded[str, Signature] = Bounded(entries=20_000, size=8_000_000)


def forget() -> None:
    """Drop what is remembered; answers stay the same."""
    for memory in (_exact, _lines, _signatures):
        memory.clear()
