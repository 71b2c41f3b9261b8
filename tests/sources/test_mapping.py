"""A JSON record becomes an event, whoever wrote it."""

import json
import re
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.core.event import Event, Severity
from bot.core.signing import raised
from bot.sources import failure, mapping, spelling
from bot.sources.mapping import Identity, Quiet
from tests.builders import NOON


def mapped(record: dict[str, Any], **options: Any) -> Event:
    identity = Identity("file", lambda time: "timed" if time else "placed")
    event = mapping.event(record, identity, received=NOON, **options)
    assert isinstance(event, Event), event
    return event


def test_no_field_is_longer_than_its_limit_whoever_wrote_it():
    long = "x" * 300_000
    known = "message error_type error_message stack_trace service env customer version host url"
    more = [f"more{number}" for number in range(90)]
    event = mapped(dict.fromkeys([*known.split(), "logger", "trace_id", *more], long))
    given = {name: value for name, value in asdict(event).items() if isinstance(value, str)}
    assert {name for name, value in given.items() if len(value) > 64_000} <= {"stack"}
    assert len(event.stack) <= 256_000
    assert len(event.attributes) <= 64
    assert max(map(len, event.attributes.values())) <= 1_000


@pytest.mark.parametrize(
    "record",
    [
        {"exception.type": "Boom", "exception.message": "no", "exception.stacktrace": "at x"},
        {"attributes": {"exception.type": "Boom", "exception.message": "no"}},
        {"exception": {"type": "Boom", "message": "no"}},
        {"error": {"kind": "Boom", "message": "no", "stack": "at x"}},
        {"error": {"type": "Boom", "message": "no", "stack_trace": "at x"}},
        {"err": {"type": "Boom", "message": "no", "stack": "at x"}},
        {"err": {"name": "Boom", "message": "no"}},
        {"exc_info": 'Traceback (most recent call last):\n  File "a.py", line 1, in f\nBoom: no'},
        {"exception": 'Traceback (most recent call last):\n  File "a.py", line 1, in f\nBoom: no'},
        {"stack": "BoomError: no\n    at f (/srv/a.js:1:2)"},
        {"exception": [{"exc_type": "Boom", "exc_value": "no", "frames": []}]},
        {"record": {"message": "failed", "exception": {"type": "Boom", "value": "no"}}},
        {"error_type": "Boom", "error_message": "no"},
        {"thrown": {"name": "Boom", "message": "no"}},
        {"context": {"exception": {"class": "Boom", "message": "no"}}},
    ],
    ids=lambda record: json.dumps(record)[:60],
)
def test_the_exception_is_found(record):
    event = mapped({"message": "failed", **record})
    assert event.error_type.removesuffix("Error") == "Boom"
    assert event.error_message == "no"
    assert event.message == "failed"


@pytest.mark.parametrize(
    ("field", "record"),
    [
        ("customer", {"tenant.id": "x"}),
        ("customer", {"tenant": {"id": "x"}}),
        ("customer", {"tenantId": "x"}),
        ("customer", {"customer": "x", "org": "y"}),
        ("customer", {"attributes": {"customer.id": "x"}}),
        ("customer", {"X-Scope-OrgID": "x"}),
        ("customer", {"ddtags": "env:prod,tenant:x"}),
        ("customer", {"kubernetes": {"namespace_name": "x"}}),
        ("service", {"service.name": "x", "app": "y"}),
        ("service", {"service": {"name": "x"}}),
        ("service", {"SYSLOG_IDENTIFIER": "x"}),
        ("service", {"name": "x", "v": 0, "hostname": "h"}),
        ("service", {"name": "x", "level": 50, "time": 1_795_338_740_100, "msg": "y"}),
        ("environment", {"resource": {"deployment.environment.name": "x"}}),
        ("environment", {"env": "x"}),
        ("version", {"service.version": "x"}),
        ("host", {"host": {"name": "x"}}),
        ("host", {"_HOSTNAME": "x"}),
        ("logger", {"log": {"logger": "x"}}),
        ("logger", {"name": "x"}),
        ("trace_id", {"dd": {"trace_id": "x"}}),
        ("trace_id", {"traceId": "x"}),
        ("span_id", {"span.id": "x"}),
        ("url", {"req": {"url": "x"}}),
    ],
    ids=str,
)
def test_who_and_where_are_found(field, record):
    assert getattr(mapped({"message": "failed", **record}), field) == "x"


def test_the_name_of_a_logger_is_no_service():
    said = {"msg": "failed", "name": "orders.sync", "level": "ERROR", "time": 1_795_338_740_100}
    assert mapped(said).service == ""
    assert mapped({**said, "level": 50, "service": "shop"}).service == "shop"


@pytest.mark.parametrize(
    "name", ["message", "msg", "event", "body", "short_message", "textPayload", "@m", "MESSAGE"]
)
def test_the_message_is_found(name):
    assert mapped({name: "failed"}).message == "failed"


def test_the_exceptions_message_stands_in_for_a_missing_one():
    assert mapped({"err": {"type": "Boom", "message": "no"}}).message == "no"


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"msg": "payment failed", "error": "card declined"}, "payment failed: card declined"),
        ({"msg": "cannot dial: reset", "error": "reset"}, "cannot dial: reset"),
        ({"msg": "no route", "err": "dial tcp: no route to host"}, "dial tcp: no route to host"),
        ({"msg": "payment failed", "error": " "}, "payment failed"),
        ({"msg": "payment failed", "error": {"type": "Boom", "message": "x"}}, "payment failed"),
    ],
)
def test_a_reason_in_a_field_of_its_own_is_said_where_nothing_else_tells_errors_apart(
    record, message
):
    assert mapped(record).message == message


@pytest.mark.parametrize(
    ("calls", "place"),
    [
        (
            '  File "/srv/pay.py", line 3, in pay\n  File "/srv/pay.py", line 7, in charge\n',
            "pay.charge",
        ),
        (['  File "/srv/pay.py", line 7, in charge\n    raise Boom("no")\n'], "pay.charge"),
        (["/srv/pay.rb:7:in `charge'", "/srv/pay.rb:3:in `<main>'"], "pay.charge"),
        (["/srv/pay.rb:7:in 'Pay#charge'", "/srv/pay.rb:3:in '<main>'"], "pay.Pay#charge"),
        ("#0 /srv/pay.php(7): App\\Pay->charge(3)\n#1 {main}", "pay.App\\Pay->charge"),
        (
            "\tat com.acme.Pay.charge(Pay.java:7)\n\tat com.acme.Main.main(Main.java:3)",
            "com.acme.Pay.charge",
        ),
        (
            ["com.acme.Pay.charge(Pay.java:7)", "com.acme.Main.main(Main.java:3)"],
            "com.acme.Pay.charge",
        ),
        ("   at Acme.Pay.Charge(Int32 amount) in /srv/Pay.cs:line 7", "Acme.Pay.Charge"),
        ("    at charge (/srv/pay.js:7:3)\n    at pay (/srv/pay.js:3:1)", "pay.charge"),
    ],
    ids=str,
)
def test_calls_are_read_where_what_was_raised_stands_beside_them(calls, place):
    for name in ("stack_trace", "backtrace"):
        event = mapped(
            {"message": "failed", "error": {"type": "Boom", "message": "no 7", name: calls}}
        )
        failure = raised.of(event)
        assert failure
        assert (failure.types, failure.places[0]) == (("Boom",), place)


@pytest.mark.parametrize(
    "stack",
    [
        'Traceback (most recent call last):\n  File "/srv/a.py", line 1, in f\nBoom: no',
        '  File "/srv/a.py", line 1\n    x =\n       ^\nSyntaxError: invalid syntax',
        "Boom: no\n    at f (/srv/a.js:1:2)",
        "nothing that anybody knows",
    ],
)
def test_a_trace_that_is_whole_or_none_stays_as_it_is(stack):
    assert mapped({"err": {"type": "Boom", "message": "no", "stack": stack}}).stack == stack


ASKED = "GET /pay/7 was answered with HTTP 500"


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"method": "GET", "path": "/pay/7?card=4", "status": 500, "controller": "P"}, ASKED),
        ({"request": "GET /pay/7 HTTP/1.1", "status": "500"}, ASKED),
        ({"request": {"method": "GET", "uri": "/pay/7"}, "status": 500}, ASKED),
        ({"req": {"method": "get", "url": "/pay/7"}, "res": {"statusCode": 500}}, ASKED),
        (
            {
                "httpRequest": {
                    "requestMethod": "GET",
                    "requestUrl": "https://a.b/pay/7?x",
                    "status": 500,
                }
            },
            ASKED,
        ),
        ({"RequestMethod": "GET", "RequestPath": "/pay/7", "DownstreamStatus": 500}, ASKED),
        (
            {"http.request.method": "GET", "url.path": "/pay/7", "http.response.status_code": 500},
            ASKED,
        ),
        (
            {"method": "GET", "path": "/a", "response_code": 503, "response_flags": "UH"},
            "GET /a was answered with HTTP 503: no healthy upstream (UH)",
        ),
        (
            {"method": "GET", "path": "/a", "response_code": 503, "response_flags": "-"},
            "GET /a was answered with HTTP 503",
        ),
        (
            {"level": "error", "job": "sync", "reason": "timed out", "tries": 3, "ids": [1, 2]},
            "job=sync reason=timed out",
        ),
        ({"status": 503, "upstream": "pay"}, "upstream=pay"),
        ({"level": "error", "service": "pay", "message": " ", "code": 7}, "code=7"),
    ],
    ids=str,
)
def test_an_error_without_a_message_says_what_it_tells_of(record, message):
    assert mapped(record).message == message


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"a": 1},
        {"level": "error"},
        {"level": "error", "service": "pay", "time": "2026-11-18T10:00:00Z"},
        {"job": "sync", "reason": "timed out"},
        {"level": "error", "ids": [1, 2]},
    ],
    ids=str,
)
def test_what_says_neither_what_happened_nor_that_it_is_an_error_is_no_event(record):
    identity = Identity("file", lambda _: "")
    assert mapping.event(record, identity, received=NOON) is mapping.Unfit.EMPTY


@pytest.mark.parametrize(
    ("record", "severity"),
    [
        ({"level": "ERROR"}, Severity.ERROR),
        ({"level": "err"}, Severity.ERROR),
        ({"level": 50}, Severity.ERROR),
        ({"level": 60}, Severity.CRITICAL),
        ({"level": 3}, Severity.ERROR),
        ({"level": 400}, Severity.ERROR),
        ({"levelno": 40}, Severity.ERROR),
        ({"levelno": 50}, Severity.CRITICAL),
        ({"severityNumber": 17}, Severity.ERROR),
        ({"PRIORITY": "3"}, Severity.ERROR),
        ({"severity": "FATAL"}, Severity.CRITICAL),
        ({"severity": "CRITICAL"}, Severity.CRITICAL),
        ({"log.level": "error"}, Severity.ERROR),
        ({"status": "error", "http": {"status": 200}}, Severity.ERROR),
        ({"record": {"level": {"name": "ERROR", "no": 40}}}, Severity.ERROR),
        ({"level": "no such level"}, Severity.ERROR),
        ({"status": 500}, Severity.ERROR),
        ({}, Severity.ERROR),
    ],
    ids=str,
)
def test_severities_are_understood(record, severity):
    assert mapped({"message": "failed", **record}).severity is severity


@pytest.mark.parametrize(
    "record", [{"level": "info"}, {"level": 40}, {"PRIORITY": 6}, {"severity_number": 13}], ids=str
)
def test_what_is_below_the_minimum_is_no_event(record):
    quiet = mapping.event(
        {"message": "fine", **record}, Identity("file", lambda _: ""), received=NOON
    )
    assert isinstance(quiet, Quiet)


ELEVEN = datetime(2026, 11, 18, 11, 0, 0, 500_000, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-18T11:00:00.5Z",
        "2026-11-18T12:00:00.500000123+01:00",
        "2026-11-18 11:00:00,500",
        "2026-11-18 11:00:00.500 UTC",
        "2026-11-18 11:00:00.5 +0000 UTC",
        1795000000.5 - (1795000000 - 1794999600),
        1794999600500,
        1794999600500000,
        "1794999600500000000",
    ],
)
def test_times_are_understood(value):
    assert spelling.time(value) == ELEVEN
    assert mapped({"message": "failed", "ts": value}).time == ELEVEN


@pytest.mark.parametrize(
    "value", ["soon", 12, -1, 1e300, True, "9" * 400, "0001-01-01T00:00:00+14:00", "9999-12-31", ""]
)
def test_what_is_no_time_leaves_the_time_of_arrival(value):
    assert mapped({"message": "failed", "ts": value}).time == NOON


def test_loguru_gives_its_time_as_an_object():
    record = {"message": "failed", "time": {"repr": "…", "timestamp": 1794999600.5}}
    assert mapped({"record": record, "text": "failed"}).time == ELEVEN


def test_an_export_of_events_keeps_its_own_ids_and_times():
    event = mapped(
        {
            "id": "e-1",
            "source": "sentry",
            "time": "2026-11-18T10:00:00Z",
            "received": "2026-11-18T10:00:09Z",
            "message": "failed",
            "attrs": {"http.route": "/pay"},
            "truth": {"cause": "labelled"},
            "raw": "the line itself",
        }
    )
    assert (event.source, event.source_id) == ("sentry", "e-1")
    assert (event.received - event.time).total_seconds() == 9
    assert event.attributes == {"http.route": "/pay"}


def test_a_record_with_a_time_is_named_otherwise_than_one_without():
    assert mapped({"message": "failed", "time": "2026-11-18T10:00:00Z"}).source_id == "timed"
    assert mapped({"message": "failed"}).source_id == "placed"


def test_what_nobody_asked_for_is_kept_as_short_text():
    event = mapped({"message": "failed", "order": {"id": 7, "lines": [1, 2]}, "ok": False})
    assert event.attributes == {"order.id": "7", "order.lines": "[1,2]", "ok": "false"}


def test_a_hostile_record_is_cut_to_size():
    record = {"message": "x" * 900_000, "stack": "y\n" * 900_000, "service": "s" * 9_000}
    event = mapped({**record, **{f"k{n}": "v" * 9_000 for n in range(5_000)}})
    assert len(event.message) <= failure.MESSAGE_CHARACTERS
    assert len(event.stack) <= failure.STACK_CHARACTERS
    assert len(event.service) <= 200
    assert len(event.attributes) == mapping.ATTRIBUTES
    assert all(len(value) <= 1_000 for value in event.attributes.values())


def test_names_are_one_printable_line():
    event = mapped({"message": "failed", "customer": "acme\n<!channel>\u202e\x1b[31m", "host": 7})
    assert event.customer == "acme <!channel> [31m"
    assert event.host == "7"


@pytest.mark.parametrize("value", [[], [1], {"a": []}, True, 7, "", None, [[[]]], {"": {"": 1}}])
def test_no_field_of_a_wrong_type_breaks_a_record(value):
    names = (
        "time level service customer err error exception stack id source received fingerprint name"
        " tags ddtags trace_id error_type aggregateErrors log event url truth @timestamp state_code"
    )
    mapped({"message": "failed", **dict.fromkeys(names.split(), value), "level": "error"})


@pytest.mark.parametrize(
    ("record", "is_error"),
    [
        ({"status": 502}, True),
        ({"status": "503"}, True),
        ({"http": {"response": {"status_code": 500}}}, True),
        ({"res": {"statusCode": 404}}, False),
        ({"status": 200}, False),
        ({"status": 404, "err": {"type": "Boom", "message": "no"}}, True),
        ({"status": 200, "level": "error"}, True),
        ({"status": 502, "level": "info"}, False),
        ({"status": "error"}, True),
        ({"status": 7}, True),
    ],
)
def test_an_http_status_counts_where_no_level_is_said(record, is_error):
    found = mapping.event(
        {"message": "GET /a", **record}, Identity("file", lambda _: ""), received=NOON
    )
    assert isinstance(found, Quiet) != is_error


@pytest.mark.parametrize(
    ("record", "is_error"),
    [
        ({"@mt": "Now listening on: {address}", "address": "http://[::]:80"}, False),
        ({"@m": "payment failed, trying again", "@i": "a1b2c3d4"}, False),
        ({"@mt": "ERROR page shown"}, False),
        ({"@mt": "boom", "@l": "Error"}, True),
        ({"@mt": "boom", "@x": "System.Exception: no\n   at A.B() in /a.cs:line 1"}, True),
        ({"message": "boom"}, True),
    ],
)
def test_serilogs_compact_format_leaves_out_the_level_of_information(record, is_error):
    record = {"@t": "2026-11-22T18:20:00.0000000Z", **record}
    found = mapping.event(record, Identity("file", lambda _: ""), received=NOON)
    assert isinstance(found, Event) == is_error


CADDY = {
    "level": "info",
    "logger": "http.log.access.log0",
    "msg": "handled request",
    "request": {"remote_ip": "10.0.0.9", "method": "GET", "host": "a.example", "uri": "/cart?id=7"},
    "status": 502,
}
PINO_HTTP = {
    "level": 30,
    "req": {"method": "GET", "url": "/cart?id=7", "remoteAddress": "::1"},
    "res": {"statusCode": 500},
    "err": {"type": "Error", "message": "failed with status code 500"},
    "msg": "request errored",
}
ROAD_RUNNER = {
    "level": "info",
    "msg": "http access log",
    "status": 500,
    "method": "GET",
    "URI": "/cart?id=7",
    "remote_address": "10.0.0.9:4711",
}
TRAEFIK = {
    "ClientHost": "10.0.0.9",
    "DownstreamStatus": 504,
    "RequestMethod": "GET",
    "RequestPath": "/cart?id=7",
    "level": "info",
    "msg": "",
}
GOOGLES_BALANCER = {
    "severity": "WARNING",
    "httpRequest": {
        "requestMethod": "GET",
        "requestUrl": "https://a.example/cart?id=7",
        "status": 502,
        "userAgent": "curl/8",
    },
}
ASKED_OF_OTHERS = {"level": "info", "method": "GET", "path": "/cart", "status": 503, "msg": "again"}
REQUESTS = (
    *(CADDY, PINO_HTTP, ROAD_RUNNER, TRAEFIK, GOOGLES_BALANCER),
    {**PINO_HTTP, "req": {"method": "GET", "url": "/cart?id=7"}},
    {**ASKED_OF_OTHERS, "ip": "10.0.0.9", "status": 500},
    {**ASKED_OF_OTHERS, "client": {"ip": "10.0.0.9"}, "status": 500},
    {**ASKED_OF_OTHERS, "client": "[2001:db8::7]:4711", "status": 500},
)


@pytest.mark.parametrize("record", REQUESTS)
def test_a_request_that_we_failed_is_an_error_though_its_logger_calls_all_of_them_harmless(record):
    found = mapped(record)
    assert found.severity is Severity.ERROR
    assert re.fullmatch("GET /cart was answered with HTTP 50[024]", found.message)


@pytest.mark.parametrize(
    "record",
    [
        {**CADDY, "status": 404},
        {**CADDY, "level": "debug"},
        {**PINO_HTTP, "res": {"statusCode": 200}},
        {**PINO_HTTP, "req": {"method": "GET", "url": "https://bank.example/pay"}, "err": None},
        {"level": "info", "msg": "bank is gone, trying again", "status": 503},
        {"level": "warn", "msg": "trying again", "method": "GET", "path": "/v1/a", "status": 503},
        {**ASKED_OF_OTHERS, "host": {"ip": ["10.0.0.1"]}},
        {**ASKED_OF_OTHERS, "server": {"ip": "10.0.0.1"}},
        {**ASKED_OF_OTHERS, "net.peer.ip": "10.0.0.1"},
        {**ASKED_OF_OTHERS, "client": "stripe"},
        {**ASKED_OF_OTHERS, "remote_host": "api.bank.example"},
    ],
)
def test_what_others_answered_us_is_as_bad_as_whoever_logs_it_says(record):
    found = mapping.event(record, Identity("file", lambda _: ""), received=NOON)
    assert isinstance(found, Quiet)


def test_how_long_a_service_took_is_not_its_name():
    assert mapped({"message": "no", "service": "30001ms", "app": "shop"}).service == "shop"


@pytest.mark.parametrize(
    ("message", "severity", "said"),
    [
        ("2026-11-21 02:17:02 ERROR shop.cart - no money", Severity.ERROR, "no money"),
        ("2026-11-21 02:17:02,123 INFO shop.cart - no errors", Severity.INFO, ""),
        ("[2026-11-21 02:17:02] production.CRITICAL: no money", Severity.CRITICAL, "no money"),
        ("warning: no money", Severity.WARNING, ""),
        ("no money", Severity.ERROR, "no money"),
    ],
)
def test_a_message_may_say_itself_how_bad_it_is_where_no_field_does(message, severity, said):
    record = {"time": "2026-11-21T02:17:03Z", "message": message}
    found = mapping.event(record, Identity("file", lambda _: ""), received=NOON)
    assert found.severity is severity
    if said:
        assert found.message == said
    assert mapped({**record, "level": "error"}).message == message


TRACE = 'Traceback (most recent call last):\n  File "/srv/pay.py", line 7, in charge\n    x()\n'


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"severity": "ERROR", "textPayload": f"{TRACE}ValueError: no 7"}, "no 7"),
        ({"severity": "ERROR", "textPayload": f"late\n{TRACE}ValueError: no 7"}, "late"),
        ({"short_message": "late", "full_message": f"late\n{TRACE}ValueError: no 7"}, "late"),
    ],
)
def test_a_stack_in_the_message_is_found(record, message):
    found = mapped(record)
    assert (found.error_type, found.message) == ("ValueError", message)


def test_fields_of_gelf_are_known_by_their_names_and_its_version_is_no_release():
    gelf = {"version": "1.1", "short_message": "no", "_service": "shop", "_tenant": "acme"}
    found = mapped(gelf)
    assert (found.service, found.customer, found.version) == ("shop", "acme", "")


def test_what_mongodb_says_by_letters_is_understood():
    said = {"t": {"$date": "2026-11-18T12:00:00.000+00:00"}, "c": "NETWORK", "msg": "no reply"}
    found = mapped({**said, "s": "E", "attr": {"error": {"code": 7, "errmsg": "gone"}}})
    assert (found.time, found.message) == (NOON, "no reply: gone")
    for letter in ("I", "D2", "W"):
        quiet = mapping.event({**said, "s": letter}, Identity("m", lambda _: ""), received=NOON)
        assert isinstance(quiet, Quiet)
    assert mapped({"msg": "no reply", "s": 7}).severity is Severity.ERROR


def test_calls_that_are_listed_without_their_indentation_are_read():
    listed = ["java.io.IOException: gone", "at com.acme.Pay.charge(Pay.java:7) [shop.jar:1]"]
    found = mapped({"level": "ERROR", "message": "no", "stacktrace": listed})
    failure = raised.of(found)
    assert failure
    assert (found.error_type, failure.places) == ("java.io.IOException", ("com.acme.Pay.charge",))


def test_a_message_of_several_lines_stays_whole_beside_the_stack_that_repeats_it():
    said = "(psycopg.errors.QueryCanceled) timeout\n[SQL: select 1 from orders]"
    found = mapped({"message": said, "stack": f"{TRACE}sqlalchemy.exc.OperationalError: {said}"})
    assert found.message == said
