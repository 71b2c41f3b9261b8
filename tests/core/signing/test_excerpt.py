from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.signing import excerpt

FIXTURES = Path(__file__).parent.parent / "fixtures"
DEEP = [
    "java.lang.IllegalStateException: order 4711 was not priced",
    *(f"\tat org.springframework.web.Filter{n}.doFilter(Filter{n}.java:{n})" for n in range(20)),
    "\tat com.acme.checkout.Pricing.price(Pricing.java:88)",
    *(f"\tat org.apache.catalina.Valve{n}.invoke(Valve{n}.java:{n})" for n in range(20)),
    "Caused by: java.net.SocketTimeoutException: Read timed out",
    *(f"\tat java.base/sun.nio.ch.Impl{n}.read(Impl{n}.java:{n})" for n in range(20)),
    "\tat com.acme.checkout.PriceClient.fetch(PriceClient.java:31)",
    "\t... 42 more",
]


def lines_of(name: str) -> list[str]:
    return [line for line in (FIXTURES / name).read_text().split("\n") if line.strip()]


def shown(lines: list[str]) -> list[str]:
    return [lines[number].strip() for number in excerpt.of(lines, most=10)]


def test_of_each_exception_our_own_call_and_what_was_raised_are_shown_however_deep_they_stand() -> (
    None
):
    rows = shown(DEEP)
    assert rows[0] == DEEP[0]
    for told in ("Pricing.java:88", "Caused by: java.net.SocketTimeoutException", "PriceClient"):
        assert any(told in row for row in rows)


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("python_chain.txt", 'File "/app/checkout/db.py", line 14, in execute'),
        ("python_chain.txt", "return conn.execute(text(sql), params)"),
        ("python_group.txt", '|   File "/app/catalog/search.py", line 26, in one'),
        ("java_chain.txt", "at Reports$Repo.fetch(Reports.java:12)"),
        ("dotnet.txt", "at Shop.Pricing.PriceClient.FetchAsync(String sku) in "),
        ("node.txt", "at exports.session (/app/lib.js:8:28)"),
        ("go_recursion.txt", "main.main.func3(0x155551a?)"),
    ],
)
def test_our_own_call_is_shown_in_each_language(name: str, own: str) -> None:
    assert any(row.startswith(own) for row in shown(lines_of(name)))


def test_of_what_is_no_trace_both_ends_are_shown() -> None:
    assert excerpt.of(["words"] * 30, most=10) == [0, 1, 2, 3, 25, 26, 27, 28, 29]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("the gateway is down", "the gateway is down"),
        ("the gateway is down again", "the gateway is down…"),
        ("the gateway, unreachable", "the gateway…"),
        ("PaymentGatewayUnreachableError", "PaymentGatewayUnrea…"),
        ("a PaymentGatewayUnreachableError", "a PaymentGatewayUnr…"),
    ],
)
def test_a_title_is_cut_between_words_unless_one_is_most_of_it(words: str, said: str) -> None:
    assert excerpt.begun(words, 20) == said


@given(st.text(), st.integers(2, 40))
def test_a_title_that_is_cut_has_its_room_and_begins_as_it_did(words: str, most: int) -> None:
    short = excerpt.begun(words, most)
    assert len(short) <= most
    assert words.startswith(short.removesuffix("…"))


@given(st.lists(st.sampled_from(DEEP), max_size=120))
def test_never_more_rows_than_asked_for_and_no_gap_of_one_line(lines: list[str]) -> None:
    kept = excerpt.of(lines, most=10)
    gaps = [
        later - earlier for earlier, later in zip([-1, *kept], [*kept, len(lines)], strict=True)
    ]
    assert len(kept) + sum(gap > 1 for gap in gaps) <= 10
    assert 2 not in gaps
    assert kept[:1] == [0][: len(lines)]
