"""What is small to send and large to hold, or long to read, is refused before it is either."""

from collections.abc import Callable

import pytest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from bot.errors import SourceError
from bot.sources import loki, loki_protobuf, message, protobuf, pushed, sanitise, sentry
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


def a_record(text: str) -> bytes:
    return LogRecord(severity_number=17, body={"string_value": text}).SerializeToString()


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
    records = inside(2, attributes) + inside(2, a_record("database down"))
    delivery = pushed.parse_protobuf(push(inside(1, inside(2, records))))
    (left_out,) = delivery.unreadable
    assert left_out.reason == "a LogRecord longer than 2 MiB"
    assert [event.message for event in delivery.events] == ["database down"]


def test_a_resource_in_pieces_is_not_made_where_it_is_longer_than_any() -> None:
    pieces = inside(1, b"\x0a\x00" * (protobuf.LONGEST_PART // 4)) * 3
    (left_out,) = pushed.parse_protobuf(push(inside(1, pieces))).unreadable
    assert left_out.reason == "a Resource longer than 2 MiB"


def test_lines_for_loki_are_counted_though_nothing_is_in_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pushed, "MOST_LINES", 100)
    with pytest.raises(TooMany, match="lines"):
        pushed.parse_loki(push(inside(1, b"\x12\x00" * 51) * 2))


def test_labels_are_read_once_however_they_are_written() -> None:
    """As a pattern that begins anew at each letter would not be within a day."""
    said = inside(1, b"a" * 1_000_000)
    ((labels, _),) = loki_protobuf.streams(inside(1, said))
    assert labels == {}


def test_of_a_line_for_loki_only_so_many_names_are_looked_at() -> None:
    names = [f"name_{number}" for number in range(loki.MOST_NAMES)]
    labels = ",".join(f'{name}="x"' for name in ["app", *names, "env"])
    line = inside(2, b"ERROR database down")
    beside = b"".join(inside(3, inside(1, name.encode())) for name in ["host", *names, "tenant"])
    stream = inside(1, b"{%s}" % labels.encode()) + inside(2, line + beside)
    (event,) = pushed.parse_loki(push(inside(1, stream))).events
    assert (event.service, event.environment) == ("x", "")
    ((_, ((_, _, said),)),) = loki_protobuf.streams(inside(1, stream))
    assert list(said) == ["host", *names[:-1]]


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
    held = inside(2, inside(2, a_record("database down")))
    pieces = [inside(1, one.SerializeToString()), held, inside(1, other.SerializeToString())]
    (event,) = pushed.parse_protobuf(push(inside(1, b"".join(pieces)))).events
    assert (event.service, event.host, event.message) == ("x", "x", "database down")
