"""The ledger: what is reserved counts as spent until it is known to have cost less."""

from datetime import datetime, timedelta
from typing import Any

from storage import calls
from storage.calls import Slice
from storage.database import Database
from storage.tables import Call
from tests.builders import NOON

TODAY = NOON.replace(hour=0)


def a_call(**facts: Any) -> Call:
    usual = {
        "at": NOON,
        "feature": "analysis",
        "team": "dev",
        "provider": "anthropic",
        "tier": "cheap",
        "asked": "haiku",
        "prompt": "analysis 1",
        "reserved": 100,
    }
    return Call(**{**usual, **facts})


def spent(database: Database, *, since: datetime = TODAY, **of: str) -> int:
    with database.read() as session:
        (amount,) = calls.spent(session, [Slice(since, **of)])
    return amount


def test_what_is_reserved_counts_until_it_is_settled(database: Database) -> None:
    with database.write() as session:
        number = calls.reserve(session, a_call())
    assert spent(database) == 100
    with database.write() as session:
        calls.settle(session, number, outcome="ok", cost=7)
    assert spent(database) == 7


def test_a_call_of_which_nobody_knows_what_it_cost_stays_spent(database: Database) -> None:
    with database.write() as session:
        calls.settle(session, calls.reserve(session, a_call()), outcome="timeout", cost=None)
    assert spent(database) == 100


def test_a_call_that_cost_nothing_costs_nothing(database: Database) -> None:
    with database.write() as session:
        calls.settle(session, calls.reserve(session, a_call()), outcome="config", cost=0)
    assert spent(database) == 0


def test_each_part_of_the_ledger_has_its_own_sum(database: Database) -> None:
    with database.write() as session:
        for call in (
            a_call(),
            a_call(team="platform", reserved=10),
            a_call(feature="shadow", reserved=1),
            a_call(at=NOON - timedelta(days=1), reserved=1_000),
        ):
            calls.reserve(session, call)
    assert spent(database) == 111
    assert spent(database, team="dev") == 101
    assert spent(database, feature="shadow") == 1
    assert spent(database, since=NOON - timedelta(days=2)) == 1_111


def test_an_empty_ledger_comes_to_nothing(database: Database) -> None:
    assert spent(database) == 0
    with database.read() as session:
        assert calls.spent(session, []) == []
        assert calls.by_model(session, since=TODAY, until=TODAY + timedelta(days=1)) == []
        assert (
            calls.by_signature(session, since=TODAY, until=TODAY + timedelta(days=1), limit=3) == []
        )


def test_it_says_what_was_spent_by_whom_for_what_the_most_first(database: Database) -> None:
    with database.write() as session:
        for call in (
            a_call(outcome="ok", model="haiku-20261101", cost=5),
            a_call(outcome="ok", model="haiku-20261201", cost=6),
            a_call(outcome="timeout", reserved=100),
            a_call(outcome="ok", asked="sonnet", cost=7),
        ):
            calls.reserve(session, call)
    with database.read() as session:
        sums = calls.by_model(session, since=TODAY, until=TODAY + timedelta(days=1))
    assert sums == [
        ("dev", "analysis", "haiku", 3, 2, 111),
        ("dev", "analysis", "sonnet", 1, 1, 7),
    ]


def test_what_each_prompt_came_to_is_told_apart(database: Database) -> None:
    ended = {"outcome": "ok", "cost": 10, "latency_ms": 500}
    with database.write() as session:
        for call in (
            a_call(**ended),
            a_call(**ended, why="0 of 2 quotes verified"),
            a_call(outcome="timeout", latency_ms=9_000),
            a_call(),
            a_call(**ended, prompt="analysis 2"),
            a_call(**ended, feature="shadow", why=calls.AGREES),
            a_call(**ended, feature="shadow", why="severity Low, not High"),
        ):
            calls.reserve(session, call)
        span = {"since": TODAY, "until": NOON + timedelta(seconds=1)}
        shown = calls.uses(session, feature="analysis", **span)
        (compared,) = calls.uses(session, feature="shadow", **span)
    one, two = ("analysis 1", "haiku", "cheap"), ("analysis 2", "haiku", "cheap")
    assert shown == [(*one, 3, 2, 1, 0, 120, 10_000), (*two, 1, 1, 1, 0, 10, 500)]
    assert (compared.answered, compared.agreed) == (2, 1)
