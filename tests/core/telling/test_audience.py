from typing import Any

import pytest

from bot.core.detection.finding import Kind
from bot.core.telling.audience import EVERYTHING, Audience


def why_not(audience: Audience, **facts: Any) -> str:
    """Why an error of the checkout's that is new and hits acme is not told there."""
    usual = {"service": "checkout", "owner": "dev", "customers": ["acme"], "kinds": [Kind.NEW]}
    return audience.refuses(**{**usual, **facts})


def test_a_channel_without_a_filter_is_told_everything() -> None:
    assert why_not(EVERYTHING, service="", owner="", customers=[], kinds=[]) == ""
    assert str(EVERYTHING) == ""


@pytest.mark.parametrize(
    ("audience", "why"),
    [
        (Audience(services=("check*",)), ""),
        (Audience(services=("CHECKOUT",), teams=("DEV",), customers=("Acme",)), ""),
        (Audience(services=("cart", "search-?")), "its service is not cart or search-?"),
        (Audience(teams=("platform",)), "its owner is not platform"),
        (Audience(customers=("globex",)), "it does not hit globex"),
        (Audience(kinds=(Kind.CRITICAL, Kind.SPREAD)), "it is not critical or spread"),
        (Audience(services=("checkout",), teams=("ops",)), "its owner is not ops"),
    ],
)
def test_each_filter_that_is_given_must_fit(audience: Audience, why: str) -> None:
    assert why_not(audience) == why


def test_what_has_no_kind_any_more_is_told_for_all_else() -> None:
    assert why_not(Audience(kinds=(Kind.CRITICAL,)), kinds=[]) == ""


def test_a_filter_says_what_it_lets_through() -> None:
    filtered = Audience(services=("cart", "checkout"), kinds=(Kind.NEW,))
    assert str(filtered) == "service cart or checkout, kind new"
