import pytest

from bot.core.intake.census import Census


def lines(first: int, last: int) -> Census:
    census = Census()
    for number in range(first, last):
        census.add(b"GET /cart/%d 200" % number)
    return census


@pytest.mark.parametrize("count", [0, 1, 10, 100, 1_000, 20_000])
def test_it_tells_about_how_many_lines_there_were(count: int) -> None:
    assert len(lines(0, count)) == pytest.approx(count, rel=0.25)


def test_a_line_that_is_read_again_changes_nothing() -> None:
    once, twice = lines(0, 500), lines(0, 500) | lines(0, 500)
    twice.add(b"GET /cart/7 200")
    assert twice.registers == once.registers


def test_what_two_readers_counted_is_put_together() -> None:
    assert (lines(0, 600) | lines(400, 1_000)).registers == lines(0, 1_000).registers


def test_a_census_that_was_stored_goes_on() -> None:
    stored = Census(bytes(lines(0, 600).registers))
    assert (stored | lines(600, 1_000)).registers == lines(0, 1_000).registers
