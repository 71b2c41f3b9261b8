"""Errors are read out of Loki once each, put together from their lines, whatever the pages."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.responses import JSONResponse, PlainTextResponse

from bot.errors import SourceError
from bot.sources.loki_query import Loki
from bot.sources.pulled import Page, Unavailable
from tests import loki as servers
from tests.arrived import RECORD, WHOLE, facts
from tests.builders import NOON
from tests.loki import Line
from tests.sources.asked import events, pages

TRACE = [
    "Traceback (most recent call last):",
    '  File "/app/pay.py", line 7, in pay',
    "    charge(card)",
    '  File "/app/cards.py", line 3, in charge',
    "    raise Declined(card)",
    "cards.Declined: card 4711 was declined",
]


@pytest.fixture(scope="module")
def started() -> Iterator[servers.Loki]:
    with servers.listening() as server:
        yield server


@pytest.fixture
def server(started: servers.Loki) -> servers.Loki:
    started.forget()
    return started


def source(server: servers.Loki, **given: Any) -> Loki:
    settings = {"name": "prod", "url": server.url, "query": '{app="checkout"}', **given}
    return Loki.model_validate(settings)


def names(found: list[Page]) -> list[str]:
    return [one.source_id for one in events(found)]


def at(seconds: float, text: str, **facts: Any) -> Line:
    return Line(NOON + timedelta(seconds=seconds), text, **facts)


def traced(seconds: float, **facts: Any) -> list[Line]:
    return [at(seconds + 0.01 * number, line, **facts) for number, line in enumerate(TRACE)]


def test_an_error_comes_with_all_that_matters(server: servers.Loki) -> None:
    server.lines = [at(0, json.dumps(RECORD))]
    assert [*map(facts, events(pages(source(server))))] == [WHOLE]


def test_an_error_comes_with_what_its_labels_say(server: servers.Loki) -> None:
    labels = {
        "service_name": "checkout",
        "env": "prod",
        "tenant": "acme",
        "detected_level": "error",
    }
    server.lines = [at(0, "payment failed", labels=labels, metadata={"trace_id": "4bf92f35"})]
    (event,) = events(pages(source(server)))
    assert event.source == "loki/prod"
    assert (event.time, event.message) == (NOON, "payment failed")
    assert (event.service, event.environment, event.customer) == ("checkout", "prod", "acme")
    assert event.trace_id == "4bf92f35"


def test_fields_have_the_names_that_the_site_says(server: servers.Loki) -> None:
    labels = {"app": "checkout", "kunde": "K-17", "tenant": "acme", "level": "error"}
    server.lines = [at(0, "payment failed", labels=labels)]
    (event,) = events(pages(source(server, fields={"customer": ["kunde"]})))
    assert event.customer == "K-17"


def test_what_is_no_error_is_left_out(server: servers.Loki) -> None:
    server.lines = [
        at(0, "level=info msg=fine took=3ms"),
        at(1, "level=error msg=broken took=3ms"),
        at(2, '{"level": "debug", "msg": "fine"}'),
    ]
    assert [one.message for one in events(pages(source(server)))] == ["broken"]


def test_a_trace_of_many_lines_is_one_error_wherever_the_pages_end(server: servers.Loki) -> None:
    server.lines = [line for second in range(10) for line in traced(second)]
    found = pages(source(server, limit=13))
    assert len(found) > 4
    assert [one.error_type for one in events(found)] == ["cards.Declined"] * 10
    assert all(len(one.frames or one.stack.splitlines()) >= 6 for one in events(found))
    assert len(set(names(found))) == 10


def test_traces_that_are_written_at_the_same_time_are_not_mixed(server: servers.Loki) -> None:
    pods = [{"app": "checkout", "pod": f"p{number}"} for number in range(3)]
    server.lines = [line for pod in pods for line in traced(0, labels=pod)]
    found = events(pages(source(server, limit=10)))
    assert [one.stack.count("\n") for one in found] == [len(TRACE) - 1] * 3


@pytest.mark.parametrize("read", range(1, 6))
def test_what_follows_the_cursor_of_any_page_is_the_rest(server: servers.Loki, read: int) -> None:
    server.lines = [line for second in range(0, 100, 5) for line in traced(second)]
    of = source(server, limit=20)
    whole = pages(of)
    begun = whole[:read]
    rest = pages(of, begun[-1].cursor)
    assert set(names(begun)) | set(names(rest)) == set(names(whole))
    assert len(set(names(whole))) == 20
    assert len(rest) < len(whole) or read < 3


def test_the_next_window_begins_before_the_end_of_the_last_and_finds_what_came_late(
    server: servers.Loki,
) -> None:
    server.lines = [at(0, "level=error msg=first n=1")]
    of = source(server)
    first = pages(of, until=NOON + timedelta(minutes=5))
    server.lines += [at(120, "level=error msg=late n=1"), at(400, "level=error msg=next n=1")]
    second = pages(of, first[-1].cursor, until=NOON + timedelta(minutes=10))
    assert [one.message for one in events(second)] == ["first", "late", "next"]
    assert names(second)[0] == names(first)[0]


def test_a_trace_across_the_end_of_a_window_is_read_whole_and_once(server: servers.Loki) -> None:
    end = NOON + timedelta(minutes=5)
    server.lines = traced(300 - 30 - 0.025)  # half of it before the end, which has settled
    of = source(server)
    first = pages(of, until=end)
    second = pages(of, first[-1].cursor, until=end + timedelta(minutes=5))
    assert names(first) == names(second)
    (event,) = events(first)
    assert event.stack.endswith("was declined")


def test_equal_lines_of_one_instant_are_as_many_errors(server: servers.Loki) -> None:
    server.lines = [at(0, "level=error msg=same n=1", nanoseconds=n // 3) for n in range(30)]
    found = pages(source(server, limit=10))
    assert len(set(names(found))) == 30
    assert set(names(pages(source(server, limit=10)))) == set(names(found))


def test_more_lines_of_one_nanosecond_than_a_page_has_are_told_of(server: servers.Loki) -> None:
    server.lines = [at(0, f"level=error msg=same n={n}") for n in range(15)]
    server.lines.append(at(1, "level=error msg=other n=1"))
    found = pages(source(server, limit=10))
    (told,) = [one for page in found for one in page.delivery.unreadable]
    assert "set a higher `limit`" in told.reason
    assert events(found)[-1].message == "other"


def test_the_tenant_and_the_token_go_along(server: servers.Loki) -> None:
    pages(source(server, tenant="acme", token=SecretStr("glsa_secret")))
    pages(source(server, user="42", token=SecretStr("secret")))
    bearer, basic = (one.headers for one in server.requests)
    assert (bearer["x-scope-orgid"], bearer["authorization"]) == ("acme", "Bearer glsa_secret")
    assert basic["authorization"] == "Basic NDI6c2VjcmV0"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            PlainTextResponse("no org id", status_code=401),
            "answers 401 (no org id): check TRIAGE_P",
        ),
        (PlainTextResponse("parse error at line 1", status_code=400), "parse error.*the query"),
        (PlainTextResponse("<html>", status_code=404), "answers 404: check `url`"),
        (PlainTextResponse("", status_code=302), "sends elsewhere"),
    ],
)
def test_what_people_have_to_mend_is_said_with_the_remedy(
    server: servers.Loki, answer: Any, said: str
) -> None:
    server.told = [answer]
    with pytest.raises(SourceError, match=said.replace("(", r"\(").replace(")", r"\)")) as raised:
        pages(source(server))
    assert not isinstance(raised.value, Unavailable)


@pytest.mark.parametrize(
    "answer",
    [
        PlainTextResponse("too many outstanding requests", status_code=429),
        PlainTextResponse("", status_code=503),
        PlainTextResponse("<html>sign in</html>"),
        JSONResponse({"status": "success", "data": {"resultType": "matrix", "result": [{}]}}),
        JSONResponse([]),
    ],
)
def test_what_is_to_wait_for_is_said_so(server: servers.Loki, answer: Any) -> None:
    server.told = [answer]
    with pytest.raises(Unavailable):
        pages(source(server))


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120),
        ("0.2", 1),
        ("Sat, 21 Nov 2020 11:00:00 GMT", 0),
        ("Fri, 31 Dec 2199 23:59:59 GMT", 3_600),
        ("999999", 3_600),
        ("-5", 0),
        ("nan", 0),
        ("soon", 0),
    ],
)
def test_it_says_when_to_come_again(server: servers.Loki, said: str, seconds: int) -> None:
    server.told = [PlainTextResponse("", status_code=429, headers={"Retry-After": said})]
    with pytest.raises(Unavailable) as raised:
        pages(source(server))
    assert raised.value.retry_after == timedelta(seconds=seconds)


REAL = json.loads((Path(__file__).parent / "payloads" / "loki-answers.json").read_text("utf-8"))
"""What a Loki of November 2026 answered."""
LATER = datetime(2026, 11, 21, 3, tzinfo=UTC)


def real(name: str) -> PlainTextResponse:
    return PlainTextResponse(REAL[name]["body"], status_code=REAL[name]["status"])


def test_what_a_real_loki_answers_is_read(server: servers.Loki) -> None:
    server.told = [real("lines")]
    found = events(pages(source(server), until=LATER))
    streams = json.loads(REAL["lines"]["body"])["data"]["result"]
    lines = sum(len(one["values"]) for one in streams)
    assert len(found) == len({one.source_id for one in found}) == lines > len(streams) > 1
    assert {one.error_type for one in found} == {"jwt.exceptions.ExpiredSignatureError"}
    assert {(one.service, one.customer) for one in found} == {("auth", "acme")}
    assert all(one.trace_id and "tokens.py" in one.stack for one in found)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("limit_too_big", r"max entries limit per query exceeded"),
        ("no_tenant", r"answers 401 \(no org id\): check TRIAGE_PROD_TOKEN"),
        ("bad_query", r"parse error at line 1, col 15.*check the query"),
        ("metric", "`query` selects lines"),
    ],
)
def test_what_a_real_loki_refuses_is_said(server: servers.Loki, name: str, said: str) -> None:
    server.told = [real(name)]
    with pytest.raises(SourceError, match=said):
        pages(source(server))


def test_nobody_there_is_told_with_the_address() -> None:
    nobody = servers.Loki()
    nobody.url = "http://127.0.0.1:1"
    with pytest.raises(Unavailable, match=r"http://127.0.0.1:1/.* cannot be reached"):
        pages(source(nobody))
