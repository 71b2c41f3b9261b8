"""The exception of an event: what of it makes the signature, and how people read it."""

import re
from dataclasses import dataclass

from bot.core import customer, masking, stack
from bot.core.cache import Bounded
from bot.core.event import Event, Frame

_TOP = 3


@dataclass(frozen=True, slots=True)
class Failure:
    """`key` is what equality goes by; `template` and `title` are for people, not yet redacted."""

    key: str
    template: str
    title: str


@dataclass(frozen=True, slots=True)
class _Trace:
    """What is kept of a stack, the same for all that differ in digits only; its message lies in
    the text between `start` and `stop`."""

    types: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    start: int = 0
    stop: int = 0


_NOTHING = _Trace()


def of(event: Event) -> Failure | None:
    """The event's exception, from its fields, its stack or a stack in its message."""
    text = event.stack or (event.message if "\n" in event.message else "")
    trace = _read(text) if text else _NOTHING
    places = _places(event.frames) if event.frames else trace.places
    types = tuple(kind for kind, _ in event.chain) or trace.types
    kind = event.error_type or (types[0] if types else "")
    if not kind and not places:
        return None
    message = (
        event.error_message
        or (event.chain[0][1] if event.chain else "")
        or text[trace.start : trace.stop]
    )
    return _describe(kind, types[1:], places, message or event.message, event.customer)


def _read(text: str) -> _Trace:
    key = masking.zeroed(text)
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
    return _Trace(types, place, max(at, 0), at + len(message))


def _places(frames: tuple[Frame, ...]) -> tuple[str, ...]:
    own = (
        _place(frame) for frame in frames if stack.in_app(frame) and _says_something(frame.function)
    )
    return tuple(dict.fromkeys(own))[:_TOP]


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
    module = re.split(r"[/\\]", frame.module)[-1]
    module = re.sub(r"\.(?:py|js|ts|mjs|cjs|tsx|jsx|rb|php|cs)$", "", module)
    return re.sub(r"\d", "0", f"{module}.{frame.function}")


def _describe(
    kind: str, causes: tuple[str, ...], places: tuple[str, ...], message: str, name: str
) -> Failure:
    shape = masking.shape(customer.hide(message, name) if name else message)
    decides = shape.codes if places else shape.key
    cause = causes[-1] if causes else ""
    key = "\0".join(("raised", kind, cause, *places, decides))
    where = f" in {places[0]}" if places else ""
    short = kind.rpartition(".")[2]
    return Failure(key, f"{kind}{where}: {shape.template}", f"{short}{where}: {shape.template}")


_DIGIT = re.compile(r"\d")
_traces: Bounded[bytes, _Trace] = Bounded(entries=5_000, size=12_000_000)
