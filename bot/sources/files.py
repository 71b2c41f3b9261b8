"""Errors out of files and pipes: JSON lines, plain text or both, packed or not."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Literal

from bot.core.event import Event, Severity
from bot.core.intake.census import Census, Place
from bot.errors import SourceError
from bot.sources import documents, packed, sanitise, wrapping
from bot.sources.fields import USUAL, Roles
from bot.sources.naming import InFile, Names
from bot.sources.sifting import Sifter, Unreadable
from bot.sources.stream import LINE_BYTES, PATIENCE_SECONDS, Stream, is_binary

PAUSE = timedelta(seconds=1)
"""At least this often an endless input lets those who read it do something else."""
_BLANK = b" \t\r\n\0\xef\xbb\xbf"


class Reader:
    """The errors of one input, read once and as they are needed; memory stays flat.

    Gives None for a pause: when nothing came for `patience` seconds, and in between once a second.
    An event without an arrival of its own was received when its first line was read, by `clock`.
    `service` is that of an event which names none; `names` those who do not name themselves. Where
    it `is_json`, lines of text are none of its own; where they are picked, each of them counts that
    says no level.
    `lines`, `quiet` (records below `minimum`) and `unsaid` (those of them that say no level) count
    along; `size` is what `on_bytes` adds up to; `is_whole` turns false where it breaks off before
    its end.
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
        is_picked: bool = False,
        roles: Roles = USUAL,
    ) -> None:
        self.lines, self.is_whole = 0, True
        self._stream = Stream(source, on_bytes=on_bytes, patience=patience)
        self.name, self.size = self._stream.name, self._stream.size
        self._clock = clock
        self._now = self._paused = clock()
        self._sifter = Sifter(
            self.name,
            names or InFile(_place(self._stream.path, self._now)),
            minimum=minimum,
            service=service,
            now=self._now,
            is_picked=is_picked,
            roles=roles,
        )
        self._is_json = is_json
        self._is_stopped = False
        self._outcomes = self._read()

    def __iter__(self) -> Iterator[Event | Unreadable | None]:
        """The reader itself: there is one pass."""
        return self

    def __next__(self) -> Event | Unreadable | None:
        """The next error, what could not be read, or None for a pause."""
        return next(self._outcomes)

    @property
    def quiet(self) -> int:
        """Records below `minimum`."""
        return self._sifter.quiet

    @property
    def unsaid(self) -> int:
        """Records that say no level, and do not tell of a failure."""
        return self._sifter.unsaid

    def stop(self) -> None:
        """End at the next line, or pause, as if the input ended there."""
        self._is_stopped = True

    def traffic(self) -> Mapping[Place, Census]:
        """The harmless lines of each service and hour that were read since asked last."""
        return self._sifter.traffic()

    def _read(self) -> Iterator[Event | Unreadable | None]:
        with closing(self._stream):
            try:
                yield from self._records()
                yield from self._sifter.flushed()
            except EOFError:
                yield from self._broken("is cut off")
            except packed.DAMAGED:
                yield from self._broken("is damaged")
            except OSError as error:
                yield from self._broken(f"cannot be read ({error.strerror})")

    def _broken(self, how: str) -> Iterator[Event | Unreadable]:
        if not self.lines:
            raise SourceError(f"{self.name} {how} before its first line: fetch it again")
        self.is_whole = False
        yield from self._sifter.flushed()
        yield self._sifter.unreadable(f"the file {how} after line {self.lines}")

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
            self._sifter.look(head.decode("utf-8", "replace"))
            yield from self._by_line()

    def _documents(self) -> Iterator[Event | Unreadable | None]:
        """Of one JSON array, or of objects that each take several lines."""
        found = documents.Documents(self._stream, LINE_BYTES)
        for document in found:
            self.lines = found.line
            self._now = self._clock()
            self._sifter.at(self.lines, self._now)
            if isinstance(document, documents.Broken):
                yield Unreadable(self.name, document.line, document.reason, document.text)
            elif document is not None:
                yield from self._sifter.json(document.encode())
            yield from self._pause(is_silent=document is None)
            if self._is_stopped:
                return
        self.lines = found.line

    def _by_line(self) -> Iterator[Event | Unreadable | None]:
        while not self._is_stopped and (line := self._stream.line()) != b"":
            self._now = self._clock()
            if line is not None:
                self.lines += 1
                self._sifter.at(self.lines, self._now)
                yield from self._line(line)
            yield from self._pause(is_silent=line is None)

    def _pause(self, *, is_silent: bool) -> Iterator[Event | Unreadable | None]:
        """A pause, if the last one is long ago; what is open in a silent input counts as whole."""
        if is_silent:
            yield from self._sifter.flushed()
        if is_silent or self._now - self._paused >= PAUSE:
            yield None
            self._paused = self._clock()

    def _line(self, line: bytes) -> Iterator[Event | Unreadable]:
        if self._stream.is_cut:
            yield self._sifter.unreadable(f"a line longer than {LINE_BYTES >> 20} MiB", line)
        elif sanitise.OBJECT.match(stripped := line.strip(_BLANK)):
            yield from self._sifter.json(stripped)
        elif is_binary(line):
            yield self._sifter.unreadable("a line that is not text", line)
        elif self._is_json and stripped:
            yield self._sifter.unreadable("not a JSON object", line)
        else:
            decoded = line.decode("utf-8", "replace").removeprefix("\ufeff")
            yield from self._sifter.text(wrapping.unwrap(decoded))


def _place(path: Path | None, moment: datetime) -> bytes:
    """Where records without a time are named by: a pipe's place is the instant of its reading."""
    return moment.isoformat().encode() if path is None else bytes(path.resolve())
