"""The signature of an event: the stable identity that ownership, mutes and analyses hang on.

It depends on the event alone: not on what came before, nor on the order of arrival.
"""

import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import blake2b

from bot.core.cache import Bounded
from bot.core.event import Event
from bot.core.redaction import Redactor, redact
from bot.core.signing import customer, header, kin, masking, raised
from bot.core.signing.kin import Kin

VERSION = f"v{masking.VERSION}"
BEFORE = f"v{masking.VERSION - 1}"
"""The rules before: what they knew is looked up by the name they gave it, for a while."""

LONGEST_TEMPLATE = 2_000
LONGEST_TITLE = 150
LONGEST_LINE = 64_000


@dataclass(frozen=True)
class Wording:
    """What people read of a signature. It is redacted once somebody does: most are only counted."""

    masked: str = field(repr=False)
    by: Redactor

    @cached_property
    def template(self) -> str:
        return self.by(self.masked[: LONGEST_TEMPLATE * 2]).text[:LONGEST_TEMPLATE]

    @cached_property
    def title(self) -> str:
        title = _BANNER.sub("", " ".join(self.template.split()))[:LONGEST_TITLE]
        return title or "(no message)"


@dataclass(frozen=True, slots=True)
class Signature:
    """Which error an event is a case of.

    `fingerprint` is the identity: the version, a colon, 32 hexadecimal digits. `customer` is the
    one named in the text, or "". `kin` is what an exception is known again by.
    """

    fingerprint: str
    wording: Wording
    customer: str = ""
    kin: Kin | None = None

    @property
    def template(self) -> str:
        """What its cases have in common, redacted, in at most 2,000 characters."""
        return self.wording.template

    @property
    def title(self) -> str:
        """The template in one line of at most 150 characters."""
        return self.wording.title


def of(event: Event, by: Redactor = redact) -> Signature:
    """The signature of an event: its exception's if it has one, however its log line reads.

    `by` hides what people must not see of it. The fingerprint is the same whoever redacts: a site
    that adds a rule renames no error.
    """
    exception = raised.of(event)
    if exception is None:
        return _of_text(event.message, event.service, event.customer, by=by)
    known = _signatures.get(f"{by.name}{event.service}\0{exception.key}\0{exception.wording}")
    if known is None:
        known = _of_exception(event.service, exception, by)
    whom = exception.customer or ("" if event.customer else customer.first(event.message))
    return replace(known, customer=whom) if whom else known


def of_template(template: str, service: str) -> Signature:
    """The signature of a text that nobody wrote: that of a family."""
    return _signed(service, masking.Shape(template, masking.untyped(template)), redact)


def before(event: Event) -> tuple[str, ...]:
    """The fingerprints that the rules before may have given an event, the likeliest first: of a
    stack that they could not read, by all of it where it came as text, else by the message."""
    version = masking.VERSION - 1
    key = raised.key_by(version, event)
    keys = (key,) if key else (_key_of_text(version, one) for one in raised.as_texts(event))
    return tuple(dict.fromkeys(_fingerprint(version, f"{event.service}\0{key}") for key in keys))


def of_line(line: str, by: Redactor = redact) -> Signature:
    """The signature of a raw line without a service, its header set aside."""
    if by is not redact:
        return _of_text(line[header.length(line) :], "", "", by=by)
    return _known(line) or _of_line(line[:LONGEST_LINE])


def _of_line(line: str) -> Signature:
    zeroed = masking.zeroed(line)
    known = _lines.get(zeroed)
    if known is None:
        zeroed = masking.alike(zeroed)
        known = _lines.get(zeroed)
        if known is None:
            known = _learn(line, zeroed)
    found = known if isinstance(known, Signature) else _of_text(line[known:], "", "", by=redact)
    return _exact.keep(line, found)


def spelt(title: str, text: str) -> str:
    """A title with the digits of the names that stayed in it (`Http0Exception`) as the text that it
    is of spells them; what has the same signature may spell them otherwise."""
    if "0" not in title:
        return title
    names = filter(_DIGIT.search, _NAME.findall(text[: masking.LONGEST_TEXT]))
    spelling = {_DIGIT.sub("0", name): name for name in names}
    return _NAME.sub(lambda found: spelling.get(found[0], found[0]), title)


_NAME = re.compile(r"(?<![\w.])[A-Za-z][\w.$]{0,160}\w")
_DIGIT = re.compile(r"\d", re.ASCII)


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


def _learn(line: str, zeroed: bytes) -> Signature | int:
    """The signature of every line with this zeroed form, or where the message starts that tells."""
    start = header.length(line)
    masked = masking.masked_tokens(zeroed.decode()[start : start + masking.LONGEST_TEXT])
    found = _messages.get(masked) or _settled(masked)
    return _lines.keep(zeroed, start if found is None else found)


def _settled(masked: str) -> Signature | None:
    """The signature of all texts of this masked form, unless codes or customers tell them apart."""
    shape = masking.shape_of_masked(masked)
    if shape.coded or shape.peopled:
        return None
    return _messages.keep(masked, _signed("", shape, redact))


def _of_text(message: str, service: str, customer_known: str, *, by: Redactor) -> Signature:
    shape, name = customer.shape(message, customer_known)
    found = _signed(service, shape, by)
    return replace(found, customer=name) if name else found


def _key_of_text(version: int, event: Event) -> str:
    text = event.message[: masking.LONGEST_TEXT]
    if event.customer:
        text = customer.hide(text, (event.customer,))
    shape = masking.shape_by(version, text)
    if shape.peopled and not event.customer:
        shape = masking.shape_by(version, customer.hide(text, customer.names(text)[:1]))
    return f"text\0{shape.key}"


def _signed(service: str, shape: masking.Shape, by: Redactor) -> Signature:
    key = f"{service}\0text\0{shape.key}"
    known = _signatures.get(by.name + key)
    if known is None:
        known = _signatures.keep(by.name + key, _new(key, shape.template, by))
    return known


def _of_exception(service: str, exception: raised.Failure, by: Redactor) -> Signature:
    key = f"{service}\0{exception.key}"
    known = _signatures.get(by.name + key)
    if known is None:
        known = _signatures.keep(by.name + key, _new(key, exception.template, by))
    found = replace(known, kin=_kin(service, exception))
    return _signatures.keep(f"{by.name}{key}\0{exception.wording}", found)


def _kin(service: str, exception: raised.Failure) -> Kin:
    digest = _digest(f"{service}\0{exception.wording}")
    return Kin(digest, exception.places, kin.words(exception.wording.rpartition("\0")[2]))


def _new(key: str, template: str, by: Redactor) -> Signature:
    return Signature(_fingerprint(masking.VERSION, key), Wording(template, by))


_BANNER = re.compile(r"^([*=#-])\1{9,} [^*=#]{1,80} \1{10,} (?:Description: )?(?=\S)")
"""A heading between two rules, as Spring has it where nothing starts: what failed is below."""


def _fingerprint(version: int, key: str) -> str:
    return f"v{version}:{_digest(key)}"


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()


_exact: Bounded[str, Signature] = Bounded(size=10_000_000)
_known = _exact.get
_lines: Bounded[bytes, Signature | int] = Bounded(size=24_000_000)
_messages: Bounded[str, Signature] = Bounded(size=5_000_000)
_signatures: Bounded[str, Signature] = Bounded(size=8_000_000)


def forget() -> None:
    """Drop what is remembered; answers stay the same."""
    for memory in (_exact, _lines, _messages, _signatures):
        memory.clear()
