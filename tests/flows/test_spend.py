"""Money is put aside before a call is made: whatever happens at once, no cap is passed."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.breaker import OPEN_FOR
from bot.core.budget import Caps
from bot.core.flag import Flag
from bot.core.outcome import NOTHING, Call, Config, Failure, Ok, Retryable, Timeout, Usage
from bot.core.price import Price, prices
from bot.core.prompt import Prompt
from bot.core.routing import Need, Tier
from bot.flows import spend
from bot.flows.spend import NOTICE, Denied, Purpose, Reserved, Terms
from storage import calls, flags, outbox
from storage.calls import Part
from storage.database import Database, open_database
from tests.builders import NOON

CENT = 10_000
PROMPT = Prompt(id="analysis", version="1", system="s", user="u", nonce="n", texts=())
PURPOSE = Purpose("analysis", team="dev")
NEW, KNOWN = Need(new=True), Need()
TERMS = Terms(
    provider="anthropic",
    settings="key 1",
    models={Tier.CHEAP: "cheap", Tier.STRONG: "strong"},
    # With 4,000 tokens of answer a call of the cheap one may cost a cent, of the strong one ten.
    prices=prices({"cheap": Price(0, 2_500_000), "strong": Price(0, 25_000_000)}),
    caps=Caps(hour=100 * CENT, day=100 * CENT, month=100 * CENT),
    channels=("C1", "C2"),
)


def capped(**cents: int) -> Terms:
    caps = {"hour": 10_000, "day": 10_000, "month": 10_000} | cents
    return replace(TERMS, caps=Caps(**{span: CENT * amount for span, amount in caps.items()}))


def reserve(
    database: Database, terms: Terms = TERMS, *, need: Need = KNOWN, purpose: Purpose = PURPOSE
) -> Reserved | Denied:
    with database.write() as session:
        return spend.reserve(session, terms, purpose, PROMPT, need=need, now=NOON)


def settle(
    database: Database, reserved: Reserved | Denied, outcome: Failure | Ok[str], **later: float
) -> None:
    assert isinstance(reserved, Reserved)
    with database.write() as session:
        now = NOON + timedelta(**later)
        spend.settle(session, TERMS, reserved, outcome, now=now)


def spent(database: Database) -> int:
    with database.read() as session:
        (amount,) = calls.spent(session, [Part(NOON - timedelta(days=30))])
    return amount


def notices(database: Database) -> list[str]:
    with database.read() as session:
        found = outbox.wanted_since(session, NOON - timedelta(days=1), kinds=(NOTICE,))
    return [f"{one.channel}: {one.content['text']}" for one in found]


def switch(database: Database, flag: Flag, *, on: bool) -> None:
    with database.write() as session:
        flags.put(session, flag, on=on, by="U1", reason="", now=NOON)


def answered(**usage: int) -> Ok[str]:
    return Ok(Call("cheap", model="cheap", usage=Usage(**usage)), "fine")


def test_what_a_call_may_cost_is_put_aside_and_what_it_did_not_comes_back(
    database: Database,
) -> None:
    reserved = reserve(database)
    assert isinstance(reserved, Reserved)
    assert (reserved.tier, reserved.model) == (Tier.CHEAP, "cheap")
    assert spent(database) == CENT
    settle(database, reserved, answered(output=400))
    assert spent(database) == CENT // 10


def test_after_a_timeout_what_was_put_aside_stays_spent(database: Database) -> None:
    settle(database, reserve(database), Timeout(Call("cheap"), "no answer within 20 s"))
    assert spent(database) == CENT


def test_a_call_that_was_turned_away_costs_nothing(database: Database) -> None:
    busy = Retryable(Call("cheap", usage=NOTHING), "HTTP 529", 529)
    settle(database, reserve(database), busy)
    assert spent(database) == 0


@pytest.mark.parametrize(
    ("span", "reason"),
    [
        ("hour", "budget of this hour used up"),
        ("day", "budget of today used up"),
        ("month", "budget of this month used up"),
    ],
)
def test_a_cap_denies_what_would_pass_it(database: Database, span: str, reason: str) -> None:
    terms = capped(**{span: 1})
    assert isinstance(reserve(database, terms), Reserved)
    assert reserve(database, terms) == Denied(reason)


def test_a_team_has_a_cap_of_its_own(database: Database) -> None:
    terms = replace(TERMS, caps=replace(TERMS.caps, teams={"dev": CENT}))
    assert isinstance(reserve(database, terms), Reserved)
    assert reserve(database, terms) == Denied("budget of dev today used up")
    other = Purpose("analysis", team="platform")
    assert isinstance(reserve(database, terms, purpose=other), Reserved)


def test_what_is_new_gets_the_strong_model_while_there_is_money(database: Database) -> None:
    reserved = reserve(database, need=NEW)
    assert isinstance(reserved, Reserved)
    assert reserved.model == "strong"


def test_from_four_fifths_on_only_what_presses_is_asked_and_of_the_cheap_model(
    database: Database,
) -> None:
    terms = capped(day=20)
    for _ in range(16):
        assert isinstance(reserve(database, terms), Reserved)
    assert reserve(database, terms) == Denied("budget of today at 80 %")
    pressing = reserve(database, terms, need=NEW)
    assert isinstance(pressing, Reserved)
    assert pressing.model == "cheap"


def test_people_are_told_once_that_money_runs_short(database: Database) -> None:
    terms = capped(day=20)
    for _ in range(15):
        reserve(database, terms)
    assert notices(database) == []
    for _ in range(4):
        reserve(database, terms, need=NEW)
    assert [one[:44] for one in notices(database)] == [
        "C1: The budget of today is at 80 %: $0.16 of",
        "C2: The budget of today is at 80 %: $0.16 of",
    ]


def test_a_switch_turns_all_models_off(database: Database) -> None:
    switch(database, Flag.MODEL, on=False)
    assert reserve(database) == Denied("the flag model is off")
    with database.read() as session:
        assert spend.denial(session, TERMS, now=NOON) == "the flag model is off"
    switch(database, Flag.MODEL, on=True)
    assert isinstance(reserve(database), Reserved)


def test_a_switch_turns_the_strong_model_off(database: Database) -> None:
    switch(database, Flag.STRONG, on=False)
    reserved = reserve(database, need=NEW)
    assert isinstance(reserved, Reserved)
    assert reserved.model == "cheap"


def test_after_five_failures_nobody_asks_and_then_exactly_one(database: Database) -> None:
    first = [reserve(database) for _ in range(5)]
    for one in first:
        busy = Retryable(Call("cheap", usage=NOTHING), "HTTP 529", 529)
        settle(database, one, busy)
    assert reserve(database) == Denied("model down: HTTP 529")
    with database.write() as session:
        later = NOON + OPEN_FOR
        tried = [
            spend.reserve(session, TERMS, PURPOSE, PROMPT, need=KNOWN, now=later) for _ in range(3)
        ]
    assert [type(one) for one in tried] == [Reserved, Denied, Denied]
    settle(database, tried[0], answered(output=1))
    assert isinstance(reserve(database), Reserved)


def test_wrong_settings_are_told_once_and_hold_until_they_change(database: Database) -> None:
    both = [reserve(database), reserve(database)]
    for one in both:
        settle(database, one, Config(Call("cheap", usage=NOTHING), "HTTP 401"))
    assert reserve(database) == Denied("model not usable: HTTP 401")
    (first, second) = notices(database)
    assert first.startswith("C1: No model is asked any more: model not usable: HTTP 401.")
    assert second.startswith("C2: ")
    assert isinstance(reserve(database, replace(TERMS, settings="key 2")), Reserved)


def test_a_denied_call_leaves_no_trace(database: Database) -> None:
    reserve(database, capped(day=0))
    with database.read() as session:
        assert calls.by_model(session, since=NOON - timedelta(days=1)) == []


def test_fifty_who_reserve_at_once_never_pass_the_cap(tmp_path: Path) -> None:
    """1,000 signatures, of which 100 fit the cap; half of the calls then cost a tenth of what was
    put aside, so more fit after them."""
    database = open_database(f"sqlite:///{tmp_path / 'triage.db'}", durable=False)
    terms = capped(day=100)
    most = 0

    def one(number: int) -> bool:
        nonlocal most
        reserved = reserve(database, terms, need=NEW, purpose=Purpose("analysis", team="dev"))
        most = max(most, spent(database))
        if number % 2 and isinstance(reserved, Reserved):
            settle(database, reserved, answered(output=400))
        return isinstance(reserved, Reserved)

    with ThreadPoolExecutor(50) as pool:
        made = sum(pool.map(one, range(1_000)))
    total = spent(database)
    database.close()
    assert most <= 100 * CENT
    assert total <= 100 * CENT
    assert total > 99 * CENT - 10 * CENT, "what was there was used"
    assert made > 10
