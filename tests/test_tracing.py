"""What is done is told to a collector as spans, by OpenTelemetry's own exporter."""

import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot import asking, receiver, tracing
from bot.app import _tracing, running
from bot.core.trace import untraced
from bot.errors import SettingsError
from bot.flows import authorize
from bot.settings import Llm, Settings
from bot.settings.connection import Tracing
from bot.workspace import Workspace
from storage.database import Database
from tests.builders import NOON
from tests.connecting import connected
from tests.fakes import Clock
from tests.llm.provider import a_message, playing, says
from tests.test_asking import FITTING, KEY, says_on_slack, something_new, with_a_digest

SECRET = "hunter2hunter2"


class Collector:
    """Keeps what it is sent, by the names of spans, and the bodies as they came."""

    def __init__(self) -> None:
        self.url = ""
        self.bodies: list[bytes] = []
        self.spans: dict[str, list[Any]] = defaultdict(list)

    async def take(self, request: Request) -> Response:
        self.bodies.append(await request.body())
        sent = ExportTraceServiceRequest.FromString(self.bodies[-1])
        for of in sent.resource_spans:
            for scope in of.scope_spans:
                for span in scope.spans:
                    self.spans[span.name].append(span)
        return Response(status_code=200)

    def facts(self, name: str) -> list[dict[str, Any]]:
        """Those of each span of that name."""
        return [
            {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in span.attributes}
            for span in self.spans[name]
        ]


@contextmanager
def collecting() -> Iterator[Collector]:
    collector = Collector()
    site = receiver.application([Route(tracing.PATH, collector.take, methods=["POST"])])
    with receiver.listening(site, host="127.0.0.1", port=0) as port:
        collector.url = f"http://127.0.0.1:{port}"
        yield collector


def test_requests_batches_jobs_posts_and_calls_of_models_are_told(database: Database) -> None:
    clock = Clock()
    workspace = Workspace(clock=clock)
    something_new(database, clock)
    key = authorize.make(database, "checkout", now=NOON).text
    with (
        collecting() as collector,
        connected(workspace) as slack,
        playing(says(a_message(FITTING))) as server,
    ):
        llm = Llm(base_url=server.url, anthropic_key=KEY, canary=False)
        with (
            tracing.exporting(collector.url) as trace,
            running(with_a_digest(slack, llm), database, clock=clock, trace=trace) as service,
            closing(HTTPConnection("127.0.0.1", service.port, timeout=10)) as connection,
        ):
            headers = {"Authorization": f"Bearer {key}"}
            connection.request("POST", f"/ingest?sentry_key={SECRET}", f"ERROR {SECRET}", headers)
            assert connection.getresponse().status == 200
            workspace.wait_until(lambda: says_on_slack(workspace, "by Claude"), seconds=20)
    told = {*collector.spans}
    assert {"POST /ingest", "record", "job watch", "job report", "ask a model"} <= told
    assert {"job analyse", "slack chat.postMessage"} <= told
    assert collector.facts("POST /ingest") == [
        {
            "http.request.method": "POST",
            "http.route": "/ingest",
            "http.response.status_code": 200,
        }
    ]
    assert collector.facts("record") == [{"events": 1}]
    analysed = [one for one in collector.facts("ask a model") if one["outcome"] == "ok"]
    assert {one["prompt"] for one in analysed} == {asking.prompt_name()}
    assert all(one["gen_ai.usage.input_tokens"] > 0 for one in analysed)
    assert not any(SECRET.encode() in body or key.encode() in body for body in collector.bodies)


def test_a_failure_is_told_by_its_type_alone() -> None:
    with collecting() as collector:
        with (
            tracing.exporting(collector.url) as trace,
            pytest.raises(ValueError, match=SECRET),
            trace("job watch", {}),
        ):
            raise ValueError(SECRET)
        (failed,) = collector.spans["job watch"]
        assert (failed.status.code, failed.status.message) == (2, "ValueError")
        assert SECRET.encode() not in collector.bodies[0]


def test_what_has_no_route_gives_no_span_a_name() -> None:
    with collecting() as collector:
        with tracing.exporting(collector.url) as trace:
            site = receiver.application([Route("/ingest", _fine, methods=["POST"])], trace=trace)
            with receiver.listening(site, host="127.0.0.1", port=0) as port:
                for method, path in (
                    ("GET", f"/{SECRET}"),
                    ("PUT", "/ingest"),
                    ("POST", "/ingest"),
                ):
                    with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
                        connection.request(method, path)
                        connection.getresponse().read()
        assert {*collector.spans} == {"POST /ingest"}


async def _fine(_request: Request) -> Response:
    return Response(status_code=204)


def test_without_an_address_nobody_is_told_and_without_the_extra_it_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with _tracing("") as trace:
        assert trace is untraced
    monkeypatch.delattr("bot.tracing")
    monkeypatch.setitem(sys.modules, "bot.tracing", None)
    with pytest.raises(SettingsError, match="extra `tracing`"), _tracing("http://127.0.0.1:4318"):
        pass


def test_the_address_is_a_setting() -> None:
    assert Settings(tracing=Tracing(url="http://127.0.0.1:4318/")).tracing.url
