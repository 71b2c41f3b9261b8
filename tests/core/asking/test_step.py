import pytest

from bot.core import rules
from bot.core.analysis import Confidence, Symptom
from bot.core.asking import step
from bot.core.asking.evidence import Evidence, Neighbour
from bot.core.detection.episode import Why
from bot.core.detection.finding import Kind
from bot.core.rules import verdicts
from tests.builders import NOON
from tests.slack.builders import a_card

FULL = "write /data/x: no space left on device"


def of_rules(message: str) -> tuple[str, ...]:
    return rules.steps(Symptom("checkout", message, message, message=message))


def known(**facts: object) -> Evidence:
    return Evidence(a_card(**facts), steps=of_rules(FULL))


def test_the_steps_of_the_verdict_come_first() -> None:
    said = of_rules(FULL)
    assert said[: len(verdicts.DISK_FULL.actions)] == verdicts.DISK_FULL.actions


def test_what_else_a_text_speaks_of_gives_its_steps_too() -> None:
    said = of_rules(f"{FULL}\ndial tcp 10.0.0.7:5432: connect: connection refused")
    assert set(verdicts.REFUSED.actions) <= set(said)


def test_what_is_looked_at_first_in_errors_of_its_category_is_offered() -> None:
    said = of_rules("FATAL: the database system is in recovery mode")
    assert verdicts.DB_UNAVAILABLE.actions[0] in said
    assert verdicts.CERTIFICATE.actions[0] not in said


def test_where_the_rules_guess_what_is_looked_at_first_in_every_error_is_offered() -> None:
    message = "it went wrong: 7c1"
    symptom = Symptom("checkout", message, message, message=message)
    assert rules.analyse(symptom).confidence is Confidence.LOW
    said = rules.steps(symptom)
    assert verdicts.DB_UNAVAILABLE.actions[0] in said
    assert verdicts.CERTIFICATE.actions[0] in said
    assert verdicts.CORRUPTION.actions[0] not in said


@pytest.mark.parametrize("verdict", verdicts.ALL, ids=lambda verdict: verdict.name)
def test_every_verdict_has_steps_and_all_of_them_are_known(verdict: verdicts.Verdict) -> None:
    assert verdict.actions
    assert step.OURS.issuperset(verdict.actions)


@pytest.mark.parametrize(
    ("facts", "neighbours", "said"),
    [
        ({"released_at": NOON, "release": "4.19.1"}, (), "Read what changed in the release"),
        ({}, (Neighbour("E-7", "billing", "it broke"),), "the other errors of its incident"),
        ({"customers": (("acme", 3),)}, (), "the customer who is hit"),
        ({"whys": (Why(Kind.BACK, "so", NOON),)}, (), "mended the last time"),
        ({"whys": (Why(Kind.SPREAD, "so", NOON),)}, (), "have in common"),
    ],
)
def test_what_is_known_of_an_error_adds_a_step(
    facts: dict[str, object], neighbours: tuple[Neighbour, ...], said: str
) -> None:
    plain: dict[str, object] = {"customers": (), "whys": ()}
    without = Evidence(a_card(**plain), steps=of_rules(FULL))
    fitting = Evidence(a_card(**(plain | facts)), neighbours=neighbours, steps=of_rules(FULL))
    assert not any(said in one for one in step.offered(without))
    assert any(said in one for one in step.offered(fitting))
    assert step.OURS.issuperset(step.offered(fitting))


def test_no_step_is_offered_twice() -> None:
    said = step.offered(known())
    assert len(set(said)) == len(said)
