import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.telling.trend import sparkline


@pytest.mark.parametrize(
    ("counts", "bars"),
    [((), ""), ((0, 0), "▁▁"), ((0, 5, 10), "▁▅█"), ((0, 1, 1000), "▁▂█"), ((5, 5), "██")],
)
def test_a_sparkline_is_scaled_to_its_highest(counts: tuple[int, ...], bars: str) -> None:
    assert sparkline(counts) == bars


@given(st.lists(st.integers(min_value=0, max_value=10**9)))
def test_only_nothing_is_the_lowest_bar(counts: list[int]) -> None:
    assert [bar == "▁" for bar in sparkline(counts)] == [count == 0 for count in counts]
