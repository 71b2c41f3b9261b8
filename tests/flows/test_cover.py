from datetime import timedelta
from typing import Any

import pytest

from bot.core.anomaly import Kind
from bot.core.decision import PROGRAM, State
from bot.core.scope import Backtest, Breadth, Scope
from bot.errors import Refused
from bot.flows import decide, look
from bot.flows.cover import cover
from bot.flows.record import record
from bot.flows.report import report_now
from bot.flows.settle import settle
from storage import anomalies, signatures
from storage.database import Database
from tests.builders import NOON, an_event
from tests.flows.builders import DAY, HOUR, standing, trail

CHECKOUT = Scope(Breadth.SERVICE, "checkout")
ACME = Scope(Breadth.CUSTOMER, "acme")
WORDS = {"pay": "payment failed: refused", "ship": "shipping label lost", "scan": "scan failed"}


def unusual(database: Database, word: str, *, kind: Kind = Kind.NEW, **facts: Any) -> str:
    """An error that begins to behave unusually; gives back its short id."""
    at = facts.pop("time", NOON)
    event = an_event(message=WORDS[word], time=at, **facts)
    (number,) = record(database, [event], now=at).signature_ids
    with database.write() as session:
        anomalies.begin(session, number, kind=kind, now=at, reason="it is new", receipt={})
        return signatures.get(session, [number])[number].short_id


def muted_wide(database: Database, name: str, scope: Scope, **facts: Any) -> None:
    given = {"reason": "a deploy", "until": NOON + DAY, **facts}
    decide.mute(database, name, by="U1", now=NOON, scope=scope, **given)


def state(database: Database, name: str) -> State:
    return standing(database, name).state


def test_a_mute_of_a_service_covers_what_else_of_it_begins_to_be_unusual(
    database: Database,
) -> None:
    pay, cart = unusual(database, "pay"), unusual(database, "scan", service="cart")
    muted_wide(database, pay, CHECKOUT, max_factor=3)
    ship = unusual(database, "ship", time=NOON + HOUR)
    assert cover(database, now=NOON + HOUR) == 1
    assert cover(database, now=NOON + HOUR) == 0
    assert [state(database, name) for name in (pay, ship, cart)] == ["muted", "muted", "open"]
    held = standing(database, ship).mute
    assert held
    assert (held.by, held.until, held.max_factor) == ("U1", NOON + DAY, 3)
    assert held.scope == CHECKOUT
    assert trail(database, ship) == [f"{PROGRAM} mute"]
    assert (
        look.history(database, ship)[0].reason
        == "part of the mute of every error of service checkout"
    )


def test_a_mute_of_a_customer_covers_what_hits_nobody_else(database: Database) -> None:
    pay = unusual(database, "pay")
    muted_wide(database, pay, ACME)
    only, both = unusual(database, "ship", service="cart"), unusual(database, "scan")
    record(database, [an_event(message=WORDS["scan"], customer="globex")], now=NOON)
    cover(database, now=NOON)
    assert (state(database, only), state(database, both)) == (State.MUTED, State.OPEN)


def test_what_somebody_claimed_stays_theirs(database: Database) -> None:
    pay, ship = unusual(database, "pay"), unusual(database, "ship")
    decide.claim(database, ship, by="U2", now=NOON)
    muted_wide(database, pay, CHECKOUT)
    assert cover(database, now=NOON) == 0


@pytest.mark.parametrize("kind", [Kind.CRITICAL, Kind.SPREAD])
def test_what_turns_critical_or_spreads_under_a_wide_mute_is_not_hidden(
    database: Database, kind: Kind
) -> None:
    pay = unusual(database, "pay")
    muted_wide(database, pay, CHECKOUT)
    unusual(database, "ship", kind=kind, time=NOON + HOUR)
    assert cover(database, now=NOON + HOUR) == 0


def test_what_woke_up_under_a_wide_mute_stays_awake(database: Database) -> None:
    pay, ship = unusual(database, "pay"), unusual(database, "ship")
    muted_wide(database, pay, CHECKOUT)
    cover(database, now=NOON)
    decide.unmute(database, ship, by="U2", now=NOON)
    assert cover(database, now=NOON) == 0
    assert state(database, ship) is State.OPEN


def test_at_its_end_all_that_a_wide_mute_covers_wakes_up(database: Database) -> None:
    pay, ship = unusual(database, "pay"), unusual(database, "ship")
    muted_wide(database, pay, CHECKOUT)
    cover(database, now=NOON)
    later = NOON + DAY
    settle(database, now=later)
    assert cover(database, now=later) == 0
    assert [state(database, name) for name in (pay, ship)] == ["open", "open"]
    unusual(database, "scan", time=later)
    assert cover(database, now=later) == 0, "it is over"


@pytest.mark.parametrize("how", ["end_all", "undo"])
def test_whoever_ends_or_undoes_it_wakes_all_of_it(database: Database, how: str) -> None:
    pay, ship = unusual(database, "pay"), unusual(database, "ship")
    muted_wide(database, pay, CHECKOUT)
    cover(database, now=NOON)
    if how == "undo":
        decide.undo(database, by="U1", now=NOON)
    else:
        ended = decide.end_all(database, ship, by="U2", now=NOON)
        assert (ended.scope, set(ended.woken)) == (CHECKOUT, {pay, ship})
    assert [state(database, name) for name in (pay, ship)] == ["open", "open"]
    assert cover(database, now=NOON) == 0


def test_a_mute_of_more_is_listed_and_ended_by_its_number(database: Database) -> None:
    pay, ship = unusual(database, "pay"), unusual(database, "ship")
    muted_wide(database, pay, CHECKOUT)
    cover(database, now=NOON)
    (wide,) = look.wide_mutes(database)
    assert (wide.scope, wide.by, wide.reason, wide.muted) == (
        CHECKOUT,
        "U1",
        "a deploy",
        (pay, ship),
    )
    assert decide.end_wide(database, wide.number, by="U2", now=NOON).woken == (pay, ship)
    assert look.wide_mutes(database) == ()
    for number in (wide.number, 4_711):
        with pytest.raises(Refused, match="over already"):
            decide.end_wide(database, number, by="U2", now=NOON)


def test_a_mute_of_one_signature_is_not_ended_for_all(database: Database) -> None:
    pay = unusual(database, "pay")
    decide.mute(database, pay, by="U1", now=NOON, reason="known", until=None)
    with pytest.raises(Refused, match="not muted as part of anything"):
        decide.end_all(database, pay, by="U1", now=NOON)


def test_a_backtest_counts_the_posts_that_showed_it_and_the_claims(database: Database) -> None:
    pay = unusual(database, "pay")
    unusual(database, "ship")
    for day in (20, 3, 2, 1):
        report_now(database, channel="C1", now=NOON - day * DAY + timedelta(minutes=day))
    report_now(database, channel="C1", now=NOON)
    decide.claim(database, pay, by="U1", now=NOON - timedelta(minutes=1))
    card = look.card(database, pay, now=NOON)
    this = Scope()
    found = look.backtests(database, card, [this, CHECKOUT, ACME], now=NOON + HOUR)
    assert found[this] == Backtest(posts=found[this].posts, claims=1, signatures=1)
    assert found[this].posts == found[CHECKOUT].posts == 1
    assert (found[CHECKOUT].claims, found[CHECKOUT].signatures) == (1, 2)
