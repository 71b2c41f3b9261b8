"""One JSON record → one event, by the names that loggers and exporters use."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from types import MappingProxyType
from typing import Any, NamedTuple

from bot.core.event import Event, Frame, Severity
from bot.core.signing import header, raised, stack
from bot.core.signing.header import Header
from bot.sources import access, fields, sanitise, spoken, traces, wording
from bot.sources.fields import USUAL, Fields, Roles

MESSAGE_CHARACTERS = 64_000
STACK_CHARACTERS = 256_000
ATTRIBUTES = 64
ATTRIBUTE_CHARACTERS = 1_000
SERVICES_KNOWN = 5_000


class Unfit(Enum):
    """Why a well-formed record is no event."""

    EMPTY = "a record without a message and without an error"


class Quiet(NamedTuple):
    """A record that is no error: how bad it is, and when and by whom it was written, if it says."""

    severity: Severity | None
    time: datetime | None = None
    service: str = ""


class Levels:
    """Which services say how bad their records are, of those that were seen."""

    def __init__(self) -> None:
        self._services = set[str]()

    def say(self, service: str, *, is_said: bool) -> bool:
        """Whether a service says it, in this record or in one before."""
        if is_said and len(self._services) < SERVICES_KNOWN:
            self._services.add(service)
        return is_said or service in self._services


@dataclass(frozen=True, slots=True)
class Identity:
    """Names an event that does not name itself: `of(time)` gives its source_id.

    `time` is what the record carries itself, if it does.
    """

    source: str
    of: Callable[[datetime | None], str]


def event(
    record: Mapping[str, Any],
    identity: Identity,
    *,
    received: datetime,
    minimum: Severity = Severity.ERROR,
    time: datetime | None = None,
    unsaid: Severity | None = None,
    levels: Levels | None = None,
    roles: Roles = USUAL,
) -> Event | Quiet | Unfit:
    """The event that `record` describes, its fields found by their names; where none says how bad
    it is, its message may.

    `time` and `unsaid` are what the transport says of when it was and how bad, for a record that
    does not say its own.

    A record that carries no severity counts as an error, for nobody ships a log of errors with a
    level in every line; but not an answer with an HTTP status below 500 that tells of no exception.
    Where its service is known to say `levels`, one without is judged by its words.
    An `id` is the record's own identity when it is called an event's or a log's, or stands beside
    `received`, as exports of events have it; a bare `id` may as well be an order's, and two errors
    of one order are not one.
    """
    found = fields.sort(record, roles)
    head = _head(found) if unsaid is None else _NO_HEAD
    said = found.get("severity") or head.severity
    severity = said or spoken.level(head.message)
    is_said = severity is not None
    severity = severity or _by_status(found, unsaid or Severity.ERROR)
    failed = _failed_request(found, severity)
    if failed:
        severity = Severity.ERROR
    if wording.tells_of_a_kill(sanitise.plain(found.get("message"))):
        severity = Severity.CRITICAL
    service = _service(found, record)
    is_levelled = levels.say(service, is_said=said is not None) if levels else is_said
    if severity < minimum:
        return Quiet(severity, found.get("time") or time, service)
    if is_levelled and not is_said and _is_calm(found):
        return Quiet(None, found.get("time") or time, service)
    failure = _failure(found)
    message = _message(failed or _said(found, head, failure), failure)
    if not message and not failure.stack and not (message := _made(found)):
        return Unfit.EMPTY
    source, source_id = _identity(found, identity, time)
    arrived = found.get("received") or received
    return Event(
        source=source,
        source_id=source_id,
        time=found.get("time") or time or arrived,
        received=arrived,
        message=message or failure.stack.partition("\n")[0],
        severity=severity,
        service=service,
        environment=sanitise.word(found.get("environment")),
        customer=sanitise.word(found.get("customer")),
        version="" if "short_message" in record else sanitise.word(found.get("version")),
        host=sanitise.word(found.get("host")),
        logger=sanitise.word(found.get("logger") or found.get("name") or head.logger),
        error_type=failure.type,
        error_message=failure.message,
        stack=failure.stack,
        chain=failure.chain,
        frames=failure.frames,
        trace_id=sanitise.word(found.get("trace_id")),
        span_id=sanitise.word(found.get("span_id")),
        fingerprint=_fingerprint(found.get("fingerprint")),
        url=sanitise.text(found.get("url"), ATTRIBUTE_CHARACTERS),
        attributes=attributes(found.rest),
    )


def beside(event: Event | Quiet, facts: Mapping[str, Any], roles: Roles = USUAL) -> Event | Quiet:
    """What a text describes with what a forwarder says beside it, where the text says nothing."""
    found = fields.sort(facts, roles)
    if isinstance(event, Quiet):
        return event._replace(service=event.service or sanitise.word(found.get("service")))
    said: dict[str, Any] = {
        role: sanitise.word(found.get(role)) for role in _SAID_BESIDE if not getattr(event, role)
    }
    return replace(event, **said, attributes={**attributes(found.rest), **event.attributes})


_SAID_BESIDE = ("service", "environment", "customer", "version", "host", "trace_id", "span_id")


def _by_status(found: Fields, unsaid: Severity) -> Severity:
    """How bad a record is that does not say so: by the status it was answered with, if any."""
    number = _status(found)
    if number >= access.FAILED:
        return Severity.ERROR
    is_fine = number >= 100 and not _FAILING & found.roles.keys()
    return Severity.INFO if is_fine else unsaid


def _head(found: Fields) -> Header:
    """The header that a message has where no field says how bad it is; all is message of others."""
    said = found.get("message")
    if "severity" in found.roles or not isinstance(said, str):
        return _NO_HEAD
    said = sanitise.uncoloured(said[:MESSAGE_CHARACTERS])
    head = header.split(said)
    return head if head.severity else Header(said)


_NO_HEAD = Header("")


def _failed_request(found: Fields, severity: Severity) -> str:
    """What was asked of us that we answered with 5xx, where the level is that of all requests;
    docs/decisions/0011 tells why."""
    status = _status(found) if access.is_of_all(severity) else 0
    if status < access.FAILED or not access.names_who_asked(found.rest):
        return ""
    return access.message(found.rest, status=str(status), url=found.get("url"))


def _is_calm(found: Fields) -> bool:
    """Whether nothing in a record without a level tells of a failure; docs/decisions/0011."""
    is_told = _status(found) >= access.FAILED or _FAILING & found.roles.keys()
    return not is_told and not wording.tells_of_failure(sanitise.plain(found.get("message")))


def _status(found: Fields) -> int:
    """That of HTTP, or 0."""
    said = found.get("http_status") or found.rest.get("status")
    if said is None:
        return 0
    status = str(said)
    return int(status) if len(status) == 3 and status.isdecimal() else 0


def _made(found: Fields) -> str:
    """The message of a record that has none but says that it is an error: what was asked and how
    that was answered, else what it tells of; nothing of one that says neither."""
    status = _status(found)
    if status < access.FAILED and "severity" not in found.roles:
        return ""
    asked = access.message(found.rest, status=str(status or ""), url=found.get("url"))
    return asked or " ".join(_pairs(found.rest)[:MADE_OF])


def _pairs(rest: Mapping[str, Any]) -> list[str]:
    """The facts that a person would read: those in words, or in numbers where none are."""
    plain = ((name, value) for name, value in rest.items() if not isinstance(value, list))
    told = [(sanitise.word(name), said) for name, value in plain if (said := sanitise.word(value))]
    words = [(name, said) for name, said in told if any(map(str.isalpha, said))]
    return [f"{name}={said}" for name, said in words or told]


MADE_OF = 8


_FAILING = frozenset({"error_type", "error_message", "stack"})


@dataclass(frozen=True, slots=True)
class _Failure:
    """What a record says about the exception behind it."""

    type: str = ""
    message: str = ""
    stack: str = ""
    chain: tuple[tuple[str, str], ...] = ()
    frames: tuple[Frame, ...] = ()


def _failure(found: Fields) -> _Failure:
    given_type = sanitise.word(found.get("error_type")) or _sqlstate(found.get("state_code"))
    given_message = sanitise.text(found.get("error_message"), MESSAGE_CHARACTERS)
    given_stack = found.get("stack") or _loguru_stack(found) or _told_stack(found)
    if isinstance(given_stack, list):
        errors = [one for one in given_stack[:100] if isinstance(one, dict) and "exc_type" in one]
        if errors:
            return _structured(errors, given_type, given_message)
        given_stack = _lines(given_stack)
    text = _stack(sanitise.plain(given_stack))
    if not given_type and text.startswith(name := sanitise.word(found.get("name"))):
        given_type = name
    if text and not given_type and (outermost := raised.outermost(text)):
        given_type = sanitise.word(outermost[0])
        given_message = given_message or sanitise.text(outermost[1], MESSAGE_CHARACTERS)
    text = traces.whole(text, given_type, given_message)
    members = _members(found.get("members"))
    chain = ((given_type, given_message), *members) if members else ()
    return _Failure(given_type, given_message, text, chain)


def _said(found: Fields, head: Header, failure: _Failure) -> str:
    """The message, without the header or the stack in it."""
    said = sanitise.text(found.get("message"), MESSAGE_CHARACTERS)
    if head.severity:
        said = head.message or said
    if not failure.stack or found.get("stack"):
        return said
    first = said.partition("\n")[0]
    if first == said or said.strip("\n") not in failure.stack:
        return said
    return "" if first.startswith("Traceback (") else first


def _message(said: str, failure: _Failure) -> str:
    """What was said, with the reason that a record gives beside it: where neither a type nor a
    stack tells errors apart, "payment failed" is as many errors as it has reasons."""
    if not said.strip():
        return failure.message or failure.type
    if failure.type or failure.stack or not failure.message.strip() or failure.message in said:
        return said
    if said in failure.message:
        return failure.message
    return f"{said}: {failure.message}"[:MESSAGE_CHARACTERS]


def _stack(given: str) -> str:
    """As it is kept; nothing for one of blanks."""
    text = sanitise.ends(given, STACK_CHARACTERS).strip("\n")
    return text if text.strip() else ""


def _loguru_stack(found: Fields) -> str:
    """Loguru's JSON has the traceback in `text` only, below the formatted line."""
    text = found.rest.get("text")
    if not isinstance(text, str) or "record.message" not in found.roles.get("message", ()):
        return ""
    return text.partition("\n")[2]


def _told_stack(found: Fields) -> str:
    """The stack that stands in a message, as Google wants it there, or in GELF's longer one."""
    for told in (found.get("message"), found.rest.get("full_message")):
        if isinstance(told, str) and stack.may_be_in(told):
            text = sanitise.ends(told, STACK_CHARACTERS)
            if raised.outermost(text):
                return text
    return ""


def _sqlstate(value: object) -> str:
    code = sanitise.word(value)
    return f"SQLSTATE {code}" if code and code != "00000" else ""


def _lines(given: list[Any]) -> str:
    """A list of lines or frames as text, an item a line; Elasticsearch's are not indented."""
    items = map(sanitise.plain, given[:1_000])
    return "\n".join(f"\t{item}" if item.startswith("at ") else item for item in items)


def _structured(raised: list[dict[str, Any]], given_type: str, given_message: str) -> _Failure:
    """A traceback as structlog writes it: the exception last raised first, then its causes."""
    members = [item for error in raised for item in _group(error.get("exceptions"))]
    chain = tuple((sanitise.word(e.get("exc_type")), _value(e)) for e in [*raised, *members][:100])
    return _Failure(
        given_type or chain[0][0],
        given_message or chain[0][1],
        sanitise.ends("\n\n".join(_python_text(e) for e in reversed(raised)), STACK_CHARACTERS),
        chain if len(chain) > 1 else (),
        _telling_frames(raised),
    )


def _telling_frames(raised: list[dict[str, Any]]) -> tuple[Frame, ...]:
    """The frames, innermost first, of the outermost exception that passed our own code."""
    stacks = [stack.collapse(reversed(_python_frames(error))) for error in raised]
    return next((frames for frames in stacks if any(map(stack.in_app, frames))), stacks[0])


def _group(exceptions: object) -> list[dict[str, Any]]:
    """The exceptions inside a group, each given as its own chain."""
    chains = exceptions if isinstance(exceptions, list) else []
    firsts = [chain[0] if isinstance(chain, list) and chain else chain for chain in chains]
    return [error for error in firsts if isinstance(error, dict)]


def _value(error: Mapping[str, Any]) -> str:
    return sanitise.text(error.get("exc_value"), MESSAGE_CHARACTERS)


def _python_frames(error: Mapping[str, Any]) -> tuple[Frame, ...]:
    given = error.get("frames")
    frames = [f for f in given if isinstance(f, dict)] if isinstance(given, list) else []
    return tuple(
        Frame(
            sanitise.word(f.get("filename"), 500),
            sanitise.word(f.get("name")),
            _line(f.get("lineno")),
        )
        for f in frames[:1_000]
    )


def _python_text(error: Mapping[str, Any]) -> str:
    """The same exception as Python itself prints it."""
    calls = [f'  File "{f.module}", line {f.line}, in {f.function}' for f in _python_frames(error)]
    last = f"{sanitise.word(error.get('exc_type'))}: {_value(error)}"
    return "\n".join(["Traceback (most recent call last):", *calls, last])


def _line(value: object) -> int | None:
    return value if isinstance(value, int) and 0 <= value < 2**31 else None


def _members(value: object) -> tuple[tuple[str, str], ...]:
    """What a group such as Node's AggregateError holds, where the logger wrote it out."""
    errors = [e for e in value[:100] if isinstance(e, dict)] if isinstance(value, list) else []
    return tuple(
        (
            sanitise.word(e.get("type") or e.get("name")),
            sanitise.text(e.get("message"), MESSAGE_CHARACTERS),
        )
        for e in errors
    )


def _identity(found: Fields, identity: Identity, time: datetime | None) -> tuple[str, str]:
    name, value = found.roles.get("id", ("", None))
    is_export = "received" in found.roles
    own = sanitise.word(value) if name and (name != "id" or is_export) else ""
    if not own:
        return identity.source, identity.of(found.get("time") or time)
    return (sanitise.word(found.get("source"), 64) if is_export else "") or identity.source, own


def _service(found: Fields, record: Mapping[str, Any]) -> str:
    return sanitise.word(found.get("service")) or _applications_name(record)


def _applications_name(record: Mapping[str, Any]) -> str:
    """Pino and bunyan call the application `name`, which is a logger's elsewhere: a level in tens
    beside `time` and `msg` gives them away, or bunyan's `v` beside the host."""
    is_theirs = "v" in record and "hostname" in record
    is_numbered = record.get("level") in _LEVELS_IN_TENS and "time" in record and "msg" in record
    return sanitise.word(record.get("name")) if is_theirs or is_numbered else ""


_LEVELS_IN_TENS = (10, 20, 30, 40, 50, 60)


def _fingerprint(value: object) -> tuple[str, ...]:
    parts = value if isinstance(value, list) else [value] if value else []
    return tuple(sanitise.word(part) for part in parts[:20])


def attributes(rest: Mapping[str, Any]) -> Mapping[str, str]:
    """What no field has a name for, the first of it."""
    if not rest:
        return _NO_ATTRIBUTES
    names = list(rest)[:ATTRIBUTES]
    return {sanitise.word(name): sanitise.text(rest[name], ATTRIBUTE_CHARACTERS) for name in names}


_NO_ATTRIBUTES: Mapping[str, str] = MappingProxyType({})
