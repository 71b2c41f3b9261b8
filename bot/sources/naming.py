"""The identity of an event that has no id of its own, so that it is not counted twice."""

from datetime import datetime
from hashlib import blake2b
from typing import Protocol

_EQUALS_REMEMBERED = 50_000


class Names(Protocol):
    """Names the records of one input: `source` and what `of` gives are an event's identity."""

    @property
    def source(self) -> str:
        """Where they come from."""

    def of(self, record: bytes, line: int, time: datetime | None) -> str:
        """The name of a record on a line, with the time it says it is of, if it says any."""


class InFile:
    """Names for the records of a file.

    A record that carries its time is named by its content and its ordinal among equals, so
    that a rotated, packed or copied file adds nothing; that of who wrote it is a part: the
    container, the host and process. The price: two hosts that write the same words, at the
    same instant, with nothing that names the host, count as one. A record
    without a time is named by its place as well: the file's path and the line. So it counts
    again when the file is renamed, and a file rewritten with the same words on the same lines
    counts once. A pipe has no place: such records count anew at each reading, for to lose
    an error is worse than to count it twice. A trace that is read while it is being written
    gets another name once it is whole.
    """

    source = "file"

    def __init__(self, place: bytes) -> None:
        self._place = place
        self._equals = _Equals()

    def of(self, record: bytes, line: int, time: datetime | None) -> str:
        """By content and, without a time, by place."""
        if time is not None:
            return _digest(record, b"%d" % self._equals.ordinal(record))
        return _digest(record, b"%s:%d" % (self._place, line))


class InDelivery:
    """Names for the records of a body that was pushed at us.

    Who gets no answer sends the same body again, perhaps cut into other pieces. A record whose time
    is finer than a second is known by its content and its ordinal among equals in the body. What
    many share, a time in whole seconds, tells no two of them apart: such a record is known again in
    the same body only. Without any time it counts anew with each delivery, unless the sender
    said by a `token` that it is the same one.
    """

    def __init__(self, source: str, body: bytes, *, arrival: str, token: str = "") -> None:
        self.source = source
        self._body = body
        self._arrival = arrival.encode()
        self._token = token.encode("utf-8", "surrogatepass")
        self._body_digest = b""
        self._equals = _Equals()

    def of(self, record: bytes, line: int, time: datetime | None) -> str:  # noqa: ARG002
        """By content, and by the delivery where that is not enough."""
        return _digest(record, b"%s:%d" % (self._scope(time), self._equals.ordinal(record)))

    def _scope(self, time: datetime | None) -> bytes:
        if self._token:
            return b"token " + self._token
        if time is None:
            return b"arrival " + self._arrival
        if time.microsecond:
            return b""
        self._body_digest = self._body_digest or blake2b(self._body, digest_size=16).digest()
        return b"body " + self._body_digest


class Numbered:
    """Names for records that each have a number of their own in the place of a line's: the instant
    in a store of logs, the offset in a file, whose `mark` goes along. Read from elsewhere on, they
    have the same names."""

    def __init__(self, source: str, mark: str = "") -> None:
        self.source = source
        self._mark = mark.encode()
        self._equals = _Equals()

    def of(self, record: bytes, line: int, time: datetime | None) -> str:  # noqa: ARG002
        """By number, content, and ordinal among equals of that number."""
        place = b"%s:%d" % (self._mark, line)
        return _digest(record, b"%s:%d" % (place, self._equals.ordinal(place + b" " + record)))


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
