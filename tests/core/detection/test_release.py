from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.detection.release import order


@pytest.mark.parametrize(
    "same",
    [
        ("4.19", "4.19.0", "4.19.0.0", "v4.19.0", "V4.19", "checkout-4.19.0", "s3-proxy-4.19"),
        ("4.19.0+build.7", "4.19.0", "4.19.0-g1a2b3c4", "4.19.0-1a2b3c4d"),
        ("2024-11-18", "release-2024-11-18"),
        ("build-120", "v120", "r120"),
    ],
)
def test_a_version_is_the_same_however_it_is_written(same: tuple[str, ...]) -> None:
    assert len({order(version) for version in same}) == 1


@pytest.mark.parametrize(
    "ascending",
    [
        ("4.9.0", "4.10", "4.19", "4.19.1", "4.20", "5"),
        ("4.19.1-SNAPSHOT", "4.19.1-alpha", "4.19.1-beta.2", "4.19.1rc1", "4.19.1-rc.2", "4.19.1"),
        ("4.19.1", "4.19.1-hotfix1", "4.19.1-hotfix2", "4.19.2-rc1"),
        ("v4.19.0", "v4.19.0-14-g2414721", "v4.19.1"),
        ("s3-proxy-1.2", "v2.0"),
        ("2024-11-18", "2024-12-01", "2025-01-01"),
        ("20241118093000", "20241118093001"),
    ],
)
def test_a_later_version_is_later(ascending: tuple[str, ...]) -> None:
    for earlier, later in pairwise(ascending):
        assert order(earlier) < order(later), (earlier, later)


@pytest.mark.parametrize("version", ["", "next", "9f8e7d6", "g9f8e7d6", "+4.19", "main"])
def test_what_has_no_order_says_so(version: str) -> None:
    assert order(version) == ()


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_two_texts_can_be_compared(one: str, other: str) -> None:
    assert (order(one) < order(other)) + (order(one) == order(other)) + (
        order(one) > order(other)
    ) == 1
