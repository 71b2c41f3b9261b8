"""Many errors that begin together are told of as one, with how far that reaches."""

from datetime import timedelta
from typing import Any

from bot.core.detection.episode import Why
from bot.core.detection.finding import Kind
from bot.core.telling import storm
from bot.core.telling.digest import Card
from bot.core.telling.storm import FEWEST, Storm
from tests.builders import NOON
from tests.slack.builders import a_card

MINUTE = timedelta(minutes=1)


def blown_up(number: int, **facts: Any) -> Card:
    """An error of its own that began so many minutes after noon, at two customers of its own."""
    given: dict[str, Any] = {
        "service": f"service-{number}",
        "customers": ((f"customer-{number}", 3), (f"other-{number}", 1)),
        "whys": (Why(Kind.SPIKE, "because", NOON + number * MINUTE),),
    }
    return a_card(short_id=f"E-{number}", title=f"failure {number}", **{**given, **facts})


def a_storm(*cards: Card) -> Storm:
    found = storm.of(cards)
    assert found
    return found


def test_a_few_are_read_one_by_one() -> None:
    assert storm.of([blown_up(number) for number in range(FEWEST - 1)]) is None


def test_what_shares_no_cause_is_told_of_with_how_long_it_took_to_begin() -> None:
    found = a_storm(*(blown_up(number) for number in range(FEWEST)))
    assert found.known is None
    assert (found.since, found.lasted) == (NOON, 9 * MINUTE)
    assert found.reason == (
        "10 errors began within 9 min; no two of them have a cause in common that is known"
    )


def test_of_what_began_in_one_minute_no_minutes_are_counted() -> None:
    whys = (Why(Kind.SPIKE, "because", NOON),)
    found = a_storm(*(blown_up(number, whys=whys) for number in range(FEWEST)))
    assert found.reason.startswith("10 errors began in the same minute;")


def test_the_largest_part_with_one_cause_is_named() -> None:
    released = {
        "release": "checkout 4.19.1",
        "released_at": NOON,
        "first_seen": NOON + MINUTE,
        "whys": (Why(Kind.NEW, "first seen", NOON + MINUTE),),
        "customers": (),
    }
    found = a_storm(
        *(blown_up(number) for number in range(FEWEST)),
        *(blown_up(20 + number, **released) for number in range(3)),
    )
    assert found.reason.endswith("3 of them have one cause: new right after checkout 4.19.1")


def test_each_service_and_customer_is_counted_by_the_errors_it_has_the_most_first() -> None:
    acme = {"customers": (("acme", 9_000), ("globex", 1))}
    found = a_storm(
        *(blown_up(number, service="checkout", **acme) for number in range(8)),
        *(blown_up(number, service="search", customers=(("acme", 1),)) for number in range(8, 10)),
    )
    assert found.services == (("checkout", 8), ("search", 2))
    assert found.customers == (("acme", 10), ("globex", 8))
