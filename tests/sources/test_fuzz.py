"""Whatever comes in is an error, or none, or told: no parser breaks, and none makes up what no
database takes."""

import io
import json
from contextlib import suppress
from datetime import UTC, timedelta
from itertools import islice
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from pydantic import SecretStr

from bot.core.event import Event
from bot.errors import SourceError
from bot.hooks import body
from bot.hooks.access import Keyring
from bot.hooks.answers import Rejected
from bot.sources import answers, fields, prometheus, pushed, sanitise, sifting, spelling, traces
from bot.sources.datadog import Datadog
from bot.sources.field_names import FieldNames
from bot.sources.files import Reader
from bot.sources.loki_query import Loki
from bot.sources.mapping import Identity, Quiet, Unfit, event
from bot.sources.pulled import Request, Source
from bot.sources.pushed import Push
from bot.sources.sentry_query import Sentry
from bot.wire import Reply
from tests.builders import NOON, standing

pytestmark = pytest.mark.promise(row="R13")

FEW = settings(max_examples=settings().max_examples // 4)
"""Of what takes longer."""
KEY = SecretStr("k")
FAR_OFF = f"Mon, 01 Jan {10**20} 00:00:00 GMT"


def shaped(names: str) -> st.SearchStrategy[Any]:
    """JSON whose objects have some of those names."""
    return st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text(max_size=12)
        | st.sampled_from(["error", "2026-11-18T12:00:00Z", "1795003140123456789", "\0", "\ud800"]),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.sampled_from(names.split()), inner, max_size=6)
        ),
        max_leaves=25,
    )


def check(one: Event) -> None:
    assert one.message
    assert one.source_id
    said = (one.message, one.service, one.customer, one.error_type, one.stack, one.trace_id)
    assert "\0" not in "".join((*said, *one.attributes, *one.attributes.values()))
    "".join(said).encode()
    assert one.time.tzinfo is UTC


LINES = st.sampled_from(
    [
        "2026-11-18 12:00:00,123 ERROR [shop] charge failed",
        "Nov 18 12:00:00 web-1 app[7]: Traceback (most recent call last):#012 x",
        "<3>Nov 18 12:00:00 web-1 kernel: Out of memory: Killed process 7 (java)",
        "2026-11-18T12:00:00.123456789Z stderr P half of a ",
        "2026-11-18T12:00:00.123456789Z stderr F line",
        '{"log":"panic: no\\n","stream":"stderr","time":"2026-11-18T12:00:00Z"}',
        '{"MESSAGE":[112,97],"PRIORITY":"3","__REALTIME_TIMESTAMP":"1795003140123456"}',
        "Traceback (most recent call last):",
        '  File "/srv/pay.py", line 7, in charge',
        "ValueError: amount -17 is not positive",
        "  + Exception Group Traceback (most recent call last):",
        "  |   ^^^^",
        "java.lang.IllegalStateException: no",
        "\tat com.acme.Pay.charge(Pay.java:7)",
        "Caused by: java.io.IOException: gone",
        "goroutine 7 [running]:",
        "main.charge(0x7)",
        "\t/srv/pay.go:7 +0x1d",
        "panic: runtime error: index out of range [recovered]",
        "thread 'main' panicked at src/main.rs:7:5:",
        "#0 /srv/pay.php(7): charge()",
        "** (ArgumentError) no",
        "    (shop 0.1.0) lib/shop/pay.ex:13: Shop.Pay.charge/1",
        "=ERROR REPORT==== 18-Nov-2026::12:00:00.429169 ===",
        '** {badarg,[{shop_pay,charge,1,[{file,"shop_pay.erl"},{line,9}]}',
        "      in call from shop_pay:charge/1 (shop_pay.erl, line 9)",
        "\tShop::Pay::post(18) called at lib/Shop/Pay.pm line 4",
        "charge@https://shop.example/js/main.js:2:41231",
        "[pod/shop-7d9c5bf6d8-x2x4z/shop] 0|shop | panic: no",
        "PHP Fatal error:  Uncaught Exception: no in /srv/pay.php:7",
        "/srv/pay.rb:7:in `charge': no (ArgumentError)",
        "DETAIL:  Key (id)=(7) already exists.",
        '10.0.0.7 - - [18/Nov/2026:12:00:00 +0000] "GET /a?b HTTP/1.1" 502 17',
        '[2026-11-18T12:00:00.000Z] "GET /a HTTP/2" 503 UF,URX 0 91 "-"',
        'level=error msg="a \\" b" n=1',
        '{"level":"error","msg":"boom"',
        "REPORT RequestId: 7 Duration: 3 ms Status: timeout",
        "\x1b[31mERROR\x1b[0m \u202e",
        "",
    ]
) | st.text(max_size=30)


@given(st.lists(LINES, max_size=25))
def test_whatever_lines_come_in_are_errors_or_none_or_told(lines: list[str]) -> None:
    raw = "\n".join(lines).encode("utf-8", "surrogatepass")

    def read() -> list[Any]:
        with suppress(SourceError):
            return [*Reader(io.BytesIO(raw), standing())]
        return []

    found = [one for one in read() if isinstance(one, Event)]
    for one in found:
        check(one)
    assert len({one.source_id for one in found}) == len(found)
    assert found == [one for one in read() if isinstance(one, Event)], "it reads the same again"


ANY = " ".join(name for role in FieldNames.model_fields for name in fields.usual(role))


@FEW
@given(st.dictionaries(st.sampled_from(ANY.split()), shaped(ANY), max_size=8))
def test_whatever_a_record_holds_under_any_name_is_an_event_or_none(record: dict[str, Any]) -> None:
    raw = json.dumps(record).encode()
    identity = Identity("http", lambda _: "1")
    with suppress(ValueError):
        found = event(sanitise.loads(raw), identity, received=NOON)
        assert isinstance(found, Event | Quiet | Unfit)
        if isinstance(found, Event):
            check(found)


HOLDING = " ".join(sorted(sifting.NAMES_OF_OTHERS))
SAID = "message timestamp kind reason metadata uid count name type level status method url ip"


@FEW
@given(
    st.dictionaries(st.sampled_from([*HOLDING.split(), *SAID.split()]), shaped(f"{HOLDING} {SAID}"))
)
def test_whatever_an_object_holds_that_may_be_a_list_of_others_is_read_or_told(
    value: dict[str, Any],
) -> None:
    for one in Reader(io.BytesIO(json.dumps(value).encode() + b"\n"), standing()):
        if isinstance(one, Event):
            check(one)


@given(shaped("a b") | st.text(max_size=40))
def test_whatever_stands_for_a_time_or_a_level_is_one_or_none(value: Any) -> None:
    time = spelling.time(value)
    assert time is None or 1990 <= time.year < 2200
    spelling.severity(value)


@given(st.text(max_size=200), st.text(max_size=20), st.text(max_size=20))
def test_whatever_calls_are_told_are_all_there(calls: str, kind: str, message: str) -> None:
    whole = traces.whole(calls, kind, message)
    assert all(line in whole for line in calls.split("\n"))


@given(shaped("alerts labels annotations status startsAt fingerprint alertname severity job"))
def test_whatever_alertmanager_sends_is_read_or_refused(value: Any) -> None:
    sent = json.dumps({"alerts": value}).encode()
    with suppress(SourceError):
        for one in prometheus.parse(Push("alertmanager", sent, NOON, "1")).events:
            check(one)


PULLED: dict[str, tuple[Source, str]] = {
    "datadog": (
        Datadog(name="dd", api_key=KEY, app_key=KEY),
        "data meta status page after id attributes timestamp message service tags host error",
    ),
    "loki": (
        Loki(name="l", url="http://127.0.0.1:9", query="{a=`b`}"),
        "status data resultType result stream streams values app level",
    ),
    "sentry": (
        Sentry(name="s", organization="acme", projects=("shop",), token=KEY),
        "eventID entries type data values exception stacktrace frames tags key value dateCreated",
    ),
}


@FEW
@pytest.mark.parametrize("kind", PULLED)
@given(data=st.data())
def test_whatever_a_source_answers_is_read_or_told(kind: str, data: st.DataObject) -> None:
    source, names = PULLED[kind]

    def ask(_: Request) -> Reply:
        said = data.draw(shaped(names))
        whole = {"data": said, "meta": data.draw(shaped(names))} if kind == "datadog" else said
        if kind == "loki":
            whole = {"status": "success", "data": {"resultType": "streams", "result": said}}
        status = data.draw(st.sampled_from([200, 200, 200, 200, 204, 302, 404, 429, 500]))
        return Reply(status, {"link": '<x>; rel="next"; cursor'}, json.dumps(whole).encode())

    with suppress(SourceError):
        for page in islice(source.pages(None, until=NOON, ask=ask), 4):
            for one in page.delivery.events:
                check(one)


@given(
    st.dictionaries(
        st.sampled_from(
            ["retry-after", "x-ratelimit-reset", "x-ratelimit-remaining", "date", "ratelimit-reset"]
        ),
        st.text(max_size=12)
        | st.integers().map(str)
        | st.floats().map(str)
        | st.sampled_from(
            ["Wed, 18 Nov 2026 10:50:00 GMT", "Fri, 31 Dec 9999 23:59:59 -1400", FAR_OFF]
        ),
    )
)
def test_whatever_headers_say_the_wait_is_within_an_hour(headers: dict[str, str]) -> None:
    for status in (200, 429, 503):
        reply = Reply(status, headers, b"{}")
        waits = [answers.used_up(reply)]
        try:
            answers.read(reply, "http://a", key="KEY")
        except answers.Unavailable as told:
            waits.append(told.retry_after)
        assert all(timedelta() <= wait <= timedelta(hours=1) for wait in waits)


@given(
    st.binary(max_size=100),
    st.sampled_from(
        [b"", b"\x1f\x8b\x08\x00", b"\x28\xb5\x2f\xfd", b"\xfd7zXZ\x00", b"PK\x03\x04"]
    ),
    st.sampled_from(["", "gzip", "zstd", "br", "identity", "deflate"]) | st.text(max_size=9),
)
def test_whatever_is_packed_is_unpacked_or_refused(raw: bytes, head: bytes, encoding: str) -> None:
    with suppress(Rejected):
        body.unpack(head + raw, encoding, most=10_000, take=lambda _: None)


@given(st.text(max_size=60))
def test_whatever_key_is_given_holds_or_is_refused(key: str) -> None:
    with pytest.raises(Rejected):
        Keyring(dict, ("o" * 32,), clock=standing()).project(key)


def values() -> st.SearchStrategy[AnyValue]:
    plain = (
        st.builds(AnyValue, string_value=st.text(max_size=9))
        | st.builds(AnyValue, int_value=st.integers(-(2**63), 2**63 - 1))
        | st.builds(AnyValue, double_value=st.floats())
        | st.builds(AnyValue, bytes_value=st.binary(max_size=9))
        | st.builds(AnyValue)
    )
    return st.recursive(plain, lambda inner: st.lists(inner, max_size=3).map(_listed), max_leaves=9)


def _listed(inner: list[AnyValue]) -> AnyValue:
    whole = AnyValue()
    whole.array_value.values.extend(inner)
    for one in inner:
        whole_of_map = AnyValue()
        whole_of_map.kvlist_value.values.add(key="message", value=one)
        return whole_of_map
    return whole


@FEW
@given(
    st.lists(
        st.tuples(
            values(),
            st.dictionaries(st.sampled_from(ANY.split()), values(), max_size=5),
            st.integers(0, 2**64 - 1),
            st.integers(0, 24),
            st.binary(max_size=16),
        ),
        max_size=4,
    )
)
def test_whatever_opentelemetry_can_say_is_read(logs: list[Any]) -> None:
    request = ExportLogsServiceRequest()
    records = request.resource_logs.add().scope_logs.add().log_records
    for said, attributes, time, severity, trace in logs:
        record = records.add(time_unix_nano=time, severity_number=severity, trace_id=trace)
        record.body.CopyFrom(said)
        for name, value in attributes.items():
            record.attributes.add(key=name).value.CopyFrom(value)
    sent = request.SerializeToString()
    delivery = pushed.parse_protobuf(Push("otlp", sent, NOON, "1"))
    assert delivery.records <= len(logs), "a line with nothing in it is none"
    for one in delivery.events:
        check(one)
