"""Errors out of files and pipes: JSON lines, plain text or both, packed or not."""

import io
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO, Literal

from bot.core.event import Event, Severity
from bot.errors import SourceError
from bot.sources import documents, mapping, packed, sanitise, spelling, text

LINE_BYTES = 1 << 20
_HEAD_BYTES = 8_192
_BLANK = b" \t\r\n\0\xef\xbb\xbf"
_EQUALS_REMEMBERED = 50_000


@dataclass(frozen=True, slots=True)
class Unreadable:
    """One record that was rejected: where, and what is wrong with it, never what it says."""

    source: str
    line: int
    reason: str


class Reader:
    """The errors of one input, read once and as they are needed; memory stays flat.

    `lines` and `quiet` (records below `minimum`) count along. `size` is what `on_bytes` adds up
    to, in bytes of the file as it lies there, packed or not; None for a pipe.
    """

    def __init__(
        self,
        path: Path | BinaryIO | Literal["-"],
        *,
        received: datetime,
        on_bytes: Callable[[int], None] | None = None,
        minimum: Severity = Severity.ERROR,
    ) -> None:
        self.lines = 0
        self.quiet = 0
        self.name, raw, self.size, place = _open(path, received)
        self._stream = _text_stream(packed.Tap(raw, on_bytes), self.name)
        self._received = received
        self._minimum = minimum
        self._equals = _Equals()
        self._text = text.Assembler(quiet_below=minimum)
        self._has_levels = False
        self._place = place
        self._outcomes = self._read()

    def __iter__(self) -> Iterator[Event | Unreadable]:
        """The reader itself: there is one pass."""
        return self

    def __next__(self) -> Event | Unreadable:
        """The next error, or what could not be read."""
        return next(self._outcomes)

    def _read(self) -> Iterator[Event | Unreadable]:
        with self._stream:
            try:
                yield from self._records()
            except EOFError:
                yield from self._broken("is cut off")
            except packed.DAMAGED:
                yield from self._broken("is damaged")
            except OSError as error:
                raise SourceError(f"cannot read {self.name}: {error.strerror}") from error

    def _broken(self, how: str) -> Iterator[Event | Unreadable]:
        if not self.lines:
            raise SourceError(f"{self.name} {how} before its first line: fetch it again")
        yield from self._ended(self._text.flush())
        yield self._unreadable(f"the file {how} after line {self.lines}")

    def _records(self) -> Iterator[Event | Unreadable]:
        head = _first_bytes(self._stream)
        return self._documents() if documents.are_in(head) else self._by_line()

    def _documents(self) -> Iterator[Event | Unreadable]:
        """Of one JSON array, or of objects that each take several lines."""
        found = documents.Documents(self._stream, LINE_BYTES)
        try:
            for document in found:
                self.lines = found.line
                yield from self._json(document.encode())
        except ValueError as error:
            yield Unreadable(self.name, found.line, str(error))
        finally:
            self.lines = found.line

    def _by_line(self) -> Iterator[Event | Unreadable]:
        for line in self._lines():
            if line is None:
                yield self._unreadable(f"a line longer than {LINE_BYTES >> 20} MiB")
            elif (stripped := line.strip(_BLANK)).startswith(b'{"'):
                yield from self._json(stripped)
            elif _is_binary(line):
                yield self._unreadable("a line that is not text")
            else:
                decoded = line.decode("utf-8", "replace").removeprefix("\ufeff")
                yield from self._ended(self._text.feed(self.lines, decoded))
        yield from self._ended(self._text.flush())

    def _ended(self, records: Iterable[text.Record]) -> Iterator[Event | Unreadable]:
        for record in records:
            if not record.text.strip():
                continue
            self._has_levels = self._has_levels or text.has_level(record)
            event = text.event(
                record,
                self._identity(f"{record.time}\n{record.text}".encode(), record.line),
                received=self._received,
                minimum=self._minimum,
                has_levels=self._has_levels,
            )
            yield from self._outcome(event, record.line)

    def _lines(self) -> Iterator[bytes | None]:
        """Every line; None for one that is too long, the rest of which is skipped unread."""
        readline = self._stream.readline
        while line := readline(LINE_BYTES + 1):
            self.lines += 1
            if len(line) > LINE_BYTES and not line.endswith(b"\n"):
                while (rest := readline(LINE_BYTES)) and not rest.endswith(b"\n"):
                    pass
                yield None
            else:
                yield line

    def _json(self, line: bytes) -> Iterator[Event | Unreadable]:
        try:
            value = sanitise.loads(line)
        except ValueError as error:
            yield self._unreadable(str(error))
            return
        if not isinstance(value, dict):
            yield self._unreadable("JSON, but not an object")
        elif isinstance(log := value.get("log"), str) and "stream" in value:  # Docker's
            time = spelling.time(value.get("time"))
            yield from self._ended(self._text.feed(self.lines, log, time=time))
        else:
            yield from self._ended(self._text.flush())
            yield from self._record(value, line)

    def _record(self, value: dict[str, Any], line: bytes) -> Iterator[Event | Unreadable]:
        identity = self._identity(line, self.lines)
        event = mapping.event(value, identity, received=self._received, minimum=self._minimum)
        yield from self._outcome(event, self.lines)

    def _outcome(self, event: Event | mapping.Unfit, line: int) -> Iterator[Event | Unreadable]:
        if event is mapping.Unfit.QUIET:
            self.quiet += 1
        elif isinstance(event, mapping.Unfit):
            yield Unreadable(self.name, line, event.value)
        else:
            yield event

    def _unreadable(self, reason: str) -> Unreadable:
        return Unreadable(self.name, self.lines, reason)

    def _identity(self, record: bytes, line: int) -> mapping.Identity:
        return mapping.Identity("file", lambda timed: self._source_id(record, line, timed=timed))

    def _source_id(self, record: bytes, line: int, *, timed: bool) -> str:
        """A name for a record without one: the same for the same record of the same file.

        A record that carries its time is named by its content and its ordinal among equals, so
        that a rotated, packed or copied file adds nothing; the price: two hosts that write the
        same words, at the same instant, with nothing that names the host, count as one. A record
        without a time is named by its place as well: the file's path and the line. So it counts
        again when the file is renamed, and a file rewritten with the same words on the same lines
        counts once. A pipe has no place: such records count anew at each reading, for to lose
        an error is worse than to count it twice. A trace that is read while it is being written
        gets another name once it is whole.
        """
        if timed:
            return _digest(record, b"%d" % self._equals.ordinal(record))
        return _digest(record, b"%s:%d" % (self._place, line))


def read(
    path: Path | BinaryIO | Literal["-"],
    *,
    received: datetime,
    on_bytes: Callable[[int], None] | None = None,
    minimum: Severity = Severity.ERROR,
) -> Reader:
    """The errors in a file, in an open binary stream, or in what is piped in (`-`).

    Raises SourceError where there is nothing to read at all: here for what cannot be opened and
    for binary files, while iterating for a file that breaks before its first line.
    """
    return Reader(path, received=received, on_bytes=on_bytes, minimum=minimum)


def _open(
    path: Path | BinaryIO | Literal["-"], received: datetime
) -> tuple[str, BinaryIO, int | None, bytes]:
    """(name, stream, size, place) of an input; a pipe's place is the instant of its reading."""
    moment = received.isoformat().encode()
    if path == "-":
        return "stdin", sys.stdin.buffer, None, moment
    if not isinstance(path, Path):
        return str(getattr(path, "name", "stream")), path, None, moment
    try:
        stream = path.open("rb", buffering=0)
        status = path.stat()
    except IsADirectoryError:
        raise SourceError(f"{path} is a directory: name the files in it") from None
    except FileNotFoundError:
        raise SourceError(f"{path} does not exist") from None
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror}") from error
    if not stat.S_ISREG(status.st_mode):
        return str(path), stream, None, moment
    return str(path), stream, status.st_size, bytes(path.resolve())


_CONTROL = bytes(set(range(32)) - set(b"\t\n\v\f\r\b\x1b")) + b"\x7f"
_OTHERS = {
    b"PK\x03\x04": "a zip archive: unzip it first",
    b"BZh": "packed with bzip2: unpack it first (bzcat FILE | triage ingest -)",
    b"\xff\xfe": "UTF-16: convert it first (iconv -f UTF-16 -t UTF-8)",
    b"\xfe\xff": "UTF-16: convert it first (iconv -f UTF-16 -t UTF-8)",
}


def _text_stream(tap: packed.Tap, name: str) -> "io.BufferedReader[Any]":
    """The bytes of a stream, unpacked if they were packed.

    Raises SourceError where they are binary: a log has lines of text.
    """
    head = tap.head(8)
    for magic, what in _OTHERS.items():
        if head.startswith(magic):
            raise SourceError(f"{name} is {what}")
    stream = packed.unpacked(io.BufferedReader(tap, 1 << 16), head)
    if _is_binary(_first_bytes(stream)):
        raise SourceError(f"{name} is binary: give a log of text or JSON lines, plain or packed")
    return stream


def _first_bytes(stream: "io.BufferedReader[Any]") -> bytes:
    try:
        return stream.peek(_HEAD_BYTES)[:_HEAD_BYTES]
    except (EOFError, *packed.DAMAGED):
        return b""


def _is_binary(line: bytes) -> bool:
    """Whether more than one byte in twenty is a control character; a run of NUL at the start is
    what copytruncate leaves behind in a rotated log."""
    line = line.lstrip(b"\0")
    return (len(line) - len(line.translate(None, _CONTROL))) * 20 > len(line)


class _Equals:
    """Counts equal records among the last ones: enough for those of one instant."""

    def __init__(self) -> None:
        self._now: dict[bytes, int] = {}
        self._before: dict[bytes, int] = {}

    def ordinal(self, record: bytes) -> int:
        key = blake2b(record, digest_size=16).digest()
        seen = self._now.get(key, self._before.get(key, 0))
        if len(self._now) >= _EQUALS_REMEMBERED:
            self._now, self._before = {}, self._now
        self._now[key] = seen + 1
        return seen


def _digest(record: bytes, mark: bytes) -> str:
    return blake2b(record + b"\0" + mark, digest_size=16).hexdigest()
