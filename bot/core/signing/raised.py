"""The exception of an event: what of it makes the signature, and how people read it."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b

from bot.core.cache import Bounded
from bot.core.event import Event, Frame
from bot.core.signing import customer, masking, stack
from bot.core.signing.stack import java

_TOP = 3


@dataclass(frozen=True, slots=True)
class Failure:
    """`key` is what equality goes by; `template` is for people, not yet redacted.

    `wording` is what cases have in common whose functions were renamed: the types and the masked
    message. `places` are the functions that count, the innermost first; `is_worded` tells whether
    the words of the message do, too. `customer` is the one that the message names, or "".
    """

    key: str
    template: str
    wording: str
    places: tuple[str, ...]
    is_worded: bool
    customer: str

    @property
    def types(self) -> tuple[str, ...]:
        """What was raised, and what that came of, if anything."""
        kind, cause, _ = self.wording.split("\0", 2)
        return (kind, cause) if cause else (kind,)


@dataclass(frozen=True, slots=True)
class _Trace:
    """What is kept of a stack, the same for all that differ in digits only; its message lies in
    the text between `start` and `stop`, if it lies there in one piece."""

    types: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    start: int = 0
    stop: int = 0

    def said(self, text: str) -> str:
        """The message, in a text of which this is the trace."""
        return text[max(self.start, 0) : self.stop]


_NOTHING = _Trace()


@dataclass(frozen=True, slots=True)
class _Found:
    """An exception as it was found, whatever it was found in; `causes` as `_causes` tells them."""

    kind: str
    causes: tuple[str, ...]
    places: tuple[str, ...]
    message: str
    customer: str

    def hidden(self) -> str:
        """The message without the customer that is known."""
        return customer.hide(self.message, (self.customer,)) if self.customer else self.message


def of(event: Event) -> Failure | None:
    """The event's exception, from its fields, its stack or a stack in its message."""
    found = _found(event)
    return _describe(found) if found else None


def outermost(text: str) -> tuple[str, str] | None:
    """The type and the message of the outermost exception in a stack; None where there is none."""
    trace = _read(text)
    if trace.types and trace.start >= 0:
        return trace.types[0], trace.said(text)
    chain = stack.parse(text) if trace.types else ()
    return (chain[0].type, chain[0].message) if chain else None


def key_by(version: int, event: Event) -> str:
    """What the key of the event's exception was under an earlier version; "" if it had none."""
    if version < 2 and not event.frames and stack.is_new(event.stack or event.message):
        return ""
    found = _found(event)
    return _key(found, masking.shape_by(version, found.hidden()), version) if found else ""


def as_texts(event: Event) -> tuple[Event, ...]:
    """The event as it may have been where the rules of version 1 saw no stack: all of it was the
    message, or, where the two came apart, the message as it is."""
    is_whole = event.stack.startswith(event.message) and not stack.was_read(event.stack)
    whole = (replace(event, message=event.stack),) if event.stack and is_whole else ()
    return (*whole, event)


def _found(event: Event) -> _Found | None:
    text = event.stack or (event.message if stack.may_be_in(event.message) else "")
    message = event.error_message or (event.chain[0][1] if event.chain else "")
    is_told = event.frames and event.chain and event.error_type and message
    trace = _read(text) if text and not is_told else _NOTHING
    places = _places(event.frames) if event.frames else trace.places
    types = tuple(kind for kind, _ in event.chain) or trace.types
    kind = event.error_type or (types[0] if types else "")
    if not kind and not places:
        return None
    message = message or _whole(trace.said(text), event) or event.message
    return _Found(kind, _causes(types), places, message, event.customer)


def _causes(types: tuple[str, ...]) -> tuple[str, ...]:
    """What was the matter: the innermost cause, or all that a group holds, since each of it failed
    by itself. What only passed a cause on is left out."""
    group = next(
        (at for at, kind in enumerate(types, start=1) if kind.endswith(_GROUPS)),
        len(types),
    )
    return types[group:] or types[1:][-1:]


_GROUPS = ("ExceptionGroup", "AggregateException", "AggregateError")


def _whole(said: str, event: Event) -> str:
    """The message of a stack; all of it where the event tells more than the stack's first line."""
    return event.message if event.stack and event.message.startswith(said) else said


def _read(text: str) -> _Trace:
    key = blake2b(masking.zeroed(text), digest_size=16).digest()
    known = _traces.get(key)
    if known is not None:
        return known
    trace = _trace(text)
    digits_matter = any(map(_DIGIT.search, trace.types))
    return trace if digits_matter else _traces.keep(key, trace)


def _trace(text: str) -> _Trace:
    chain = stack.parse(text)
    if not chain:
        return _NOTHING
    place = next((places for raised in chain if (places := _places(raised.frames))), ())
    types = tuple(raised.type for raised in chain) + tuple(
        member.type for raised in chain for member in raised.members
    )
    message = chain[0].message
    at = text.find(message) if message else 0
    return _Trace(types, place, at, at + len(message))


def _places(frames: tuple[Frame, ...]) -> tuple[str, ...]:
    """The innermost functions of our own that say something."""
    found: dict[str, None] = {}
    for frame in frames:
        if _says_something(frame.function) and stack.in_app(frame):
            found[_place(frame)] = None
            if len(found) == _TOP:
                break
    return tuple(found)


_WRAPPING = frozenset(
    (
        "inner",
        "inner_function",
        "wrapper",
        "wrapped",
        "wrap",
        "decorated",
        "decorator",
        "main",
        "run",
        "__call__",
        "{main}",
        "{closure}",
        "call",
        "invoke",
        "callback",
        "next",
    )
)


def _says_something(function: str) -> bool:
    """Whether a function's name tells where one is; those of decorators and closures do not."""
    return function.rpartition(".")[2] not in _WRAPPING and function[:1] not in ("", "<")


def _place(frame: Frame) -> str:
    if not frame.module:
        return frame.function
    module = re.split(r"[/\\]", java.written(frame.module))[-1]
    module = re.sub(r"\.(?:py|js|ts|mjs|cjs|tsx|jsx|rb|php|cs)$", "", module)
    return re.sub(r"\d", "0", f"{module}.{frame.function}")


def _describe(found: _Found) -> Failure:
    shape, named = customer.shape(found.message, found.customer)
    places = _telling_places(found, masking.VERSION)
    short = _short(found.kind)
    where = f" in {places[0]}" if places else ""
    words = _without_its_type(shape.template, found.kind)
    said = f"{short}{where}: {words}" if short else f"{words}{where}"
    return Failure(
        key=_key(found, shape, masking.VERSION),
        template=said,
        wording=f"{short}\0{_came_of(found.causes)}\0{shape.key}",
        places=places,
        is_worded=_is_worded(short, places, masking.VERSION),
        customer=named,
    )


def _without_its_type(message: str, kind: str) -> str:
    """The message, which senders of Node and Java often begin with the type that they name, too."""
    names = (f"{name}: " for name in (kind, _short(kind)) if name)
    named = next(filter(message.startswith, names), "")
    return message.removeprefix(named)


def _key(found: _Found, shape: masking.Shape, version: int) -> str:
    """Since version 2 by the type's own name: releases move types, and clients spell them fully or
    not."""
    kind, cause = _short(found.kind), _came_of(found.causes)
    if version < 2:
        kind, cause = found.kind, "".join(found.causes[-1:])
    places = _telling_places(found, version)
    decides = shape.key if _is_worded(kind, places, version) else shape.codes
    return "\0".join(("raised", kind, cause, *places, decides))


def _came_of(causes: tuple[str, ...]) -> str:
    """The causes as one text, whichever was told first: the tasks of a group race."""
    return ", ".join(sorted(set(map(_short, causes))))


def _is_worded(kind: str, places: tuple[str, ...], version: int) -> bool:
    """Whether the words of the message count: where frames do not tell what failed."""
    return not places or (version >= 2 and (not kind or all(map(_FILE.fullmatch, places))))


_FILE = re.compile(r"(?:.*[/\\])?[\w-]+\.rs")
"""One file is many functions; so is what was logged without a type, where it was logged."""
_ANYWHERE = frozenset(("OutOfMemoryError", "OutOfMemoryException"))


def _telling_places(found: _Found, version: int) -> tuple[str, ...]:
    """Where it was raised; not where a heap ran out, since all threads fill it and any may fail."""
    return () if version >= 2 and _short(found.kind) in _ANYWHERE else found.places


_QUALIFIED = re.compile(r"[*&]?[\w$<>`-]+(?:(?:\.|::|\\|/)[\w$<>`-]+)+")
_SEAM = re.compile(r"\.|::|\\|/")
_BARE = frozenset(("Error", "Exception", "Fault", "Failure", "Warning"))


@lru_cache(maxsize=5_000)
def _short(kind: str) -> str:
    """The type's own name; one that tells nothing without its module stays as it is."""
    if not _QUALIFIED.fullmatch(kind):
        return kind
    name = _SEAM.split(kind)[-1]
    return kind if name in _BARE else name


_DIGIT = re.compile(r"\d")
_traces: Bounded[bytes, _Trace] = Bounded(size=4_000_000)
"""Of 12,000 stacks, by their digests: more than wait to be written at once."""
