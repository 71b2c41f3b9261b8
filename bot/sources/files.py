"""Errors out of files and pipes: JSON lines, plain text or both, packed or not."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Literal

from bot.core.baseline import hour_of
from bot.core.census import Census, Place, is_drawn
from bot.core.event import Event, Severity
from bot.errors import SourceError
from bot.sources import (
    documents,
    loki,
    mapping,
    otlp,
    packed,
    sanitise,
    splunk,
    text,
    wrapping,
)
from bot.sources.mapping import Quiet, Unfit
from bot.sources.naming import InFile, Names
from bot.sources.records import Record, Writers
from bot.sources.stream import LINE_BYTES, PATIENCE_SECONDS, Stream, is_binary

PAUSE = timedelta(seconds=1)
"""At least this often an endless input lets those who read it do something else."""
_BLANK = b" \t\r\n\0\xef\xbb\xbf"
_PLACES_AT_ONCE = 5_000
"""Of traffic that nobody asked for yet: about 2 MB, and well under a second to store."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """One record that was rejected: where, what is wrong with it, which never quotes it, and the
    record itself as far as it was read."""

    source: str
    line: int
    reason: str
    text: str = ""


class Reader:
    """The errors of one input, read once and as they are needed; memory stays flat.

    Gives None for a pause: when nothing came for `patience` seconds, and in between once a second.
    An event without an arrival of its own was received when its first line was read, by `clock`.
    `service` is that of an event which names none; `names` those who do not name themselves. Where
    it `is_json`, lines of text are none of its own.
    `lines` and `quiet` (records below `minimum`) count along; `size` is what `on_bytes` adds up to.
    Raises SourceError where there is nothing to read at all: here for what cannot be opened and
    for binary files, while iterating for a file that breaks before its first line.
    """

    def __init__(
        self,
        source: Path | BinaryIO | Literal["-"],
        clock: Callable[[], datetime],
        *,
        on_bytes: Callable[[int], None] = lambda _: None,
        minimum: Severity = Severity.ERROR,
        patience: float = PATIENCE_SECONDS,
        service: str = "",
        names: Names | None = None,
        is_json: bool = False,
    ) -> None:
        self.lines = 0
        self.quiet = 0
        self._traffic: dict[Place, Census] = {}
        self._stream = Stream(source, on_bytes=on_bytes, patience=patience)
        self.name, self.size = self._stream.name, self._stream.size
        self._clock = clock
        self._now = self._paused = clock()
        self._names = names or InFile(_place(self._stream.path, self._now))
        self._minimum = minimum
        self._is_json = is_json
        self._service = service
        self._parts = wrapping.Parts()
        self._text = Writers(quiet_below=minimum)
        self._manner = text.Manner.BARE
        self._is_stopped = False
        self._outcomes = self._read()

    def __iter__(self) -> Iterator[Event | Unreadable | None]:
        """The reader itself: there is one pass."""
        return self

    def __next__(self) -> Event | Unreadable | None:
        """The next error, what could not be read, or None for a pause."""
        return next(self._outcomes)

    def stop(self) -> None:
        """End at the next line, or pause, as if the input ended there."""
        self._is_stopped = True

    def traffic(self) -> Mapping[Place, Census]:
        """The harmless lines of each service and hour that were read since asked last."""
        counted, self._traffic = self._traffic, {}
        return counted

    def _read(self) -> Iterator[Event | Unreadable | None]:
        with closing(self._stream):
            try:
                yield from self._records()
                yield from self._flushed()
            except EOFError:
                yield from self._broken("is cut off")
            except packed.DAMAGED:
                yield from self._broken("is damaged")
            except OSError as error:
                yield from self._broken(f"cannot be read ({error.strerror})")

    def _broken(self, how: str) -> Iterator[Event | Unreadable]:
        if not self.lines:
            raise SourceError(f"{self.name} {how} before its first line: fetch it again")
        yield from self._flushed()
        yield self._unreadable(f"the file {how} after line {self.lines}")

    def _records(self) -> Iterator[Event | Unreadable | None]:
        while documents.may_be_in(head := self._stream.head()):
            more = self._stream.look_further()
            if more is None and not self._is_stopped:
                yield None
            elif not more:
                break
        if documents.are_in(head):
            yield from self._documents()
        else:
            self._manner = text.manner_of(head.decode("utf-8", "replace"))
            yield from self._by_line()

    def _documents(self) -> Iterator[Event | Unreadable | None]:
        """Of one JSON array, or of objects that each take several lines."""
        found = documents.Documents(self._stream, LINE_BYTES)
        for document in found:
            self.lines = found.line
            self._now = self._clock()
            if isinstance(document, documents.Broken):
                yield Unreadable(self.name, document.line, document.reason, document.text)
            elif document is not None:
                yield from self._json(document.encode())
            yield from self._pause(is_silent=document is None)
            if self._is_stopped:
                return
        self.lines = found.line

    def _by_line(self) -> Iterator[Event | Unreadable | None]:
        while not self._is_stopped and (line := self._stream.line()) != b"":
            self._now = self._clock()
            if line is not None:
                self.lines += 1
                yield from self._line(line)
            yield from self._pause(is_silent=line is None)

    def _pause(self, *, is_silent: bool) -> Iterator[Event | Unreadable | None]:
        """A pause, if the last one is long ago; what is open in a silent input counts as whole."""
        if is_silent:
            yield from self._flushed()
        if is_silent or self._now - self._paused >= PAUSE:
            yield None
            self._paused = self._clock()

    def _line(self, line: bytes) -> Iterator[Event | Unreadable]:
        if self._stream.is_cut:
            yield self._unreadable(f"a line longer than {LINE_BYTES >> 20} MiB", line)
        elif sanitise.OBJECT.match(stripped := line.strip(_BLANK)):
            yield from self._json(stripped)
        elif is_binary(line):
            yield self._unreadable("a line that is not text", line)
        elif self._is_json and stripped:
            yield self._unreadable("not a JSON object", line)
        else:
            decoded = line.decode("utf-8", "replace").removeprefix("\ufeff")
            yield from self._text_line(wrapping.unwrap(decoded))

    def _text_line(self, part: wrapping.Wrapped) -> Iterator[Event | Unreadable]:
        if (line := self._parts.join(part)) is not None:
            yield from self._ended(self._text.feed(self.lines, line, self._now))

    def _flushed(self) -> Iterator[Event | Unreadable]:
        """Of what is still open: nothing follows, or nothing that belongs to it."""
        for line in self._parts.flush():
            yield from self._ended(self._text.feed(self.lines, line, self._now))
        yield from self._ended(self._text.flush())

    def _ended(self, records: Iterable[Record]) -> Iterator[Event | Unreadable]:
        for record in records:
            if not record.text.strip():
                continue
            self._manner = max(self._manner, text.manner(record))
            event = text.event(
                record,
                self._identity(_named(record), record.line),
                minimum=self._minimum,
                manner=self._manner,
            )
            if record.facts and not isinstance(event, Unfit):
                event = mapping.beside(event, record.facts)
            yield from self._outcome(event, record.line, record.text.encode())

    def _json(self, line: bytes) -> Iterator[Event | Unreadable]:
        try:
            value = sanitise.loads(line)
        except ValueError as error:
            yield self._unreadable(str(error), line)
            return
        if not isinstance(value, dict):
            yield self._unreadable("JSON, but not an object", line)
        elif (wrapped := wrapping.of_container(value) or wrapping.of_journal(value)) is not None:
            yield from self._text_line(wrapped)
        elif loki.is_push(value):
            yield from self._loki(value)
        elif splunk.is_envelope(value):
            yield from self._splunk(value, line)
        else:
            yield from self._flushed()
            yield from (
                self._batch(value, line) if otlp.is_batch(value) else self._record(value, line)
            )

    def _loki(self, push: dict[str, Any]) -> Iterator[Event | Unreadable]:
        for line in loki.lines(push):
            if line is None:
                yield self._unreadable("an entry of Loki's that is not [time, line]")
            elif line.severity is not None and line.severity < self._minimum:
                quiet = Quiet(line.severity, line.time, line.service)
                yield from self._outcome(quiet, self.lines, line.text.encode())
            else:
                yield from self._text_line(line)

    def _splunk(self, envelope: dict[str, Any], line: bytes) -> Iterator[Event | Unreadable]:
        inside = splunk.event(envelope)
        if inside is None:
            yield self._unreadable("an event of Splunk's with nothing in it", line)
        elif isinstance(inside, wrapping.Wrapped):
            yield from self._text_line(inside)
        else:
            yield from self._flushed()
            yield from self._record(inside, line)

    def _batch(self, value: dict[str, Any], line: bytes) -> Iterator[Event | Unreadable]:
        """Of a line that holds many records of OpenTelemetry."""
        if "resourceLogs" not in value:
            yield self._unreadable("OpenTelemetry's spans or metrics: only its logs are read", line)
        for number, record in enumerate(otlp.records(value)):
            place = "" if record["time_unix_nano"] else f"{number}:"
            yield from self._record(record, f"{place}{sanitise.plain(record)}".encode())

    def _record(self, value: dict[str, Any], line: bytes) -> Iterator[Event | Unreadable]:
        identity = self._identity(line, self.lines)
        event = mapping.event(value, identity, received=self._now, minimum=self._minimum)
        yield from self._outcome(event, self.lines, line)

    def _outcome(
        self, event: Event | Quiet | Unfit, line: int, record: bytes
    ) -> Iterator[Event | Unreadable]:
        if isinstance(event, Quiet):
            self.quiet += 1
            self._measure(event, record)
        elif isinstance(event, Unfit):
            yield Unreadable(self.name, line, event.value, _text(record))
        else:
            yield event if event.service else replace(event, service=self._service)

    def _measure(self, quiet: Quiet, record: bytes) -> None:
        """Count a line as traffic; warnings are none, for an incident may bring them."""
        if quiet.time is None or quiet.severity >= Severity.WARNING or not is_drawn(record):
            return
        place = Place(quiet.service or self._service, hour_of(quiet.time))
        if not place.service or place.hour > hour_of(self._now):
            return
        if place in self._traffic or len(self._traffic) < _PLACES_AT_ONCE:
            self._traffic.setdefault(place, Census()).add(record)

    def _unreadable(self, reason: str, record: bytes = b"") -> Unreadable:
        return Unreadable(self.name, self.lines, reason, _text(record))

    def _identity(self, record: bytes, line: int) -> mapping.Identity:
        return mapping.Identity(self._names.source, lambda time: self._names.of(record, line, time))


def _named(record: Record) -> bytes:
    """What a record of text is known by: when, what, and who wrote it where that is said."""
    writer = f"\n{record.writer}" if record.writer else ""
    return f"{record.time}\n{record.text}{writer}".encode()


def _text(record: bytes) -> str:
    """A record as text that has all of it."""
    return record.rstrip(b"\r\n").decode("utf-8", "backslashreplace")


def _place(path: Path | None, moment: datetime) -> bytes:
    """Where records without a time are named by: a pipe's place is the instant of its reading."""
    return moment.isoformat().encode() if path is None else bytes(path.resolve())
