"""Which dates of an input are odd, and by which of them the clock of a replay goes."""

from datetime import timedelta

import pytest

from bot.core.intake.order import SKEW, Order
from tests.builders import NOON

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("days", "late", "strays", "latest"),
    [
        ((0, 1, 2), 0, 0, 2),
        ((0, 2, 1), 1, 0, 2),
        ((0, 1, 400, 2), 0, 1, 2),
        ((0, -9_000, 1), 0, 1, 1),
        ((0, 1, -9_000), 1, 0, 1),
        ((-9_000, 0, 1), 0, 1, 1),
        ((400, 0, 1), 0, 1, 1),
        ((0, 1, 400), 0, 0, 400),
        ((0, 20, 60, 120, 180), 0, 0, 180),
        ((90, 91, 0, 1, 2), 3, 0, 91),
    ],
    ids=[
        "in order", "one late", "one far ahead", "one far back", "far back at the end",
        "far back at the start", "far ahead at the start", "a silence before the last",
        "a log of few errors", "an older log behind a newer",
    ],
)  # fmt: skip
def test_a_date_far_from_those_on_both_sides_is_no_time_to_set_a_clock_by(
    days: tuple[int, ...], late: int, strays: int, latest: int
) -> None:
    order = Order()
    order.see([NOON + day * DAY for day in days], now=NOON + 10_000 * DAY)
    order.end()
    assert (order.late, order.strays, order.ahead) == (late, strays, 0)
    assert order.latest == NOON + latest * DAY


def test_what_is_yet_to_come_is_counted_and_not_followed() -> None:
    order = Order()
    order.see([NOON - MINUTE, NOON + SKEW, NOON + SKEW + MINUTE, NOON], now=NOON)
    order.end()
    assert (order.ahead, order.latest) == (1, NOON + SKEW)
