"""OpenTelemetry's own exporter sends its logs to us; so do collectors, as protobuf or JSON."""

import gzip
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
    ExportLogsServiceResponse,
)
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.resources import Resource

from bot.core.event import Severity
from bot.errors import SourceError
from bot.sources import pushed
from bot.sources.pushed import Push
from tests.builders import NOON
from tests.hooks.conftest import Site

PROTOBUF = {"Content-Type": "application/x-protobuf"}
JSON = {"Content-Type": "application/json"}
NANOSECONDS = 1_795_003_140_123_456_789


def push(body: bytes) -> Push:
    return Push(source="otlp", body=body, received=NOON, arrival="1")


def a_request(*logs: dict[str, Any], resource: dict[str, str] | None = None) -> bytes:
    """Records with texts as bodies, as protobuf."""
    request = ExportLogsServiceRequest()
    of_resource = request.resource_logs.add()
    for name, value in (resource or {}).items():
        of_resource.resource.attributes.add(key=name).value.string_value = value
    records = of_resource.scope_logs.add().log_records
    for facts in logs:
        said = {"time_unix_nano": NANOSECONDS, "severity_number": 17, **facts}
        text = said.pop("text", "database down")
        records.add(**said).body.string_value = text
    return request.SerializeToString()


@pytest.fixture(params=[Compression.NoCompression, Compression.Gzip])
def provider(site: Site, request: pytest.FixtureRequest) -> Iterator[LoggerProvider]:
    """An application's logs, exported one by one."""
    exporter = OTLPLogExporter(
        f"{site.address}/v1/logs",
        headers={"Authorization": f"Bearer {site.made.text}"},
        compression=request.param,
    )
    resource = Resource.create(
        {
            "service.name": "search",
            "service.version": "4.19.1",
            "deployment.environment.name": "production",
            "tenant.id": "acme",
            "host.name": "web-1",
        }
    )
    provider = LoggerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))
    yield provider
    provider.shutdown()


def test_the_python_exporter_sends_an_exception_with_all_that_matters(
    site: Site, provider: LoggerProvider
) -> None:
    stack = 'Traceback (most recent call last):\n  File "/srv/app.py", line 7, in find\nKeyError: 7'
    provider.get_logger("shop.search").emit(
        LogRecord(
            timestamp=NANOSECONDS,
            severity_number=SeverityNumber.ERROR,
            body="search failed",
            attributes={
                "exception.type": "KeyError",
                "exception.message": "7",
                "exception.stacktrace": stack,
            },
        )
    )
    (event,) = site.events
    assert (event.message, event.severity) == ("search failed", Severity.ERROR)
    assert (event.error_type, event.error_message, event.stack) == ("KeyError", "7", stack)
    assert (event.service, event.version, event.environment) == ("search", "4.19.1", "production")
    assert (event.customer, event.host, event.logger) == ("acme", "web-1", "shop.search")
    assert (event.received, site.came()) == (NOON, {"otlp/checkout": 1})


def test_the_python_exporter_counts_what_is_no_error_as_none(
    site: Site, provider: LoggerProvider
) -> None:
    provider.get_logger("shop").emit(
        LogRecord(timestamp=NANOSECONDS, severity_number=SeverityNumber.INFO, body="fine")
    )
    assert site.came() == {}


@pytest.mark.promise(row="R3")
@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_a_batch_that_is_sent_again_adds_nothing(site: Site, encoding: str) -> None:
    body = a_request({}, {}, {"text": "disk full"}, {"severity_number": 9})
    for _ in range(3):
        packed = gzip.compress(body) if encoding else body
        answer = site.post("/v1/logs", packed, {**PROTOBUF, "Content-Encoding": encoding})
        assert (answer.status, answer.headers["content-type"]) == (200, "application/x-protobuf")
        assert not ExportLogsServiceResponse.FromString(answer.body).HasField("partial_success")
    assert site.came() == {"otlp/checkout": 3}


@pytest.mark.parametrize("signal", ["traces", "metrics"])
def test_other_signals_are_told_what_is_taken(site: Site, signal: str) -> None:
    answer = site.post(f"/v1/{signal}", {})
    assert answer.status == 404
    assert "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT" in answer.said["error"]


def test_json_says_the_same_as_protobuf(site: Site) -> None:
    trace = "5b8efff798038103d269b633813fc60c"
    record = {
        "timeUnixNano": str(NANOSECONDS),
        "severityNumber": 17,
        "body": {"stringValue": "database down"},
        "traceId": trace,
    }
    batch = {"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]}
    answer = site.post("/v1/logs", batch, JSON)
    assert (answer.status, answer.said) == (200, {})
    site.post("/v1/logs", a_request({"trace_id": bytes.fromhex(trace)}), PROTOBUF)
    from_json, from_protobuf = site.events
    assert from_json.trace_id == from_protobuf.trace_id == trace
    assert (from_json.time, from_json.message) == (from_protobuf.time, from_protobuf.message)


def test_what_cannot_be_taken_of_a_good_batch_is_its_partial_success(site: Site) -> None:
    answer = site.post("/v1/logs", a_request({}, {"text": ""}, {}), PROTOBUF)
    partial = ExportLogsServiceResponse.FromString(answer.body).partial_success
    assert (answer.status, partial.rejected_log_records) == (200, 1)
    assert partial.error_message.startswith("line 2: a record without a message")
    empty = {"severityNumber": 17, "timeUnixNano": str(NANOSECONDS), "body": {}}
    good = {**empty, "body": {"stringValue": "disk full"}}
    batch = {"resourceLogs": [{"scopeLogs": [{"logRecords": [good, empty]}]}]}
    said = site.post("/v1/logs", batch, JSON).said["partialSuccess"]
    assert (said["rejectedLogRecords"], site.came()) == ("1", {"otlp/checkout": 3})


def test_a_record_that_is_no_text_costs_itself_and_not_its_batch(site: Site) -> None:
    """As Fluent Bit sends what an application wrote in Latin-1."""
    sent = a_request({}, {"text": "Stra?e"}, {}).replace(b"Stra?e", b"Stra\xdfe")
    answer = site.post("/v1/logs", sent, PROTOBUF)
    partial = ExportLogsServiceResponse.FromString(answer.body).partial_success
    assert (answer.status, partial.rejected_log_records) == (200, 1)
    assert partial.error_message.startswith("line 2: a LogRecord that is broken")
    assert site.came() == {"otlp/checkout": 2}


def test_lines_of_a_file_that_a_collector_follows_are_put_together_and_judged_by_their_words() -> (
    None
):
    lines = [
        "2026-11-18 11:59:00,123 ERROR [shop] charge failed",
        "Traceback (most recent call last):",
        '  File "/srv/app.py", line 7, in charge',
        "    raise ValueError(amount)",
        "ValueError: 7",
        "2026-11-18 11:59:01,123 INFO [shop] all is well",
    ]
    records = [
        {"text": line, "severity_number": 0, "time_unix_nano": NANOSECONDS + number}
        for number, line in enumerate(lines)
    ]
    delivery = pushed.parse_protobuf(push(a_request(*records, resource={"service.name": "shop"})))
    (event,) = delivery.events
    assert (event.service, event.error_type, delivery.quiet) == ("shop", "ValueError", 1)
    assert (
        event.source_id
        == pushed.parse_protobuf(push(a_request(*records, resource={"service.name": "shop"})))
        .events[0]
        .source_id
    )


@pytest.mark.parametrize(
    ("body", "headers", "status", "why"),
    [
        (b"\xff\xff", PROTOBUF, 400, "no ExportLogsServiceRequest"),
        (b"{", JSON, 400, "not valid JSON"),
        (b"", JSON, 400, "not valid JSON"),
        (b"[]", JSON, 400, "an object with resourceLogs"),
        (b'{"message": "database down"}', JSON, 400, "an object with resourceLogs"),
        (b'{"resourceSpans": []}', JSON, 400, "an object with resourceLogs"),
        (b'{"resourceLogs": "x"}', JSON, 400, "line 1: resourceLogs that is not a list"),
        (b"[" * 200_000, JSON, 400, "nested"),
        (b"", {"Content-Type": "text/plain"}, 415, "Send it as"),
    ],
)
def test_what_is_no_batch_is_refused_with_the_reason(
    site: Site, body: bytes, headers: dict[str, str], status: int, why: str
) -> None:
    answer = site.post("/v1/logs", body, headers)
    assert (answer.status, why in answer.said["error"]) == (status, True)


def test_an_empty_batch_is_fine(site: Site) -> None:
    assert site.post("/v1/logs", b"", PROTOBUF).status == 200
    for batch in ({"resourceLogs": []}, {"resourceLogs": None}, {}):
        assert site.post("/v1/logs", batch, JSON).status == 200


@pytest.mark.promise(row="R13")
@given(st.binary(max_size=300))
def test_whatever_bytes_are_sent_break_nothing(body: bytes) -> None:
    with suppress(SourceError):
        pushed.parse_protobuf(push(body))


NAMES = (
    "resourceLogs scopeLogs logRecords resource attributes key value body stringValue severityText"
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(NAMES.split()), inner, max_size=5)
    ),
    max_leaves=20,
)


@pytest.mark.promise(row="R13")
@given(VALUES)
def test_whatever_json_is_sent_breaks_nothing(value: Any) -> None:
    body = push(json.dumps({"resourceLogs": value}).encode())
    told = [one.reason for one in pushed.parse_otlp(body).unreadable]
    assert told == [one.reason for one in pushed.parse(body).unreadable]


@pytest.mark.promise(row="R21")
def test_what_cannot_be_kept_is_refused_before_it_is_parsed(site: Site) -> None:
    broken = (b"{", JSON)
    assert site.post("/v1/logs", *broken).status == 400
    site.intake.stop()
    assert site.post("/v1/logs", *broken).status == 503
