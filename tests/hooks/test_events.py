"""Errors are sent over a real connection; what is answered 2xx is in the database."""

import gzip
import json
import logging
import socket
from contextlib import ExitStack, suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from bot.core.event import Severity
from bot.errors import SourceError
from bot.flows import authorize
from bot.hooks.answers import Refusals
from bot.sources import loki_protobuf, pushed
from bot.sources.pushed import Push
from storage.database import Database
from storage.tables import Sample, Signature
from tests.builders import NOON
from tests.fakes import Clock
from tests.hooks.conftest import LOCAL, OWN_KEY, Site

FINE, COARSE = "2026-11-18T11:59:00.123Z", "2026-11-18T11:59:00Z"
DOWN = {"level": "error", "message": "database down", "time": FINE}
FULL = {"level": "error", "message": "disk full", "time": FINE}
FINE_DAY = {"level": "info", "message": "all is well", "time": FINE}


def lines(*records: Any) -> bytes:
    return b"\n".join(json.dumps(record).encode() for record in records)


@pytest.mark.parametrize(
    "body",
    [
        json.dumps([DOWN, FULL, FINE_DAY]).encode(),
        json.dumps([DOWN, FULL, FINE_DAY], indent=2).encode(),
        lines(DOWN, FULL, FINE_DAY),
        lines(DOWN, FULL, FINE_DAY).replace(b"\n", b""),
        lines(DOWN, FULL, FINE_DAY).replace(b"\n", b" , "),
        b"\n".join(
            b"2026-11-18 11:59:00.12" + line
            for line in (b"3 ERROR database down", b"4 ERROR disk full", b"5 INFO all is well")
        ),
    ],
    ids=["array", "spread", "lines", "concatenated", "with commas", "text"],
)
def test_json_of_any_shape_and_text_are_taken(site: Site, body: bytes) -> None:
    answer = site.post("/ingest", body)
    assert (answer.status, answer.said) == (
        200,
        {"accepted": 2, "known": 0, "not_errors": 1, "rejected": 0, "reasons": []},
    )
    assert site.counted() == {"database down": 1, "disk full": 1}


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("GZIP", gzip.compress),
        ("", gzip.compress),
        ("zstd", zstandard.compress),
        ("identity", bytes),
    ],
)
def test_a_packed_body_is_unpacked(site: Site, encoding: str, pack: Any) -> None:
    said = {"Content-Encoding": encoding} if encoding else {}
    assert site.post("/ingest", pack(lines(DOWN)), said).said["accepted"] == 1


def test_what_names_no_service_is_of_the_project_that_sends_it(
    site: Site, database: Database
) -> None:
    site.post("/ingest", [DOWN, {**FULL, "service": "search"}])
    with database.read() as session:
        rows = session.execute(select(Signature)).scalars().all()
    assert {row.title: row.service for row in rows} == {
        "database down": "checkout",
        "disk full": "search",
    }
    assert site.came() == {"http/checkout": 2}


def test_a_header_names_the_customer_of_what_names_none(site: Site, database: Database) -> None:
    site.post("/ingest", [DOWN, {**FULL, "customer": "globex"}], {"X-Scope-OrgID": "acme"})
    with database.read() as session:
        samples = session.execute(select(Sample)).scalars().all()
    assert {sample.message: sample.customer for sample in samples} == {
        "database down": "acme",
        "disk full": "globex",
    }


def test_when_it_was_received_says_our_clock_alone(
    site: Site, database: Database, clock: Clock
) -> None:
    site.post("/ingest", [{**DOWN, "received": "2026-11-01T00:00:00Z", "id": "7", "source": "x"}])
    with database.read() as session:
        (row,) = session.execute(select(Signature)).scalars().all()
    assert (row.first_received, site.came()) == (clock(), {"http/checkout": 1})


@pytest.mark.promise(row="R3")
@pytest.mark.parametrize(
    "records",
    [
        [DOWN, DOWN, DOWN, FULL],
        [{**DOWN, "time": COARSE}, {**DOWN, "time": COARSE}],
        [{"message": "database down", "event_id": "7"}],
    ],
    ids=["to the millisecond", "to the second", "with ids"],
)
def test_a_body_that_is_sent_again_adds_nothing(site: Site, records: list[Any]) -> None:
    answers = [site.post("/ingest", records) for _ in range(3)]
    assert {answer.said["accepted"] for answer in answers} == {len(records)}
    assert [answer.said["known"] for answer in answers] == [0, len(records), len(records)]
    assert site.came() == {"http/checkout": len(records)}


STRAY = b"Server started on port 80\nconnect failed\nListening\n"


def test_of_text_without_levels_lines_count_that_tell_of_a_failure(site: Site) -> None:
    said = site.post("/ingest", STRAY).said
    assert (said["accepted"], said["not_errors"]) == (1, 2)
    (reason,) = said["reasons"]
    assert reason.startswith("2 lines without a level and without a word of failure: ")
    assert site.counted() == {"connect failed": 1}


def test_of_lines_that_somebody_picked_each_counts(site: Site) -> None:
    said = site.post("/ingest?picked", STRAY).said
    assert (said["accepted"], said["not_errors"], said["reasons"]) == (3, 0, [])


@pytest.mark.parametrize("body", [b"", b"\n\n", b"[]"])
def test_a_body_with_nothing_in_it_is_told(site: Site, body: bytes) -> None:
    answer = site.post("/ingest", body)
    assert (answer.status, answer.said["reasons"]) == (400, ["there is nothing in the body"])


@pytest.mark.promise(row="R3")
def test_what_is_sent_again_in_other_pieces_adds_nothing(site: Site) -> None:
    site.post("/ingest", lines(DOWN, FULL))
    site.post("/ingest", lines(FULL))
    assert site.came() == {"http/checkout": 2}


def test_a_time_that_many_share_tells_no_two_of_them_apart(site: Site) -> None:
    shared = {**DOWN, "time": COARSE}
    site.post("/ingest", [shared])
    site.post("/ingest", [shared, shared])
    assert site.came() == {"http/checkout": 3}


def test_without_time_or_id_each_delivery_counts_unless_the_sender_names_it(site: Site) -> None:
    timeless = {"message": "database down"}
    for _ in range(2):
        site.post("/ingest", [timeless, timeless])
    assert site.came() == {"http/checkout": 4}
    for _ in range(2):
        site.post("/ingest", [timeless, timeless], {"Idempotency-Key": "batch-1"})
    assert site.came() == {"http/checkout": 6}


def test_no_project_can_take_the_ids_of_another(site: Site, database: Database) -> None:
    other = authorize.make(database, "search", now=Clock()()).text
    event = {"message": "database down", "event_id": "7"}
    site.post("/ingest", [event])
    site.post("/ingest", [event], key=other)
    assert site.came() == {"http/checkout": 1, "http/search": 1}


@pytest.mark.promise(row="R13")
def test_one_bad_record_of_a_thousand_is_told_and_the_rest_count(site: Site) -> None:
    records = [{**DOWN, "message": f"database {name} down"} for name in ("one",) * 999]
    body = lines(*records[:500]) + b'\n{"message": \n' + lines(*records[500:])
    said = site.post("/ingest", body).said
    assert (said["accepted"], said["rejected"]) == (999, 1)
    assert said["reasons"][0].startswith("line 501: not valid JSON")
    assert site.came() == {"http/checkout": 999}


@pytest.mark.parametrize(
    ("body", "status", "why"),
    [
        (b"", 400, ""),
        (b"{", 400, "not a JSON object"),
        (b'{"a": ', 400, "not valid JSON"),
        (b"[1, 2]", 400, "not a JSON object"),
        (b"2026-11-18 ERROR down", 400, "not a JSON object"),
        (bytes(range(32)) * 20, 400, "binary"),
        (b"[" * 200_000, 400, ""),
        (gzip.compress(b"{}", mtime=0)[:-5], 400, "damaged"),
        (gzip.compress(gzip.compress(lines(DOWN), mtime=0), mtime=0), 415, "packed twice"),
    ],
)
def test_of_what_cannot_be_read_nothing_is_kept(
    site: Site, body: bytes, status: int, why: str
) -> None:
    answer = site.post("/ingest", body, {"Content-Type": "application/json"})
    assert (answer.status, site.came()) == (status, {})
    assert why in answer.body.decode()


@pytest.mark.promise(row="R13")
@given(body=st.binary(max_size=300), is_json=st.booleans())
def test_whatever_bytes_are_sent_break_nothing(body: bytes, *, is_json: bool) -> None:
    delivery = Push(source="http", body=body, received=NOON, arrival="1", is_json=is_json)
    with suppress(SourceError):
        pushed.parse(delivery)


SHAPES = """
    streams stream values event time host source fields log message level resourceLogs
    error stack exception exc_type frames id received tags customer service
"""
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(SHAPES.split()), inner, max_size=5)
    ),
    max_leaves=20,
)


@pytest.mark.promise(row="R13")
@given(st.dictionaries(st.sampled_from(SHAPES.split()), JSON, max_size=6))
def test_whatever_record_is_sent_is_an_error_or_none_or_told(record: dict[str, Any]) -> None:
    body = json.dumps(record).encode()
    delivery = pushed.parse(Push(source="http", body=body, received=NOON, arrival="1"))
    assert all(event.source == "http" and event.received == NOON for event in delivery.events)
    assert all(event.message and event.source_id for event in delivery.events)


def test_an_encoding_that_nobody_knows_is_refused_by_name(site: Site) -> None:
    answer = site.post("/ingest", lines(DOWN), {"Content-Encoding": "lz4"})
    assert (answer.status, "lz4" in answer.said["error"]) == (415, True)


@pytest.mark.promise(row="R14")
def test_more_records_than_are_taken_at_once_are_refused(site: Site) -> None:
    answer = site.post("/ingest", b'{"message":"a"}\n' * (pushed.MOST_RECORDS + 1))
    assert (answer.status, site.came()) == (413, {})
    assert "send fewer at once" in answer.said["error"]


@pytest.mark.promise(row="R14")
def test_a_body_that_announces_too_much_is_refused_before_it_comes(site: Site) -> None:
    headers = {"Authorization": f"Bearer {site.made.text}", "Content-Length": str(9 << 20)}
    answer = site.request("POST", "/ingest", b"", headers)
    assert (answer.status, "8 MiB" in answer.said["error"]) == (413, True)


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": ""},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Bearer triage_" + "0" * 64},
        {"Authorization": "Basic !!"},
        {"Authorization": "Bearer k\xfc"},
    ],
)
def test_without_a_key_that_holds_nothing_is_read(site: Site, headers: dict[str, str]) -> None:
    answer = site.post("/ingest", lines(DOWN), headers)
    assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert (site.came(), "triage keys new" in answer.said["error"]) == ({}, True)


def test_of_a_key_its_beginning_alone_holds_nowhere(site: Site) -> None:
    """Nor one that begins as one that holds: what may be shown of a key opens nothing."""
    shown = site.made.text[:20]
    for key in (shown, shown + "0" * (len(site.made.text) - len(shown))):
        assert site.post("/ingest", lines(DOWN), key=key).status == 401


@pytest.mark.parametrize(
    "path", ["/ingest", "/services/collector/event", "/loki/api/v1/push", "/hooks/alertmanager"]
)
def test_a_key_in_an_address_is_none(site: Site, path: str) -> None:
    """Addresses stand in the logs of proxies."""
    names = ("key", "token", "api_key", "apikey", "dd-api-key", "access_token", "authorization")
    query = "&".join(f"{name}={site.made.text}" for name in names)
    answer = site.post(f"{path}?{query}", lines(DOWN), {"Authorization": ""})
    assert (answer.status, site.came()) == (401, {})


def test_the_key_of_the_program_holds_too_and_names_no_project(site: Site) -> None:
    assert site.post("/ingest", [DOWN], key=OWN_KEY).status == 200
    assert site.came() == {"http": 1}


def test_a_key_holds_from_when_it_is_made_and_until_soon_after_it_is_revoked(
    site: Site, database: Database, clock: Clock
) -> None:
    assert site.post("/ingest", [DOWN]).status == 200
    clock.move(seconds=1)
    made = authorize.make(database, "search", now=clock())
    assert site.post("/ingest", [DOWN], key=made.text).status == 200
    authorize.revoke(database, made.number, now=clock())
    clock.move(seconds=5)
    assert site.post("/ingest", [DOWN], key=made.text).status == 401
    assert site.post("/ingest", [DOWN]).status == 200


def test_what_is_meant_for_splunk_is_taken_as_splunk_answers(
    site: Site, database: Database
) -> None:
    body = (
        b'{"time": 1795003140.25, "host": "web-1", "source": "app.log", "sourcetype": "_json",'
        b' "event": {"level": "error", "message": "database down", "tenant": "acme"}}'
        b'{"time": 1795003140.5, "host": "web-2", "event": "ERROR disk full"}'
        b'{"time": 1795003140.5, "host": "web-2", "event": ""}'
    )
    told = {"Authorization": f"Splunk {site.made.text}"}
    for _ in range(2):
        answer = site.post("/services/collector/event", body, told)
        assert (answer.status, answer.said) == (200, {"text": "Success", "code": 0})
    with database.read() as session:
        samples = session.execute(select(Sample)).scalars().all()
    assert {(one.message, one.host, one.customer) for one in samples} == {
        ("database down", "web-1", "acme"),
        ("ERROR disk full", "web-2", ""),
    }
    assert site.came() == {"splunk/checkout": 2}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("OPTIONS", "/services/collector/event/1.0"),
        ("GET", "/services/collector/health"),
        ("GET", "/services/collector/health/1.0"),
    ],
)
def test_docker_and_vector_are_told_that_it_is_there_before_they_begin(
    site: Site, method: str, path: str
) -> None:
    answer = site.request(method, path, b"", {})
    assert (answer.status, answer.said["code"]) == (200, 17)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/services/collector/event", b'{"event": "ERROR disk full"}{"event": {"level": "error"}}'),
        (
            "/loki/api/v1/push",
            {"streams": [{"stream": {}, "values": [["1", "ERROR full"], ["broken"]]}]},
        ),
    ],
)
def test_what_an_answer_has_no_place_for_stands_in_the_log(
    site: Site, caplog: pytest.LogCaptureFixture, path: str, body: Any
) -> None:
    with caplog.at_level(logging.WARNING, "bot.hooks.events"):
        assert site.post(path, body).status in (200, 204)
    (said,) = caplog.messages
    assert said.startswith("Of what is meant for ")
    assert sum(site.came().values()) == 1


def test_what_is_meant_for_loki_is_taken_as_loki_answers(site: Site, database: Database) -> None:
    noon = 1_795_003_140_123_456_789
    push = {
        "streams": [
            {
                "stream": {"service_name": "api", "tenant": "acme"},
                "values": [
                    [str(noon), "level=error msg='database down' code=5 try=1"],
                    [str(noon), '{"level": "error", "msg": "disk full"}'],
                    [str(noon), "request failed as often", {"detected_level": "info"}],
                    [str(noon), "no route", {"detected_level": "error"}],
                    ["broken"],
                ],
            },
            "broken",
        ]
    }
    for _ in range(2):
        answer = site.post("/loki/api/v1/push", push)
        assert (answer.status, answer.body) == (204, b"")
    with database.read() as session:
        rows = session.execute(select(Signature)).scalars().all()
    assert {row.service for row in rows} == {"api"}
    assert site.came() == {"loki/checkout": 3}


PUSHED = (Path(__file__).parent / "payloads" / "winston-loki.snappy").read_bytes()
"""What winston-loki 6 sent."""


def test_what_lokis_agents_push_is_read_as_its_json_is(site: Site) -> None:
    headers = {"Content-Type": "application/x-protobuf"}
    assert site.post("/loki/api/v1/push", PUSHED, headers).status == 204
    (event,) = site.events
    assert (event.service, event.severity) == ("checkout", Severity.ERROR)
    assert event.message.startswith("card declined 4711")
    assert event.time.date() == date(2026, 11, 22)


@pytest.mark.promise(row="R13")
@given(st.binary(max_size=200))
def test_whatever_is_pushed_as_protobuf_breaks_nothing(body: bytes) -> None:
    with suppress(SourceError):
        pushed.parse_loki(Push(source="loki", body=body, received=NOON, arrival="1"))


@pytest.mark.parametrize(
    ("told", "labels"),
    [
        ('{app="shop", host="web-1"}', {"app": "shop", "host": "web-1"}),
        (r'{app="a \"b\" \u00e9", k="}"}', {"app": 'a "b" é', "k": "}"}),
        ("{app=`raw`}", {"app": "raw"}),
        ("no labels", {}),
        ("", {}),
    ],
)
def test_labels_are_read_as_prometheus_writes_them(told: str, labels: dict[str, str]) -> None:
    said = told.encode()
    ((found, values),) = loki_protobuf.streams(bytes([10, len(said) + 2, 10, len(said)]) + said)
    assert (found, list(values)) == (labels, [])


@pytest.mark.parametrize(
    "push", [{"streams": "x"}, {"streams": None}, {"streams": [7]}, {"streams": [{"values": []}]}]
)
def test_what_is_no_batch_of_lokis_is_refused_with_the_reason(site: Site, push: Any) -> None:
    answer = site.post("/loki/api/v1/push", push)
    (reason,) = answer.said["reasons"]
    assert (answer.status, "not [time, line]" in reason) == (400, True)


@pytest.mark.promise(row="R14")
def test_a_hundred_who_send_a_byte_and_wait_keep_nobody_waiting(site: Site) -> None:
    begun = f"POST /ingest HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {site.made.text}\r\n"
    with ExitStack() as slow:
        for head in (begun, f"{begun}Content-Length: 9\r\n\r\n[") * 50:
            one = slow.enter_context(socket.create_connection((LOCAL, site.port), timeout=10))
            one.sendall(head.encode())
        assert site.post("/ingest", [DOWN]).status == 200


def test_keys_that_are_refused_are_told_of_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    now = [0.0]
    refusals = Refusals(elapsed=lambda: now[0])
    for status in (401, 401, 400, 401):
        refusals.add("http", status, path="/ingest", sender="10.0.0.1")
    refusals.add("sentry", 401, path="/api/{project}/envelope/", sender="10.0.0.2")
    now[0] = 60
    refusals.add("http", 401, path="/ingest", sender="10.0.0.1")
    holds = (
        "; `triage keys list` tells which hold, and for deploys the environment of `triage serve`"
    )
    assert [record.getMessage() for record in caplog.records] == [
        f"No key of ours came with 1 request to /ingest from 10.0.0.1{holds}",
        (
            "No key of ours came with 3 requests to /ingest from 10.0.0.1, "
            f"1 request to /api/{{project}}/envelope/ from 10.0.0.2{holds}"
        ),
    ]


def test_who_sends_refused_keys_from_everywhere_fills_neither_log_nor_memory(
    caplog: pytest.LogCaptureFixture,
) -> None:
    now = [0.0]
    refusals = Refusals(elapsed=lambda: now[0])
    for number in range(5_000):
        now[0] = 60 * (number == 4_999)
        refusals.add("http", 401, path="/ingest", sender=f"2001:db8::{number:x}")
    _, told = (record.getMessage() for record in caplog.records)
    assert "3,999 requests to /ingest from elsewhere" in told
    assert "996 more" in told


def test_each_refusal_is_counted_by_source_and_reason(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    site.post("/ingest", [DOWN])
    site.post("/ingest", b"", key="wrong")
    site.post("/loki/api/v1/push", bytes(range(32)) * 20)
    site.post("/ingest", lines(DOWN), {"Content-Encoding": "lz4"})
    site.post("/ingest", b'{"message":"a"}\n' * (pushed.MOST_RECORDS + 1))
    site.post("/ingest", b"")
    site.post("/v1/logs", b"", {"Content-Type": "text/plain"})
    site.post("/v1/logs", {"resourceLogs": "x"}, {"Content-Type": "application/json"})
    site.post("/hooks/deploy", {}, key=OWN_KEY)
    site.post("/hooks/github", {})
    site.intake.stop()
    for _ in range(2):
        site.post("/ingest", [FULL])
    site.post("/api/1/envelope/", b"", {"X-Sentry-Auth": "Sentry sentry_key=wrong"})
    assert "1 request to /ingest from 127.0.0.1" in caplog.text
    assert "wrong" not in caplog.text
    assert site.door.refusals.counts() == {
        ("http", "key"): 1,
        ("loki", "unreadable"): 1,
        ("http", "encoding"): 1,
        ("http", "too large"): 1,
        ("http", "unreadable"): 1,
        ("otlp", "encoding"): 1,
        ("otlp", "unreadable"): 1,
        ("deploy", "unreadable"): 1,
        ("github", "key"): 1,
        ("http", "busy"): 2,
        ("sentry", "key"): 1,
    }
