from datetime import timedelta
from typing import Any

import pytest

from bot.core.detection.finding import Kind
from bot.core.ownership.decision import PROGRAM, State
from bot.core.ownership.scope import Backtest, Breadth, Scope
from bot.errors import Refused
from bot.flows import decide, lift, look
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
WORDS = {
    "pay": "payment failed: refused",
    "ship": "shipping label lost",
    "scan": "scan failed",
    "tax": "no tax rate",
}


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
        ended = lift.end_of(database, ship, by="U2", now=NOON)
        assert (ended.scope, set(ended.signatures)) == (CHECKOUT, {pay, ship})
    assert [state(database, name) for name in (pay, ship)] == ["open", "open"]
    assert cover(database, now=NOON) == 0


def test_a_wide_mute_is_listed_and_ended_by_its_number(database: Database) -> None:
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
    assert lift.end(database, wide.number, by="U2", now=NOON).signatures == (pay, ship)
    assert look.wide_mutes(database) == ()
    for number in (wide.number, 4_711):
        with pytest.raises(Refused, match="over already"):
            lift.end(database, number, by="U2", now=NOON)


def test_whoever_ended_it_takes_that_back_but_for_what_was_decided_since(
    database: Database,
) -> None:
    pay, ship, scan = (unusual(database, name) for name in ("pay", "ship", "scan"))
    muted_wide(database, pay, CHECKOUT)
    cover(database, now=NOON)
    before = standing(database, pay)
    number = lift.end_of(database, ship, by="U2", now=NOON).number
    decide.claim(database, scan, by="U3", now=NOON)
    with pytest.raises(Refused, match="Somebody else ended that mute"):
        lift.resume(database, number, by="U3", now=NOON + HOUR)
    again = lift.resume(database, number, by="U2", now=NOON + HOUR)
    assert (again.scope, again.signatures) == (CHECKOUT, (pay, ship))
    assert standing(database, pay) == before, "with its tripwires as they stood"
    assert [state(database, name) for name in (pay, ship, scan)] == ["muted", "muted", "claimed"]
    assert [wide.muted for wide in look.wide_mutes(database)] == [(pay, ship)]
    with pytest.raises(Refused, match="That mute holds"):
        lift.resume(database, number, by="U2", now=NOON + HOUR)
    tax = unusual(database, "tax", time=NOON + HOUR)
    cover(database, now=NOON + HOUR)
    assert state(database, tax) == "muted", "it covers what comes, too"
    assert set(lift.end(database, number, by="U2", now=NOON + HOUR).signatures) == {pay, ship, tax}


def test_what_would_be_over_by_now_does_not_hold_again(database: Database) -> None:
    pay = unusual(database, "pay")
    decide.mute(
        database, pay, by="U1", now=NOON, reason="a deploy", until=NOON + HOUR, scope=CHECKOUT
    )
    number = lift.end_of(database, pay, by="U1", now=NOON).number
    with pytest.raises(Refused, match="would be over by now"):
        lift.resume(database, number, by="U1", now=NOON + HOUR)


def test_a_mute_of_one_signature_is_not_ended_for_all(database: Database) -> None:
    pay = unusual(database, "pay")
    decide.mute(database, pay, by="U1", now=NOON, reason="known", until=None)
    with pytest.raises(Refused, match="not muted as part of anything"):
        lift.end_of(database, pay, by="U1", now=NOON)


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
