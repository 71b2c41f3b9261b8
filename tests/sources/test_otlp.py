"""Files of OpenTelemetry's collector: each line a batch of many records."""

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.core.event import Event, Severity
from bot.sources.files import Reader
from bot.sources.sifting import Unreadable
from bot.sources.stream import LINE_BYTES
from tests.builders import standing


def pair(key: str, **value: Any) -> dict[str, Any]:
    return {"key": key, "value": value}


def a_log(**facts: Any) -> dict[str, Any]:
    return {
        "timeUnixNano": "1795000800123000000",
        "observedTimeUnixNano": "1795000801000000000",
        "severityNumber": 17,
        "severityText": "ERROR",
        "body": {"stringValue": "charge failed"},
        "attributes": [pair("exception.type", stringValue="Boom"), pair("n", intValue="7")],
        "traceId": "5b8efff798038103d269b633813fc60c",
        "spanId": "eee19b7ec3c1b174",
        **facts,
    }


def a_batch(*logs: dict[str, Any]) -> str:
    resource = [
        pair("service.name", stringValue="checkout"),
        pair("tenant.id", stringValue="acme"),
    ]
    scopes = [{"scope": {"name": "shop.pay"}, "logRecords": list(logs)}]
    return json.dumps(
        {"resourceLogs": [{"resource": {"attributes": resource}, "scopeLogs": scopes}]}
    )


def read(*lines: str) -> tuple[list[Event], list[Unreadable], Reader]:
    reader = Reader(io.BytesIO("".join(f"{line}\n" for line in lines).encode()), standing())
    outcomes = list(reader)
    events = [outcome for outcome in outcomes if isinstance(outcome, Event)]
    return events, [outcome for outcome in outcomes if isinstance(outcome, Unreadable)], reader


def test_each_record_of_a_batch_is_read_with_its_resource():
    events, unreadable, reader = read(a_batch(a_log(), a_log(severityNumber=9, severityText="")))
    (event,) = events
    assert (unreadable, reader.quiet, reader.lines) == ([], 1, 1)
    assert (event.message, event.error_type, event.severity) == (
        "charge failed",
        "Boom",
        Severity.ERROR,
    )
    assert (event.service, event.customer, event.logger) == ("checkout", "acme", "shop.pay")
    assert event.time == datetime(2026, 11, 18, 11, 20, 0, 123_000, tzinfo=UTC)
    assert event.received == datetime(2026, 11, 18, 11, 20, 1, tzinfo=UTC)
    assert event.trace_id == "5b8efff798038103d269b633813fc60c"
    assert event.attributes["n"] == "7"


def test_a_body_that_is_a_map_gives_fields():
    body = {"kvlistValue": {"values": [pair("message", stringValue="no"), pair("a", intValue=1)]}}
    (event,), _, _ = read(a_batch(a_log(body=body)))
    assert (event.message, event.attributes["a"]) == ("no", "1")


def test_equal_records_of_a_batch_all_count_and_the_same_batch_again_adds_nothing():
    for log in (a_log(), a_log(timeUnixNano="0", observedTimeUnixNano="0")):
        first = [event.source_id for event in read(a_batch(log, log))[0]]
        assert len(set(first)) == 2
    again = [event.source_id for event in read(a_batch(a_log(), a_log()))[0]]
    assert again == [event.source_id for event in read(a_batch(a_log(), a_log()))[0]]


def test_a_batch_may_be_longer_than_a_line():
    logs = [a_log(body={"stringValue": f"{n} {'x' * 2_000}"}) for n in range(1_000)]
    batch = a_batch(*logs)
    assert len(batch) > LINE_BYTES
    assert len(read(batch)[0]) == 1_000


def test_spans_are_refused_in_words():
    _, (refused,), _ = read('{"resourceSpans": []}')
    assert refused.reason == "OpenTelemetry's spans or metrics: only its logs are read"


def of_scopes(scopes: Any, **resource: Any) -> dict[str, Any]:
    return {"resourceLogs": [{"scopeLogs": scopes, **resource}]}


@pytest.mark.parametrize(
    ("batch", "reason"),
    [
        ({"resourceLogs": "x"}, "resourceLogs that is not a list"),
        ({"resourceLogs": {}}, "resourceLogs that is not a list"),
        ({"resourceLogs": [7]}, "resourceLogs that holds no object"),
        (of_scopes([], resource="x"), "a resource that is not an object"),
        (of_scopes([], resource={"attributes": {"service.name": "x"}}), "attributes that are not"),
        (of_scopes("x"), "scopeLogs that is not a list"),
        (of_scopes([None]), "scopeLogs that holds no object"),
        (of_scopes([{"logRecords": "x"}]), "logRecords that is not a list"),
        (of_scopes([{"logRecords": ["x"]}]), "logRecords that holds no object"),
        (of_scopes([{"logRecords": [a_log(body="x")]}]), "a body that is not an object"),
        (of_scopes([{"logRecords": [a_log(attributes=["x"])]}]), "attributes that are not"),
        (of_scopes([{"logRecords": [a_log(attributes=[{}])]}]), "attributes that are not"),
    ],
    ids=str,
)
def test_what_is_not_as_the_protocol_has_it_is_told_and_costs_itself(
    batch: dict[str, Any], reason: str
) -> None:
    events, (told,), _ = read(json.dumps(batch), a_batch(a_log()))
    assert (told.reason[: len(reason)], len(events)) == (reason, 1)


@pytest.mark.parametrize(
    "batch",
    [
        {"resourceLogs": None},
        of_scopes(None, resource=None),
        of_scopes([{"scope": None, "logRecords": None, "later": 7}]),
    ],
    ids=str,
)
def test_what_is_null_or_not_known_says_nothing(batch: dict[str, Any]) -> None:
    events, unreadable, _ = read(json.dumps(batch), a_batch(a_log(attributes=None, later=7)))
    assert (len(events), unreadable) == (1, [])
