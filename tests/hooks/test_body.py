"""Limits hold before any work is done: what is too large is told at the first byte too many."""

import gzip
import tracemalloc
from collections.abc import Callable

import brotli
import pytest
import zstandard
from cramjam import snappy

from bot.hooks import body
from bot.hooks.answers import Rejected
from bot.hooks.body import Room

MIB = 1 << 20
ZEROS = gzip.compress(bytes(MIB))


def none(_: int) -> None:
    """Of memory there is enough."""


@pytest.mark.promise(row="R14")
@pytest.mark.parametrize(
    ("encoding", "bomb"),
    [
        ("gzip", ZEROS * 1024),
        ("zstd", zstandard.compress(bytes(64 * MIB)) * 16),
        ("br", brotli.compress(bytes(64 * MIB), quality=1)),
        ("snappy", bytes(snappy.compress_raw(bytes(33 * MIB)))),
    ],
    ids=["gzip", "zstd", "br", "snappy"],
)
def test_a_bomb_costs_no_more_than_the_limit(encoding: str, bomb: bytes) -> None:
    assert len(bomb) < 2 * MIB
    tracemalloc.start()
    try:
        with pytest.raises(Rejected) as refused:
            body.unpack(bomb, encoding, take=none)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (refused.value.status, peak < 64 * MIB) == (413, True)


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_what_just_fits_is_whole(pack: Callable[[bytes], bytes]) -> None:
    assert body.unpack(pack(bytes(1000)), "", most=1000, take=none) == bytes(1000)
    with pytest.raises(Rejected):
        body.unpack(pack(bytes(1001)), "", most=1000, take=none)


def test_what_brotli_packed_is_whole() -> None:
    assert body.unpack(brotli.compress(b"one two"), "br", take=none) == b"one two"


def test_members_one_behind_the_other_are_one_body() -> None:
    packed = gzip.compress(b"one ") + gzip.compress(b"") + gzip.compress(b"two") + b"\0\0"
    assert body.unpack(packed, "gzip", take=none) == b"one two"


@pytest.mark.parametrize("encoding", ["gzip", "zstd", "br", "snappy"])
@pytest.mark.parametrize("raw", [b"", b"plain", b"\x1f\x8b", b"\x28\xb5\x2f\xfd\x00", ZEROS[:-9]])
def test_what_is_damaged_is_refused_as_such(encoding: str, raw: bytes) -> None:
    with pytest.raises(Rejected) as refused:
        body.unpack(raw, encoding, take=none)
    assert refused.value.status == 400


def test_who_asks_for_more_room_than_there_is_waits_until_others_are_done() -> None:
    room = Room(10)
    with room.share() as mine:
        mine(8)
        with room.share() as yours, pytest.raises(Rejected) as refused:
            yours(3)
    assert refused.value.status == 503
    with room.share() as yours:
        yours(10)
