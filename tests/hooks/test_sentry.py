"""Sentry's own clients send to us by nothing but another DSN."""

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sentry_sdk
from hypothesis import given
from hypothesis import strategies as st
from sentry_sdk.client import Client
from sentry_sdk.integrations.logging import EventHandler, SentryLogsHandler

from bot.core.event import Event, Severity
from bot.errors import SourceError
from bot.sources import sentry
from bot.sources.pushed import Delivery, Push
from tests.builders import NOON
from tests.hooks.conftest import Site

PAYLOADS = Path(__file__).parent / "payloads"
EVENT = {"event_id": "a" * 32, "level": "error", "message": "database down", "timestamp": 1.7e9}


def push(body: bytes) -> Push:
    return Push(source="sentry", body=body, received=NOON, arrival="1", project="checkout")


def envelope(*items: tuple[dict[str, Any], Any]) -> bytes:
    """Items with their payloads, and no lengths."""
    parts = [{"event_id": "a" * 32}, *(part for item in items for part in item)]
    return b"\n".join(json.dumps(part).encode() for part in parts)


def captured(name: str) -> Event:
    """The event in what @sentry/node 10 sent."""
    (event,) = sentry.envelope(
        push((PAYLOADS / f"sentry-node-{name}.envelope").read_bytes())
    ).events
    return event


@pytest.fixture
def client(site: Site) -> Iterator[sentry_sdk.Scope]:
    """An application that reports to the site."""
    with sentry_sdk.isolation_scope() as scope:
        scope.set_client(
            Client(
                site.dsn,
                release="checkout@4.19.1",
                environment="production",
                server_name="web-1",
                default_integrations=False,
            )
        )
        scope.set_tag("tenant", "acme")
        yield scope
        scope.client.close()


def charge(amount: int) -> None:
    raise ValueError(f"amount {amount} is not positive")


def pay() -> None:
    try:
        charge(-17)
    except ValueError as error:
        raise RuntimeError("payment failed") from error


def failing(work: Callable[[], object]) -> Exception:
    try:
        work()
    except Exception as error:  # noqa: BLE001
        return error
    raise AssertionError


def test_the_python_client_reports_an_exception_with_all_that_matters(
    site: Site, client: sentry_sdk.Scope
) -> None:
    client.capture_exception(failing(pay))
    client.client.flush(20)
    (event,) = site.events
    assert (event.error_type, event.error_message) == ("RuntimeError", "payment failed")
    assert event.chain[1] == ("ValueError", "amount -17 is not positive")
    assert [frame.function for frame in event.frames] == ["pay", "failing"]
    assert event.frames[0].module.endswith("tests/hooks/test_sentry.py")
    assert (event.service, event.customer, event.environment) == ("checkout", "acme", "production")
    assert (event.version, event.host, event.received) == ("4.19.1", "web-1", NOON)
    assert (len(event.trace_id), len(event.span_id)) == (32, 16)
    assert event.stack.count("Traceback") == 2
    assert list(site.counted()) == ["RuntimeError in test_sentry.pay: payment failed"]
    assert site.came() == {"sentry/checkout": 1}


def test_the_python_client_reports_a_group_by_its_members(
    site: Site, client: sentry_sdk.Scope
) -> None:
    def work() -> None:
        raise ExceptionGroup("several", [ValueError("one"), KeyError("two")])

    client.capture_exception(failing(work))
    client.client.flush(20)
    assert [kind for kind, _ in site.events[0].chain] == [
        "ExceptionGroup",
        "ValueError",
        "KeyError",
    ]


def test_the_python_client_reports_a_recursion_by_its_first_and_last_calls(
    site: Site, client: sentry_sdk.Scope
) -> None:
    def deeper(level: int) -> None:
        if level:
            deeper(level - 1)
        raise RecursionError("maximum depth")

    client.capture_exception(failing(lambda: deeper(500)))
    client.client.flush(20)
    (event,) = site.events
    assert [frame.function for frame in event.frames][:1] == ["deeper"]
    assert len(event.stack) < 20_000


def test_the_python_client_reports_what_is_logged_by_its_own_logger(
    site: Site, client: sentry_sdk.Scope
) -> None:
    client.client.options["enable_logs"] = True
    sentry_sdk.logger.warning("card is slow")
    sentry_sdk.logger.error(
        "card {card} was declined", card="visa", attributes={"tenant": "acme", "attempt": 3}
    )
    client.client.flush(20)
    (event,) = site.events
    assert (event.message, event.severity) == ("card visa was declined", Severity.ERROR)
    assert (event.service, event.customer, event.environment) == ("checkout", "acme", "production")
    assert (event.version, event.host, len(event.trace_id)) == ("4.19.1", "web-1", 32)
    assert (event.attributes["card"], event.attributes["attempt"]) == ("visa", "3")
    assert site.came() == {"sentry/checkout": 1}


def test_what_the_python_client_sends_as_an_event_and_as_a_log_counts_once(
    site: Site, client: sentry_sdk.Scope
) -> None:
    client.client.options["enable_logs"] = True
    log = logging.getLogger("shop.cart")
    handlers = [EventHandler(), SentryLogsHandler()]
    for handler in handlers:
        log.addHandler(handler)
    log.error("the cart is %s", "broken")
    for handler in handlers:
        log.removeHandler(handler)
    client.client.flush(20)
    assert [(event.message, event.logger) for event in site.events] == [
        ("the cart is broken", "shop.cart")
    ]


def test_a_release_that_is_null_is_none() -> None:
    """It would pass for a version that was deployed just now."""
    log = {"level": "error", "body": "boom", "attributes": {"sentry.release": {"value": None}}}
    (event,) = sentry.envelope(push(envelope(({"type": "log"}, {"items": [log]})))).events
    assert event.version == ""


def test_what_a_log_is_not_is_told_beside_those_that_are() -> None:
    good = {"timestamp": 1.7e9, "level": "error", "body": "disk full", "attributes": "odd"}
    items = ({"type": "log"}, {"items": [7, good]}), ({"type": "log"}, {"items": 7})
    delivery = sentry.envelope(push(envelope(*items)))
    assert [event.message for event in delivery.events] == ["disk full"]
    assert [one.reason for one in delivery.unreadable] == [
        "items of logs that hold no object",
        "logs that are no object with items, or longer than 2 MiB",
    ]


def test_words_below_an_error_are_none(site: Site, client: sentry_sdk.Scope) -> None:
    client.capture_message("just so", level="warning")
    client.capture_message("disk full", level="fatal")
    client.client.flush(20)
    assert [(event.message, event.severity) for event in site.events] == [
        ("disk full", Severity.CRITICAL)
    ]


def test_what_node_sends_is_known_by_its_cause_and_its_own_frames() -> None:
    event = captured("cause")
    assert (event.error_type, event.error_message) == ("Error", "card declined 4711")
    assert event.chain[1] == ("TypeError", "cannot read 'x'")
    assert [(frame.module, frame.function) for frame in event.frames[:1]] == [
        ("/srv/checkout/cap.js", "charge")
    ]
    assert (event.service, event.customer, event.version) == ("checkout", "acme", "4.19.1")


def test_what_node_raises_together_is_known_by_its_members() -> None:
    kinds = [kind for kind, _ in captured("aggregate").chain]
    assert kinds == ["AggregateError", "Error", "RangeError"]


def test_what_node_says_in_words_is_an_event_too() -> None:
    assert captured("message").message == "plain words"


def test_a_session_is_no_error() -> None:
    session = push((PAYLOADS / "sentry-node-session.envelope").read_bytes())
    assert sentry.envelope(session) == Delivery()


@pytest.mark.parametrize(
    "path", ["/api/1/envelope/", "/api/1/store/", f"/api/{'9' * 5_000}/store/"]
)
def test_the_key_may_stand_in_the_address_and_any_page_may_send(site: Site, path: str) -> None:
    body = json.dumps(EVENT).encode() if "store" in path else envelope(({"type": "event"}, EVENT))
    for _ in range(2):
        answer = site.request(
            "POST", f"{path}?sentry_version=7&sentry_key={site.made.text}", body, {}
        )
        assert (answer.status, answer.said) == (200, {"id": "a" * 32})
        assert answer.headers["access-control-allow-origin"] == "*"
    assert site.came() == {"sentry/checkout": 1}


def test_a_browser_asks_first_and_is_told_what_it_may_send(site: Site) -> None:
    answer = site.request("OPTIONS", "/api/1/envelope/", b"", {"Origin": "https://shop.example"})
    allowed = {name: value for name, value in answer.headers.items() if "allow" in name}
    assert (answer.status, allowed["access-control-allow-origin"]) == (204, "*")
    assert "X-Sentry-Auth" in allowed["access-control-allow-headers"]


@pytest.mark.parametrize("auth", ["", "Sentry sentry_key=wrong", "Sentry", "Basic x"])
def test_without_a_key_that_holds_it_is_refused(site: Site, auth: str) -> None:
    answer = site.request("POST", "/api/1/store/", b"{}", {"X-Sentry-Auth": auth})
    assert (answer.status, site.events) == (401, [])
    assert answer.headers["access-control-allow-origin"] == "*"


def test_of_several_items_the_broken_one_costs_itself() -> None:
    other = {**EVENT, "event_id": "b" * 32}
    body = envelope(({"type": "event"}, EVENT), ({"type": "event"}, 7), ({"type": "event"}, other))
    delivery = sentry.envelope(push(body))
    assert [event.source_id for event in delivery.events] == ["a" * 32, "b" * 32]
    assert [one.line for one in delivery.unreadable] == [2]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("envelope", b"no header"),
        ("envelope", envelope(({"type": "event"}, 7))),
        ("envelope", b"{}\nno header of an item"),
        ("store", b"no JSON"),
        ("store", b"[]"),
    ],
)
def test_where_nothing_can_be_read_that_is_answered(site: Site, path: str, body: bytes) -> None:
    answer = site.request("POST", f"/api/1/{path}/?sentry_key={site.made.text}", body, {})
    assert (answer.status, answer.headers["x-sentry-error"]) == (400, answer.said["detail"])


def test_a_length_that_is_told_holds_over_what_stands_in_the_payload() -> None:
    payload = json.dumps(EVENT, indent=1).encode()
    head = json.dumps({"type": "event", "length": len(payload)}).encode()
    (event,) = sentry.envelope(push(b"{}\n" + head + b"\n" + payload + b"\n")).events
    assert event.message == "database down"


NAMES = """
    exception values stacktrace frames type value message tags contexts trace trace_id request url
    timestamp level logentry event_id fingerprint function lineno in_app abs_path release
"""
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(NAMES.split()),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@pytest.mark.promise(row="R13")
@given(JSON)
def test_whatever_json_is_sent_is_an_event_or_is_told(value: Any) -> None:
    for parse, body in (
        (sentry.store, json.dumps(value).encode()),
        (sentry.envelope, envelope(({"type": "event"}, value))),
        (sentry.envelope, envelope(({"type": "log"}, {"items": [value]}))),
        (sentry.envelope, envelope(({"type": "log"}, {"items": [{"attributes": value}]}))),
    ):
        delivery = parse(push(body))
        assert delivery.records == 1
        assert all(event.message and event.source_id for event in delivery.events)


@pytest.mark.promise(row="R13")
@given(st.binary(max_size=200))
def test_whatever_bytes_are_sent_break_nothing(body: bytes) -> None:
    sentry.store(push(body))
    try:
        sentry.envelope(push(body))
        sentry.envelope(push(b"{}\n" + body))
    except SourceError:
        pass
