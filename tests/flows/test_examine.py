from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.core.asking.prompt import Answer, Prompt
from bot.core.spending.budget import Feature
from bot.core.spending.outcome import Call, Timeout
from bot.flows import evaluate, examine
from storage import calls
from storage.calls import Slice
from storage.database import Database
from tests.builders import NOON
from tests.fakes import Clock, Models
from tests.flows.test_canary import AMONG, MODEL, honest, write
from tests.flows.test_spend import TERMS


@pytest.mark.sqlite
def test_an_answer_outlives_a_ledger_that_cannot_be_written(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    prompt = write(evaluate.evidence_of(AMONG.cases["w001"]))

    def mislay() -> None:
        with database.write() as session:
            session.execute(text("ALTER TABLE calls RENAME TO mislaid"))

    models = Models(honest(prompt), meanwhile=mislay)
    ask = examine.asking(database, models, terms=TERMS, name=MODEL, clock=Clock(), within_seconds=5)
    assert ask(prompt) == honest(prompt)
    assert "is not settled" in caplog.text


@pytest.mark.parametrize("outcome", [None, Timeout(Call(MODEL), "too slow")])
def test_what_is_asked_is_in_the_ledger(database: Database, outcome: Timeout | None) -> None:
    prompt = write(evaluate.evidence_of(AMONG.cases["w001"]))
    models = Models(outcome or honest(prompt))
    ask = examine.asking(database, models, terms=TERMS, name=MODEL, clock=Clock(), within_seconds=5)
    answer = ask(prompt)
    assert isinstance(answer, Answer) if outcome is None else answer == "timeout"
    with database.read() as session:
        part = Slice(NOON - timedelta(days=1), feature=Feature.EVALUATION)
        (spent,) = calls.spent(session, [part])
    assert spent > 0


def questions(count: int) -> list[Prompt]:
    return [write(evaluate.evidence_of(case)) for case in list(AMONG.cases.values())[:count]]


def foreseen(database: Database, count: int) -> examine.Foreseen:
    with database.read() as session:
        return examine.foresee(session, TERMS, questions(count), model=MODEL, now=NOON)


def test_it_says_before_the_first_call_what_examining_takes(database: Database) -> None:
    found = foreseen(database, 12)
    assert found.said.startswith(f"It asks {MODEL} 12 times, for about $0.0")
    assert found.refusal == ""


def test_what_does_not_fit_the_budget_is_refused_as_a_whole(database: Database) -> None:
    with database.read() as session:
        caps = replace(TERMS.caps, hour=5_000)
        found = examine.foresee(
            session, replace(TERMS, caps=caps), questions(12), model=MODEL, now=NOON
        )
    assert "the budget of this hour has $0.004 left for it" in found.refusal
