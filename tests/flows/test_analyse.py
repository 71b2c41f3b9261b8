"""A model explains what behaves unusually, once, and every way it cannot ends in the rules."""

import json
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from sqlmodel import col, select

from bot.asking import writer
from bot.core import rules
from bot.core.analysis import Analysis, Level, Symptom
from bot.core.asking import proof
from bot.core.asking.evidence import Evidence
from bot.core.asking.prompt import Answer, Prompt
from bot.core.flag import Flag
from bot.core.redaction import redact
from bot.core.spending.budget import Caps, Feature, Span
from bot.core.spending.outcome import (
    NOTHING,
    Call,
    Config,
    Failure,
    Invalid,
    Refused,
    Retryable,
    Stopped,
    Timeout,
    TooLarge,
    Truncated,
    Unavailable,
    Usage,
)
from bot.core.spending.price import prices
from bot.core.spending.routing import Tier
from bot.core.telling import digest
from bot.core.telling.digest import Card
from bot.flows import describe, find, spend, vary, want
from bot.flows.analyse import BATCH, NOTED_AT_ONCE, Analyst
from bot.flows.deploy import deploy
from bot.flows.record import record
from bot.flows.shadow import Shadow
from bot.flows.spend import Terms
from bot.flows.triage import triage
from bot.flows.vary import Way, Ways
from bot.llm.claude import Claude
from bot.llm.port import Model
from storage import analyses, anomalies, flags, providers, signatures, tables
from storage.database import Database, open_database
from storage.deploys import Version
from storage.locks import Gone, nobody
from tests.builders import NOON, an_answer, an_event, statements
from tests.fakes import Clock, Models
from tests.flows.builders import Interrupted
from tests.llm import provider

DOLLAR = 1_000_000
TERMS = Terms(
    provider="anthropic",
    settings="key 1",
    models={Tier.CHEAP: "claude-haiku-5-5", Tier.STRONG: "claude-sonnet-5-5"},
    prices=prices({}),
    caps=Caps(hour=DOLLAR, day=5 * DOLLAR, month=100 * DOLLAR),
)
CALL = Call("claude-haiku-5-5", usage=NOTHING)
BILLED = replace(CALL, usage=Usage(input=10, output=10))


def a_way(prompt: str = "analysis 1", terms: Terms = TERMS) -> Way:
    """Writes the current prompt, whatever it is called."""
    name, version = prompt.split()

    def write(known: Evidence) -> Prompt:
        return replace(writer(redact)(known), id=name, version=version)

    return Way(terms, prompt, write=write, check=partial(proof.check, redact=redact))


class Patience(Event):
    """Waits no time at all, and moves a clock by as much."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def wait(self, timeout: float | None = None) -> bool:
        self._clock.move(seconds=timeout or 0.0)
        return self.is_set()


def an_analyst(
    database: Database,
    models: Model,
    *,
    clock: Clock | None = None,
    terms: Terms = TERMS,
    holder: str = "here",
    gone: Gone = nobody,
    prompt: str = "analysis 1",
    ways: Ways | None = None,
) -> Analyst:
    clock, ways = clock or Clock(), ways or Ways(a_way(prompt, terms))
    shadow = Shadow(database, models, ways=ways, clock=clock, within_seconds=20)
    return Analyst(
        database,
        models,
        ways=ways,
        clock=clock,
        stopping=Patience(clock),
        holder=holder,
        gone=gone,
        deadline_seconds=20,
        compare=shadow.compare,
    )


def unusual(database: Database, *, kind: str = "new", **event: str) -> int:
    """The number of a signature that behaves unusually and has its analysis by rules."""
    (number,) = record(database, [an_event(**event)], now=NOON).signature_ids
    triage(database, now=NOON, site_rules=())
    opened(database, number, kind=kind)
    return number


def opened(database: Database, number: int, *, kind: str) -> None:
    with database.write() as session:
        anomalies.begin(session, number, kind=kind, now=NOON, reason="so", receipt={})


def explained(database: Database, number: int) -> tables.Analysis:
    with database.read() as session:
        return analyses.of(session, [number])[number]


def shown(database: Database, number: int) -> Card:
    with database.read() as session:
        return describe.card(session, find.by_number(session, number), now=NOON)


def wanted(database: Database, *, now: datetime = NOON) -> list[int]:
    with database.read() as session:
        return [
            one.id for one in want.wanted(session, prompt=lambda _: "analysis 1", but=(), now=now)
        ]


def ledger(database: Database) -> list[tables.Call]:
    with database.read() as session:
        return list(session.exec(select(tables.Call)).all())


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


FAILURES: list[tuple[Failure, str]] = [
    (Truncated(BILLED, ""), "model cut off"),
    (Refused(BILLED, ""), "model refused"),
    (Invalid(BILLED, ""), "model made no sense"),
    (Retryable(CALL, "", 529), "model busy"),
    (Timeout(CALL, ""), "model too slow"),
    (Unavailable(CALL, ""), "model not available"),
]


@pytest.mark.parametrize(("failure", "said"), FAILURES, ids=lambda one: getattr(one, "name", ""))
def test_every_way_to_fail_ends_in_the_rules_with_the_reason(
    database: Database, failure: Failure, said: str
) -> None:
    number, models = unusual(database), Models(failure)
    analyst = an_analyst(database, models)
    assert analyst.round() == 0
    card = shown(database, number)
    assert (card.analyst, card.unexplained) == ("rules", said)
    asked = len(models.asked)
    analyst.round()
    assert len(models.asked) == asked, "what failed rests"


ITS_OWN = [
    (Truncated(BILLED, ""), "model cut off"),
    (Refused(BILLED, ""), "model refused"),
    (Invalid(BILLED, ""), "model made no sense"),
    (TooLarge(BILLED, ""), "request or answer too long"),
]


@pytest.mark.parametrize(("failure", "said"), ITS_OWN, ids=lambda one: getattr(one, "name", ""))
def test_what_fails_by_its_own_text_is_not_asked_again_while_nothing_changed(
    database: Database, failure: Failure, said: str
) -> None:
    number, clock, models = unusual(database), Clock(), Models(failure)
    analyst = an_analyst(database, models, clock=clock)
    analyst.round()
    once = len(models.asked)
    for _ in range(13):
        clock.move(hours=12)
        analyst.round()
    assert len(models.asked) == once, "as it would be paid for"
    assert (shown(database, number).analyst, shown(database, number).unexplained) == ("rules", said)
    clock.move(hours=12)
    analyst.round()
    assert len(models.asked) > once, "a week later"


def test_what_was_refused_is_asked_again_as_soon_as_it_grew(database: Database) -> None:
    unusual(database)
    clock, models = Clock(), Models(Refused(BILLED, ""), an_answer())
    analyst = an_analyst(database, models, clock=clock)
    analyst.round()
    record(database, [an_event(customer=f"c{n}") for n in range(120)], now=NOON)
    clock.move(hours=6)
    assert analyst.round() == 1


def test_what_is_proven_stays_where_a_model_refuses_to_be_asked_again(database: Database) -> None:
    number, clock = unusual(database), Clock()
    models = Models(an_answer(), Refused(BILLED, ""))
    analyst = an_analyst(database, models, clock=clock)
    for _ in range(3):
        analyst.round()
        clock.move(hours=24 * 4)
    card = shown(database, number)
    assert digest.analyst(card) == "Claude (claude-sonnet-5-5; asked again: model refused)"
    assert len(models.asked) == 2


def test_the_reason_is_told_as_long_as_a_model_would_be_asked(database: Database) -> None:
    number = unusual(database)
    an_analyst(database, Models(Unavailable(CALL, "HTTP 529"))).round()
    assert shown(database, number).unexplained == "model not available"
    with database.write() as session:
        anomalies.end_all(session, number, now=NOON)
    assert shown(database, number).unexplained == ""


UNPROVEN = replace(an_answer(), evidence=("nobody ever said so",))


def test_an_answer_without_proof_gives_the_word_to_the_rules_as_they_are_now(
    database: Database,
) -> None:
    number = unusual(database)
    an_analyst(database, Models(UNPROVEN)).round()
    with database.write() as session:
        newer = {**rules.analyse(Symptom("", "", "")).as_json(), "summary": "what newer rules say"}
        analyses.keep(session, {number: newer}, analyst=analyses.RULES, version="9", now=NOON)
    assert [(call.outcome, call.why) for call in ledger(database)] == [
        ("ok", "0 of 1 quotes verified")
    ]
    card = shown(database, number)
    assert (card.analyst, card.unexplained) == (
        "rules",
        "a model's answer was dropped, 0 of 1 quotes verified",
    )
    assert card.analysis.summary == "what newer rules say"


def test_what_a_model_explained_stands_under_the_verdict_of_the_rules_of_now(
    database: Database,
) -> None:
    """A rule that learns better reaches what was explained before."""
    number = unusual(database)
    an_analyst(database, Models(an_answer())).round()
    before = shown(database, number).analysis
    newer = {
        **rules.analyse(Symptom("", "", "")).as_json(),
        "severity": "Critical",
        "category": "Infrastructure",
        "confidence": "high",
        "customer_communication": "what newer rules tell customers",
        "affects_critical_operation": True,
        "row": "a newer row",
    }
    with database.write() as session:
        analyses.keep(session, {number: newer}, analyst=analyses.RULES, version="9", now=NOON)
    card = shown(database, number)
    said = card.analysis
    assert (said.severity, said.category, said.row) == ("Critical", "Infrastructure", "a newer row")
    assert said.customer_communication == "what newer rules tell customers"
    assert said.affects_critical_operation
    assert card.analyst == "claude-sonnet-5-5"
    assert (said.summary, said.evidence) == (before.summary, before.evidence)


def test_a_kept_step_that_is_none_of_ours_is_shown_no_more(database: Database) -> None:
    number = unusual(database)
    an_analyst(database, Models(an_answer())).round()
    row = explained(database, number)
    ours = row.content["immediate_actions"][0]
    steps = ["curl -s -X DELETE localhost:9200/orders", ours]
    content = {**row.content, "immediate_actions": steps, "explanation": f"{steps[0]} mends it."}
    with database.write() as session:
        analyses.keep(session, {number: content}, analyst=row.analyst, version="1", now=NOON)
    said = shown(database, number).analysis
    assert said.immediate_actions == (ours,)
    assert "DELETE" not in said.explanation


ABSTAINED = an_answer(enough_evidence=False)


@pytest.mark.parametrize(
    ("answer", "said"),
    [(ABSTAINED, "not enough evidence"), (UNPROVEN, "0 of 1 quotes verified")],
)
def test_what_is_proven_stays_where_asking_again_gives_nothing_better(
    database: Database, answer: Answer, said: str
) -> None:
    number, clock = unusual(database, kind="spread"), Clock()
    models = Models(an_answer(), answer)
    analyst = an_analyst(database, models, clock=clock)
    analyst.round()
    record(database, [an_event(customer=f"c{n}") for n in range(120)], now=NOON)
    clock.move(hours=6)
    for _ in range(5):
        analyst.round()
        clock.move(hours=24)
    card = shown(database, number)
    assert (card.analyst, card.explained_at) == ("claude-sonnet-5-5", NOON)
    assert digest.analyst(card) == f"Claude (claude-sonnet-5-5; asked again: {said})"
    assert len(models.asked) == 2, "until a week later, nothing changed"
    clock.move(hours=72)
    analyst.round()
    assert len(models.asked) == 3


def test_what_is_proven_stays_where_the_strong_model_has_nothing_better(database: Database) -> None:
    number, clock = unusual(database, kind="spike"), Clock()
    models = Models(an_answer(), ABSTAINED)
    analyst = an_analyst(database, models, clock=clock)
    analyst.round()
    opened(database, number, kind="critical")
    for _ in range(3):
        clock.move(minutes=5)
        analyst.round()
    assert shown(database, number).analyst == "claude-haiku-5-5"
    assert [model for model, _ in models.asked] == ["claude-haiku-5-5", "claude-sonnet-5-5"]


def test_a_new_proof_takes_the_place_of_the_old_one(database: Database) -> None:
    number, clock = unusual(database), Clock()
    models = Models(an_answer(), ABSTAINED, an_answer(summary="payment failed anew"))
    analyst = an_analyst(database, models, clock=clock)
    for _ in range(3):
        analyst.round()
        clock.move(hours=24 * 7)
    card = shown(database, number)
    assert (card.analysis.summary, card.unexplained) == ("payment failed anew", "")


def test_an_answer_takes_the_reason_away(database: Database) -> None:
    number = unusual(database)
    clock = Clock()
    models = Models(Unavailable(CALL, ""), an_answer())
    analyst = an_analyst(database, models, clock=clock)
    analyst.round()
    clock.move(minutes=5)
    analyst.round()
    assert explained(database, number).analyst == "claude-sonnet-5-5"


def test_what_was_cut_off_is_asked_once_more_at_twice_the_length(database: Database) -> None:
    number, models = unusual(database), Models(Truncated(BILLED, ""), an_answer())
    an_analyst(database, models).round()
    assert [prompt.max_tokens for _, prompt in models.asked] == [4_000, 8_000]
    assert explained(database, number).analyst == "claude-sonnet-5-5"
    assert [call.outcome for call in ledger(database)] == ["truncated", "ok"]


def test_what_makes_no_sense_is_asked_once_more_of_the_strong_model(database: Database) -> None:
    unusual(database, kind="spike")
    models = Models(Invalid(BILLED, ""), an_answer())
    an_analyst(database, models).round()
    assert [model for model, _ in models.asked] == ["claude-haiku-5-5", "claude-sonnet-5-5"]


@pytest.mark.parametrize("seconds", [None, 1.0])
def test_who_is_overloaded_is_asked_once_more(database: Database, seconds: float | None) -> None:
    number = unusual(database)
    models = Models(Retryable(CALL, "HTTP 529", 529, seconds), an_answer())
    assert an_analyst(database, models).round() == 1
    assert [call.outcome for call in ledger(database)] == ["retryable", "ok"]
    assert explained(database, number).analyst == "claude-sonnet-5-5"


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


def switched_off(database: Database, flag: Flag = Flag.MODEL) -> None:
    with database.write() as session:
        flags.put(session, flag, on=False, by="U1", reason="", now=NOON)


OPUS = "claude-opus-5-5"
EVERYTHING = Ways(
    a_way(),
    trial=a_way(terms=replace(TERMS, models=dict.fromkeys(Tier, OPUS))),
    shadow_share=1,
)


@pytest.mark.parametrize("first", [Truncated(BILLED, ""), an_answer()])
def test_the_switch_stops_second_tries_and_comparisons(
    database: Database, first: Failure | Answer
) -> None:
    number = unusual(database)
    models = Models(first, an_answer(), meanwhile=partial(switched_off, database))
    an_analyst(database, models, ways=EVERYTHING).round()
    assert len(models.asked) == 1
    is_answered = isinstance(first, Answer)
    assert (explained(database, number).analyst != "rules") is is_answered, "what was paid stays"


def nearly_used_up(database: Database) -> None:
    """85 % of an hour's budget are gone."""
    with database.write() as session:
        spent = {"feature": "", "team": "", "provider": "anthropic", "tier": "", "prompt": ""}
        session.add(tables.Call(at=NOON, asked="", outcome="ok", reserved=850_000, **spent))


def test_where_money_is_short_nothing_is_compared(database: Database) -> None:
    unusual(database)
    nearly_used_up(database)
    models = Models(an_answer())
    an_analyst(database, models, ways=EVERYTHING).round()
    assert [model for model, _ in models.asked] == ["claude-haiku-5-5"]


def test_where_money_is_short_the_strong_model_is_no_second_try(database: Database) -> None:
    unusual(database)
    nearly_used_up(database)
    models = Models(Invalid(BILLED, ""), an_answer())
    an_analyst(database, models).round()
    assert [model for model, _ in models.asked] == ["claude-haiku-5-5"]


def test_an_answer_that_cannot_be_checked_is_paid_for_once(database: Database) -> None:
    number, clock, models = unusual(database), Clock(), Models(an_answer())

    def fails(*_: object) -> Analysis:
        raise KeyError("no such thing")

    analyst = an_analyst(database, models, clock=clock, ways=Ways(replace(a_way(), check=fails)))
    for _ in range(12):
        assert analyst.round() == 0
        clock.move(minutes=25)
    (call,) = ledger(database)
    assert (call.outcome, call.why) == ("invalid", "cannot be checked (KeyError)")
    assert shown(database, number).unexplained == "model made no sense"


def test_what_cannot_be_asked_about_keeps_nobody_waiting(database: Database) -> None:
    broken, sound = unusual(database, service="broken"), unusual(database, service="sound")

    def write(known: Evidence) -> Prompt:
        if known.card.service == "broken":
            raise KeyError("no such thing")
        return a_way().write(known)

    models = Models(an_answer())
    analyst = an_analyst(database, models, ways=Ways(replace(a_way(), write=write)))
    assert (analyst.round(), analyst.round()) == (1, 0)
    assert explained(database, sound).analyst == "claude-sonnet-5-5"
    assert wanted(database) == [broken]


def test_an_answer_that_cannot_be_written_now_is_written_before_anything_is_asked(
    tmp_path: Path,
) -> None:
    file = tmp_path / "triage.db"
    database = open_database(f"sqlite:///{file}", durable=False)
    number = unusual(database)

    def rename(table: str, name: str) -> None:
        with closing(sqlite3.connect(file)) as connection:
            connection.execute(f"ALTER TABLE {table} RENAME TO {name}")

    trouble = partial(rename, "analyses", "mislaid")
    models, clock = Models(an_answer(), meanwhile=trouble), Clock()
    analyst = an_analyst(database, models, clock=clock)
    analyst.round()
    assert ledger(database)[0].outcome == "", "all of it is written, or nothing"
    clock.move(hours=1)
    with pytest.raises(OperationalError):
        analyst.round()
    rename("mislaid", "analyses")
    assert analyst.round() == 0
    assert explained(database, number).analyst == "claude-sonnet-5-5"
    (call,) = ledger(database)
    assert (call.outcome, len(models.asked)) == ("ok", 1)
    database.close()


def test_a_stop_is_nobodys_fault(database: Database) -> None:
    number, models = unusual(database), Models(Stopped(CALL, "stopped"))
    an_analyst(database, models).round()
    assert explained(database, number).note == ""
    with database.read() as session:
        assert providers.of(session, "anthropic").failures == 0
    assert an_analyst(database, Models(an_answer())).round() == 1, "by the next process, at once"


def test_a_wrong_name_of_the_second_model_silences_nobody(database: Database) -> None:
    words = ("alpha", "beta", "gamma", "delta", "epsilon")
    numbers = [unusual(database, service=word) for word in words]

    class Misnamed(Models):
        def ask(self, prompt, schema, *, model, within_seconds):  # type: ignore[no-untyped-def]
            if model == OPUS:
                return Config(Call(model, usage=NOTHING), "HTTP 404")
            return super().ask(prompt, schema, model=model, within_seconds=within_seconds)

    an_analyst(database, Misnamed(an_answer()), ways=EVERYTHING).round()
    assert {explained(database, one).analyst for one in numbers} == {"claude-sonnet-5-5"}
    with database.read() as session:
        assert not spend.denial(session, TERMS, now=NOON)
        aside = providers.of(session, "anthropic", OPUS)
    assert aside.reason == "claude-opus-5-5 not usable: HTTP 404", "nor is it asked for ever"


def test_once_stopped_nothing_more_is_asked(database: Database) -> None:
    unusual(database)
    models = Models(an_answer())
    analyst = an_analyst(database, models)
    analyst.stop()
    assert analyst.round() == 0
    assert models.asked == []


def test_a_second_model_is_compared_and_shown_to_nobody(database: Database) -> None:
    number = unusual(database)
    models = Models(an_answer(), an_answer(severity=Level.CRITICAL))
    an_analyst(database, models, ways=EVERYTHING).round()
    assert explained(database, number).content["severity"] == "High"
    _, compared = ledger(database)
    assert (compared.feature, compared.model) == (Feature.SHADOW, "claude-opus-5-5")
    assert "severity Critical, not High" in compared.why


def of_both(*, share: float = 0.0, shadow_share: float = 0.0) -> Ways:
    """A second version of the prompt beside the first."""
    trial = a_way("analysis 2")
    return Ways(a_way(), trial=trial, share=share, shadow_share=shadow_share)


def test_a_share_of_all_signatures_is_explained_by_the_prompt_on_trial(database: Database) -> None:
    numbers = [unusual(database, service=f"shop {letter}") for letter in "abcdefghijklmnop"]
    analyst = an_analyst(database, Models(an_answer()), ways=of_both(share=0.5))
    while analyst.round():
        pass
    versions = {explained(database, number).version for number in numbers}
    assert versions == {"analysis 1", "analysis 2"}
    assert {call.prompt for call in ledger(database)} == versions


def test_one_signature_goes_the_same_way_every_time_and_everywhere(database: Database) -> None:
    numbers = [unusual(database, service=f"shop {letter}") for letter in "abcdefgh"]
    chosen = []
    for share in (0.3, 0.3, 0.6):
        with database.read() as session:
            way_of = vary.chooser(session, of_both(share=share), now=NOON)
            keys = {n: row.fingerprint for n, row in signatures.get(session, numbers).items()}
        chosen.append({n for n, key in keys.items() if way_of(key).prompt == "analysis 2"})
    first, again, more = chosen
    assert first == again
    assert first <= more, "who is in a share stays in a larger one"


def test_a_share_is_set_live_and_ended_live(database: Database) -> None:
    unusual(database)
    models, ways = Models(an_answer()), of_both()
    with database.write() as session:
        flags.put(session, Flag.TRIAL, on=True, percent=100, by="U1", reason="", now=NOON)
    an_analyst(database, models, ways=ways).round()
    unusual(database, service="another")
    with database.write() as session:
        flags.put(session, Flag.TRIAL, on=False, by="U1", reason="worse", now=NOON)
    an_analyst(database, models, ways=ways).round()
    assert [prompt.name for _, prompt in models.asked] == ["analysis 2", "analysis 1"]


def test_without_a_share_nothing_is_tried(database: Database) -> None:
    unusual(database)
    models = Models(an_answer())
    an_analyst(database, models, ways=of_both()).round()
    assert [prompt.name for _, prompt in models.asked] == ["analysis 1"]


def test_what_a_trial_explained_is_not_asked_again_when_the_trial_ends(database: Database) -> None:
    unusual(database)
    clock, models = Clock(), Models(an_answer())
    an_analyst(database, models, clock=clock, ways=of_both(share=1)).round()
    clock.move(hours=12)
    an_analyst(database, models, clock=clock, ways=of_both()).round()
    assert len(models.asked) == 1


def test_a_model_is_tried_in_the_place_of_one_and_not_of_the_other(database: Database) -> None:
    unusual(database)
    unusual(database, kind="spike", service="known")
    models = Models(an_answer())
    terms = replace(TERMS, models={**TERMS.models, Tier.STRONG: OPUS})
    ways = Ways(a_way(), trial=a_way(terms=terms), share=1)
    an_analyst(database, models, ways=ways).round()
    assert {model for model, _ in models.asked} == {OPUS, "claude-haiku-5-5"}


def test_who_tries_a_model_that_cannot_be_asked_explains_as_ever(database: Database) -> None:
    terms = replace(TERMS, models={**TERMS.models, Tier.STRONG: OPUS})
    ways = Ways(a_way(), trial=a_way("analysis 2", terms), share=1)
    for word in ("alpha", "beta", "gamma"):
        unusual(database, service=word)
    misnamed = Models(Config(Call(OPUS, usage=NOTHING), "HTTP 404"))
    an_analyst(database, misnamed, ways=ways).round()
    number = unusual(database, service="delta")
    an_analyst(database, Models(an_answer()), ways=ways).round()
    kept = explained(database, number)
    assert (kept.analyst, kept.version) == ("claude-sonnet-5-5", "analysis 1")


def test_a_prompt_on_trial_is_compared_and_shown_to_nobody(database: Database) -> None:
    number = unusual(database)
    models = Models(an_answer(), an_answer(severity=Level.CRITICAL))
    an_analyst(database, models, ways=of_both(shadow_share=1)).round()
    assert [prompt.name for _, prompt in models.asked] == ["analysis 1", "analysis 2"]
    assert explained(database, number).version == "analysis 1"
    _, compared = ledger(database)
    assert (compared.feature, compared.prompt) == (Feature.SHADOW, "analysis 2")
    assert compared.why == "severity Critical, not High"


def test_what_is_on_trial_is_not_compared_with_itself(database: Database) -> None:
    unusual(database)
    models = Models(an_answer())
    an_analyst(database, models, ways=of_both(share=1, shadow_share=1)).round()
    assert [prompt.name for _, prompt in models.asked] == ["analysis 2"]


def test_the_comparison_can_be_switched_off(database: Database) -> None:
    unusual(database)
    with database.write() as session:
        flags.put(session, Flag.SHADOW, on=False, by="U1", reason="", now=NOON)
    models = Models(an_answer())
    an_analyst(database, models, ways=EVERYTHING).round()
    assert len(models.asked) == 1


def test_the_owner_is_not_for_a_model_to_choose(database: Database) -> None:
    number = unusual(database)
    an_analyst(database, Models(an_answer(real_application_bug=True))).round()
    with database.read() as session:
        assert signatures.get(session, [number])[number].owner == "platform"
