"""The fields of a protobuf message, one after the other, so that no more of it is made at once than
is looked at: of two bytes a library makes an object of a hundred and forty."""

from collections.abc import Iterator

MOST_FIELDS = 2_000_000
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_FIXED = {_FIXED64: 8, _FIXED32: 4}


class Fields:
    """Reads messages, and those in them, MOST_FIELDS in all."""

    def __init__(self) -> None:
        self._left = MOST_FIELDS

    def of(self, message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
        """(number, value) of each field that is a varint, or bytes: text, or another message.

        Raises ValueError where it is none, or where there are too many.
        """
        place = 0
        while place < len(message):
            self._left -= 1
            if self._left < 0:
                raise ValueError(f"more than {MOST_FIELDS:,} fields")
            tag, place = _varint(message, place)
            kind = tag & 7
            if kind == _VARINT:
                value, place = _varint(message, place)
                yield tag >> 3, value
            elif kind == _BYTES:
                size, place = _varint(message, place)
                if size > len(message) - place:
                    raise ValueError("cut off")
                yield tag >> 3, message[place : place + size]
                place += size
            elif kind in _FIXED:
                place += _FIXED[kind]
            else:
                raise ValueError("a field of no kind there is")
        if place > len(message):
            raise ValueError("cut off")

    def held(self, message: memoryview, number: int) -> Iterator[memoryview]:
        """What a message holds in the field of that number, each time that it stands there."""
        for found, value in self.of(message):
            if found == number and not isinstance(value, int):
                yield value

    def last(self, message: memoryview, *numbers: int) -> dict[int, int | memoryview]:
        """What a message holds in the fields of those numbers: what stands there last counts."""
        return {number: value for number, value in self.of(message) if number in numbers}


def _varint(message: memoryview, place: int) -> tuple[int, int]:
    """(value, where it ends). Raises ValueError where it does not end."""
    value = shift = 0
    for byte in message[place : place + 10]:
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7
    raise ValueError("cut off")
