"""Plain text: which lines belong together, and what counts as an error."""

import io
import json
import time
from datetime import UTC, datetime

import pytest

from bot.core.event import Event, Severity
from bot.sources.files import Reader
from tests.builders import standing


def events_of(text: str, **options: object) -> list[Event]:
    reader = Reader(io.BytesIO(text.encode()), standing(), **options)
    return [outcome for outcome in reader if isinstance(outcome, Event)]


def messages_of(text: str) -> list[str]:
    return [event.message for event in events_of(text)]


TRACE = """Traceback (most recent call last):
  File "/srv/app/pay.py", line 7, in charge
    raise Boom(1)
           ^^^^^^^
Boom: 1"""


def test_a_trace_belongs_to_the_line_above_it():
    (event,) = events_of(f"2026-11-18 10:00:00 ERROR charge failed\n{TRACE}\n")
    assert event.message == "charge failed"
    assert (event.error_type, event.error_message) == ("Boom", "1")
    assert event.stack == TRACE


def test_traces_without_any_header_are_told_apart():
    text = f"{TRACE}\n{TRACE}\nplain words\n{TRACE}\n"
    assert [event.error_type for event in events_of(text)] == ["Boom", "Boom", "Boom"]


def test_causes_stay_with_their_trace():
    seam = "\n\nDuring handling of the above exception, another exception occurred:\n\n"
    (event,) = events_of(TRACE + seam + TRACE.replace("Boom", "Bang") + "\n")
    assert event.error_type == "Bang"
    assert "Boom: 1" in event.stack


def test_a_crash_below_a_harmless_line_is_not_swallowed_by_it():
    text = f"2026-11-18 10:00:00 INFO listening on :8080\n{TRACE}\n"
    (event,) = events_of(text)
    assert event.error_type == "Boom"
    assert event.time == datetime(2026, 11, 18, 10, tzinfo=UTC), "as near as can be known"


def test_java_causes_belong_to_the_record():
    text = (
        "2026-11-18 10:00:00,123 ERROR [main] com.shop.Pay - charge failed\n"
        "com.shop.PayException: no\n\tat com.shop.Pay.charge(Pay.java:7)\n"
        "Caused by: java.net.ConnectException: refused\n\tat com.shop.Net.open(Net.java:3)\n"
        "\t... 3 more\n"
        "2026-11-18 10:00:01,123 ERROR [main] com.shop.Pay - next\n"
    )
    first, second = events_of(text)
    assert (first.error_type, second.message) == ("com.shop.PayException", "next")
    assert "... 3 more" in first.stack


def test_syslog_escapes_of_a_newline_are_newlines():
    escaped = TRACE.replace("\n", "#012")
    (event,) = events_of(f"Nov 18 10:00:00 web-1 app[7]: charge failed#012{escaped}\n")
    assert (event.message, event.error_type, event.host) == ("charge failed", "Boom", "web-1")


def test_syslog_time_is_of_the_latest_year_that_is_not_in_the_future():
    old, new = events_of("Dec 31 10:00:00 web app: boom\nNov 18 10:00:00 web app: boom\n")
    assert old.time == datetime(2025, 12, 31, 10, tzinfo=UTC)
    assert new.time == datetime(2026, 11, 18, 10, tzinfo=UTC)


def test_lines_of_two_processes_do_not_mix():
    text = (
        "2026-11-18 10:00:00.001 UTC [11] ERROR:  first\n"
        "2026-11-18 10:00:00.001 UTC [22] ERROR:  second\n"
        "2026-11-18 10:00:00.001 UTC [11] DETAIL:  of the first\n"
        "2026-11-18 10:00:00.001 UTC [22] DETAIL:  of the second\n"
    )
    events = events_of(text)
    assert [(e.message, e.attributes["detail"]) for e in events] == [
        ("first", "of the first"),
        ("second", "of the second"),
    ]


def test_a_container_runtimes_prefix_is_set_aside():
    stamp = "2026-11-18T10:00:00.000000001Z stderr F "
    (event,) = events_of("".join(f"{stamp}{line}\n" for line in TRACE.split("\n")))
    assert (event.error_type, event.time) == ("Boom", datetime(2026, 11, 18, 10, tzinfo=UTC))


def test_dockers_json_is_unwrapped():
    docker = {"stream": "stderr", "time": "2026-11-18T10:00:00Z"}
    lines = [json.dumps({"log": f"{line}\n", **docker}) + "\n" for line in TRACE.split("\n")]
    (event,) = events_of("".join(lines))
    assert (event.error_type, event.time) == ("Boom", datetime(2026, 11, 18, 10, tzinfo=UTC))


def test_equal_lines_that_docker_timed_differently_all_count():
    line = '{"log":"boom\\n","stream":"stderr","time":"2026-11-18T10:00:0%dZ"}\n'
    ids = [events_of(line.replace("%d", str(second)))[0].source_id for second in range(3)]
    assert len(set(ids)) == 3


def test_json_behind_a_forwarders_header_is_read_as_json():
    record = '{"level":"error","msg":"boom","tenant":"acme"}'
    (event,) = events_of(f"Nov 18 10:00:00 web-1 app[7]: {record}\n")
    assert (event.message, event.customer, event.host) == ("boom", "acme", "web-1")
    assert event.time == datetime(2026, 11, 18, 10, tzinfo=UTC)


def test_json_and_text_may_alternate():
    one, three = '{"level":"error","msg":"one"}', '{"msg":"three"}'
    text = f"{one}\n2026-11-18 10:00:00 ERROR two\n{TRACE}\n{three}\n"
    assert messages_of(text) == ["one", "two", "three"]


def test_logfmt_is_read_as_fields():
    text = 'time="2026-11-18T10:00:00Z" level=error msg="charge \\"7\\" failed" tenant=acme\n'
    (event,) = events_of(text)
    assert (event.message, event.customer) == ('charge "7" failed', "acme")
    assert event.time == datetime(2026, 11, 18, 10, tzinfo=UTC)


def test_a_line_without_a_level_is_an_error_where_no_line_has_one():
    assert messages_of("disk full\nqueue stuck\n") == ["disk full", "queue stuck"]


def test_a_line_without_a_level_is_no_error_where_others_have_one():
    text = "2026-11-18 10:00:00 ERROR boom\n2026-11-18 10:00:01 listening on port 80\n"
    assert messages_of(text) == ["boom"]


def test_the_level_that_php_speaks_counts():
    stamp = "[18-Nov-2026 10:00:00 UTC] PHP "
    text = f"{stamp}Warning:  Undefined variable $x\n{stamp}Fatal error:  Out of memory\n"
    assert messages_of(text) == ["PHP Fatal error:  Out of memory"]
    reader = Reader(io.BytesIO(text.encode()), standing(), minimum=Severity.WARNING)
    assert len(list(reader)) == 2


def test_a_record_without_an_end_keeps_its_beginning_and_its_end():
    frames = '  File "/srv/app/deep.py", line 7, in down\n    down()\n' * 5_000
    (event,) = events_of(
        f"2026-11-18 10:00:00 ERROR deep\nTraceback (most recent call last):\n{frames}"
        "RecursionError: too deep\n"
    )
    assert (event.message, event.error_type) == ("deep", "RecursionError")
    assert len(event.stack) < 300_000


@pytest.mark.parametrize(
    "line",
    [
        "  at x\n",
        "#012",
        'a="\\\\',
        "k=v ",
        "Traceback (most recent call last):\n",
        "goroutine 1 [running]:\nmain.main()\n",
        "2026-11-18 10:00:00 [1] ERROR:  x\n\n",
    ],
)
def test_hostile_text_takes_linear_time(line):
    def seconds(size: int) -> float:
        text = line * (size // len(line))
        start = time.process_time()
        events_of(text)
        return time.process_time() - start

    seconds(10_000)
    assert seconds(800_000) < 12 * max(seconds(200_000), 0.02)
