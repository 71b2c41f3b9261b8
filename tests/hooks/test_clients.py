"""Each error of a real client arrives once with all that matters, though we are slow or full."""

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sentry_sdk
import time_machine
from sentry_sdk.client import Client as SentryClient

from bot.core.event import Severity
from bot.flows import authorize
from bot.flows.receive import Busy
from bot.hooks import otlp_grpc
from bot.hooks.answers import Rejected
from storage.database import Database
from tests.arrived import WHOLE, facts
from tests.fakes import Clock
from tests.hooks.clients import CLIENTS, HAS_NODE, SECONDS, Address, Client, node
from tests.hooks.conftest import LOCAL, Site

FULL = Busy("Too much waits to be written.")
OFTEN = 1_000
THERE = {
    f"{number}": one for number, one in enumerate(CLIENTS.values()) if HAS_NODE or not one.is_node
}
"""Those that are installed, by the project that each reports under."""
needs_node = pytest.mark.skipif(
    not HAS_NODE, reason="node, npm or what it installs into tests/node by `make test` is missing"
)


@pytest.fixture
def tell(site: Site, database: Database, clock: Clock) -> Iterator[Callable[[], None]]:
    """Lets all clients tell of their error at once."""
    with otlp_grpc.listening(site.door, host=LOCAL, port=0, stop_seconds=SECONDS) as port:

        def address(project: str) -> Address:
            made = authorize.make(database, project, now=clock())
            return Address(site.address, f"{LOCAL}:{port}", made.dsn(site.address), made.text)

        def told() -> None:
            addresses = {project: address(project) for project in THERE}
            with ThreadPoolExecutor(len(THERE)) as threads:
                done = [threads.submit(one.tell, addresses[name]) for name, one in THERE.items()]
            for one in done:
                one.result()

        yield told


def told_by(client: Client, project: str, trace: str) -> Mapping[str, Any]:
    """What each was told of its error, and Sentry's make up: the trace, and the project's name."""
    made_up = {"service": project, "trace": trace} if client.source == "sentry" else {}
    raised = {"type": client.kind, "message": client.said, "raised in": client.where}
    return {**WHOLE, **raised, **made_up}


def test_each_error_arrives_once_with_all_that_matters_though_it_was_refused_first(
    site: Site, tell: Callable[[], None]
) -> None:
    site.intake.refuses = FULL
    tell()
    arrived = {event.source.partition("/")[2]: event for event in site.events}
    assert {name: facts(one) for name, one in arrived.items()} == {
        name: told_by(client, name, arrived[name].trace_id) for name, client in THERE.items()
    }
    assert {len(one.trace_id) for one in site.events} == {32}
    assert len(site.intake.refused) == len(THERE)
    assert site.came() == {f"{one.source}/{name}": 1 for name, one in THERE.items()}


@pytest.mark.parametrize("status", [400, 413])
def test_what_is_refused_for_good_no_client_sends_again(
    site: Site, tell: Callable[[], None], status: int
) -> None:
    site.intake.refuses, site.intake.times = Rejected(status, "Not like this."), OFTEN
    tell()
    assert [*site.intake.refused.values()] == [1] * len(THERE)
    assert site.came() == {}


def test_sentrys_client_that_was_refused_sends_what_follows(site: Site) -> None:
    """One that is told 429 without a time is silent for a minute, and for a second by us."""
    with sentry_sdk.isolation_scope() as scope:
        scope.set_client(SentryClient(site.dsn, default_integrations=False))
        site.intake.refuses, site.intake.times = FULL, OFTEN
        for said in ("lost", "silent"):
            scope.capture_message(said, level="error")
            scope.client.flush(SECONDS)
        site.intake.refuses = None
        with time_machine.travel(timedelta(seconds=1.1)):
            scope.capture_message("arrives", level="error")
            scope.client.close(SECONDS)
    assert [event.message for event in site.events] == ["arrives"]
    assert len(site.intake.refused) == 1, "what follows at once is not even sent"


ERROR = {"level": "error", "message": "database down"}
OTLP_ERROR = {"severityNumber": 17, "body": {"stringValue": "database down"}}
WAYS_IN: Mapping[str, tuple[Any, int, str]] = {
    "/ingest": (ERROR, 503, "2"),
    "/services/collector/event": ({"event": ERROR, "host": "web-1"}, 503, "2"),
    "/loki/api/v1/push": (
        {"streams": [{"stream": {}, "values": [["1795003140123456789", "level=error a=b c=d"]]}]},
        503,
        "2",
    ),
    "/hooks/alertmanager": ({"alerts": [{"labels": {"alertname": "DiskFillsUp"}}]}, 503, "2"),
    "/v1/logs": ({"resourceLogs": [{"scopeLogs": [{"logRecords": [OTLP_ERROR]}]}]}, 503, "2"),
    "/api/1/store/": (ERROR, 429, "1"),
}


@pytest.mark.promise(row="R21")
@pytest.mark.parametrize("path", WAYS_IN)
def test_who_cannot_be_served_now_is_told_when_to_come_again(site: Site, path: str) -> None:
    site.intake.refuses, site.intake.times = FULL, OFTEN
    body, status, seconds = WAYS_IN[path]
    headers = {"Content-Type": "application/json"}
    answer = site.post(f"{path}?sentry_key={site.made.text}", body, headers)
    assert (answer.status, answer.headers["retry-after"]) == (status, seconds)
    assert (site.came(), "error" in json.loads(answer.body) or status == 429) == ({}, True)


@needs_node
def test_sentrys_client_of_node_tells_of_causes_members_and_words(site: Site) -> None:
    node("reporting.mjs", site.dsn, "several")
    by_message = {event.message: event for event in site.events}
    assert by_message.keys() == {"Error: payment failed", "AggregateError: several", "disk full"}
    error = by_message["Error: payment failed"]
    assert [kind for kind, _ in error.chain] == ["Error", "TypeError"]
    assert error.frames[0].module.endswith("tests/node/reporting.mjs")
    members = [kind for kind, _ in by_message["AggregateError: several"].chain]
    assert members == ["AggregateError", "Error", "RangeError"]
    assert by_message["disk full"].severity is Severity.CRITICAL
