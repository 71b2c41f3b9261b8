"""A source is silent when it is not heard from for longer than is usual of it."""

import pytest

from bot.core.intake import source

HOUR = 1_000


@pytest.mark.parametrize(
    ("heard", "is_silent"),
    [
        ([], False),
        ([HOUR - 300], False),
        ([HOUR - 301, HOUR - 300], False),
        ([HOUR - 5, HOUR - 4, HOUR - 3], True),
        ([HOUR - 4, HOUR - 3, HOUR - 2], False),
        ([HOUR - 75, HOUR - 51, HOUR - 27], False),
        ([HOUR - 97, HOUR - 73, HOUR - 49], True),
        ([HOUR - 400, HOUR - 399, HOUR - 398], False),
        ([HOUR - 3, HOUR - 2, HOUR - 1, HOUR + 9], False),
    ],
    ids=[
        "never",
        "read once",
        "read twice",
        "hourly, three hours ago",
        "hourly, two hours ago",
        "nightly, last night",
        "nightly, two nights missed",
        "long gone",
        "with a clock of its own",
    ],
)
def test_silence_is_measured_by_what_is_usual(heard: list[int], *, is_silent: bool) -> None:
    assert source.judge(heard, HOUR).is_silent == is_silent


def test_the_verdict_tells_its_numbers() -> None:
    assert source.judge([HOUR - 9, HOUR - 6, HOUR - 5], HOUR).reason == (
        "last heard from 5 h ago, at most 3 h apart before: silent from 7 h"
    )
