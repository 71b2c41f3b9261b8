"""Errors sifted out of what an input gives: lines of text, JSON values, records."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.core.event import Event, Severity
from bot.core.hour import hour_of
from bot.core.intake.census import Census, Place, is_drawn
from bot.sources import cluster, exported, loki, mapping, otlp, sanitise, splunk, text, wrapping
from bot.sources.fields import USUAL, Roles
from bot.sources.mapping import Quiet, Unfit
from bot.sources.naming import Names
from bot.sources.records import Record, Writers

_PLACES_AT_ONCE = 5_000
"""Of traffic that nobody asked for yet: about 2 MB, and well under a second to store."""
_WRITERS_KNOWN = 5_000


NAMES_OF_OTHERS = frozenset(
    {
        "@version",
        "MESSAGE",
        "agent",
        "event",
        "events",
        "ingestionTime",
        "involvedObject",
        "items",
        "log",
        "log.file.path",
        "logEvents",
        "logStreamName",
        "regarding",
        "resourceLogs",
        "resourceMetrics",
        "resourceSpans",
        "source_type",
        "streams",
    }
)
"""Names of fields without one of which a JSON value is a record, and nothing that holds some."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """One record that was rejected: where, what is wrong with it, which never quotes it, and the
    record itself as far as it was read."""

    source: str
    line: int
    reason: str
    text: str = ""


class Sifter:
    """What an input gives goes in, errors and what cannot be read come out.

    `at` says on which line it stands and when that was read. `quiet` counts the records below
    `minimum`, and `unsaid` those of them that say no level. Where somebody picked the lines of
    text (`is_picked`), there are none of the latter. Lines may still grow, so `flushed` gives those
    that are open.
    """

    def __init__(
        self,
        name: str,
        names: Names,
        *,
        minimum: Severity,
        service: str,
        now: datetime,
        is_picked: bool = False,
        roles: Roles = USUAL,
    ) -> None:
        self._roles = roles
        self.quiet = self.unsaid = 0
        self._levelled = set[str]()
        self._levels = mapping.Levels()
        self._is_picked = is_picked
        self._name = name
        self._names = names
        self._minimum = minimum
        self._service = service
        self._line, self._now = 0, now
        self._traffic: dict[Place, Census] = {}
        self._parts, self._parts_from = wrapping.Parts(), 0
        self._text = Writers(quiet_below=minimum)

    def at(self, line: int, now: datetime) -> None:
        """What comes next stands on this line, and was read now."""
        self._line, self._now = line, now

    def look(self, head: str) -> None:
        """See in the first lines of a text who says levels."""
        self._levelled |= text.levelled(head)

    def traffic(self) -> Mapping[Place, Census]:
        """The harmless lines of each service and hour since asked last."""
        counted, self._traffic = self._traffic, {}
        return counted

    def text(self, part: wrapping.Wrapped) -> Iterator[Event | Unreadable]:
        """What a line of text completes."""
        if not self._parts.are_open:
            self._parts_from = self._line
        if (line := self._parts.join(part)) is not None:
            yield from self._ended(self._text.feed(self._line, line, self._now))

    def open_from(self, line: int) -> int:
        """The line on which begins what may still grow, or that one where nothing may."""
        parts = [self._parts_from] if self._parts.are_open else []
        return min([line, *parts, *self._text.open_lines()])

    def flushed(self) -> Iterator[Event | Unreadable]:
        """Of what is still open: nothing follows, or nothing that belongs to it."""
        for line in self._parts.flush():
            yield from self._ended(self._text.feed(self._line, line, self._now))
        yield from self._ended(self._text.flush())

    def _ended(self, records: Iterable[Record]) -> Iterator[Event | Unreadable]:
        for record in records:
            if not record.text.strip():
                continue
            event = text.event(
                record,
                self._identity(_named(record), record.line),
                minimum=self._minimum,
                is_levelled=self._says_levels(record),
                is_picked=self._is_picked,
                roles=self._roles,
            )
            if record.facts and not isinstance(event, Unfit):
                event = mapping.beside(event, record.facts, self._roles)
            yield from self._outcome(event, record.line, record.text.encode())

    def _says_levels(self, record: Record) -> bool:
        """Whether whoever wrote a record says levels, here or before."""
        if record.writer in self._levelled:
            return True
        says = record.head.severity is not None
        if says and len(self._levelled) < _WRITERS_KNOWN:
            self._levelled.add(record.writer)
        return says

    def json(self, line: bytes) -> Iterator[Event | Unreadable]:
        """What is in a JSON value: a record, an envelope or a batch of them."""
        try:
            value = sanitise.loads(line)
        except ValueError as error:
            yield self.unreadable(str(error), line)
            return
        if not isinstance(value, dict):
            yield self.unreadable("JSON, but not an object", line)
        elif NAMES_OF_OTHERS.isdisjoint(value):
            yield from self.flushed()
            yield from self._record(value, line)
        else:
            yield from self._held(value, line)

    def _held(self, value: dict[str, Any], line: bytes) -> Iterator[Event | Unreadable]:
        """What is in a JSON object that may be more, or less, than a record."""
        if (wrapped := self._unwrapped(value)) is not None:
            yield from self.text(wrapped)
        elif exported.is_exported(value):
            for one in exported.lines(value):
                yield from self.text(one)
        elif (told := cluster.events(value)) is not None:
            for record in told:
                yield from self._record(record, sanitise.plain(record).encode())
        elif loki.is_push(value):
            yield from self._loki(loki.lines(value, self._roles))
        elif splunk.is_envelope(value):
            yield from self._splunk(value, line)
        else:
            yield from self.flushed()
            yield from (
                self._batch(value, line) if otlp.is_batch(value) else self._record(value, line)
            )

    def _unwrapped(self, value: Mapping[str, Any]) -> wrapping.Wrapped | None:
        return (
            wrapping.of_container(value, self._roles)
            or wrapping.of_journal(value)
            or wrapping.of_follower(value, self._roles)
        )

    def loki(
        self, labels: dict[str, Any], values: Iterable[object]
    ) -> Iterator[Event | Unreadable]:
        """What is in the values of a stream of Loki's."""
        return self._loki(loki.of_stream(labels, values, self._roles))

    def _loki(self, lines: Iterable[wrapping.Wrapped | None]) -> Iterator[Event | Unreadable]:
        for line in lines:
            if line is None:
                yield self.unreadable("an entry of Loki's that is not [time, line]")
            elif line.severity is not None and line.severity < self._minimum:
                quiet = Quiet(line.severity, line.time, line.service)
                yield from self._outcome(quiet, self._line, line.text.encode())
            else:
                yield from self.text(line)

    def _splunk(self, envelope: dict[str, Any], line: bytes) -> Iterator[Event | Unreadable]:
        inside = splunk.event(envelope)
        if inside is None:
            yield self.unreadable("an event of Splunk's with nothing in it", line)
        elif isinstance(inside, wrapping.Wrapped):
            yield from self.text(inside)
        else:
            yield from self.flushed()
            yield from self._record(inside, line)

    def _batch(self, value: dict[str, Any], line: bytes) -> Iterator[Event | Unreadable]:
        """Of a line that holds many records of OpenTelemetry."""
        if "resourceLogs" not in value:
            yield self.unreadable("OpenTelemetry's spans or metrics: only its logs are read", line)
        yield from self.otlp(otlp.records(value))

    def otlp(
        self, records: Iterable[dict[str, Any] | otlp.Misshapen]
    ) -> Iterator[Event | Unreadable]:
        """What is in some records of OpenTelemetry's logs."""
        for number, record in enumerate(records):
            if isinstance(record, otlp.Misshapen):
                yield self.unreadable(record.reason)
            elif (line := otlp.line(record, self._roles)) is not None:
                yield from self.text(line)
            else:
                place = "" if record["time_unix_nano"] else f"{number}:"
                yield from self._record(record, f"{place}{sanitise.plain(record)}".encode())

    def _record(self, value: dict[str, Any], line: bytes) -> Iterator[Event | Unreadable]:
        identity = self._identity(line, self._line)
        event = mapping.event(
            value,
            identity,
            received=self._now,
            minimum=self._minimum,
            levels=self._levels,
            roles=self._roles,
        )
        yield from self._outcome(event, self._line, line)

    def _outcome(
        self, event: Event | Quiet | Unfit, line: int, record: bytes
    ) -> Iterator[Event | Unreadable]:
        if isinstance(event, Quiet):
            self.quiet += 1
            self.unsaid += event.severity is None
            self._measure(event, record)
        elif isinstance(event, Unfit):
            yield Unreadable(self._name, line, event.value, _text(record))
        else:
            yield event if event.service else replace(event, service=self._service)

    def _measure(self, quiet: Quiet, record: bytes) -> None:
        """Count a line as traffic; warnings are none, for an incident may bring them."""
        is_calm = quiet.severity is None or quiet.severity < Severity.WARNING
        if quiet.time is None or not is_calm or not is_drawn(record):
            return
        place = Place(quiet.service or self._service, hour_of(quiet.time))
        if not place.service or place.hour > hour_of(self._now):
            return
        if place in self._traffic or len(self._traffic) < _PLACES_AT_ONCE:
            self._traffic.setdefault(place, Census()).add(record)

    def unreadable(self, reason: str, record: bytes = b"") -> Unreadable:
        """That what stands here is rejected, and why."""
        return Unreadable(self._name, self._line, reason, _text(record))

    def _identity(self, record: bytes, line: int) -> mapping.Identity:
        return mapping.Identity(self._names.source, lambda time: self._names.of(record, line, time))


def _named(record: Record) -> bytes:
    """What a record of text is known by: when, what, and who wrote it where that is said."""
    writer = f"\n{record.writer}" if record.writer else ""
    return f"{record.time}\n{record.text}{writer}".encode()


def _text(record: bytes) -> str:
    """A record as text that has all of it."""
    return record.rstrip(b"\r\n").decode("utf-8", "backslashreplace")
