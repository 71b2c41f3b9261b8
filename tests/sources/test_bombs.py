"""What is small to send and large to hold, or long to read, is refused before it is either."""

from collections.abc import Callable

import pytest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, ResourceLogs, ScopeLogs
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from bot.errors import SourceError
from bot.sources import message, protobuf, pushed, sanitise, sentry
from bot.sources.pushed import Delivery, Push, TooMany
from tests.builders import NOON

pytestmark = pytest.mark.promise(row="R14")

EMPTY_RECORDS = b"\x12\x00" * 1_000_000
"""Of a scope: two bytes each."""


def push(body: bytes) -> Push:
    return Push(source="http", body=body, received=NOON, arrival="1", project="shop")


def inside(number: int, message: bytes) -> bytes:
    """A message as the field of another."""
    size, length = len(message), bytearray()
    while size > 0x7F:
        length.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes([number << 3 | 2, *length, size]) + message


@pytest.mark.parametrize(
    ("parse", "body"),
    [
        (pushed.parse_protobuf, inside(1, inside(2, EMPTY_RECORDS))),
        (pushed.parse, b'{"level":"info"}\n' * (pushed.MOST_LINES + 1)),
        (pushed.parse, b"[" + b'{"level":"info"},' * (pushed.MOST_LINES + 1) + b"{}]"),
        (pushed.parse, b"\n" * (pushed.MOST_LINES + 1)),
        (sentry.envelope, b'{}\n{"type":"log"}\n{"items":[' + b"{}," * 100_000 + b"{}]}"),
    ],
    ids=["protobuf", "lines", "array", "blank lines", "logs of Sentry"],
)
def test_more_than_is_taken_at_once_is_refused(
    parse: Callable[[Push], Delivery], body: bytes
) -> None:
    with pytest.raises(TooMany):
        parse(push(body))


def test_json_of_more_values_than_memory_is_for_is_refused() -> None:
    body = b'{"resourceLogs":[' + b"{}," * sanitise.MOST_VALUES + b"{}]}"
    with pytest.raises(SourceError, match="more than 2,000,000 values"):
        pushed.parse_otlp(push(body))


def test_a_record_of_protobuf_is_not_made_where_it_is_longer_than_any() -> None:
    attributes = b"\x32\x00" * (protobuf.LONGEST_PART // 2 + 1)
    with pytest.raises(SourceError, match="longer than 2 MiB"):
        pushed.parse_protobuf(push(inside(1, inside(2, inside(2, attributes)))))


def test_protobuf_of_more_fields_than_anybody_sends_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(message, "MOST_FIELDS", 100)
    with pytest.raises(SourceError, match="more than 100 fields"):
        pushed.parse_protobuf(push(inside(1, b"\x08\x00" * 100)))


@pytest.mark.parametrize("blanks", [b"\n" * 9_000, b" " * 100_000, b"\n{\n" * 9])
def test_what_begins_with_blanks_is_read_to_its_end(blanks: bytes) -> None:
    delivery = pushed.parse(push(blanks + b"\n2026-11-18 10:00:00 ERROR boom\n"))
    assert [event.message for event in delivery.events][-1:] == ["boom"]


def test_a_message_that_comes_in_pieces_is_all_of_them() -> None:
    """As protobuf has it: a field that stands twice is merged, in whatever order they come."""
    one, other = (
        Resource(attributes=[KeyValue(key=key, value={"string_value": "x"})])
        for key in ("service.name", "host.name")
    )
    record = LogRecord(severity_number=17, body={"string_value": "database down"})
    held = ResourceLogs(scope_logs=[ScopeLogs(log_records=[record])]).SerializeToString()
    pieces = [inside(1, one.SerializeToString()), held, inside(1, other.SerializeToString())]
    (event,) = pushed.parse_protobuf(push(inside(1, b"".join(pieces)))).events
    assert (event.service, event.host, event.message) == ("x", "x", "database down")
