import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.asking import pseudonym
from bot.core.wording import plain


def test_customers_are_exchanged_in_their_order() -> None:
    text = "globex waits for Acme; ACME is down"
    chosen = pseudonym.choose(["Acme", "globex"], [text])
    assert chosen.hide(text) == "CUST_2 waits for CUST_1; CUST_1 is down"


def test_the_names_come_back_into_what_a_model_says() -> None:
    chosen = pseudonym.choose(["Acme"], ["Acme is down"])
    assert chosen.reveal("Tell CUST_1 (not cust_9) why.") == "Tell Acme (not cust_9) why."


def test_a_pseudonym_that_a_text_holds_already_is_nobodys() -> None:
    text = "cust_1 and CUST_03 are not Acme or Globex"
    chosen = pseudonym.choose(["Acme", "globex"], [text])
    assert list(chosen.names) == ["CUST_2", "CUST_4"]
    assert chosen.reveal(chosen.hide(text)).lower() == text.lower()


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
    all_of_them = "acme eu acme-eu"
    chosen = pseudonym.choose(["acme", "eu", "acme-eu"], [all_of_them, text])
    assert chosen.hide(text) == hidden
    assert chosen.reveal(hidden) == text


def test_who_is_not_mentioned_gets_no_pseudonym() -> None:
    assert pseudonym.choose(["initech", "Acme"], ["acme is down"]).names == {"CUST_1": "Acme"}


def test_a_name_may_be_broken_into_lines() -> None:
    text = "tenant: Acme\n    Trading\u00a0\u00a0Ltd, is down"
    assert pseudonym.choose(["acme trading ltd"], [text]).hide(text) == "tenant: CUST_1, is down"


def test_one_of_thousands_of_customers_is_found_at_once() -> None:
    names = [f"tenant-{number:05d}-corp" for number in range(20_000)]
    text = "payment of tenant-00042-corp failed, " * 200
    began = time.process_time()
    assert pseudonym.choose(names, [text]).hide(text).count("CUST_1 failed") == 200
    assert time.process_time() - began < 1


def test_a_text_that_names_all_customers_is_no_trouble() -> None:
    names = [f"tenant-{number:05d}-corp" for number in range(2_000)]
    text = " ".join(names)
    began = time.process_time()
    assert "tenant" not in pseudonym.choose(names, [text]).hide(text)
    assert time.process_time() - began < 1


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
    shown = plain.flat(chosen.reveal(chosen.hide(text)))
    assert shown.lower() == plain.flat(text).lower()


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
    shown = [name.lower() for name in chosen.names.values()]
    assert len(shown) == len(set(shown))
    assert set(shown) <= {name.strip().lower() for name in names}
    assert not [one for one in chosen.names if re.search(rf"(?i){one}(?![0-9])", text)]
