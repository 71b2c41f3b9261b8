"""A body as it was sent: read and unpacked within limits that hold before any other work."""

import asyncio
import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Lock

import brotli
from cramjam import DecompressionError, snappy
from starlette.requests import Request

from bot.hooks.answers import Rejected
from bot.sources import packed

MOST_PACKED = 8 << 20
MOST_UNPACKED = 32 << 20
MOST_AT_ONCE = 96 << 20
"""Bytes of all bodies under way, packed and unpacked."""
SECONDS = 30
"""For all of a body: who sends it a byte a second holds what others need."""
_PIECE = 1 << 18
_HEAD = 8


class Room:
    """How much memory all bodies together may take."""

    def __init__(self, most: int = MOST_AT_ONCE) -> None:
        self._free = most
        self._lock = Lock()

    @contextmanager
    def share(self) -> Iterator[Callable[[int], None]]:
        """A function that takes bytes of memory until the block is left. It raises Rejected where
        there is no room for more."""
        taken = 0

        def take(size: int) -> None:
            nonlocal taken
            with self._lock:
                if size > self._free:
                    raise Rejected(503, "Too much is sent at once: send it again in a few seconds.")
                self._free -= size
                taken += size

        try:
            yield take
        finally:
            with self._lock:
                self._free += taken


async def read(
    request: Request, *, most: int = MOST_PACKED, take: Callable[[int], None] = lambda _: None
) -> bytes:
    """The body as it came. Raises Rejected for one that is too large, or comes too slowly."""
    told = request.headers.get("content-length", "")
    if told.isdecimal() and int(told) > most:
        raise _too_large(most)
    raw = bytearray()
    try:
        async with asyncio.timeout(SECONDS):
            async for chunk in request.stream():
                take(len(chunk))
                raw += chunk
                if len(raw) > most:
                    raise _too_large(most)
    except TimeoutError:
        raise Rejected(408, f"The body took longer than {SECONDS} s.") from None
    return bytes(raw)


def unpack(
    body: bytes, encoding: str, *, most: int = MOST_UNPACKED, take: Callable[[int], None]
) -> bytes:
    """The body without its `Content-Encoding`; one that is packed without saying so, too.

    Raises Rejected: 413 at the first piece too many, 415 for an encoding that is not known, 400 for
    what is damaged.
    """
    name = encoding.strip().lower() or "identity"
    if name not in _ENCODINGS:
        known = ", ".join(_ENCODINGS)
        raise Rejected(415, f"The encoding {name[:40]!r} is not known: send it as one of {known}.")
    if not body.startswith(_ENCODINGS[name]):
        raise Rejected(400, f"The body is not packed with {name}.")
    if name not in _UNSIGNED and not _is_packed(body):
        return body
    pieces, size = list[bytes](), 0
    try:
        for piece in _UNSIGNED.get(name, _pieces)(body):
            take(len(piece))
            pieces.append(piece)
            size += len(piece)
            if size > most:
                raise _too_large(most)
    except (EOFError, brotli.error, DecompressionError, *packed.DAMAGED):
        raise Rejected(400, "The body is damaged, or not whole.") from None
    unpacked = b"".join(pieces)
    if _is_packed(unpacked):
        raise Rejected(415, "The body is packed twice.")
    return unpacked


def _is_packed(body: bytes) -> bool:
    return packed.is_packed(body[:_HEAD])


def _pieces(body: bytes) -> Iterator[bytes]:
    stream = io.BufferedReader(io.BytesIO(body))
    with packed.unpacked(stream, body[:_HEAD]) as unpacked:
        while piece := unpacked.read(_PIECE):
            yield piece


def _unbrotli(body: bytes) -> Iterator[bytes]:
    unpacker = brotli.Decompressor()
    piece = unpacker.process(body, output_buffer_limit=_PIECE)
    while piece:
        yield piece
        piece = unpacker.process(b"", output_buffer_limit=_PIECE)
    if not unpacker.is_finished():
        raise EOFError


def _unsnappy(body: bytes) -> Iterator[bytes]:
    """A body that is one block of Snappy, as Loki's agents send it. It states its size, and no more
    than that is unpacked."""
    if snappy.decompress_raw_len(body) > MOST_UNPACKED:
        raise _too_large(MOST_UNPACKED)
    yield bytes(snappy.decompress_raw(body))


SNAPPY = "snappy"
_UNSIGNED: Mapping[str, Callable[[bytes], Iterator[bytes]]] = {
    "br": _unbrotli,
    SNAPPY: _unsnappy,
}
"""What nothing at its beginning tells."""
_ENCODINGS = {
    "identity": b"",
    "gzip": b"\x1f\x8b",
    "x-gzip": b"\x1f\x8b",
    "zstd": b"\x28\xb5\x2f\xfd",
    **dict.fromkeys(_UNSIGNED, b""),
}
"""How a body begins that is packed so."""


def _too_large(most: int) -> Rejected:
    size = f"{most >> 20} MiB" if most >> 20 else f"{most} bytes"
    return Rejected(413, f"Larger than {size}: send less at once.")
