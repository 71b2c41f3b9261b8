"""A model explains what behaves unusually, once, and every way it cannot ends in the rules."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col

from bot.core.flag import Flag
from bot.core.spending.budget import Feature, Span
from bot.core.spending.outcome import (
    Invalid,
    Refused,
    Unavailable,
)
from bot.flows import want
from bot.flows.analyse import BATCH, NOTED_AT_ONCE, Analyst
from bot.flows.deploy import deploy
from bot.flows.record import record
from bot.flows.triage import triage
from bot.llm.claude import Claude
from storage import anomalies, flags, signatures, tables
from storage.database import Database
from storage.deploys import Version
from tests.builders import NOON, an_answer, an_event, statements
from tests.fakes import Clock, Models
from tests.flows.asking import (
    BILLED,
    CALL,
    TERMS,
    an_analyst,
    explained,
    ledger,
    nearly_used_up,
    opened,
    unusual,
    wanted,
)
from tests.flows.builders import Interrupted
from tests.llm import provider


def test_what_behaves_unusually_is_explained_by_a_model(database: Database) -> None:
    number, models = unusual(database), Models(an_answer())
    assert an_analyst(database, models).round() == 1
    kept = explained(database, number)
    assert (kept.analyst, kept.version, kept.tier) == ("claude-sonnet-5-5", "analysis 1", "strong")
    assert kept.content["summary"] == an_answer().summary


def test_customers_leave_as_pseudonyms_and_come_back_by_their_names(database: Database) -> None:
    number = unusual(database, message="Acme-1 and CUST_1: connection refused", customer="acme-1")
    said = {
        **provider.ANSWER,
        "evidence": ["CUST_2 and CUST_1: connection refused"],
        "explanation": "Orders of CUST_2 fail.",
    }
    with provider.playing(provider.says(provider.a_message(said))) as claude:
        an_analyst(database, Claude(key="sk-test", base_url=claude.url)).round()
    (request,) = claude.requests
    assert "acme" not in json.dumps(request.body).casefold()
    kept = explained(database, number).content
    assert kept["explanation"] == "Orders of acme-1 fail."
    assert kept["evidence"] == ["acme-1 and CUST_1: connection refused"]


def test_what_is_as_usual_costs_nothing(database: Database) -> None:
    record(database, [an_event()], now=NOON)
    triage(database, now=NOON, site_rules=())
    models = Models(an_answer())
    assert an_analyst(database, models).round() == 0
    assert models.asked == []


def test_a_known_error_is_explained_by_the_cheap_model(database: Database) -> None:
    unusual(database, kind="spike")
    models = Models(an_answer())
    an_analyst(database, models).round()
    assert [model for model, _ in models.asked] == ["claude-haiku-5-5"]


def test_every_call_is_in_the_ledger(database: Database) -> None:
    number = unusual(database)
    an_analyst(database, Models(an_answer())).round()
    (call,) = ledger(database)
    assert (call.feature, call.team, call.signature_id) == (Feature.ANALYSIS, "platform", number)
    assert (call.outcome, call.model, call.prompt) == ("ok", "claude-sonnet-5-5", "analysis 1")
    assert (call.tokens_in, call.tokens_out, call.latency_ms) == (1_000, 500, 1_000)
    assert call.cost == 1_000 * 2 + 500 * 10
    assert call.reserved > call.cost


def test_nothing_is_asked_again_while_nothing_changed(database: Database) -> None:
    unusual(database)
    clock, models = Clock(), Models(an_answer())
    analyst = an_analyst(database, models, clock=clock)
    for _ in range(5):
        analyst.round()
        clock.move(hours=12)
    assert len(models.asked) == 1


def test_nobody_counts_whom_it_hit_while_what_is_kept_is_recent(database: Database) -> None:
    unusual(database)
    analyst = an_analyst(database, Models(an_answer()))
    analyst.round()
    with statements(database) as asked:
        analyst.round()
    assert asked
    assert not [statement for statement in asked if "sightings" in statement]


def test_what_grew_is_asked_anew_after_six_hours(database: Database) -> None:
    number = unusual(database, kind="spread")
    clock, models = Clock(), Models(an_answer(), an_answer(summary="payment failed anew"))
    analyst = an_analyst(database, models, clock=clock)
    analyst.round()
    record(database, [an_event(customer=f"c{n}") for n in range(120)], now=NOON)
    clock.move(hours=5)
    analyst.round()
    assert explained(database, number).content["summary"] == an_answer().summary
    clock.move(hours=1)
    analyst.round()
    assert explained(database, number).content["summary"] == "payment failed anew"


def test_a_new_prompt_explains_anew_what_is_unusual(database: Database) -> None:
    unusual(database)
    clock, models = Clock(), Models(an_answer())
    an_analyst(database, models, clock=clock).round()
    newer = an_analyst(database, models, clock=clock, prompt="analysis 2")
    clock.move(hours=5)
    assert newer.round() == 0
    clock.move(hours=1)
    assert newer.round() == 1


def test_during_an_upgrade_of_the_prompt_each_signature_is_asked_about_once(
    database: Database,
) -> None:
    unusual(database)
    clock, models = Clock(), Models(an_answer())
    replicas = [
        an_analyst(database, models, clock=clock, prompt=f"analysis {n}", holder=f"replica {n}")
        for n in (2, 1)
    ]
    for _ in range(24 * 4):
        for replica in replicas:
            replica.round()
        clock.move(minutes=15)
    assert len(models.asked) == 1


def asked_of_a_week(database: Database, change: Callable[[int], object]) -> int:
    """How often a model is asked about one error while something changes every hour."""
    clock, models = Clock(), Models(an_answer())
    analyst = an_analyst(database, models, clock=clock)
    for hour in range(24 * 7):
        change(hour)
        analyst.round()
        clock.move(hours=1)
    return len(models.asked)


def test_a_release_that_came_after_an_error_is_no_news_of_it(database: Database) -> None:
    unusual(database, version="4.19.0")

    def is_seen_in_another(hour: int) -> None:
        if hour % 6 == 0:
            now = NOON + timedelta(hours=hour)
            record(database, [an_event(version=f"4.19.{hour}", time=now)], now=now)

    assert asked_of_a_week(database, is_seen_in_another) == 1


def test_to_be_told_which_release_an_error_came_with_is_news_once(database: Database) -> None:
    unusual(database)

    def is_told_of(hour: int) -> None:
        if hour >= 10:
            version = Version("checkout", "production", "4.19.1")
            deploy(database, version, at=NOON, now=NOON + timedelta(hours=hour))

    assert asked_of_a_week(database, is_told_of) == 2


def test_a_second_way_to_be_unusual_that_comes_and_goes_is_news_once(database: Database) -> None:
    number = unusual(database, kind="spike")

    def comes_or_goes(hour: int) -> None:
        with database.write() as session:
            if hour % 12 == 6:
                anomalies.begin(session, number, kind="back", now=NOON, reason="so", receipt={})
            if hour % 12 == 0:
                session.execute(
                    update(tables.Anomaly)
                    .where(col(tables.Anomaly.kind) == "back")
                    .values(closed_at=NOON)
                )

    assert asked_of_a_week(database, comes_or_goes) == 2


def test_what_turns_critical_is_promoted_to_the_strong_model(database: Database) -> None:
    number = unusual(database, kind="spike")
    clock, models = Clock(), Models(an_answer())
    analyst = an_analyst(database, models, clock=clock)
    analyst.round()
    opened(database, number, kind="critical")
    clock.move(minutes=5)
    analyst.round()
    analyst.round()
    assert [model for model, _ in models.asked] == ["claude-haiku-5-5", "claude-sonnet-5-5"]


def test_what_matters_most_is_asked_first(database: Database) -> None:
    spike = unusual(database, kind="spike", service="a")
    critical = unusual(database, kind="critical", service="b")
    assert wanted(database) == [critical, spike]


@pytest.mark.parametrize("state", ["muted", "resolved"])
def test_what_people_are_not_shown_is_not_asked(database: Database, state: str) -> None:
    number = unusual(database)
    with database.write() as session:
        session.get_one(tables.Signature, number).state = state
    models = Models(an_answer())
    assert an_analyst(database, models).round() == 0
    assert models.asked == []


def test_without_money_the_rules_say_so(database: Database) -> None:
    number, models = unusual(database), Models(an_answer())
    terms = replace(TERMS, caps=replace(TERMS.caps, day=1_000))
    an_analyst(database, models, terms=terms).round()
    assert models.asked == []
    assert explained(database, number).note == "budget of today used up"


def several(database: Database, *owners: str, kind: str = "new") -> list[int]:
    """New errors that behave unusually, one of each owner, the first first."""
    events = [an_event(service=f"service-{place}") for place in range(len(owners))]
    numbers = sorted(record(database, events, now=NOON).signature_ids)
    triage(database, now=NOON, site_rules=())
    with database.write() as session:
        rows = signatures.get(session, numbers)
        for number, owner in zip(numbers, owners, strict=True):
            rows[number].owner = owner
            anomalies.begin(session, number, kind=kind, now=NOON, reason="so", receipt={})
    return numbers


def test_a_team_without_money_is_in_nobodys_way(database: Database) -> None:
    *poor, rich = several(database, *["dev"] * (2 * BATCH), "platform")
    terms = replace(TERMS, caps=replace(TERMS.caps, teams={"dev": {Span.DAY: 1}}))
    analyst = an_analyst(database, Models(an_answer()), terms=terms)
    assert [analyst.round(), analyst.round()] == [0, 1]
    assert explained(database, rich).analyst == "claude-sonnet-5-5"
    notes = {explained(database, number).note for number in poor}
    assert notes == {"budget of dev today used up"}


def test_what_keeps_one_from_being_asked_about_is_on_the_card_of_all(database: Database) -> None:
    numbers = several(database, *["dev"] * (3 * BATCH), kind="spike")
    nearly_used_up(database)
    an_analyst(database, Models(an_answer())).round()
    notes = {explained(database, number).note for number in numbers}
    assert notes == {"budget of this hour at 80 %"}


def test_what_was_not_tried_for_longest_comes_first(database: Database) -> None:
    """Else what fails would be tried again before the others ever are."""
    numbers = several(database, *["dev"] * (3 * BATCH))
    clock, models = Clock(), Models(Refused(BILLED, ""))
    analyst = an_analyst(database, models, clock=clock)
    for _ in range(3):
        analyst.round()
        clock.move(hours=6)
    assert {call.signature_id for call in ledger(database)} == {*numbers}


def test_reasons_are_written_some_at_a_time(database: Database) -> None:
    numbers = several(database, *["dev"] * (NOTED_AT_ONCE + 1))
    writes: list[int] = []
    watched = Interrupted(database.engine, lambda: writes.append(1))
    with database.write() as session:
        flags.put(session, Flag.MODEL, on=False, by="U1", reason="cost", now=NOON)
    an_analyst(watched, Models(an_answer())).round()
    assert len(writes) == 2
    assert {explained(database, number).note for number in numbers} == {"the flag model is off"}


def test_a_switch_leaves_everything_to_the_rules(database: Database) -> None:
    number, models = unusual(database), Models(an_answer())
    with database.write() as session:
        flags.put(session, Flag.MODEL, on=False, by="U1", reason="", now=NOON)
    an_analyst(database, models).round()
    assert models.asked == []
    assert explained(database, number).note == "the flag model is off"


def test_what_was_explained_stays_while_nobody_may_ask(database: Database) -> None:
    number = unusual(database, kind="spread")
    clock, models = Clock(), Models(an_answer(), Unavailable(CALL, ""))
    analyst = an_analyst(database, models, clock=clock)
    analyst.round()
    record(database, [an_event(customer=f"c{n}") for n in range(120)], now=NOON)
    clock.move(hours=6)
    analyst.round()
    kept = explained(database, number)
    assert (kept.analyst, kept.at) == ("claude-sonnet-5-5", NOON)
    assert len(models.asked) == 2


def test_nothing_leaves_nor_comes_back_unredacted(database: Database) -> None:
    number = unusual(database, service="password=hunter2hunter2")
    models = Models(an_answer(summary="checkout fails with password=hunter3hunter3"))
    an_analyst(database, models).round()
    ((_, prompt),) = models.asked
    assert "hunter2" not in prompt.user
    assert "hunter3" not in str(explained(database, number).content)


def test_no_transaction_is_open_while_a_model_thinks(database: Database) -> None:
    unusual(database)

    def somebody_else_writes() -> None:
        with database.write() as session:
            flags.put(session, Flag.SHADOW, on=True, by="U1", reason="", now=NOON)

    models = Models(an_answer(), meanwhile=somebody_else_writes)
    assert an_analyst(database, models).round() == 1


def test_of_fifty_that_miss_at_once_one_asks_though_it_fails(database: Database) -> None:
    """Each made its list before the call of the first failed."""
    unusual(database)
    with database.read() as session:
        (subject,) = want.wanted(session, prompt=lambda _: "analysis 1", but=(), now=NOON)
    models = Models(Refused(BILLED, ""))
    replicas = [an_analyst(database, models, holder=f"replica {n}") for n in range(50)]
    with ThreadPoolExecutor(50) as pool:
        assert not any(pool.map(lambda one: one._explain(subject), replicas))
    assert len(models.asked) == 1


def test_of_fifty_that_miss_at_once_one_asks(database: Database) -> None:
    number, models = unusual(database), Models(an_answer())
    replicas = [an_analyst(database, models, holder=f"replica {n}") for n in range(50)]
    with ThreadPoolExecutor(50) as pool:
        done = sum(pool.map(Analyst.round, replicas))
    assert (done, len(models.asked)) == (1, 1)
    assert explained(database, number).analyst == "claude-sonnet-5-5"


@pytest.mark.parametrize("is_known", [True, False])
def test_after_one_that_died_another_asks(database: Database, *, is_known: bool) -> None:
    unusual(database)
    clock = Clock()

    def dies() -> None:
        raise KeyboardInterrupt

    dying = an_analyst(database, Models(an_answer(), meanwhile=dies), clock=clock, holder="dying")
    with pytest.raises(KeyboardInterrupt):
        dying.round()
    models = Models(an_answer())
    gone = set[str]()
    analyst = an_analyst(database, models, clock=clock, gone=lambda *_: gone)
    analyst.round()
    assert models.asked == []
    if is_known:
        gone.add("dying")
    else:
        clock.move(minutes=5)
    assert analyst.round() == 1
    lost, _ = ledger(database)
    assert (lost.cost, lost.outcome) == (None, "stopped" if is_known else ""), "it stays spent"


def test_where_money_is_short_the_strong_model_is_no_second_try(database: Database) -> None:
    unusual(database)
    nearly_used_up(database)
    models = Models(Invalid(BILLED, ""), an_answer())
    an_analyst(database, models).round()
    assert [model for model, _ in models.asked] == ["claude-haiku-5-5"]


def test_once_stopped_nothing_more_is_asked(database: Database) -> None:
    unusual(database)
    models = Models(an_answer())
    analyst = an_analyst(database, models)
    analyst.stop()
    assert analyst.round() == 0
    assert models.asked == []


def test_the_owner_is_not_for_a_model_to_choose(database: Database) -> None:
    number = unusual(database)
    an_analyst(database, Models(an_answer(real_application_bug=True))).round()
    with database.read() as session:
        assert signatures.get(session, [number])[number].owner == "platform"
