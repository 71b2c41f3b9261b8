from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

import prompts
from bot.core.analysis import Category, Level
from bot.core.asking.evidence import Evidence
from bot.core.asking.prompt import Answer, Prompt
from bot.core.flag import Flag
from bot.core.redaction import redact
from bot.core.spending.outcome import Stopped
from bot.flows import canary, evaluate, examine, spend
from bot.flows.evaluate import Ask
from bot.llm import question
from storage import canaries, flags, outbox
from storage.database import Database
from storage.tables import Canary
from tests.builders import NOON
from tests.fakes import Clock, Models
from tests.flows.test_spend import TERMS

MODEL = "claude-haiku-5-5"


def write(known: Evidence) -> Prompt:
    return question.write(prompts.library(), known, nonce="3f9c0a7be1d24c58", redact=redact)


AMONG = evaluate.examined(write)


BY_MESSAGE = {write(evaluate.evidence_of(case)).shown[-1]: case for case in AMONG.cases.values()}
HONEST = next(line["answer"] for line in prompts.evals("recorded") if line["case"] == "w001")


def honest(prompt: Prompt) -> Answer:
    """What a model says that knows the judgement, and quotes what it was shown."""
    judged = BY_MESSAGE[prompt.shown[-1]]
    said = {"category": judged.categories[0], "severity": judged.severity}
    return evaluate.ANSWER.validate_python(HONEST | {"evidence": [prompt.shown[-1]]} | said)


def sing(
    database: Database,
    ask: Ask,
    *,
    now: datetime = NOON,
    holder: str = "h",
    gone: Collection[str] = (),
) -> str:
    return canary.sing(
        database,
        AMONG,
        ask,
        model=MODEL,
        prompt="analysis 1",
        channels=["C1"],
        holder=holder,
        now=now,
        gone=lambda *_: gone,
    )


def kept(database: Database, *rights: int, prompt: str = "analysis 1") -> None:
    """How the days before came out, the oldest first."""
    with database.write() as session:
        for back, right in enumerate(reversed(rights), start=1):
            day = f"{NOON - timedelta(days=back):%Y-%m-%d}"
            row = Canary(day=day, model=MODEL, prompt=prompt, right=right, cases=12)
            canaries.keep(session, row)


def told(database: Database) -> list[str]:
    with database.read() as session:
        found = outbox.wanted_since(session, NOON - timedelta(days=1), kinds=(spend.NOTICE,))
    return [str(one.content["text"]) for one in found]


def test_a_model_as_good_as_ever_is_not_mentioned(database: Database) -> None:
    kept(database, *[12] * 7)
    assert sing(database, honest) == ""
    assert told(database) == []
    with database.read() as session:
        today = canaries.of(session, MODEL, "2026-11-18")
    assert today
    assert (today.right, today.cases) == (12, 12)


def test_a_model_that_quotes_what_is_not_there_is_told_of_once(database: Database) -> None:
    kept(database, *[12] * 7)

    def invents(prompt: Prompt) -> Answer:
        return replace(honest(prompt), evidence=("something nobody ever logged",))

    sing(database, invents)
    sing(database, invents)
    (said,) = told(database)
    assert said.startswith(f"{MODEL} explains worse: 0 of the daily cases came out right, 12 is")


def test_a_model_that_copies_a_line_and_judges_all_alike_is_told_of(database: Database) -> None:
    """The rules know nearly all of the cases, and people are shown their verdict."""
    kept(database, *[12] * 7)

    def prints(prompt: Prompt) -> Answer:
        answer = honest(prompt)
        return replace(answer, category=Category.CONFIGURATION, severity=Level.LOW)

    assert sing(database, prints) == "1 of the daily cases came out right, 12 is usual"


def test_a_model_that_dares_no_explanation_is_told_of(database: Database) -> None:
    kept(database, *[12] * 7)

    def abstains(prompt: Prompt) -> Answer:
        return replace(honest(prompt), enough_evidence=False)

    assert sing(database, abstains).startswith("0 of the daily cases came out right")


def test_a_day_is_asked_once(database: Database) -> None:
    asked = []

    def ask(prompt: Prompt) -> Answer:
        asked.append(prompt)
        return honest(prompt)

    for hours in (0, 1, 2):
        sing(database, ask, now=NOON + timedelta(hours=hours))
    assert len(asked) == evaluate.CANARY
    sing(database, ask, now=NOON + timedelta(days=1))
    assert len(asked) == 2 * evaluate.CANARY


def test_a_day_on_which_the_model_did_not_answer_counts_for_nothing(database: Database) -> None:
    kept(database, *[12] * 7)
    assert sing(database, lambda _: "timeout") == ""
    with database.read() as session:
        assert canaries.of(session, MODEL, "2026-11-18") is None


def test_a_day_is_given_up_with_the_first_case_that_gets_no_answer(database: Database) -> None:
    asked = []

    def ask(prompt: Prompt) -> Answer | str:
        asked.append(prompt)
        return "timeout" if len(asked) % 4 == 0 else honest(prompt)

    for hours in range(24):
        sing(database, ask, now=NOON.replace(hour=0) + timedelta(hours=hours))
    assert len(asked) == 16, "every six hours, up to the fourth case"


def test_whom_the_end_of_its_process_kept_from_asking_another_asks_for_at_once(
    database: Database,
) -> None:
    asked = []

    def ask(prompt: Prompt) -> Answer:
        asked.append(prompt)
        return honest(prompt)

    def dies(_: Prompt) -> Answer:
        raise KeyboardInterrupt

    assert sing(database, lambda _: Stopped.name, holder="told to end") == ""
    sing(database, ask, holder="next")
    assert asked == [], "it may be at it yet"
    with pytest.raises(KeyboardInterrupt):
        sing(database, dies, holder="killed", gone=["told to end"])
    sing(database, ask, holder="next", gone=["killed"])
    assert len(asked) == evaluate.CANARY


def test_a_day_that_was_given_up_rests_whoever_is_gone(database: Database) -> None:
    sing(database, lambda _: "timeout", holder="gave up")
    sing(database, lambda _: pytest.fail("it is asked again"), holder="next", gone=["gave up"])


@pytest.mark.parametrize("spoiled", ["refused", "invalid", "truncated"])
def test_a_case_that_a_model_spoils_is_wrong_and_asked_once(
    database: Database, spoiled: str
) -> None:
    asked = []

    def ask(prompt: Prompt) -> Answer | str:
        asked.append(prompt)
        return spoiled if len(asked) <= 6 else honest(prompt)

    kept(database, *[12] * 7)
    assert sing(database, ask).startswith("6 of the daily cases came out right")
    sing(database, ask, now=NOON + timedelta(hours=7))
    assert len(asked) == evaluate.CANARY


def test_a_day_is_held_against_days_of_the_same_prompt(database: Database) -> None:
    kept(database, *[12] * 7, prompt="analysis 0")
    assert sing(database, lambda _: "refused") == ""


def test_the_switch_stops_the_daily_cases_and_whatever_examines_a_model(
    database: Database,
) -> None:
    with database.write() as session:
        flags.put(session, Flag.MODEL, on=False, by="U1", reason="", now=NOON)
    models = Models(honest(write(evaluate.evidence_of(AMONG.cases["w001"]))))
    ask = examine.asking(database, models, terms=TERMS, name=MODEL, clock=Clock(), within_seconds=5)
    sing(database, ask)
    suite = evaluate.live(AMONG, ask, model=MODEL, most=2)
    assert models.asked == []
    assert suite.stopped == "6 of 6 were not run: the flag model is off"
