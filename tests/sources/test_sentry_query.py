"""Errors are read out of Sentry once each, as rich as its clients sent them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import sentry_sdk
from pydantic import SecretStr
from sentry_sdk.client import Client
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport
from starlette.responses import JSONResponse

from bot.app import wall_clock
from bot.errors import SourceError
from bot.sources.pulled import Limited, Unavailable
from bot.sources.sentry_query import SLICE, Sentry
from bot.sources.web import Web
from tests import sentry as servers
from tests.arrived import WHOLE, facts
from tests.builders import NOON
from tests.sentry import ORGANIZATION, TOKEN
from tests.sources.asked import LATER, events, pages


@pytest.fixture(scope="module")
def started() -> Iterator[servers.Sentry]:
    with servers.listening() as server:
        yield server


@pytest.fixture
def server(started: servers.Sentry) -> servers.Sentry:
    started.forget()
    return started


def source(server: servers.Sentry, *projects: str, **given: Any) -> Sentry:
    settings = {
        "name": "sentry-eu",
        "url": server.url,
        "organization": ORGANIZATION,
        "projects": projects or ("checkout",),
        "token": SecretStr(TOKEN),
        "lookback_hours": 2,
    }
    return Sentry.model_validate({**settings, **given})


def event(number: int, moment: datetime = NOON, **said: Any) -> dict[str, Any]:
    logged = {"logentry": {"formatted": f"payment {number} failed"}, "level": "error"}
    return {"event_id": f"{number:032x}", "timestamp": moment.isoformat(), **logged, **said}


def each_second(count: int) -> list[dict[str, Any]]:
    return [event(number, NOON + timedelta(seconds=number)) for number in range(count)]


class _Kept(Transport):
    """Keeps what a client would send."""

    def __init__(self) -> None:
        self.events = list[Any]()

    def capture_envelope(self, envelope: Envelope) -> None:
        self.events.append(envelope.get_event())


def charge(amount: int) -> None:
    raise ValueError(f"amount {amount} is not positive")


def pay() -> None:
    try:
        charge(-17)
    except ValueError as error:
        raise RuntimeError("payment failed") from error


def sent_by_the_real_client() -> dict[str, Any]:
    kept = _Kept()
    with sentry_sdk.isolation_scope() as scope:
        scope.set_client(
            Client(
                "http://key@127.0.0.1/1",
                transport=kept,
                release="checkout@4.19.1",
                environment="production",
                server_name="web-1",
                default_integrations=False,
            )
        )
        scope.set_tag("tenant", "acme")
        scope.set_user({"email": "ada@example.com"})
        try:
            pay()
        except RuntimeError as error:
            scope.capture_exception(error)
    (found,) = kept.events
    return {**found, "timestamp": (NOON + timedelta(seconds=0.4)).isoformat()}


def test_an_error_of_the_real_client_comes_with_all_that_matters(server: servers.Sentry) -> None:
    server.projects["checkout"] = [sent_by_the_real_client()]
    (event,) = events(pages(source(server)))
    assert (event.source, event.time) == ("sentry/sentry-eu", NOON)
    assert event.source_id == server.projects["checkout"][0]["event_id"]
    raised = {"type": "RuntimeError", "message": "payment failed", "raised in": "pay"}
    assert facts(event) == {**WHOLE, **raised, "trace": event.trace_id}
    assert len(event.trace_id) == 32
    assert event.message == "RuntimeError: payment failed"
    assert event.chain[1] == ("ValueError", "amount -17 is not positive")
    assert [frame.function for frame in event.frames] == ["pay", "sent_by_the_real_client"]
    assert event.frames[0].module.endswith("tests/sources/test_sentry_query.py")
    assert (event.frames[0].in_app, (event.frames[0].line or 0) > 1) == (True, True)
    assert (event.service, event.customer, event.environment) == ("checkout", "acme", "production")
    assert (event.version, event.host) == ("4.19.1", "web-1")
    assert (len(event.trace_id), len(event.span_id)) == (32, 16)
    assert event.stack.count("Traceback") == 2
    assert event.attributes["sentry.issue"] == "1341191803"
    assert "ada" not in str(event)


def test_tags_have_the_names_that_the_site_says(server: servers.Sentry) -> None:
    server.projects["checkout"] = [event(1, tags={"tenant": "acme", "kunde": "K-17"})]
    (found,) = events(pages(source(server, fields={"customer": ["kunde"]})))
    assert found.customer == "K-17"


def test_what_was_only_logged_comes_by_its_message_and_what_is_no_error_is_left_out(
    server: servers.Sentry,
) -> None:
    server.projects["checkout"] = [event(1), event(2, level="warning"), event(3, level="fatal")]
    (page,) = pages(source(server))
    assert {one.message for one in page.delivery.events} == {"payment 1 failed", "payment 3 failed"}
    assert page.delivery.quiet == 1


def test_a_backlog_is_read_from_its_oldest_hours_on_each_page_once(server: servers.Sentry) -> None:
    moments = [NOON + timedelta(hours=number) for number in range(20)]
    server.projects["checkout"] = [event(n, moment) for n, moment in enumerate(moments)]
    until = NOON + timedelta(hours=20)
    found = pages(source(server, limit=4, lookback_hours=21), until=until)
    assert len(events(found)) == 20
    reached = [page.reached for page in found]
    assert reached == sorted(reached)
    assert reached[-1] == until - timedelta(seconds=30)
    assert len(set(reached)) > 3
    spans = [asked.span for _, asked in server.asked]
    assert max(end - start for start, end in spans) == SLICE


@pytest.mark.parametrize("read", [1, 3, 5])
def test_what_follows_the_cursor_of_any_page_is_the_rest(server: servers.Sentry, read: int) -> None:
    server.projects = {"checkout": each_second(50), "web": each_second(50)}
    server.projects["web"] = [event(1_000 + n, NOON) for n in range(30)]
    of = source(server, "checkout", "web", limit=20)
    begun = pages(of)[:read]
    rest = pages(of, begun[-1].cursor, until=LATER + timedelta(minutes=3))
    ids = [one.source_id for one in events(begun) + events(rest)]
    assert len(ids) == len(set(ids)) == 80


def test_projects_are_read_in_turn(server: servers.Sentry) -> None:
    server.projects = {"checkout": each_second(50), "web": [event(1_000)]}
    pages(source(server, "checkout", "web", limit=10))
    assert [project for project, _ in server.asked][:3] == ["checkout", "web", "checkout"]


def test_a_project_that_is_gone_keeps_no_other_from_being_read(server: servers.Sentry) -> None:
    server.projects = {"web": each_second(3)}
    found = source(server, "gone", "web").pages(None, until=LATER, ask=Web().ask)
    first = next(found)
    assert (len(first.delivery.events), set(first.cursor)) == (3, {"web"})
    assert first.reached < NOON, "of the other project nothing is known"
    with pytest.raises(SourceError, match=r"acme/gone/events/ answers 404 .*check .*`projects`"):
        list(found)


def test_a_project_that_is_new_is_read_as_far_back_as_all_are_at_first(
    server: servers.Sentry,
) -> None:
    server.projects = {"checkout": each_second(1), "web": [event(7, NOON - timedelta(minutes=50))]}
    (*_, last) = pages(source(server))
    found = pages(source(server, "checkout", "web"), last.cursor)
    assert f"{7:032x}" in {one.source_id for one in events(found)}


def test_one_that_knows_no_span_is_read_no_further_back_than_is_asked(
    server: servers.Sentry,
) -> None:
    server.knows_no_span = True
    server.projects["checkout"] = [event(n, NOON - timedelta(hours=n)) for n in range(60)]
    of = source(server, limit=1, lookback_hours=2)
    assert {one.time for one in events(pages(of, until=NOON))} >= {
        NOON - timedelta(hours=1),
        NOON - timedelta(hours=2),
    }
    assert len(server.asked) < 12


def test_a_place_that_sentry_no_longer_knows_begins_the_span_anew(server: servers.Sentry) -> None:
    server.projects["checkout"] = each_second(30)
    of = source(server, limit=20)
    cursor = next(page.cursor for page in pages(of) if page.cursor["checkout"].get("after"))
    server.told = [JSONResponse({"detail": "Invalid cursor parameter."}, status_code=400)]
    assert len(events(pages(of, cursor))) == 30


def test_a_limit_that_is_used_up_says_when_to_come_again_by_sentrys_own_clock(
    server: servers.Sentry,
) -> None:
    soon = int(wall_clock().timestamp()) + 3_000
    headers = {"X-Sentry-Rate-Limit-Reset": str(soon)}
    detail = {"detail": "You are attempting to use this endpoint too frequently."}
    server.told = [JSONResponse(detail, status_code=429, headers=headers)]
    with pytest.raises(Limited) as raised:
        pages(source(server))
    assert timedelta(minutes=30) < raised.value.retry_after < timedelta(hours=1)


def test_a_wrong_token_is_told_with_where_it_comes_from(server: servers.Sentry) -> None:
    with pytest.raises(SourceError, match=r"answers 401 .*check TRIAGE_SENTRY_EU_TOKEN"):
        pages(source(server, token=SecretStr("other")))


@pytest.mark.parametrize("answer", [{"detail": "moved"}, {}, 1, None])
def test_what_makes_no_sense_is_no_page(server: servers.Sentry, answer: Any) -> None:
    server.told = [JSONResponse(answer)]
    with pytest.raises(Unavailable):
        pages(source(server))


@pytest.mark.parametrize(
    "odd", [1, None, {}, {"eventID": "x"}, {"eventID": "x", "entries": [1], "tags": []}]
)
def test_one_event_that_makes_no_sense_costs_itself(server: servers.Sentry, odd: Any) -> None:
    server.told = [JSONResponse([odd, servers.as_api(event(1))])]
    (page,) = pages(source(server, lookback_hours=0.5))
    assert (len(page.delivery.events), len(page.delivery.unreadable)) == (1, 1)
