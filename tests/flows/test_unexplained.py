"""What a model does not answer, or answers without proof, is left to the rules, with the reason."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from bot.core import rules
from bot.core.analysis import Analysis, Symptom
from bot.core.asking.evidence import Evidence
from bot.core.asking.prompt import Answer, Prompt
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
)
from bot.core.telling import digest
from bot.flows import spend
from bot.flows.record import record
from bot.flows.vary import Ways
from storage import analyses, anomalies, providers
from storage.database import Database, open_database
from tests.builders import NOON, an_answer, an_event
from tests.fakes import Clock, Models
from tests.flows.asking import (
    BILLED,
    CALL,
    EVERYTHING,
    OPUS,
    TERMS,
    a_way,
    an_analyst,
    explained,
    ledger,
    opened,
    shown,
    unusual,
    wanted,
)

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


def test_an_answer_that_cannot_be_written_now_is_written_before_the_next_question(
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
