"""Packed streams, told by their first bytes and unpacked in flat memory."""

import io
import zlib
from collections.abc import Callable
from lzma import LZMADecompressor, LZMAError
from select import select
from typing import Any, BinaryIO, Protocol

from zstandard import ZstdDecompressor, ZstdError

_HEAD_BYTES = 1 << 13
_UNPACK_BYTES = 512
_MEMORY_BYTES = 128 << 20


class Tap(io.RawIOBase):
    """An open stream whose first bytes can be looked at and whose bytes are counted.

    With `patience` (seconds; for pipes) a read that finds nothing for as long gives None, as one of
    a stream that does not block; `is_silent` says whether the last one did.
    """

    def __init__(
        self, raw: BinaryIO, on_bytes: Callable[[int], None], *, patience: float | None = None
    ) -> None:
        self.is_silent = False
        self._raw = raw
        self._on_bytes = on_bytes
        self._patience = patience
        self._ahead = b""

    def head(self, size: int) -> bytes:
        """The first bytes, without using them up: at least `size`, or all that is there so far."""
        while len(self._ahead) < size and (not self._ahead or self._speaks()):
            if not (more := self._raw.read(_HEAD_BYTES)):
                break
            self._ahead += more
        return self._ahead

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        data, self._ahead = self._ahead[: len(buffer)], self._ahead[len(buffer) :]
        self.is_silent = not data and not self._speaks()
        if self.is_silent:
            return None
        data = data or self._raw.read(len(buffer)) or b""
        self._on_bytes(len(data))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._raw.close()
        super().close()

    def _speaks(self) -> bool:
        """Whether there is something to read, or the end, before the patience is over."""
        return self._patience is None or bool(select([self._raw], [], [], self._patience)[0])


class _Unpacker(Protocol):
    """What zlib, lzma and zstandard have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


_FORMATS: tuple[tuple[bytes, Callable[[], _Unpacker]], ...] = (
    (b"\x1f\x8b", lambda: zlib.decompressobj(wbits=31)),
    (b"\xfd7zXZ\0", lambda: LZMADecompressor(memlimit=_MEMORY_BYTES)),
    (
        b"\x28\xb5\x2f\xfd",
        lambda: ZstdDecompressor(max_window_size=_MEMORY_BYTES).decompressobj(),
    ),
)
DAMAGED = (zlib.error, LZMAError, ZstdError)


class _Unpacked(io.RawIOBase):
    """A packed stream, unpacked in slices so small that no bomb fills the memory.

    512 bytes become at most 16 MiB of zstandard, 4 of xz, half a one of gzip. Members that follow
    one another are read through. Raises EOFError where the stream ends too early.
    """

    def __init__(self, packed: "io.BufferedReader[Any]", unpacker: Callable[[], _Unpacker]) -> None:
        self._packed = packed
        self._new = unpacker
        self._unpacker = unpacker()
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        while not self._ready:
            data = self._next_slice()
            if not data:
                return None if data is None else 0
            self._ready = memoryview(self._unpacker.decompress(data))
        size = min(len(buffer), len(self._ready))
        buffer[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size

    def _next_slice(self) -> bytes | None:
        """What is packed next, b"" at the end; None while a pipe is silent."""
        data = self._read()
        if data is None:
            return None
        if not self._unpacker.eof:
            if not data:
                raise EOFError
            return data
        data = self._unpacker.unused_data + data
        while data and not (data := data.lstrip(b"\0")):  # what pads xz and tapes
            data = self._read() or b""
        self._unpacker = self._new() if data else self._unpacker
        return data

    def _read(self) -> bytes | None:
        return self._packed.read(_UNPACK_BYTES)

    def close(self) -> None:
        self._packed.close()
        super().close()


def is_packed(head: bytes) -> bool:
    """Whether what begins so is a packed stream."""
    return any(head.startswith(magic) for magic, _ in _FORMATS)


def unpacked(stream: "io.BufferedReader[Any]", head: bytes) -> "io.BufferedReader[Any]":
    """The stream behind gzip, xz or zstandard, whichever `head` begins with; else as it is."""
    for magic, unpacker in _FORMATS:
        if head.startswith(magic):
            return io.BufferedReader(_Unpacked(stream, unpacker), 1 << 16)
    return stream
