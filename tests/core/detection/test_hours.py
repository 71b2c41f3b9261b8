"""How often a signature was seen is carried on only where it accounts for all of it."""

import pytest

from bot.core.detection.hours import Hours

KNOWN = Hours(first=10, total=9, counts={10: 1, 12: 2, 20: 3, 22: 3})


@pytest.mark.parametrize(
    ("recent", "total", "counts"),
    [
        ({20: 3, 22: 3}, 9, {12: 2, 20: 3, 22: 3}),
        ({20: 3, 22: 5, 23: 1}, 12, {12: 2, 20: 3, 22: 5, 23: 1}),
        ({}, 3, {12: 2}),
    ],
)
def test_what_is_recent_replaces_what_was_known_of_its_hours(
    recent: dict[int, int], total: int, counts: dict[int, int]
) -> None:
    assert KNOWN.carried(recent, since=20, first=11, total=total) == Hours(11, total, counts)


@pytest.mark.parametrize("total", [10, 8])
def test_what_changed_in_an_hour_before_has_to_be_read_anew(total: int) -> None:
    assert KNOWN.carried({20: 3, 22: 3}, since=20, first=11, total=total) is None


def test_an_hour_of_which_nothing_is_known_has_to_be_read() -> None:
    assert KNOWN.carried({20: 3, 22: 3}, since=20, first=9, total=9) is None


def test_hours_are_told_up_to_one() -> None:
    assert KNOWN.until(20) == {10: 1, 12: 2, 20: 3}
