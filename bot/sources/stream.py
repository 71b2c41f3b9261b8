"""An input as bytes: opened, unpacked, cut into lines, and never waited for too long."""

import io
import itertools
import os
import re
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Literal

from bot.errors import SourceError
from bot.sources import packed

LINE_BYTES = 1 << 20
BATCH_BYTES = 1 << 24
"""Of a line that is a whole batch of records: a collector writes thousands of them into one."""
PATIENCE_SECONDS = 1.0
"""A pipe that says nothing for as long is silent: what was read of it so far counts as whole."""

_BATCH = re.compile(rb'\{\s*"(?:resource|streams")')
_CHUNK_BYTES = 1 << 16
_HEAD_BYTES = 1 << 13
_STDIN = 0
_CONTROL = bytes(set(range(32)) - set(b"\t\n\v\f\r\b\x1b")) + b"\x7f"
_OTHERS = {
    b"PK\x03\x04": "a zip archive: unzip it first",
    b"BZh": "packed with bzip2: unpack it first (bzcat FILE | triage ingest -)",
    b"\xff\xfe": "UTF-16: convert it first (iconv -f UTF-16 -t UTF-8)",
    b"\xfe\xff": "UTF-16: convert it first (iconv -f UTF-16 -t UTF-8)",
}


class Stream:
    """The bytes of a file, of an open binary stream or of what is piped in (`-`), unpacked.

    `size` is what `on_bytes` adds up to, in bytes of the file as it lies there, packed or not;
    None for a pipe. `path` is None where there is no file either. Raises SourceError for what
    cannot be opened, and for binary files: a log has lines of text.
    """

    def __init__(
        self,
        source: Path | BinaryIO | Literal["-"],
        *,
        on_bytes: Callable[[int], None] = lambda _: None,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self.name, raw, self.size = _open(source)
        self.path = source if isinstance(source, Path) and self.size is not None else None
        self._tap = packed.Tap(raw, on_bytes, patience=patience if _is_pipe(raw) else None)
        self._behind = self._unpacked = _text_stream(self._tap, self.name)
        self._part = b""
        self.is_cut = False

    def head(self) -> bytes:
        """The first bytes, without using them up; none where they cannot be unpacked."""
        return _first_bytes(self._unpacked)

    def look_further(self) -> bool | None:
        """Read on, so that `head` shows more: whether there was more that it has room for, None
        while a pipe is silent.

        Before anything else was read.
        """
        if len(self.head()) == _HEAD_BYTES:
            return False
        begun = self._unpacked.read1(_HEAD_BYTES)
        more = self._behind.read1(_HEAD_BYTES)
        self._unpacked = io.BufferedReader(_Again(begun + more, self._behind), _CHUNK_BYTES)
        return True if more else None if self._tap.is_silent else False

    def line(self) -> bytes | None:
        """The next line, b"" at the end, None while a pipe is silent.

        One that is too long comes cut (`is_cut`); what is left of it is skipped unread.
        """
        if self.is_cut and not self._skip():
            return None if self._tap.is_silent else b""
        line = self._longer(self._part, LINE_BYTES)
        limit = BATCH_BYTES if _BATCH.match(line) else LINE_BYTES
        line = self._longer(line, limit)
        is_whole = line.endswith(b"\n")
        self.is_cut = not is_whole and len(line) > limit
        if self._tap.is_silent and not is_whole and not self.is_cut:
            self._part = line
            return None
        self._part = b""
        return line

    def _longer(self, line: bytes, limit: int) -> bytes:
        """What was read of a line and what more there is of it, one byte past the limit at most."""
        if line.endswith(b"\n") or len(line) > limit:
            return line
        return line + self._unpacked.readline(limit + 1 - len(line))

    def chunk(self) -> bytes | None:
        """Whatever can be read next, b"" at the end, None while a pipe is silent."""
        chunk = self._unpacked.read1(_CHUNK_BYTES)
        return None if not chunk and self._tap.is_silent else chunk

    def close(self) -> None:
        """Read no more."""
        self._unpacked.close()
        self._behind.close()

    def _skip(self) -> bool:
        """Read on to the end of a line that is too long; whether that was found."""
        while rest := self._unpacked.readline(LINE_BYTES):
            if rest.endswith(b"\n"):
                self.is_cut = False
                return True
        return False


class _Again(io.RawIOBase):
    """What was read of a stream, once more, and then the rest of it."""

    def __init__(self, begun: bytes, rest: "io.BufferedReader[Any]") -> None:
        self._begun = begun
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if not self._begun:
            read: int | None = self._rest.readinto1(buffer)
            return read
        size = min(len(buffer), len(self._begun))
        buffer[:size], self._begun = self._begun[:size], self._begun[size:]
        return size


def piped_lines() -> Iterator[bytes]:
    """The lines of what is piped in as they come, as they are.

    Raises SourceError where stdin cannot be read, and at a line longer than LINE_BYTES.
    """
    name, raw, _ = _open("-")
    with io.BufferedReader(packed.Tap(raw, lambda _: None)) as lines:
        for number in itertools.count(1):
            line = lines.readline(LINE_BYTES + 1)
            if len(line) > LINE_BYTES:
                raise SourceError(
                    f"{name}:{number}: a line longer than {LINE_BYTES >> 20} MiB: "
                    f"cut it first (cut -b 1-{LINE_BYTES - 1})"
                )
            if not line:
                return
            yield line


def is_binary(line: bytes) -> bool:
    """Whether more than one byte in twenty is a control character; a run of NUL at the start is
    what copytruncate leaves behind in a rotated log."""
    line = line.lstrip(b"\0")
    return (len(line) - len(line.translate(None, _CONTROL))) * 20 > len(line)


def _open(source: Path | BinaryIO | Literal["-"]) -> tuple[str, BinaryIO, int | None]:
    """(name, stream, size) of an input."""
    if source != "-" and not isinstance(source, Path):
        return str(getattr(source, "name", "stream")), source, None
    name = "stdin" if source == "-" else str(source)
    if source == "-" and sys.stdin is None:  # or its number may be another file's by now
        raise SourceError("stdin is closed: nothing can be piped in")
    try:
        if source == "-":
            return name, open(_STDIN, "rb", buffering=0, closefd=False), None
        raw = source.open("rb", buffering=0)
        status = source.stat()
    except IsADirectoryError:
        raise _folder(name) from None
    except FileNotFoundError:
        raise SourceError(f"{Path(name).absolute()} does not exist: check the path") from None
    except OSError as error:
        raise SourceError(
            f"cannot read {name}: {error.strerror}: let this user read it, or name another"
        ) from error
    return name, raw, status.st_size if stat.S_ISREG(status.st_mode) else None


def refuse_folder(path: Path) -> None:
    """Raises SourceError where a folder was given for a file."""
    if path.is_dir():
        raise _folder(str(path))


def _folder(name: str) -> SourceError:
    return SourceError(f"{name} is a directory: name the files in it")


def _is_pipe(raw: BinaryIO) -> bool:
    """Whether a read may have to wait, as of pipes and terminals."""
    try:
        return not stat.S_ISREG(os.fstat(raw.fileno()).st_mode)
    except OSError:  # a stream in memory
        return False


def _text_stream(tap: packed.Tap, name: str) -> "io.BufferedReader[Any]":
    head = tap.head(8)
    for magic, what in _OTHERS.items():
        if head.startswith(magic):
            raise SourceError(f"{name} is {what}")
    stream = packed.unpacked(io.BufferedReader(tap, _CHUNK_BYTES), head)
    if is_binary(_first_bytes(stream)):
        raise SourceError(f"{name} is binary: give a log of text or JSON lines, plain or packed")
    return stream


def _first_bytes(stream: "io.BufferedReader[Any]") -> bytes:
    try:
        return stream.peek(_HEAD_BYTES)[:_HEAD_BYTES]
    except (EOFError, *packed.DAMAGED):
        return b""
