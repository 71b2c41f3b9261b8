"""Errors are read out of Datadog once each, by their ids, over pages of one span of time."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from datadog_api_client import ApiClient, Configuration
from datadog_api_client.v2.api.logs_api import LogsApi
from datadog_api_client.v2.model.logs_list_request import LogsListRequest
from datadog_api_client.v2.model.logs_list_request_page import LogsListRequestPage
from datadog_api_client.v2.model.logs_query_filter import LogsQueryFilter
from datadog_api_client.v2.model.logs_sort import LogsSort
from pydantic import SecretStr
from starlette.responses import JSONResponse

from bot.errors import SourceError
from bot.sources.datadog import Datadog
from bot.sources.pulled import Limited, Unavailable
from tests import datadog as servers
from tests.arrived import RECORD, WHOLE, facts
from tests.builders import NOON
from tests.datadog import KEYS, Log
from tests.sources.asked import LATER, events, pages

FAILED = {"message": "payment failed", "service": "checkout", "status": "error"}


@pytest.fixture(scope="module")
def started() -> Iterator[servers.Datadog]:
    with servers.listening() as server:
        yield server


@pytest.fixture
def server(started: servers.Datadog) -> servers.Datadog:
    started.forget()
    return started


def source(server: servers.Datadog, **given: Any) -> Datadog:
    api, app = map(SecretStr, KEYS)
    settings = {"name": "dd", "url": server.url, "api_key": api, "app_key": app, **given}
    return Datadog.model_validate(settings)


def logs(count: int) -> list[Log]:
    return [Log(f"AQ{n:04}", NOON + timedelta(seconds=n), FAILED) for n in range(count)]


def test_an_error_comes_with_all_that_matters(server: servers.Datadog) -> None:
    said = {name: RECORD[name] for name in ("message", "service", "host")}
    tags = [f"{name}:{RECORD[name]}" for name in ("env", "tenant", "version")]
    inside = {"error": RECORD["error"], "dd": {"trace_id": RECORD["trace_id"]}}
    server.logs = [Log("AQ", NOON, {**said, "status": "error", "tags": tags, "attributes": inside})]
    assert [*map(facts, events(pages(source(server))))] == [WHOLE]


def test_an_error_comes_with_what_datadog_knows_of_it(server: servers.Datadog) -> None:
    said = {
        **FAILED,
        "host": "i-012",
        "tags": ["env:prod", "tenant:acme", "version:4.19.1", "lonely"],
        "attributes": {
            "error": {"kind": "Declined", "message": "card declined", "stack": "at pay (pay.js:7)"},
            "dd": {"trace_id": "123"},
            "usr": {"plan": "pro"},
        },
    }
    server.logs = [Log("AQAAA", NOON, said)]
    (event,) = events(pages(source(server)))
    assert (event.source, event.source_id, event.time) == ("datadog/dd", "AQAAA", NOON)
    assert (event.service, event.environment, event.customer) == ("checkout", "prod", "acme")
    assert (event.version, event.host, event.trace_id) == ("4.19.1", "i-012", "123")
    assert (event.error_type, event.error_message) == ("Declined", "card declined")
    assert event.attributes["usr.plan"] == "pro"


def test_fields_have_the_names_that_the_site_says(server: servers.Datadog) -> None:
    said = {**FAILED, "tags": ["tenant:acme"], "attributes": {"usr": {"org": "K-17"}}}
    server.logs = [Log("AQAAA", NOON, said)]
    (event,) = events(pages(source(server, fields={"customer": ["@usr.org", "*"]})))
    assert event.customer == "K-17"


def test_a_record_inside_does_not_decide_by_what_name_it_is_counted(
    server: servers.Datadog,
) -> None:
    inside = {"id": "7", "source": "elsewhere", "received": "2020-01-01T00:00:00Z"}
    server.logs = [Log("AQAAA", NOON, {**FAILED, "attributes": inside})]
    (event,) = events(pages(source(server)))
    assert (event.source, event.source_id) == ("datadog/dd", "AQAAA")


def test_datadogs_own_client_reads_the_same_logs_of_the_same_server(
    server: servers.Datadog,
) -> None:
    server.logs = [
        Log(one.id, one.at, {**FAILED, "tags": ["env:prod"], "attributes": {"n": number}})
        for number, one in enumerate(logs(45))
    ]
    ours = events(pages(source(server, limit=20)))
    said, theirs = server.searches[0].filter, list[Any]()
    configuration = Configuration(host=server.url, retry_policy=None)
    configuration.api_key = dict(zip(("apiKeyAuth", "appKeyAuth"), KEYS, strict=True))
    with ApiClient(configuration) as client:
        theirs += LogsApi(client).list_logs_with_pagination(
            body=LogsListRequest(
                filter=LogsQueryFilter(query=said.query, _from=said.from_, to=said.to),
                sort=LogsSort.TIMESTAMP_ASCENDING,
                page=LogsListRequestPage(limit=20),
            )
        )
    assert [one.source_id for one in ours] == [one.id for one in theirs]
    assert [one.time for one in ours] == [one.attributes.timestamp for one in theirs]
    assert {(one.service, one.message) for one in ours} == {
        (one.attributes.service, one.attributes.message) for one in theirs
    }
    assert {one.environment for one in ours} == {"prod"}
    mine, client_s = server.searches[:3], server.searches[3:]
    assert [one.model_dump() for one in mine] == [one.model_dump() for one in client_s]


def test_what_a_wide_query_finds_besides_errors_is_left_out(server: servers.Datadog) -> None:
    server.logs = [Log("A", NOON, {**FAILED, "status": "info"}), Log("B", NOON, FAILED)]
    (page,) = pages(source(server, query="*"))
    assert ([one.source_id for one in page.delivery.events], page.delivery.quiet) == (["B"], 1)


def test_all_pages_of_a_window_are_of_the_same_span(server: servers.Datadog) -> None:
    server.logs = logs(95)
    found = pages(source(server, limit=20))
    assert [len(page.delivery.events) for page in found] == [20, 20, 20, 20, 15]
    assert len({(one.filter.from_, one.filter.to) for one in server.searches}) == 1


@pytest.mark.parametrize("read", range(1, 5))
def test_what_follows_the_cursor_of_any_page_is_the_rest(
    server: servers.Datadog, read: int
) -> None:
    server.logs = logs(95)
    of = source(server, limit=20)
    begun = pages(of)[:read]
    rest = pages(of, begun[-1].cursor, until=LATER + timedelta(minutes=3))
    ids = [one.source_id for one in events(begun) + events(rest)]
    assert ids == [one.id for one in server.logs]


def test_a_place_that_datadog_no_longer_knows_begins_the_window_anew(
    server: servers.Datadog,
) -> None:
    server.logs = logs(30)
    of = source(server, limit=20)
    first, _ = pages(of)
    server.told = [JSONResponse({"errors": ["invalid cursor"]}, status_code=400)]
    assert len(events(pages(of, first.cursor))) == 30


def test_a_window_begins_before_the_end_of_the_last_for_what_is_indexed_late(
    server: servers.Datadog,
) -> None:
    of = source(server)
    (first,) = pages(of, until=NOON)
    server.logs = [Log("late", NOON - timedelta(minutes=8), FAILED)]
    assert [one.source_id for one in events(pages(of, first.cursor))] == ["late"]


def test_wrong_keys_are_told_with_where_they_come_from(server: servers.Datadog) -> None:
    with pytest.raises(
        SourceError, match=r"answers 403 .*check TRIAGE_DD_API_KEY and TRIAGE_DD_AP"
    ):
        pages(source(server, app_key=SecretStr("other")))


def test_a_limit_that_is_used_up_says_when_to_come_again(server: servers.Datadog) -> None:
    headers = {"X-RateLimit-Limit": "300", "X-RateLimit-Reset": "1734"}
    server.told = [JSONResponse({"errors": ["Too many"]}, status_code=429, headers=headers)]
    with pytest.raises(Limited) as raised:
        pages(source(server))
    assert raised.value.retry_after == timedelta(seconds=1734)


def test_what_datadog_warns_of_is_told_beside_what_it_found(server: servers.Datadog) -> None:
    warning = {"code": "unknown_index", "title": "index: foobar is invalid"}
    server.told = [JSONResponse({"data": [], "meta": {"status": "done", "warnings": [warning]}})]
    (page,) = pages(source(server))
    assert [one.reason for one in page.delivery.unreadable] == [
        "Datadog warns of the search: index: foobar is invalid"
    ]


@pytest.mark.parametrize(
    "answer", [{"data": [], "meta": {"status": "timeout"}}, {"data": [{}]}, {"meta": 1}, {}, [], 1]
)
def test_a_search_that_was_not_finished_or_makes_no_sense_is_none(
    server: servers.Datadog, answer: Any
) -> None:
    server.told = [JSONResponse(answer)]
    with pytest.raises(Unavailable):
        pages(source(server))
