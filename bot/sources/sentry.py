"""What Sentry's clients send: envelopes, and the single events of older ones."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from bot.core.event import Event, Frame, Severity
from bot.core.signing import stack
from bot.errors import SourceError
from bot.sources import fields, mapping, sanitise, sentry_logs, spelling
from bot.sources.failure import MESSAGE_CHARACTERS, STACK_CHARACTERS
from bot.sources.mapping import ATTRIBUTE_CHARACTERS
from bot.sources.pushed import Delivery, Push, exported
from bot.sources.sifting import Unreadable

LONGEST_ITEM = 2 << 20
"""Sentry takes events of 1 MiB."""
MOST_ITEMS = 100
MOST_EXCEPTIONS = 32
FIRST_FRAMES = 40
LAST_FRAMES = 60
"""Of a recursion the first and the last say where it began and where it ended."""

_BY_CLASS = frozenset({"java", "csharp", "clojure", "scala", "kotlin"})
"""Platforms whose frames are known by their class, as their traces print it; others by file."""


def envelope(push: Push) -> Delivery:
    """The errors in an envelope, events and logs; transactions, sessions and attachments are none.

    Raises SourceError where its first line is no header, TooMany where it has too many logs.
    """
    head, _, rest = push.body.partition(b"\n")
    if not isinstance(_object(head), dict):
        raise SourceError("The first line is no header of an envelope.")
    delivery, logs = Delivery(), list[bytes]()
    for number, (kind, payload) in enumerate(_items(rest), start=1):
        if number > MOST_ITEMS:
            delivery.unreadable.append(_unreadable(push, number, f"more than {MOST_ITEMS} items"))
            break
        if kind == "event":
            _take(delivery, payload, push, number)
        elif kind == "log":
            logs.append(payload)
        elif kind is None:
            delivery.unreadable.append(_unreadable(push, number, "no header of an item"))
            break
    if logs:
        records = chain.from_iterable(sentry_logs.records(_item(payload)) for payload in logs)
        delivery.join(exported(push, records))
    return delivery


def store(push: Push) -> Delivery:
    """The one event that is sent to `/store/`."""
    delivery = Delivery()
    _take(delivery, push.body, push, 1)
    return delivery


def _items(rest: bytes) -> Iterator[tuple[str | None, bytes]]:
    """(type, payload) of each item; the type is None where there is no header."""
    place = 0
    while place < len(rest):
        end = _line_end(rest, place)
        line, place = rest[place:end].strip(), end + 1
        if not line:
            continue
        header = _object(line)
        if not isinstance(header, dict):
            yield None, b""
            return
        end = _payload_end(rest, place, header.get("length"))
        yield str(header.get("type")), rest[place:end]
        place = end + 1


def _payload_end(rest: bytes, place: int, length: object) -> int:
    """By the length that is told; else a payload is a line."""
    if isinstance(length, int) and not isinstance(length, bool) and length >= 0:
        return place + length
    return _line_end(rest, place)


def _line_end(rest: bytes, place: int) -> int:
    end = rest.find(b"\n", place)
    return len(rest) if end < 0 else end


def _take(delivery: Delivery, payload: bytes, push: Push, number: int) -> None:
    value = _item(payload)
    if not isinstance(value, dict):
        reason = "an event that is no JSON object, or longer than 2 MiB"
        delivery.unreadable.append(_unreadable(push, number, reason))
    elif (found := event(value, payload, push)) is None:
        delivery.quiet += 1
    else:
        delivery.events.append(found)


def _item(payload: bytes) -> Any:
    return _object(payload) if len(payload) <= LONGEST_ITEM else None


def _object(raw: bytes) -> Any:
    try:
        return sanitise.loads(raw)
    except ValueError:
        return None


def _unreadable(push: Push, number: int, reason: str) -> Unreadable:
    return Unreadable(push.origin, number, reason)


def event(value: Mapping[str, Any], payload: bytes, push: Push) -> Event | None:
    """The error that a client's JSON describes, which was that payload; None if it is none."""
    severity = spelling.severity(value.get("level")) or Severity.ERROR
    return _event(value, payload, push, severity) if severity >= Severity.ERROR else None


def _event(value: Mapping[str, Any], payload: bytes, push: Push, severity: Severity) -> Event:
    raised = _raised(value)
    tags = fields.sort({"tags": _pairs(value.get("tags"))}, push.roles)
    trace = _mapping(_mapping(value.get("contexts")).get("trace"))
    by_file = value.get("platform") not in _BY_CLASS
    kind, reason = (sanitise.word(raised[0].get("type")), _said(raised[0])) if raised else ("", "")
    message = _message(value) or (f"{kind}: {reason}" if kind and reason else kind or reason)
    time = spelling.time(value.get("timestamp"))
    return Event(
        source=push.origin,
        source_id=sanitise.word(value.get("event_id")) or push.names().of(payload, 1, time),
        time=time or push.received,
        received=push.received,
        message=message or "(no message)",
        severity=severity,
        service=sanitise.word(tags.get("service")) or push.project,
        environment=sanitise.word(value.get("environment")),
        customer=sanitise.word(tags.get("customer")) or push.customer,
        version=sanitise.word(value.get("release")).rpartition("@")[2],
        host=sanitise.word(value.get("server_name")),
        logger=sanitise.word(value.get("logger")),
        error_type=kind,
        error_message=reason,
        stack=_printed(raised, by_file=by_file),
        chain=_chain(raised) if len(raised) > 1 else (),
        frames=_telling(raised, by_file=by_file),
        trace_id=sanitise.word(trace.get("trace_id")),
        span_id=sanitise.word(trace.get("span_id")),
        fingerprint=_fingerprint(value.get("fingerprint")),
        url=sanitise.text(_mapping(value.get("request")).get("url"), ATTRIBUTE_CHARACTERS),
        attributes=mapping.attributes(_beside(value, tags.rest)),
    )


def _raised(value: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The exceptions, the outermost first: they come with the cause, or the members, first."""
    given = value.get("exception")
    values = given.get("values") if isinstance(given, dict) else given
    some = [one for one in values if isinstance(one, dict)] if isinstance(values, list) else []
    return some[::-1][:MOST_EXCEPTIONS]


def _chain(raised: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, str], ...]:
    return tuple((sanitise.word(one.get("type")), _said(one)) for one in raised)


def _said(exception: Mapping[str, Any]) -> str:
    return sanitise.text(exception.get("value"), MESSAGE_CHARACTERS)


def _message(value: Mapping[str, Any]) -> str:
    """What was logged: filled in, where that was sent."""
    for given in (value.get("logentry"), value.get("message")):
        said = given.get("formatted") or given.get("message") if isinstance(given, dict) else given
        if said:
            return sanitise.text(said, MESSAGE_CHARACTERS)
    return ""


def _telling(raised: Sequence[Mapping[str, Any]], *, by_file: bool) -> tuple[Frame, ...]:
    """The frames, innermost first, of the outermost exception that passed our own code."""
    stacks = [stack.collapse(reversed(_frames(one, by_file=by_file))) for one in raised]
    first = next((frames for frames in stacks if frames), ())
    return next((frames for frames in stacks if any(map(stack.in_app, frames))), first)


def _frames(exception: Mapping[str, Any], *, by_file: bool) -> tuple[Frame, ...]:
    """The frames of an exception, the innermost last, as they come."""
    given = _mapping(exception.get("stacktrace")).get("frames")
    some = given if isinstance(given, list) else []
    if len(some) > FIRST_FRAMES + LAST_FRAMES:
        some = some[:FIRST_FRAMES] + some[-LAST_FRAMES:]
    return tuple(_frame(one, by_file=by_file) for one in some if isinstance(one, dict))


def _frame(given: Mapping[str, Any], *, by_file: bool) -> Frame:
    file = given.get("abs_path") or given.get("filename")
    line, in_app = given.get("lineno"), given.get("in_app")
    return Frame(
        module=sanitise.word(
            (file or given.get("module")) if by_file else given.get("module") or file
        ),
        function=sanitise.word(given.get("function")),
        line=line if isinstance(line, int) and 0 <= line < 2**31 else None,
        in_app=in_app if isinstance(in_app, bool) else None,
    )


def _printed(raised: Sequence[Mapping[str, Any]], *, by_file: bool) -> str:
    """The exceptions for people to read, each with its calls, the innermost last."""
    parts = [_as_trace(one, _frames(one, by_file=by_file)) for one in reversed(raised)]
    return sanitise.ends("\n\n".join(parts), STACK_CHARACTERS)


def _as_trace(exception: Mapping[str, Any], frames: tuple[Frame, ...]) -> str:
    calls = [
        f'  File "{frame.module}", line {frame.line or 0}, in {frame.function}' for frame in frames
    ]
    head = ["Traceback (most recent call last):"] if calls else []
    return "\n".join([*head, *calls, f"{sanitise.word(exception.get('type'))}: {_said(exception)}"])


def _pairs(tags: object) -> dict[str, Any]:
    """Tags come as a mapping, or as pairs."""
    if isinstance(tags, dict):
        return tags
    pairs = tags if isinstance(tags, list) else []
    return {str(pair[0]): pair[1] for pair in pairs if isinstance(pair, list) and len(pair) == 2}


def _fingerprint(value: object) -> tuple[str, ...]:
    """The sender's own grouping; empty where that is the usual one."""
    parts = tuple(sanitise.word(part) for part in value[:20]) if isinstance(value, list) else ()
    return () if parts == ("{{ default }}",) else parts


def _beside(value: Mapping[str, Any], tags: Mapping[str, Any]) -> Mapping[str, Any]:
    """The tags, and what else tells where it happened."""
    said = {name: value.get(name) for name in ("transaction", "platform", "dist")}
    return {**tags, **{name: one for name, one in said.items() if one}}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
