"""Errors are read out of CloudWatch once each, by the real boto3 from the server of moto."""

import json
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from bot.app import wall_clock
from bot.errors import SourceError
from bot.sources.cloudwatch import SLICE, CloudWatch
from bot.sources.pulled import Ask, Page, Request, Unavailable
from bot.sources.web import Web
from bot.wire import Reply
from tests.arrived import RECORD, WHOLE, facts
from tests.sources.asked import events

BEGIN = wall_clock().replace(microsecond=0) - timedelta(hours=5)
"""CloudWatch takes nothing that is older than two weeks, and moto knows what time it is."""
REGION = "eu-central-1"
GROUP = "/aws/lambda/checkout"
TRACE = [
    "Traceback (most recent call last):",
    '  File "/app/pay.py", line 7, in pay',
    "    charge(card)",
    '  File "/app/cards.py", line 3, in charge',
    "    raise Declined(card)",
    "cards.Declined: card 4711 was declined",
]
CRASH = (
    "[ERROR] ValueError: amount -17 is not positive\r"
    "Traceback (most recent call last):\r"
    '\xa0\xa0File "/var/task/app.py", line 7, in handler\r'
    "\xa0\xa0\xa0\xa0charge(-17)\r"
    '\xa0\xa0File "/var/task/app.py", line 3, in charge\r'
    '\xa0\xa0\xa0\xa0raise ValueError(f"amount {amount} is not positive")'
)
NODE = json.dumps(
    {
        "errorType": "TypeError",
        "errorMessage": "boom",
        "stack": ["TypeError: boom", "    at Runtime.handler (/var/task/index.js:3:11)"],
    }
)
ID = "c793869b-ee49-115b-a5b6-4fd21e8dedac"

Put = Callable[..., None]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    moto = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    yield f"http://{host}:{port}"
    moto.stop()


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")


@pytest.fixture
def put(server: str) -> Iterator[Put]:
    """Writes lines, each with its second, into a stream of a log group."""
    client = boto3.client("logs", region_name=REGION, endpoint_url=server)

    def write(*lines: tuple[float, str], stream: str = "one", group: str = GROUP) -> None:
        if not client.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
            client.create_log_group(logGroupName=group)
        named = {"logGroupName": group, "logStreamName": stream}
        found = client.describe_log_streams(logGroupName=group, logStreamNamePrefix=stream)
        if not found["logStreams"]:
            client.create_log_stream(**named)
        logged = [{"timestamp": milliseconds(at), "message": text} for at, text in lines]
        client.put_log_events(**named, logEvents=logged)

    yield write
    for one in client.describe_log_groups()["logGroups"]:
        client.delete_log_group(logGroupName=one["logGroupName"])


def milliseconds(second: float) -> int:
    return round((BEGIN.timestamp() + second) * 1_000)


def traced(second: float) -> list[tuple[float, str]]:
    return [(second + number / 100, line) for number, line in enumerate(TRACE)]


def source(server: str, **given: Any) -> CloudWatch:
    settings = {
        "name": "aws",
        "log_groups": (GROUP,),
        "region": REGION,
        "url": server,
        "lookback_hours": 1,
    }
    return CloudWatch.model_validate({**settings, **given})


def pages(
    of: CloudWatch, since: Any = None, *, until: float = 1_800, ask: Ask | None = None
) -> list[Page]:
    end = BEGIN + timedelta(seconds=until)
    return list(of.pages(since, until=end, ask=ask or Web().ask))


def test_an_error_comes_with_all_that_matters(server: str, put: Put) -> None:
    put((0, json.dumps(RECORD)))
    assert [*map(facts, events(pages(source(server))))] == [WHOLE]


def test_an_error_comes_with_what_its_record_and_its_group_say(server: str, put: Put) -> None:
    said = {
        "level": "ERROR",
        "message": "payment failed",
        "tenant": "acme",
        "version": "4.19.1",
        "trace_id": "4bf92f35",
        "errorType": "Declined",
        "errorMessage": "card 4711 was declined",
        "stackTrace": ['  File "/var/task/app.py", line 7, in handler\n    charge(card)\n'],
    }
    put((0, json.dumps(said)), (1, '{"level": "INFO", "message": "fine"}'))
    (event,) = events(pages(source(server)))
    assert (event.source, event.time) == ("cloudwatch/aws", BEGIN)
    assert (event.message, event.service) == ("payment failed", "checkout")
    assert (event.error_type, event.error_message) == ("Declined", "card 4711 was declined")
    assert (event.customer, event.version, event.trace_id) == ("acme", "4.19.1", "4bf92f35")
    assert "line 7, in handler" in event.stack
    assert event.attributes["aws.log.group"] == GROUP
    assert event.attributes["aws.log.stream"] == "one"


@pytest.mark.parametrize(
    ("written", "kind", "message"),
    [
        (CRASH, "ValueError", "ValueError: amount -17 is not positive"),
        (f"[ERROR]\t2026-11-21T12:00:02.000Z\t{ID}\tcard was declined\n", "", "card was declined"),
        (f"2026-11-21T12:00:02.000Z\t{ID}\tERROR\tcard was declined\n", "", "card was declined"),
        (
            f"2026-11-21T12:00:01.564Z\t{ID}\tERROR\tInvoke Error \t{NODE}\n",
            "TypeError",
            "boom",
        ),
        (
            f"2026-11-21T12:00:03.000Z {ID} Task timed out after 3.00 seconds\n\n",
            "",
            "Task timed out after 3.00 seconds",
        ),
        (
            f"RequestId: {ID} Error: Runtime exited with error: signal: killed\nRuntime.ExitError",
            "",
            "Runtime exited with error: signal: killed Runtime.ExitError",
        ),
    ],
)
def test_what_lambda_writes_is_read_as_it_is_meant(
    server: str, put: Put, written: str, kind: str, message: str
) -> None:
    around = [
        (0, f"START RequestId: {ID} Version: $LATEST\n"),
        (1, f"2026-11-21T12:00:00.564Z\t{ID}\tWARN\tslow\n"),
        (2, written),
        (3, f"END RequestId: {ID}\n"),
        (4, f"REPORT RequestId: {ID}\tDuration: 22.74 ms\tMemory Size: 128 MB\n"),
    ]
    put(*around)
    (event,) = events(pages(source(server)))
    assert (event.error_type, event.message) == (kind, message)


def test_a_crash_of_a_python_function_has_its_frames(server: str, put: Put) -> None:
    put((0, CRASH))
    (event,) = events(pages(source(server)))
    assert event.stack.count("in handler") == event.stack.count("in charge") == 1
    assert event.stack.endswith("ValueError: amount -17 is not positive")


def test_traces_of_many_lines_are_one_error_each_wherever_the_pages_end(
    server: str, put: Put
) -> None:
    for stream in ("one", "two", "three"):
        put(*(line for second in range(0, 40, 10) for line in traced(second)), stream=stream)
    found = pages(source(server, limit=10))
    assert len(found) > 6
    assert [one.error_type for one in events(found)] == ["cards.Declined"] * 12
    assert len({one.source_id for one in events(found)}) == 12
    assert {one.stack.count("\n") for one in events(found)} == {len(TRACE) - 1}


@pytest.mark.parametrize("read", [1, 3, 5])
def test_what_follows_the_cursor_of_any_page_is_the_rest(server: str, put: Put, read: int) -> None:
    put(*(line for second in range(0, 160, 20) for line in traced(second)))
    of = source(server, limit=10)
    whole = pages(of)
    rest = pages(of, whole[read - 1].cursor, until=2_000)
    begun, all_of_it = whole[:read], {one.source_id for one in events(whole)}
    assert len(all_of_it) == 8
    assert {one.source_id for one in events(begun) + events(rest)} == all_of_it


def test_what_comes_late_is_found_and_what_is_known_has_the_same_name(
    server: str, put: Put
) -> None:
    put((1_700, "level=error msg=first n=1"))
    of = source(server)
    first = pages(of)
    put((1_600, "level=error msg=late n=1"), stream="two")
    second = pages(of, first[-1].cursor, until=1_900)
    assert [one.message for one in events(second)] == ["late", "first"]
    assert events(second)[1].source_id == events(first)[0].source_id


def test_a_backlog_is_read_an_hour_after_the_other(server: str, put: Put) -> None:
    put(*((hour * 3_600, f"level=error msg=broken n={hour}") for hour in range(4)))
    found = pages(source(server, lookback_hours=5), until=4 * 3_600)
    assert [len(page.delivery.events) for page in found if page.delivery.events] == [1] * 4
    reached = [page.reached for page in found]
    assert reached == sorted(reached)
    assert len(found) == 5 * timedelta(hours=1) // SLICE


def test_streams_and_lines_can_be_chosen(server: str, put: Put) -> None:
    put((0, "level=error msg=payment n=1"), (1, "level=error msg=other n=1"))
    ask = _Scripted()
    found = pages(source(server, streams="web-", pattern="payment"), ask=ask)
    assert [one.message for one in events(found)] == ["payment"]
    assert json.loads(ask.asked[0].body or b"")["logStreamNamePrefix"] == "web-"


def test_a_group_that_is_not_there_keeps_no_other_from_being_read(server: str, put: Put) -> None:
    put((0, "level=error msg=broken n=1"))
    of = source(server, log_groups=("/gone", GROUP)).pages(
        None, until=BEGIN + timedelta(minutes=30), ask=Web().ask
    )
    assert [one.message for one in next(of).delivery.events] == ["broken"]
    with pytest.raises(SourceError, match=r"ResourceNotFoundException.*check `log_groups`"):
        list(of)


class _Scripted:
    """Gives the answers it is told to, then what the server says; remembers what was asked."""

    def __init__(self, *told: Reply) -> None:
        self._told = list(told)
        self.asked: list[Request] = []

    def __call__(self, request: Request) -> Reply:
        self.asked.append(request)
        return self._told.pop(0) if self._told else Web().ask(request)


def refusal(code: str, status: int = 400) -> Reply:
    body = json.dumps({"__type": code, "message": "Rate exceeded"}).encode()
    return Reply(status, {"content-type": "application/x-amz-json-1.1"}, body)


def test_a_page_may_be_empty_and_not_the_last(server: str, put: Put) -> None:
    put((0, "level=error msg=broken n=1"))
    first, _ = pages(source(server, limit=10), ask=_Scripted(empty(f"{GROUP}@one@-1")))
    assert first.reached == BEGIN - timedelta(minutes=30, seconds=30), "nobody knows how far it is"


def empty(token: str) -> Reply:
    body = json.dumps({"events": [], "nextToken": token}).encode()
    return Reply(200, {"content-type": "application/x-amz-json-1.1"}, body)


@pytest.mark.parametrize(
    "answer",
    [
        refusal("ThrottlingException"),
        refusal("ServiceUnavailableException", 503),
        Reply(500, {}, b""),
    ],
)
def test_who_is_busy_is_asked_again_later(server: str, answer: Reply) -> None:
    ask = _Scripted(answer)
    with pytest.raises(Unavailable, match=r"asked again|allows no more"):
        pages(source(server), ask=ask)
    assert len(ask.asked) == 1, "boto3 does not try again by itself"


def test_what_is_asked_is_signed(server: str, put: Put) -> None:
    put((0, "level=error msg=broken n=1"))
    ask = _Scripted()
    pages(source(server), ask=ask)
    headers = ask.asked[0].headers or {}
    assert headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIATEST/")


def test_who_may_not_is_told_what_to_allow(server: str) -> None:
    with pytest.raises(SourceError, match="allow these credentials `logs:FilterLogEvents`"):
        pages(source(server), ask=_Scripted(refusal("AccessDeniedException")))


def test_who_has_no_credentials_is_told(
    server: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    with pytest.raises(SourceError, match="Unable to locate credentials"):
        pages(source(server, region="eu-west-1"))


def test_who_names_no_region_or_an_unknown_profile_is_told(server: str) -> None:
    with pytest.raises(SourceError, match="specify a region"):
        pages(source(server, region=""))
    with pytest.raises(SourceError, match=r"profile \(ops\) could not be found"):
        pages(source(server, profile="ops"))


def test_nobody_there_is_told(server: str) -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        pages(source("http://127.0.0.1:1"))


def test_without_boto3_it_says_what_to_install(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "bot.sources.aws", raising=False)
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(SourceError, match=r"pip install '\.\[aws\]'"):
        pages(source(server))
