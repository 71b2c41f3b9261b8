"""What models cost, where the money went, and what was saved by not asking twice."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.core.budget import Caps
from bot.core.price import AS_OF, prices
from bot.core.routing import Tier
from bot.core.tally import Share, Tally, lines
from bot.flows.record import record
from bot.flows.spend import Terms
from bot.flows.tally import tally
from storage import calls
from storage.database import Database
from storage.tables import Call
from tests.builders import NOON, an_event

CENT = 10_000
TERMS = Terms(
    provider="anthropic",
    settings="",
    models={Tier.CHEAP: "haiku", Tier.STRONG: "sonnet"},
    prices=prices({}),
    caps=Caps(hour=100 * CENT, day=500 * CENT, month=10_000 * CENT),
)


def spend(database: Database, **facts: Any) -> None:
    usual = {
        "at": NOON,
        "feature": "analysis",
        "team": "dev",
        "provider": "anthropic",
        "tier": "strong",
        "asked": "sonnet",
        "prompt": "analysis 1",
        "outcome": "ok",
        "reserved": 5 * CENT,
        "cost": CENT,
    }
    with database.write() as session:
        calls.reserve(session, Call(**{**usual, **facts}))


def found(database: Database) -> Tally:
    return tally(database, TERMS, withheld="", now=NOON)


def test_nothing_was_spent_where_nothing_was_asked(database: Database) -> None:
    assert list(lines(found(database))) == [
        "Today: $0.00 of $5.00 · 0 calls",
        "This month: $0.00 of $100.00 · 0 calls · $0.00 at the pace of the last 7 days",
        f"Prices as of {AS_OF}",
    ]


def test_the_day_is_part_of_the_month_and_the_month_is_foretold(database: Database) -> None:
    spend(database)
    spend(database, at=NOON - timedelta(days=3), cost=None)
    spend(database, at=NOON - timedelta(days=30))
    counted = found(database)
    assert str(counted.today) == "$0.01 of $5.00 · 1 call"
    assert str(counted.month) == "$0.06 of $100.00 · 2 calls"
    assert counted.forecast == 6 * CENT + round(6 * CENT * 12.5 / 7)


def test_a_month_that_began_before_the_first_call_is_foretold_from_that_on(
    database: Database,
) -> None:
    spend(database)
    spend(database, at=NOON - timedelta(days=3))
    assert found(database).forecast == 2 * CENT + round(2 * CENT * 12.5 / 3)


def test_what_was_asked_after_a_moment_counts_for_nothing_then(database: Database) -> None:
    (number,) = record(database, [an_event()], now=NOON).signature_ids
    spend(database, signature_id=number, at=NOON + timedelta(hours=1))
    assert (found(database).shares, found(database).dearest) == ((), ())


def test_more_shares_than_have_room_are_summed_up(database: Database) -> None:
    for team in range(12):
        spend(database, team=f"team-{team:02}")
    said = list(lines(found(database)))
    assert "  team-09 × analysis × sonnet: $0.01, 1 of 1 answered" in said
    assert "  … and 2 more: $0.02" in said


def test_what_was_saved_is_priced_by_every_call_that_was_paid(database: Database) -> None:
    tallied = replace(
        found(database),
        shares=(Share("dev", "analysis", "sonnet", calls=4, answered=1, cost=4 * CENT),),
        wanted=10,
        asked=1,
    )
    assert tallied.saved == 9 * CENT


def test_it_says_whose_calls_they_were_and_which_errors_were_dear(database: Database) -> None:
    (number,) = record(database, [an_event()], now=NOON).signature_ids
    spend(database, signature_id=number, cost=3 * CENT)
    spend(database, team="platform", feature="shadow", outcome="timeout", cost=None)
    said = list(lines(found(database)))
    assert "This month by team × feature × model:" in said
    assert "  platform × shadow × sonnet: $0.05, 0 of 1 answered" in said
    assert "  dev × analysis × sonnet: $0.03, 1 of 1 answered" in said
    assert said[-2].endswith("payment failed: connection refused: $0.03, 1 asked")


def test_each_hour_an_explained_error_was_seen_again_is_a_call_that_was_saved(
    database: Database,
) -> None:
    (number,) = record(
        database,
        [
            an_event(time=NOON + timedelta(hours=n), customer=customer)
            for n in range(-2, 10)
            for customer in ("acme", "globex")
        ],
        now=NOON,
    ).signature_ids
    spend(database, signature_id=number)
    counted = tally(database, TERMS, withheld="", now=NOON + timedelta(hours=12))
    assert (counted.wanted, counted.asked, counted.hits) == (10, 1, 9)
    assert counted.saved == 9 * CENT
    assert any("9 of 10 hours" in line and "(90.0 %)" in line for line in lines(counted))


def test_why_nothing_is_asked_comes_first(database: Database) -> None:
    stopped = replace(found(database), withheld="the flag model is off")
    assert next(lines(stopped)) == "Nothing is asked now: the flag model is off"
