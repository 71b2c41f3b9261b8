"""A queue of records in a file whose size was taken beforehand, so that a full disk refuses
none."""

import os
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from struct import Struct
from typing import NamedTuple
from zlib import crc32

from storage.files import be_alone, sqlite_file

_HEAD = Struct(">4sBIII")
"""The mark, whether it is done with, how many events, how many bytes follow, and their checksum."""
_MARK = b"TSP1"
_DONE = bytes([1])
_DONE_AT = len(_MARK)
_END = bytes(len(_MARK))
"""Behind the last record: what an older one left there is none."""


class Full(Exception):
    """There is no room for another record until those that wait are done with."""


class _Record(NamedTuple):
    at: int
    length: int
    events: int


class Spool:
    """A queue of records that survives a kill and a power cut, for one process and one thread.

    A record is there once `put` returns. One that was done with may come again after a power cut.
    Only its owner may read the file.
    """

    def __init__(self, file: Path, *, size: int) -> None:
        """Open the file, take `size` bytes of the disk, and find the records that wait; a file that
        is larger already stays so.

        Raises OSError where the disk has no room, Unusable where another process has the file.
        """
        self.file = file
        self._file = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            be_alone(
                self._file,
                f"Another `triage serve` has the spool {self.file}: give each its own, by "
                "http.spool_file in triage.toml.",
            )
            self._size = self._taken(size)
            os.fsync(self._file)
            found = [*_records(self._file)]
        except BaseException:
            os.close(self._file)
            raise
        self._waiting = deque(record for record, is_done in found if not is_done)
        self._end = _after(found[-1][0]) if self._waiting else 0

    def _taken(self, size: int) -> int:
        """How many bytes the file has: more than `size` where it had more, less on a full disk, so
        that what waits there can still be read."""
        has = os.fstat(self._file).st_size
        try:
            os.posix_fallocate(self._file, 0, max(size, has))
        except OSError:
            if not has:
                raise
        return os.fstat(self._file).st_size

    @property
    def waits(self) -> bool:
        """Whether any record waits."""
        return bool(self._waiting)

    @property
    def events(self) -> int:
        """How many events wait."""
        return sum(one.events for one in tuple(self._waiting))

    @property
    def used(self) -> float:
        """The share of its room that is taken, from 0 to 1."""
        return self._end / self._size

    def put(self, packed: bytes, *, events: int) -> None:
        """Add a record, synced to the disk. Raises Full; OSError where it cannot be written."""
        record = _Record(self._end, len(packed), events)
        if _after(record) + len(_END) > self._size:
            raise Full
        head = _HEAD.pack(_MARK, 0, events, len(packed), crc32(packed))
        self._write(head + packed + _END, at=record.at)
        os.fdatasync(self._file)
        self._end = _after(record)
        self._waiting.append(record)

    def first(self) -> bytes | None:
        """The record that waits for longest, if any does."""
        if not self._waiting:
            return None
        record = self._waiting[0]
        return os.pread(self._file, record.length, record.at + _HEAD.size)

    def done(self) -> None:
        """The first record waits no longer."""
        self._write(_DONE, at=self._waiting[0].at + _DONE_AT)
        self._waiting.popleft()
        if not self._waiting:
            os.fdatasync(self._file)
            self._end = 0

    def close(self) -> None:
        """Close the file, for another process to open."""
        os.close(self._file)

    def _write(self, data: bytes, *, at: int) -> None:
        while data:
            written = os.pwrite(self._file, data, at)
            data, at = data[written:], at + written


def place(url: str, *, named: str) -> Path | None:
    """The file of the spool: the one `named`, or else beside the SQLite database at `url`; None on
    PostgreSQL. Raises Unusable."""
    if named:
        return Path(named)
    file = sqlite_file(url)
    return file and file.with_name(f"{file.name}.spool")


def waiting(file: Path) -> int:
    """How many events wait in a spool that another process may have. Raises OSError."""
    opened = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return sum(record.events for record, is_done in _records(opened) if not is_done)
    finally:
        os.close(opened)


def _after(record: _Record) -> int:
    return record.at + _HEAD.size + record.length


def _records(file: int) -> Iterator[tuple[_Record, bool]]:
    """The whole records of a file, and for each whether it is done with."""
    at, size = 0, os.fstat(file).st_size
    while len(head := os.pread(file, _HEAD.size, at)) == _HEAD.size:
        mark, done, events, length, checksum = _HEAD.unpack(head)
        record = _Record(at, length, events)
        if mark != _MARK or _after(record) > size:
            return
        if crc32(os.pread(file, length, at + _HEAD.size)) != checksum:
            return
        yield record, bool(done)
        at = _after(record)
