"""Money is put aside before a call is made: whatever happens at once, no cap is passed."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event

from bot.core.asking.prompt import Prompt
from bot.core.flag import Flag
from bot.core.spending.breaker import OPEN_FOR
from bot.core.spending.budget import Caps, Span
from bot.core.spending.outcome import (
    NOTHING,
    Call,
    Config,
    Failure,
    Ok,
    Retryable,
    SpendLimit,
    Timeout,
    Usage,
)
from bot.core.spending.price import Price, prices
from bot.core.spending.routing import Need, Tier
from bot.flows import spend
from bot.flows.spend import NOTICE, Denied, Purpose, Reserved, Terms, Wish
from storage import calls, flags, outbox
from storage.calls import Slice
from storage.database import Database
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
    database: Database,
    terms: Terms = TERMS,
    *,
    need: Need = KNOWN,
    purpose: Purpose = PURPOSE,
    at: datetime = NOON,
) -> Reserved | Denied:
    with database.write() as session:
        return spend.reserve(session, terms, purpose, PROMPT, need=need, now=at)


def reserve_named(
    database: Database, terms: Terms = TERMS, *, model: str, at: datetime = NOON
) -> Reserved | Denied:
    with database.write() as session:
        return spend.reserve_named(session, terms, PURPOSE, PROMPT, model=model, now=at)


def reserve_again(
    database: Database, terms: Terms = TERMS, *, need: Need, tier: Tier
) -> Reserved | Denied:
    with database.write() as session:
        first = Wish(PURPOSE, PROMPT, terms.models[Tier.CHEAP], need)
        return spend.reserve_again(session, terms, first, PROMPT, tier=tier, now=NOON)


def settle(
    database: Database, reserved: Reserved | Denied, outcome: Failure | Ok[str], **later: float
) -> None:
    assert isinstance(reserved, Reserved)
    with database.write() as session:
        now = NOON + timedelta(**later)
        spend.settle(session, TERMS, reserved, outcome, now=now)


def spent(database: Database) -> int:
    with database.read() as session:
        (amount,) = calls.spent(session, [Slice(NOON - timedelta(days=30))])
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
    terms = replace(TERMS, caps=replace(TERMS.caps, teams={"dev": {Span.DAY: CENT}}))
    assert isinstance(reserve(database, terms), Reserved)
    denied = reserve(database, terms)
    assert denied == Denied("budget of dev today used up")
    assert denied.is_of_team
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


def test_from_four_fifths_on_nothing_is_examined_and_nothing_dear_is_tried_again(
    database: Database,
) -> None:
    terms = capped(day=20)
    for _ in range(16):
        reserve(database, terms)
    short = Denied("budget of today at 80 %")
    assert reserve_named(database, terms, model="cheap") == short
    assert reserve_again(database, terms, need=NEW, tier=Tier.STRONG) == short
    assert reserve_again(database, terms, need=KNOWN, tier=Tier.CHEAP) == short
    assert isinstance(reserve_again(database, terms, need=NEW, tier=Tier.CHEAP), Reserved)


def test_while_there_is_money_what_is_known_may_be_tried_again_with_the_strong_model(
    database: Database,
) -> None:
    reserved = reserve_again(database, need=KNOWN, tier=Tier.STRONG)
    assert isinstance(reserved, Reserved)
    assert reserved.model == "strong"


def paid(database: Database, terms: Terms, *, cents: int, at: datetime = NOON) -> None:
    """So many calls of the cheap model, of a cent each."""
    for _ in range(cents):
        place = reserve(database, terms, need=NEW, purpose=PURPOSE, at=at)
        assert isinstance(place, Reserved)
        with database.write() as session:
            spend.settle(session, terms, place, answered(output=4_000), now=at)


CHEAP = {"models": dict.fromkeys(Tier, "cheap")}


def test_people_are_told_once_that_money_runs_short(database: Database) -> None:
    terms = replace(capped(day=20), **CHEAP)
    paid(database, terms, cents=15)
    assert notices(database) == []
    paid(database, terms, cents=4)
    assert [one[:44] for one in notices(database)] == [
        "C1: The budget of today is at 80 %: $0.16 of",
        "C2: The budget of today is at 80 %: $0.16 of",
    ]


def test_what_is_only_put_aside_warns_nobody(database: Database) -> None:
    terms = replace(capped(day=20), **CHEAP)
    places = [reserve(database, terms, need=NEW) for _ in range(18)]
    assert notices(database) == []
    for place in places:
        settle(database, place, answered(output=4))
    assert notices(database) == []


def test_people_are_told_once_that_money_is_used_up(database: Database) -> None:
    terms = replace(capped(day=5), **CHEAP)
    paid(database, terms, cents=5)
    (*_, said) = [one for one in notices(database) if one.startswith("C1")]
    assert said == (
        "C1: The budget of today is used up: $0.05 of $0.05. Until it is over, rules explain, "
        "unless you raise day_usd in [llm.budget]."
    )


def test_people_are_told_of_the_budget_of_an_hour_once_a_day(database: Database) -> None:
    terms = replace(capped(hour=5), **CHEAP)
    for hour in range(3):
        paid(database, terms, cents=4, at=NOON + timedelta(hours=hour))
    assert [one[:36] for one in notices(database)] == [
        "C1: The budget of this hour is at 80",
        "C2: The budget of this hour is at 80",
    ]


def test_people_are_told_of_a_budget_that_no_call_fits(database: Database) -> None:
    terms = replace(TERMS, caps=replace(TERMS.caps, day=CENT // 2))
    for _ in range(2):
        assert reserve(database, terms) == Denied("budget of today used up")
    assert notices(database) == [
        f"{channel}: cheap is not asked: one call may cost $0.01, and the budget of today is "
        "$0.005. Raise day_usd in [llm.budget], or name a cheaper model in [llm]."
        for channel in TERMS.channels
    ]


def test_a_team_and_a_feature_of_one_name_are_told_of_both(database: Database) -> None:
    caps = replace(TERMS.caps, teams={"x": {Span.DAY: CENT}}, features={"x": {Span.DAY: CENT}})
    terms = replace(TERMS, caps=caps)
    place = reserve(database, terms, purpose=Purpose("x", team="x"))
    assert isinstance(place, Reserved)
    with database.write() as session:
        spend.settle(session, terms, place, answered(output=4_000), now=NOON)
    assert len(notices(database)) == 2 * len(TERMS.channels)


def test_a_switch_turns_all_models_off(database: Database) -> None:
    switch(database, Flag.MODEL, on=False)
    assert reserve(database) == Denied("the flag model is off")
    assert reserve_again(database, need=NEW, tier=Tier.CHEAP) == Denied("the flag model is off")
    assert reserve_named(database, model="another") == Denied("the flag model is off")
    with database.read() as session:
        assert spend.denial(session, TERMS, now=NOON) == "the flag model is off"
    switch(database, Flag.MODEL, on=True)
    assert isinstance(reserve(database), Reserved)


def test_a_switch_turns_the_strong_model_off(database: Database) -> None:
    switch(database, Flag.STRONG, on=False)
    reserved = reserve(database, need=NEW)
    assert isinstance(reserved, Reserved)
    assert reserved.model == "cheap"
    off = Denied("the flag strong is off")
    assert reserve_again(database, need=KNOWN, tier=Tier.STRONG) == off
    assert reserve_named(database, model="strong") == off
    assert isinstance(reserve_named(database, model="another"), Reserved)


def test_one_model_in_both_places_is_not_switched_off_with_the_strong_one(
    database: Database,
) -> None:
    switch(database, Flag.STRONG, on=False)
    one = replace(TERMS, models=dict.fromkeys(Tier, "cheap"))
    assert isinstance(reserve(database, one, need=NEW), Reserved)


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


MISTAKE = Config(Call("strong", usage=NOTHING), "HTTP 404")


def mistaken(database: Database) -> None:
    """The name of the strong model is wrong, and that was found out."""
    for one in [reserve(database, need=NEW) for _ in range(3)]:
        settle(database, one, MISTAKE)


def test_a_wrong_name_is_told_of_once_and_silences_no_other_model(database: Database) -> None:
    mistaken(database)
    instead = reserve(database, need=NEW)
    assert isinstance(instead, Reserved)
    assert instead.model == "cheap"
    (first, second) = notices(database)
    assert first.startswith("C1: strong not usable: HTTP 404. Check provider, base_url and")
    assert second.startswith("C2: ")
    with database.read() as session:
        assert not spend.denial(session, TERMS, now=NOON)


def test_a_wrong_name_is_tried_every_hour_and_silently(database: Database) -> None:
    mistaken(database)
    later = NOON + timedelta(hours=1)
    tried = [reserve(database, need=NEW, at=later) for _ in range(2)]
    assert [one.model for one in tried if isinstance(one, Reserved)] == ["strong", "cheap"]
    settle(database, tried[0], MISTAKE, hours=1)
    assert len(notices(database)) == 2
    back = reserve(database, need=NEW, at=NOON + timedelta(hours=2))
    settle(database, back, answered(output=1), hours=2)
    tried = [reserve(database, need=NEW, at=NOON + timedelta(hours=2)) for _ in range(2)]
    assert [one.model for one in tried if isinstance(one, Reserved)] == ["strong", "strong"]


def test_where_no_model_is_usable_nothing_is_tried(database: Database) -> None:
    mistaken(database)
    for one in [reserve(database) for _ in range(3)]:
        settle(database, one, replace(MISTAKE, call=Call("cheap", usage=NOTHING)))
    with database.read() as session:
        assert spend.denial(session, TERMS, now=NOON) == "cheap not usable: HTTP 404"


def test_other_settings_begin_anew(database: Database) -> None:
    mistaken(database)
    reserved = reserve(database, replace(TERMS, settings="key 2"), need=NEW)
    assert isinstance(reserved, Reserved)
    assert reserved.model == "strong"


def test_what_was_found_to_answer_is_asked_at_once(database: Database) -> None:
    mistaken(database)
    with database.write() as session:
        spend.usable(session, TERMS, "strong")
    reserved = reserve(database, need=NEW)
    assert isinstance(reserved, Reserved)
    assert reserved.model == "strong"


@pytest.mark.parametrize(
    "failure", [MISTAKE, Timeout(Call("strong"), ""), Retryable(Call("strong"), "HTTP 429", 429)]
)
def test_how_an_examination_ends_keeps_nobody_from_asking(
    database: Database, failure: Failure
) -> None:
    for _ in range(5):
        settle(database, reserve_named(database, model="strong"), failure)
    reserved = reserve(database, need=NEW)
    assert isinstance(reserved, Reserved)
    assert reserved.model == "strong"
    assert notices(database) == []


def test_what_is_down_is_not_examined(database: Database) -> None:
    mistaken(database)
    assert reserve_named(database, model="strong") == Denied("strong not usable: HTTP 404")
    assert isinstance(reserve_named(database, model="another"), Reserved)


@pytest.mark.parametrize(
    ("ended", "refused"),
    [(answered(output=1), ""), (Timeout(Call("strong"), "so late"), "model down: so late")],
)
def test_after_a_wait_an_examination_may_be_the_one_call_that_finds_out(
    database: Database, ended: Failure | Ok[str], refused: str
) -> None:
    for one in [reserve(database) for _ in range(5)]:
        settle(database, one, Timeout(Call("cheap"), "late"))
    later = NOON + OPEN_FOR
    places = [reserve_named(database, model="strong", at=later) for _ in range(12)]
    first, *others = [*places, reserve(database, at=later)]
    assert {*others} == {Denied("model down: late")}
    settle(database, first, ended, minutes=2)
    again = reserve(database, at=later)
    assert again == Denied(refused) if refused else isinstance(again, Reserved)


def test_of_four_under_way_the_one_that_found_a_limit_decides(database: Database) -> None:
    limited, *others = [reserve(database) for _ in range(4)]
    until = NOON + timedelta(days=10)
    limit = SpendLimit(Call("cheap", usage=NOTHING), "HTTP 402", until=until)
    settle(database, limited, limit)
    busy = Retryable(Call("cheap", usage=NOTHING), "HTTP 529", 529)
    for one, ended in zip(
        others, (busy, answered(output=1), Timeout(Call("cheap"), "")), strict=True
    ):
        settle(database, one, ended, seconds=5)
    for at in (NOON + timedelta(seconds=6), until - timedelta(seconds=1)):
        assert reserve(database, at=at) == Denied("spend limit at the provider reached")
    assert isinstance(reserve(database, at=until), Reserved)


def test_a_call_is_settled_once(database: Database) -> None:
    reserved = reserve(database)
    for _ in range(5):
        settle(database, reserved, Timeout(Call("cheap"), ""))
    settle(database, reserved, answered(output=1))
    assert spent(database) == CENT
    assert isinstance(reserve(database), Reserved), "five times entered is one failure"


def test_the_ledger_is_summed_once_a_place_and_once_for_what_is_denied(database: Database) -> None:
    asked: list[str] = []

    def note(*given: object) -> None:
        asked.append(str(given[2]))

    event.listen(database.engine, "before_cursor_execute", note)
    reserve(database, capped(day=1), need=NEW)
    assert len([one for one in asked if "sum(" in one.lower()]) == 2


DEARER = Ok(Call("cheap", model="strong", usage=Usage(output=4_000)), "fine")


def test_where_a_dearer_model_answers_that_is_put_aside_from_then_on(database: Database) -> None:
    settle(database, reserve(database), DEARER)
    assert spent(database) == 10 * CENT, "what is not known before cannot be prevented"
    assert isinstance(reserve(database), Reserved)
    assert spent(database) == 20 * CENT
    assert reserve(database, capped(day=29)) == Denied("budget of today used up")


def test_people_are_told_once_that_a_dearer_model_answers(database: Database) -> None:
    for _ in range(2):
        settle(database, reserve(database), DEARER)
    told = [one for one in notices(database) if one.startswith("C1: Where cheap is asked, strong")]
    assert len(told) == 1


def test_a_gateway_that_was_mended_is_found_out_within_a_day(database: Database) -> None:
    settle(database, reserve(database), DEARER)
    tomorrow = NOON + timedelta(days=1, seconds=1)
    mended = reserve(database, at=tomorrow)
    settle(database, mended, answered(output=4_000))
    assert spent(database) == 11 * CENT


def test_whether_a_model_answers_may_be_tried_during_a_wait_but_not_beyond_a_cap(
    database: Database,
) -> None:
    def tried(terms: Terms) -> Reserved | Denied:
        with database.write() as session:
            return spend.reserve_probe(session, terms, PURPOSE, PROMPT, model="cheap", now=NOON)

    for one in [reserve(database) for _ in range(5)]:
        settle(database, one, Retryable(Call("cheap", usage=NOTHING), "HTTP 529", 529))
    assert tried(capped(day=0)) == Denied("budget of today used up")
    probe = tried(TERMS)
    assert spent(database) == CENT
    settle(database, probe, Timeout(Call("cheap"), "late"))
    assert reserve(database) == Denied("model down: HTTP 529"), "it was only looked"


def test_a_denied_call_leaves_no_trace(database: Database) -> None:
    reserve(database, capped(day=0))
    with database.read() as session:
        assert calls.by_model(session, since=NOON - timedelta(days=1), until=NOON) == []


def test_fifty_who_reserve_at_once_never_pass_the_cap(database: Database) -> None:
    """1,000 signatures, of which 100 fit the cap; half of the calls then cost a tenth of what was
    put aside, so more fit after them."""
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
    assert most <= 100 * CENT
    assert total <= 100 * CENT
    assert total > 99 * CENT - 10 * CENT, "what was there was used"
    assert made > 10


def test_what_only_calls_under_way_deny_passes_in_seconds(database: Database) -> None:
    terms = capped(hour=1)
    first = reserve(database, terms)
    assert isinstance(first, Reserved)
    second = reserve(database, terms)
    assert isinstance(second, Denied)
    assert second.passes
    settle(database, first, Timeout(Call("cheap"), "too late"))
    third = reserve(database, terms)
    assert isinstance(third, Denied)
    assert not third.passes


def test_a_call_that_was_lost_with_whoever_made_it_is_waited_for_by_nobody(
    database: Database,
) -> None:
    terms = capped(hour=1)
    reserve(database, terms)
    denied = reserve(database, terms, at=NOON + timedelta(minutes=6))
    assert isinstance(denied, Denied)
    assert not denied.passes
