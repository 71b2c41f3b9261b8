"""Records of plain text, each read as the error that it describes."""

import re
from collections.abc import Mapping
from dataclasses import replace

from bot.core.event import Event, Severity
from bot.core.signing import codes, customer, header, stack
from bot.core.signing.header import Header
from bot.sources import access, mapping, records, sanitise, spoken, wording, wrapping
from bot.sources.failure import MESSAGE_CHARACTERS
from bot.sources.fields import USUAL, Roles
from bot.sources.mapping import Identity, Quiet, Unfit
from bot.sources.records import RECORD_CHARACTERS, Record

_LINES_TRIED = 100
_SEARCHED = 4_000


def event(
    record: Record,
    identity: Identity,
    *,
    minimum: Severity = Severity.ERROR,
    is_levelled: bool = False,
    is_picked: bool = False,
    roles: Roles = USUAL,
) -> Event | Quiet | Unfit:
    """The error that a record describes.

    One that says no level is an error if it is a crash, or its words tell of a failure; where
    whoever wrote it says levels elsewhere (`is_levelled`) it is a banner or a print, unless it
    stands behind syslog's header. Each counts that somebody picked.
    """
    text = sanitise.text(record.text, RECORD_CHARACTERS)
    received, (head, message) = record.received, _split(record, text)
    time = head.time or record.dated or record.time

    def counts() -> bool:
        return is_picked or _counts(record, message, is_levelled=is_levelled)

    if (found := _fields(message, head.severity)) is not None:
        unsaid = head.severity or _given_level(record) or (None if counts() else Severity.INFO)
        event = mapping.event(
            found,
            identity,
            received=received,
            minimum=minimum,
            time=time,
            unsaid=unsaid,
            roles=roles,
        )
        if isinstance(event, Quiet):
            return event._replace(service=event.service or _service(head, record))
        if isinstance(event, Unfit):
            return event
        return _with_head(event, head, record.service, _customer(record, head))
    if not message.strip():
        return Unfit.EMPTY
    severity = (
        Severity.CRITICAL
        if wording.tells_of_a_kill(message)
        else head.severity or spoken.level(message) or _given_level(record)
    )
    raised = stack.parse(message) if stack.may_be_in(message) else ()
    is_crash = bool(raised) or records.is_uncaught(message)
    if severity is None and not is_crash and not counts():
        return Quiet(None, time, _service(head, record))
    if severity is not None and severity < minimum:
        return Quiet(severity, time, _service(head, record))
    if severity is None and records.is_fragment(message):
        return Quiet(Severity.INFO)
    kind, reason = (raised[0].type, raised[0].message) if raised else _named(message)
    return Event(
        source=identity.source,
        source_id=identity.of(time),
        time=time or received,
        received=received,
        message=_message(message, kind, reason) if raised else _whole(message),
        severity=severity or Severity.ERROR,
        service=_service(head, record),
        host=sanitise.word(head.host),
        customer=_customer(record, head),
        logger=sanitise.word(head.logger),
        error_type=sanitise.word(kind),
        error_message=sanitise.text(reason, MESSAGE_CHARACTERS),
        stack=_trace(message) if raised else "",
        attributes=_attributes(record, head),
    )


def levelled(head: str) -> set[str]:
    """Who says levels among those that wrote the first lines of a text."""
    lines = [wrapping.unwrap(line) for line in head.split("\n")[:_LINES_TRIED]]
    return {line.writer for line in lines if header.split(line.text).severity is not None}


def _service(head: Header, record: Record) -> str:
    return sanitise.word(head.service or record.service)


def _customer(record: Record, head: Header) -> str:
    """Whom the header names, which is no part of the message."""
    first = record.lines[0]
    return sanitise.word(customer.of_header(first[: max(0, len(first) - len(head.message))]))


def _given_level(record: Record) -> Severity | None:
    """How bad the journal has a record, where that says anything."""
    return None if record.severity is Severity.INFO else record.severity


def _counts(record: Record, message: str, *, is_levelled: bool) -> bool:
    """Whether a record without a level is an error all the same; docs/decisions/0011 tells why."""
    is_of_syslog = bool(record.head.host and record.head.service)
    if is_levelled and record.severity is None and not is_of_syslog:
        return False
    tells = wording.tells_of_failure(message) or codes.answered(message[:_SEARCHED])
    return record.has_frames or bool(tells)


def _split(record: Record, text: str) -> tuple[Header, str]:
    """The header and all that follows it; that of java.util.logging takes two lines."""
    head, first = record.head, record.lines[0]
    if record.is_headed and head.message == first:
        head = header.split(text)
        return head, _lines(head.message)
    return head, _lines(text[len(first) - len(head.message) :])


def _lines(message: str) -> str:
    """What is said, without blank lines around it; nor one of tags before what Rails caught."""
    said = message.strip("\n")
    first, _, rest = said.partition("\n")
    is_blank = _CAUGHT.match(rest) is not None and records.TAGS.fullmatch(first) is not None
    return rest.strip("\n") if is_blank else said


_CAUGHT = re.compile(r"\n{0,2}[A-Z]\w{0,80}(?:::[A-Z]\w{0,80}){0,8} \(")


_EXCEPTION = re.compile(
    rf"^(?:Exception in thread \"[^\"\n]{{0,200}}\" |Uncaught )?({records.NAMED})(?::\s(.*))?",
    re.MULTILINE,
)


def _named(message: str) -> tuple[str, str]:
    """(type, message) of an exception that stands at the start of a line, without its stack."""
    found = _EXCEPTION.search(message, 0, _SEARCHED)
    return (found[1], found[2] or "") if found else ("", "")


def _message(text: str, kind: str, reason: str) -> str:
    """The log line above a trace, or what was raised where there is none."""
    first = text.partition("\n")[0]
    return _whole(f"{kind}: {reason}" if kind and _TRACE_START.match(first) else first or text)


def _whole(text: str) -> str:
    return sanitise.text(text.strip(), MESSAGE_CHARACTERS)


_TRACE_START = re.compile(
    r"^(?:[ +|]*(?:Exception Group )?Traceback \(most |goroutine \d)", re.MULTILINE
)


def _trace(text: str) -> str:
    found = _TRACE_START.search(text)
    return text[found.start() :] if found else text


def _attributes(record: Record, head: Header) -> Mapping[str, str]:
    pid = {"pid": sanitise.word(head.pid)} if head.pid else {}
    notes = {
        name: sanitise.text(note, mapping.ATTRIBUTE_CHARACTERS)
        for name, note in record.notes.items()
    }
    return {**pid, **notes}


# ---- fields inside the text: JSON behind a forwarder's header, logfmt

_PAIR = re.compile(r'([A-Za-z_@][\w.@-]{0,80})=("(?:[^"\\]|\\.)*"|[^\s"]*)(?:\s+|$)')
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}
_FEWEST_PAIRS = 3


def _fields(message: str, level: Severity | None) -> dict[str, object] | None:
    if message.startswith("{") and sanitise.OBJECT.match(raw := message.encode()):
        try:
            value = sanitise.loads(raw)
        except ValueError:
            return None
        return value if isinstance(value, dict) else None
    return _logfmt(message) or _request(message, level)


_STATUS = re.compile(r" 5\d\d[ \n]| 5\d\d$")


def _request(message: str, level: Severity | None) -> dict[str, object] | None:
    """The fields of a line of an access log; where the header says a level, of a request that
    failed by one that all requests have."""
    if level is None:
        return access.fields(message)
    may_have_failed = access.is_of_all(level) and _STATUS.search(message)
    found = access.fields(message) if may_have_failed else None
    return found if found and found["http_status"] >= access.FAILED else None


def _logfmt(message: str) -> dict[str, object] | None:
    """The pairs of a line that is nothing but `name=value`, at least three of them, or None."""
    pairs: dict[str, object] = {}
    place = 0
    while found := _PAIR.match(message, place):
        pairs[found[1]] = _unquoted(found[2])
        place = found.end()
    return pairs if place == len(message) and len(pairs) >= _FEWEST_PAIRS else None


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), value[1:-1])


def _with_head(event: Event, head: Header, service: str, whom: str) -> Event:
    return replace(
        event,
        customer=event.customer or whom,
        service=event.service or sanitise.word(head.service or service),
        host=event.host or sanitise.word(head.host),
    )
