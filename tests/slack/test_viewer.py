"""An address of a log viewer is filled in for an error, and nothing of that leads it elsewhere."""

import pytest

from bot.slack import viewer
from tests.builders import NOON

DATADOG = "https://app.datadoghq.com/logs?query=service%3A{service}&from_ts={from_ms}&to_ts={to_ms}"


def filled(address: str, *, service: str = "checkout") -> str:
    return viewer.filled(address, service=service, environment="eu prod", last_seen=NOON)


def test_an_address_names_the_service_and_the_time_around_its_last_event() -> None:
    assert filled(DATADOG) == (
        "https://app.datadoghq.com/logs?query=service%3Acheckout"
        "&from_ts=1794999600000&to_ts=1795003500000"
    )
    assert filled("http://logs/{environment}/{from}/{to}") == (
        "http://logs/eu%20prod/2026-11-18T11%3A00%3A00Z/2026-11-18T12%3A05%3A00Z"
    )


@pytest.mark.parametrize(
    "service", ["@evil.example/", "&x=1#", "{from}", "é\N{RIGHT-TO-LEFT MARK}", "\ud800"]
)
def test_a_hostile_name_stays_one_value(service: str) -> None:
    made = filled("https://logs.example/?q={service}", service=service)
    assert not set(made.removeprefix("https://logs.example/?q=")) & set("@/#&{}? ")


def test_what_is_too_long_for_a_button_is_left_out() -> None:
    assert filled(DATADOG, service="x" * viewer.LONGEST) == ""


@pytest.mark.parametrize(
    ("address", "flaw"),
    [
        (DATADOG, ""),
        ("https://grafana.example/explore?panes=%7B%22q%22%3A%22{service}%22%7D", ""),
        ("https://logs.example", ""),
        ("javascript:alert(1)", "begins with https://"),
        ("https://logs.example/{customer}", "leaves open only {service}, {environment}"),
        ("https://logs.example/{service.__class__}", "leaves open only"),
        ("https://logs.example/{service!r}", "leaves open only"),
        ("https://logs.example/{service:>99}", "leaves open only"),
        ("https://logs.example/{0}", "leaves open only"),
        ("https://logs.example/{", "%7B"),
        ("https://logs.example/all of {service}", "has no space"),
        ("https://{service}/logs", "names a host"),
        ("https://logs.{service}:80/", "names a host"),
        ("https:///{service}", "names a host"),
    ],
)
def test_an_address_that_cannot_be_filled_in_is_told(address: str, flaw: str) -> None:
    found = viewer.flaw(address)
    assert flaw in found
    assert bool(found) == bool(flaw)
