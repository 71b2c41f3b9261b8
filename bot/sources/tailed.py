"""Errors in a file that is still written to, also across rotation and truncation."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from stat import S_ISDIR
from typing import Annotated, Any, Literal

from pydantic import Field

from bot.core.event import Severity
from bot.errors import Awaited, SourceError
from bot.sources import sanitise, wrapping
from bot.sources.naming import Numbered
from bot.sources.pulled import Ask, Cursor, Page, Source, told_by
from bot.sources.pushed import Delivery
from bot.sources.sifting import Sifter
from bot.sources.stream import LINE_BYTES

PAGE_BYTES = 1 << 20
"""Read and kept at once: some thousand lines."""
SETTLED = timedelta(seconds=2)
"""A file that was not written to for so long is taken to be whole, with its last error."""
_HEAD_BYTES = 1 << 13
_ROTATED = re.compile(r"[.-]\d[\dT:_.-]*")
"""What follows the name of a file that was rotated and not packed: `.1`, `-20261121`."""


class File(Source):
    """A log file, by its path; files it was renamed to by rotation are found beside it."""

    kind: Literal["file"] = "file"
    path: Path
    every_seconds: Annotated[int, Field(ge=1, le=86_400)] = 1
    from_end: bool = False

    def pages(self, since: Cursor | None, *, until: datetime, ask: Ask) -> Iterator[Page]:  # noqa: ARG002
        """What was written since, in this file and in those it was rotated to meanwhile."""
        place = _place(since)
        if place is None:
            place = self._first()
        for part in self._parts(place):
            yield from (page for page in self._read(part, until) if page.cursor != since)

    def _first(self) -> "_Place":
        """The place where reading begins the first time."""
        status = _status(self.path)
        return _Place(status.st_dev, status.st_ino, status.st_size if self.from_end else 0, 0)

    def _parts(self, place: "_Place") -> Iterator["_Part"]:
        """What is left of the file that was read last, the files after it, and the current one."""
        now = _status(self.path)
        current = _Place(now.st_dev, now.st_ino, 0, place.generation)
        if place.is_of(now):
            is_cut = now.st_size < place.offset
            begin = replace(current, generation=place.generation + 1) if is_cut else place
            yield _Part(self.path, begin, is_last=True)
            return
        later = self._rotated(place)
        for path, status in later:
            begin = place if place.is_of(status) else current.moved_to(status)
            yield _Part(path, begin, is_last=False)
        yield _Part(self.path, current, is_last=True, is_torn=not later)

    def _rotated(self, place: "_Place") -> list[tuple[Path, os.stat_result]]:
        """The file that was read last, under its new name, and those written after it; none if it
        is gone or packed."""
        name = self.path.name
        beside = [
            (path, path.stat())
            for path in self.path.parent.iterdir()
            if path.name.startswith(name) and _ROTATED.fullmatch(path.name[len(name) :])
        ]
        beside.sort(key=lambda one: one[1].st_mtime_ns)
        known = [number for number, (_, status) in enumerate(beside) if place.is_of(status)]
        return beside[known[0] :] if known else []

    def _read(self, part: "_Part", until: datetime) -> Iterator[Page]:
        reading = _Reading(self, part, until)
        with part.path.open("rb") as file:
            if not part.place.is_of(os.fstat(file.fileno())):
                return  # rotated this moment: the next look finds it
            reading.look(file.read(_HEAD_BYTES))
            file.seek(part.place.offset)
            while chunk := file.read(PAGE_BYTES):
                yield reading.page(chunk)
            is_settled = until - _written(file.fileno()) >= SETTLED
            if not part.is_last:
                yield reading.end()
            elif is_settled:
                yield reading.settled()


@dataclass(frozen=True, slots=True)
class _Place:
    """An offset in a file, which is known by its device and inode and by how often it was cut."""

    device: int
    inode: int
    offset: int
    generation: int

    def is_of(self, status: os.stat_result) -> bool:
        return (self.device, self.inode) == (status.st_dev, status.st_ino)

    def moved_to(self, status: os.stat_result) -> "_Place":
        return replace(self, device=status.st_dev, inode=status.st_ino)

    def cursor(self) -> Cursor:
        names = ("device", "inode", "offset", "generation")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class _Part:
    """A file to read from a place on; `is_torn` if what was written before that may be lost."""

    path: Path
    place: _Place
    is_last: bool
    is_torn: bool = False


class _Reading:
    """One pass over one file; the cursor stays before a record that may still grow."""

    def __init__(self, source: File, part: _Part, until: datetime) -> None:
        place = part.place
        mark = f"{place.device}:{place.inode}:{place.generation}"
        self._source = source
        self._place = place
        self._until = until
        self._offset = place.offset
        self._rest = b""
        self._is_torn = part.is_torn
        self._sifter = Sifter(
            source.origin,
            Numbered(source.origin, mark),
            minimum=Severity.ERROR,
            service=source.service,
            now=until,
            roles=source.fields.roles,
        )

    def page(self, chunk: bytes) -> Page:
        """The records that a piece of the file completes."""
        delivery = self._begun()
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            self._line(line, delivery)
        if len(self._rest) > LINE_BYTES:
            self._line(self._rest, delivery, end=0)
            self._rest = b""
        return self._kept(delivery, min(self._offset, self._open))

    def end(self) -> Page:
        """The open record at the end of a file that nobody writes to any more, its last line
        included."""
        delivery = self._begun()
        if self._rest:
            self._line(self._rest, delivery, end=0)
        return self._flushed(delivery)

    def settled(self) -> Page:
        """The open record, if nothing followed for long enough; a line without an end waits."""
        return self._flushed(self._begun())

    def _flushed(self, delivery: Delivery) -> Page:
        self._add(delivery, self._sifter.flushed())
        return self._kept(delivery, self._offset)

    def look(self, head: bytes) -> None:
        """Learn from the head of the file what stands before its messages."""
        self._sifter.look(head.decode("utf-8", "replace"))

    @property
    def _open(self) -> int:
        """Where the first record begins that may still grow."""
        return self._sifter.open_from(self._offset)

    def _begun(self) -> Delivery:
        delivery = Delivery()
        if self._is_torn:
            reason = "the file was rotated away: the end of it may be missing"
            delivery.unreadable.append(self._sifter.unreadable(reason))
            self._is_torn = False
        return delivery

    def _line(self, line: bytes, delivery: Delivery, *, end: int = 1) -> None:
        self._sifter.at(self._offset, self._until)
        bare = line.strip(b" \t\r\0")
        if sanitise.OBJECT.match(bare):
            self._add(delivery, self._sifter.json(bare))
        else:
            decoded = line.decode("utf-8", "replace")
            self._add(delivery, self._sifter.text(wrapping.unwrap(decoded)))
        self._offset += len(line) + end

    def _add(self, delivery: Delivery, outcomes: Iterator[Any]) -> None:
        delivery.add(outcomes, partial(told_by, self._source.origin))

    def _kept(self, delivery: Delivery, offset: int) -> Page:
        delivery.traffic = self._sifter.traffic()
        return Page(delivery, replace(self._place, offset=offset).cursor(), self._until)


def _place(since: Cursor | None) -> _Place | None:
    """The place in a cursor; None for one that is not ours."""
    try:
        return _Place(**since) if since else None
    except TypeError:
        return None


def _status(path: Path) -> os.stat_result:
    try:
        found = path.stat()
    except FileNotFoundError:
        raise Awaited(f"{path} does not exist (yet): it is waited for") from None
    except OSError as error:
        raise SourceError(
            f"{path} cannot be read: {error.strerror}: let this user read it"
        ) from None
    if S_ISDIR(found.st_mode):
        raise SourceError(f"{path} is a folder: name a file in it")
    return found


def _written(file: int) -> datetime:
    return datetime.fromtimestamp(os.fstat(file).st_mtime, UTC)
