import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import pseudonym


def test_customers_are_exchanged_in_their_order() -> None:
    text = "globex waits for Acme; ACME is down"
    chosen = pseudonym.choose(["Acme", "globex"], [text])
    assert chosen.hide(text) == "CUST_2 waits for CUST_1; CUST_1 is down"


def test_the_names_come_back_into_what_a_model_says() -> None:
    chosen = pseudonym.choose(["Acme"], ["Acme is down"])
    assert chosen.reveal("Tell CUST_1 (not cust_9) why.") == "Tell Acme (not cust_9) why."


def test_a_pseudonym_that_a_text_holds_already_is_nobodys() -> None:
    text = "cust_1 and CUST_03 are not Acme"
    chosen = pseudonym.choose(["Acme", "globex"], [text])
    assert list(chosen.names) == ["CUST_2", "CUST_4"]
    assert chosen.reveal(chosen.hide(text)) == text


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("acmecorp", "CUST_1corp"),
        ("queue in eu-west", "queue in CUST_2-west"),
        ("acme2", "CUST_1_2"),
        ("acme_2", "CUST_1__2"),
        ("acme-eu.example.com", "CUST_3.example.com"),
        ("db_acme_x", "db_CUST_1_x"),
    ],
)
def test_a_mention_may_stand_in_a_longer_word(text: str, hidden: str) -> None:
    chosen = pseudonym.choose(["acme", "eu", "acme-eu"], [text])
    assert chosen.hide(text) == hidden
    assert chosen.reveal(hidden) == text


def test_without_customers_nothing_changes() -> None:
    assert pseudonym.choose(["", " "], ["x"]).hide("x") == "x"


NAMES = st.lists(
    st.one_of(
        st.sampled_from(["acme", "eu", "7", "CUST", "CUST_2", "cust_1x", "a.b*", "münchen"]),
        st.text("abAB12_-. é", min_size=1, max_size=6).filter(str.strip),
    ),
    max_size=5,
)
PIECES = st.sampled_from(
    ["CUST_", "cust_2", "_", "1", "0", " ", "x", "ACME", "Eu", "\n", "CUST_11"]
)


@st.composite
def names_and_text(draw: st.DrawFn) -> tuple[list[str], str]:
    names = draw(NAMES)
    mentions = st.sampled_from(names) if names else st.nothing()
    return names, "".join(draw(st.lists(st.one_of(mentions, PIECES), max_size=10)))


@given(names_and_text())
def test_what_was_hidden_comes_back(case: tuple[list[str], str]) -> None:
    names, text = case
    chosen = pseudonym.choose(names, [text])
    assert chosen.reveal(chosen.hide(text)).lower() == text.lower()


@given(names_and_text())
def test_no_customer_survives(case: tuple[list[str], str]) -> None:
    names, text = case
    chosen = pseudonym.choose(names, [text])
    pieces = re.split(
        "|".join(rf"{one}(?![0-9])" for one in chosen.names) or "$", chosen.hide(text)
    )
    long = [name.strip().lower() for name in names if len(name.strip()) >= pseudonym.SHORT]
    assert not [(name, piece) for name in long for piece in pieces if name in piece.lower()]


@given(names_and_text())
def test_no_two_customers_share_a_pseudonym(case: tuple[list[str], str]) -> None:
    names, text = case
    chosen = pseudonym.choose(names, [text])
    assert {name.lower() for name in chosen.names.values()} == {
        name.strip().lower() for name in names
    }
    assert not [one for one in chosen.names if re.search(rf"(?i){one}(?![0-9])", text)]
