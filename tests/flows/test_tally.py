"""What models cost, where the money went, and what was saved by not asking twice."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.core.spending.budget import Caps, Forecast
from bot.core.spending.price import AS_OF, prices
from bot.core.spending.routing import Tier
from bot.core.spending.tally import Share, Tally, lines
from bot.flows.record import record
from bot.flows.spend import Terms
from bot.flows.tally import tally
from storage import anomalies, calls
from storage.database import Database
from storage.tables import Call
from tests.builders import NOON, an_event

CENT = 10_000
TERMS = Terms(
    provider="anthropic",
    settings="",
    models={Tier.CHEAP: "claude-haiku-5-5", Tier.STRONG: "claude-sonnet-5-5"},
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
        "This hour: $0.00 of $1.00 · 0 calls",
        "Today: $0.00 of $5.00 · 0 calls",
        "This month: $0.00 of $100.00 · 0 calls · $0.00 by its end at the pace of the last 7 days",
        f"Prices as of {AS_OF}",
    ]


def test_a_model_without_a_price_is_told_of(database: Database) -> None:
    terms = replace(TERMS, models={Tier.CHEAP: "small", Tier.STRONG: "small"})
    (*_, said) = lines(tally(database, terms, withheld="", now=NOON))
    assert said.startswith("No price is known for small: counted as the dearest, $4.00 in")


def test_the_pace_is_that_of_the_days_there_were(database: Database) -> None:
    spend(database, at=NOON - timedelta(hours=1))
    assert any(line.endswith("at the pace of the last day") for line in lines(found(database)))
    spend(database, at=NOON - timedelta(days=3))
    assert any(line.endswith("at the pace of the last 3 days") for line in lines(found(database)))


def test_what_is_spent_without_an_answer_says_why(database: Database) -> None:
    spend(database, outcome="", cost=None)
    spend(database, outcome="timeout", cost=None)
    spend(database, outcome="unavailable", cost=None)
    said = "\n".join(lines(found(database)))
    assert "Of the month $0.05 is put aside for calls under way" in said
    assert "Of the month $0.10 is for calls (2) that ended without a count" in said


def test_the_day_is_part_of_the_month_and_the_month_is_foretold(database: Database) -> None:
    spend(database)
    spend(database, at=NOON - timedelta(days=3), cost=None)
    spend(database, at=NOON - timedelta(days=30))
    counted = found(database)
    assert str(counted.today) == "$0.01 of $5.00 · 1 call"
    assert str(counted.month) == "$0.06 of $100.00 · 2 calls"
    assert counted.forecast == Forecast(6 * CENT + round(6 * CENT * 12.5 / 7))


def test_a_month_that_began_before_the_first_call_is_foretold_from_that_on(
    database: Database,
) -> None:
    spend(database)
    spend(database, at=NOON - timedelta(days=3))
    assert found(database).forecast == Forecast(2 * CENT + round(2 * CENT * 12.5 / 3))


def test_a_pace_that_the_caps_do_not_allow_is_foretold_within_them(database: Database) -> None:
    for days in range(7):
        spend(database, at=NOON - timedelta(days=days), cost=1_000 * CENT)
    said = "This month: $70.00 of $100.00 · 7 calls · $100.00 by its end at the pace of"
    assert f"{said} the last 6 days, which the caps hold" in list(lines(found(database)))


def test_a_model_is_one_line_by_whatever_name_it_answers(database: Database) -> None:
    spend(database, asked="claude-haiku-5-5", model="claude-haiku-5-5-20261101")
    spend(database, asked="claude-haiku-5-5", outcome="timeout")
    said = "  dev × analysis × claude-haiku-5-5: $0.02, 1 of 2 answered"
    assert said in list(lines(found(database)))


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


def unusual(database: Database, number: int, *, kind: str, hours: tuple[float, float]) -> None:
    began, ended = (NOON + timedelta(hours=hour) for hour in hours)
    with database.write() as session:
        anomalies.begin(session, number, kind=kind, now=began, reason="so", receipt={})
        anomalies.end_all(session, number, now=ended)


def test_a_kept_explanation_saves_a_call_in_each_hour_in_which_its_error_is_unusual(
    database: Database,
) -> None:
    explained, other = sorted(
        record(
            database, [an_event(service="shop"), an_event(service="mail")], now=NOON
        ).signature_ids
    )
    unusual(database, explained, kind="spike", hours=(-3, 6.5))
    unusual(database, explained, kind="back", hours=(5, 9))
    unusual(database, other, kind="new", hours=(0, 9))
    spend(database, signature_id=explained)
    spend(database, signature_id=explained, at=NOON + timedelta(hours=6), outcome="timeout")
    counted = tally(database, TERMS, withheld="", now=NOON + timedelta(hours=12))
    assert (counted.wanted, counted.asked, counted.hits) == (10, 2, 8), "12 to 21 o'clock"
    assert counted.saved == 8 * CENT
    assert any("8 of 10 hours" in line and "(80.0 %)" in line for line in lines(counted))


def test_an_hour_in_which_it_was_merely_seen_is_none(database: Database) -> None:
    (number,) = record(
        database, [an_event(time=NOON + timedelta(hours=n)) for n in range(10)], now=NOON
    ).signature_ids
    spend(database, signature_id=number)
    assert tally(database, TERMS, withheld="", now=NOON + timedelta(hours=12)).wanted == 0


def test_what_was_not_proven_explains_nothing(database: Database) -> None:
    (number,) = record(database, [an_event()], now=NOON).signature_ids
    unusual(database, number, kind="new", hours=(0, 9))
    spend(database, signature_id=number, why="0 of 1 quotes verified")
    assert found(database).wanted == 0


def test_what_was_explained_last_month_is_shown_without_a_call_in_this(database: Database) -> None:
    (number,) = record(database, [an_event()], now=NOON).signature_ids
    spend(database, signature_id=number, at=NOON - timedelta(days=30))
    unusual(database, number, kind="new", hours=(-3, -1))
    counted = found(database)
    assert (counted.wanted, counted.asked) == (3, 0)


def test_why_nothing_is_asked_comes_first(database: Database) -> None:
    stopped = replace(found(database), withheld="the flag model is off")
    assert next(lines(stopped)) == "Nothing is asked now: the flag model is off"
