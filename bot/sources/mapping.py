"""One JSON record → one event, by the names that loggers and exporters use."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from types import MappingProxyType
from typing import Any, NamedTuple

from bot.core.event import Event, Severity
from bot.core.signing import header
from bot.core.signing.header import Header
from bot.sources import access, failure, fields, sanitise, spoken, wording
from bot.sources.failure import MESSAGE_CHARACTERS, Failure
from bot.sources.fields import USUAL, Fields, Roles

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
    service, when = _service(found, record), found.get("time") or time
    level = _level(found, unsaid, omitted=_omitted(record))
    is_levelled = levels.say(service, is_said=level.is_given) if levels else level.is_said
    if level.severity < minimum:
        return Quiet(level.severity, when, service)
    if is_levelled and not level.is_said and _is_calm(found):
        return Quiet(None, when, service)
    error = failure.of(found)
    message = _message(level.request or _said(found, level.head, error), error)
    if not message and not error.stack and not (message := _made(found)):
        return Unfit.EMPTY
    source, source_id = _identity(found, identity, time)
    arrived = found.get("received") or received
    return Event(
        source=source,
        source_id=source_id,
        time=when or arrived,
        received=arrived,
        message=message or error.stack.partition("\n")[0],
        severity=level.severity,
        service=service,
        environment=sanitise.word(found.get("environment")),
        customer=sanitise.word(found.get("customer")),
        version="" if "short_message" in record else sanitise.word(found.get("version")),
        host=sanitise.word(found.get("host")),
        logger=sanitise.word(found.get("logger") or found.get("name") or level.head.logger),
        error_type=error.type,
        error_message=error.message,
        stack=error.stack,
        chain=error.chain,
        frames=error.frames,
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


class _Level(NamedTuple):
    """How bad a record is, and what says so: a field or the header of its message (`is_given`), or
    these or its words (`is_said`); or that we failed to answer a `request`."""

    severity: Severity
    head: Header
    request: str
    is_given: bool
    is_said: bool


def _level(found: Fields, unsaid: Severity | None, *, omitted: Severity | None) -> _Level:
    head = _head(found) if unsaid is None and omitted is None else _NO_HEAD
    given = found.get("severity") or omitted or head.severity
    said = given or spoken.level(head.message)
    severity = said or _by_status(found, unsaid or Severity.ERROR)
    request = _failed_request(found, severity)
    if request:
        severity = Severity.ERROR
    if wording.tells_of_a_kill(sanitise.plain(found.get("message"))):
        severity = Severity.CRITICAL
    return _Level(severity, head, request, is_given=given is not None, is_said=said is not None)


def _omitted(record: Mapping[str, Any]) -> Severity | None:
    """What a record means by no level: Serilog's compact format leaves that of information out. One
    of an exception counts as if it said nothing."""
    is_compact = "@t" in record and not _OF_COMPACT.isdisjoint(record)
    return Severity.INFO if is_compact and not {"@l", "@x"} & record.keys() else None


_OF_COMPACT = frozenset({"@m", "@mt", "@i"})


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
    if status < access.FAILED or not (access.names_who_asked(found.rest) or _is_served(found)):
        return ""
    return access.message(found.rest, status=str(status), url=found.get("url"))


def _is_served(found: Fields) -> bool:
    """Whether a record holds a request and an answer as servers of Node have them, `req` and `res`:
    with a path alone, where whoever asks others says which host."""
    name = found.roles.get("http_status", ("", None))[0]
    is_answer = name.split(".")[-2:-1] == ["res"] and "req.method" in found.rest
    return is_answer and sanitise.plain(found.get("url")).startswith("/")


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


def _said(found: Fields, head: Header, error: Failure) -> str:
    """The message, without the header or the stack in it."""
    said = sanitise.text(found.get("message"), MESSAGE_CHARACTERS)
    if head.severity:
        said = head.message or said
    if not error.stack or found.get("stack"):
        return said
    first = said.partition("\n")[0]
    if first == said or said.strip("\n") not in error.stack:
        return said
    return "" if first.startswith("Traceback (") else first


def _message(said: str, error: Failure) -> str:
    """What was said, with the reason that a record gives beside it: where neither a type nor a
    stack tells errors apart, "payment failed" is as many errors as it has reasons."""
    if not said.strip():
        return error.message or error.type
    if error.type or error.stack or not error.message.strip() or error.message in said:
        return said
    if said in error.message:
        return error.message
    return f"{said}: {error.message}"[:MESSAGE_CHARACTERS]


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
