"""A site says what its records call things."""

from typing import Any

import pytest

from bot.core.event import Event, Severity
from bot.sources import mapping, pushed, sentry
from bot.sources.field_names import FieldNames
from bot.sources.mapping import Identity, Quiet
from bot.sources.pushed import Push
from tests.builders import NOON

RECORD = {
    "msg": "payment failed",
    "lvl": "error",
    "org": "acme",
    "app": "checkout",
    "kunde": {"nummer": "K-17"},
    "komponente": "kasse",
}


def read(record: dict[str, Any], **names: list[str]) -> Event:
    given = FieldNames.model_validate(names)
    identity = Identity("test", lambda _: "1")
    found = mapping.event(record, identity, received=NOON, roles=given.roles)
    assert isinstance(found, Event)
    return found


def test_without_any_names_are_as_usual() -> None:
    event = read(RECORD)
    assert (event.message, event.customer, event.service) == ("payment failed", "acme", "checkout")
    assert event.attributes["kunde.nummer"] == "K-17"


def test_names_of_a_site_take_the_place_of_the_usual_ones() -> None:
    event = read(RECORD, customer=["kunde.nummer"])
    assert (event.customer, event.attributes["org"]) == ("K-17", "acme")
    assert read({"msg": "x", "org": "acme"}, customer=["kunde.nummer"]).customer == ""


@pytest.mark.parametrize(
    ("names", "customer"),
    [
        (["kunde.nummer", "*"], "K-17"),
        (["*", "kunde.nummer"], "acme"),
        (["nothing", "*"], "acme"),
        ([], ""),
        (["Kunde.Nummer"], "K-17"),
        (["@kunde.nummer"], "K-17"),
        (["org", "*"], "acme"),
    ],
)
def test_a_star_stands_for_the_usual_ones(names: list[str], customer: str) -> None:
    assert read(RECORD, customer=names).customer == customer


def test_a_name_that_plays_another_role_as_usual_plays_the_one_it_is_given() -> None:
    event = read(RECORD, customer=["app"], service=["komponente", "*"])
    assert (event.customer, event.service) == ("checkout", "kasse")


@pytest.mark.parametrize("wrapper", ["attributes", "labels", "tags", "extra", "resource"])
def test_what_stands_around_a_field_does_not_count(wrapper: str) -> None:
    record = {"msg": "payment failed", wrapper: {"kunde": {"nummer": "K-17"}}}
    assert read(record, customer=["kunde.nummer"]).customer == "K-17"


def test_times_and_severities_are_read_in_the_fields_that_are_named() -> None:
    record = {"msg": "x", "level": "info", "schwere": "fatal", "zeitpunkt": "2026-11-17T11:00:00Z"}
    event = read(record, severity=["schwere"], time=["zeitpunkt"])
    assert (event.severity, event.time.hour) == (Severity.CRITICAL, 11)


def test_a_level_by_another_name_decides_what_is_no_error() -> None:
    roles = FieldNames(severity=("schwere",)).roles
    record = {"msg": "x", "schwere": "info"}
    found = mapping.event(record, Identity("test", lambda _: "1"), received=NOON, roles=roles)
    assert isinstance(found, Quiet)


OTLP = (
    '{"resourceLogs": [{"resource": {"attributes": [{"key": "kunde", "value": {"stringValue": '
    '"K-17"}}]}, "scopeLogs": [{"logRecords": [{"timeUnixNano": "1794916800000000000", '
    '"severityText": "ERROR", "body": {"stringValue": "payment failed"}}]}]}]}'
)
LOKI = (
    '{"streams": [{"stream": {"kunde": "K-17", "level": "error"}, '
    '"values": [["1794916800000000000", "payment failed"]]}]}'
)


@pytest.mark.parametrize(
    "body",
    [
        '{"msg": "payment failed", "kunde": "K-17"}',
        "level=error msg=failed kunde=K-17",
        '{"event": {"msg": "payment failed"}, "fields": {"kunde": "K-17"}}',
        OTLP,
        LOKI,
        '{"log": "payment failed: error\\n", "stream": "stderr", "kunde": "K-17"}',
    ],
)
def test_it_holds_for_all_that_is_pushed(body: str) -> None:
    roles = FieldNames(customer=("kunde",)).roles
    push = Push("http", body.encode(), received=NOON, arrival="1", roles=roles)
    (event,) = pushed.parse(push).events
    assert event.customer == "K-17"


def test_it_holds_for_the_tags_of_sentry() -> None:
    roles = FieldNames(customer=("kunde",)).roles
    body = b'{"message": "payment failed", "tags": {"kunde": "K-17"}}'
    (event,) = sentry.store(Push("sentry", body, received=NOON, arrival="1", roles=roles)).events
    assert event.customer == "K-17"
