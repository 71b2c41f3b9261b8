"""Roughly how many different lines there were, however often each was read."""

import math
from hashlib import blake2b
from typing import NamedTuple
from zlib import crc32

ONE_OF = 8
"""Of so many lines one is drawn: to look at each would make reading a fifth slower."""

REGISTERS = 128
"""The estimate is off by 1.04 / √128, nine per cent: enough to tell twice from once."""
_INDEX_BITS = REGISTERS.bit_length() - 1
_RANK_BITS = 64 - _INDEX_BITS
_ALPHA = 0.7213 / (1 + 1.079 / REGISTERS)
_PARTS = [2.0**-rank for rank in range(_RANK_BITS + 2)]


class Place(NamedTuple):
    """Where lines are counted: a service, and an hour since the epoch."""

    service: str
    hour: int


def is_drawn(line: bytes) -> bool:
    """Whether a line is in the sample that is counted; that depends on its bytes alone."""
    return crc32(line) % ONE_OF == 0


class Census:
    """A HyperLogLog (Flajolet et al., 2007): a set of lines of which only the size can be told.

    A line that was counted before changes nothing, so the same file may be read again, under any
    name, and what two readers counted can be put together.
    """

    __slots__ = ("registers",)

    def __init__(self, registers: bytes = bytes(REGISTERS)) -> None:
        self.registers = bytearray(registers)

    def add(self, line: bytes) -> None:
        """Count a line, unless it was counted before."""
        mark = int.from_bytes(blake2b(line, digest_size=8).digest())
        place = mark & (REGISTERS - 1)
        rank = _RANK_BITS + 1 - (mark >> _INDEX_BITS).bit_length()
        if rank > self.registers[place]:
            self.registers[place] = rank

    def __or__(self, other: "Census") -> "Census":
        return Census(bytes(map(max, self.registers, other.registers)))

    def __len__(self) -> int:
        estimate = _ALPHA * REGISTERS**2 / sum(map(_PARTS.__getitem__, self.registers))
        empty = self.registers.count(0)
        if empty and estimate <= 2.5 * REGISTERS:
            return round(REGISTERS * math.log(REGISTERS / empty))
        return round(estimate)
