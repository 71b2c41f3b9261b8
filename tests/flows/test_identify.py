"""A message that names or quotes an error leads to its signature."""

import pytest

from bot.flows import decide, look
from bot.flows.identify import identify
from bot.flows.record import record
from storage.database import Database
from tests.builders import NOON, an_event

STACK = """Traceback (most recent call last):
  File "/app/shop/cart.py", line 12, in total
    return price(item)
ValueError: no price for item 4711"""


@pytest.fixture
def known(database: Database) -> Database:
    """Three errors of two services."""
    events = [
        an_event(message="payment 17 failed: connection refused", service="checkout"),
        an_event(message="search timed out after 300 ms", service="search"),
        an_event(message="total failed", service="cart", stack=STACK, error_type="ValueError"),
    ]
    record(database, events, now=NOON)
    return database


def found(database: Database, text: str) -> list[str]:
    """The services of the signatures that a text leads to."""
    return [card.service for card in identify(database, text, now=NOON)]


def name(database: Database, words: str) -> str:
    return look.search(database, words, now=NOON, most=1).cards[0].short_id


@pytest.mark.parametrize(
    ("said", "services"),
    [
        ("payment 99 failed: connection refused", ["checkout"]),
        ("2026-11-18 11:59:01 ERROR payment 99 failed: connection refused", ["checkout"]),
        ('{"level": "error", "message": "search timed out after 90 ms"}', ["search"]),
        ("who knows this?\n```\nERROR search timed out after 90 ms\n```", ["search"]),
        ("anybody? payment 99 failed: connection refused", ["checkout"]),
        ("we get `search timed out after 90 ms` again", ["search"]),
        ("is “search timed out after 90 ms” new?", ["search"]),
        ("&gt; ERROR payment 99 failed: connection refused", ["checkout"]),
        (f"look:\n```{STACK}```", ["cart"]),
        (
            "ERROR payment 1 failed: connection refused\nERROR search timed out after 9 ms",
            ["checkout", "search"],
        ),
        ("good morning", []),
        ("", []),
        ("E-2222 is no id here", []),
    ],
)
def test_what_is_pasted_is_known_by_its_signature(
    known: Database, said: str, services: list[str]
) -> None:
    assert found(known, said) == services


def test_an_id_in_a_message_names_its_signature(known: Database) -> None:
    short_id = name(known, "timed out")
    assert found(known, f"*{short_id.lower()}* again? and E-2222") == ["search"]


def test_what_is_merged_leads_to_what_counts_for_it(known: Database) -> None:
    search, payment = name(known, "timed out"), name(known, "payment")
    decide.merge(known, search, into=payment, by="U1", now=NOON)
    assert found(known, "ERROR search timed out after 9 ms") == ["checkout"]
    assert found(known, search) == ["checkout"]


@pytest.mark.parametrize("text", ["x" * 100_000, "{" * 5_000, "\ud800", "\x00\x01", "E-" * 999])
def test_no_text_is_too_odd_to_be_looked_at(known: Database, text: str) -> None:
    assert found(known, text) == []
