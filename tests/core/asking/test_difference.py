from dataclasses import replace
from functools import partial
from typing import Any

from pydantic import TypeAdapter

import prompts
from bot.core import rules
from bot.core.analysis import Category
from bot.core.asking import difference, evaluation
from bot.core.asking.difference import between
from bot.core.asking.evaluation import Case, Gate, Result, Suite
from bot.core.asking.prompt import Answer


def a_case(name: str) -> Case:
    """A full disk, judged."""
    return Case.from_json(
        {
            "id": name,
            "message": "write /data/x: no space left on device",
            "category": "Infrastructure",
            "alt_category": ["Configuration"],
            "owner": "platform",
            "severity": "Critical",
        }
    )


def a_result(name: str, *, category: str = "Infrastructure", **facts: Any) -> Result:
    """What came of it: right, unless it says otherwise."""
    case = a_case(name)
    said = replace(rules.analyse(case.shown), category=Category(category))
    return replace(Result(case, said, "platform"), **facts)


def an_answer(**facts: str) -> Answer:
    """One on record, with these in it."""
    return ANSWERS.validate_python(prompts.evals("recorded")[0]["answer"] | facts)


ANSWERS = TypeAdapter(Answer)


def a_suite(*results: Result, gates: tuple[Gate, ...] = evaluation.OF_RULES) -> Suite:
    return Suite("recorded", "Answers on record.", results, gates)


of_a_model = partial(a_suite, gates=evaluation.OF_MODELS)


def said(old: Suite, new: Suite) -> str:
    sections = difference.sections([old], [new], old="analysis 1", new="analysis 2")
    return evaluation.report([new], compared=sections)


RIGHT, WRONG = a_result("x"), a_result("x", category="Network")
HARMFUL, SECOND = a_result("x", faults=("dangerous step",)), a_result("x", category="Configuration")

PROVEN, UNPROVEN = (
    replace(
        RIGHT,
        analysis=replace(
            RIGHT.analysis,
            evidence=("a quote",) * found,
            offered=2,
            checked=f"{found} of 2 quotes verified",
        ),
    )
    for found in (2, 1)
)


WELL_SAID, ILL_SAID = (
    replace(RIGHT, said=an_answer(category=category)) for category in ("Configuration", "Network")
)


def test_a_model_is_held_against_the_judgement_by_what_it_said_itself() -> None:
    """What is shown is mostly the verdict of the rules, under any prompt."""
    report = said(of_a_model(ILL_SAID), of_a_model(WELL_SAID))
    assert "| the model's own verdict defensible | 0.000 | 1.000 | +1.000 |" in report
    assert "| the model's own verdict defensible | 1.000 | 0.850 | passed |" in report
    assert "the model's own verdict" not in said(a_suite(RIGHT), a_suite(RIGHT))


def test_a_case_is_better_worse_or_the_same() -> None:
    for old, new in (
        (WRONG, RIGHT),
        (HARMFUL, WRONG),
        (SECOND, RIGHT),
        (WRONG, SECOND),
        (RIGHT, PROVEN),
        (UNPROVEN, PROVEN),
        (ILL_SAID, WELL_SAID),
    ):
        (pair,) = between(a_suite(old), a_suite(new)).pairs
        assert (pair.better, pair.worse) == (True, False)
        (pair,) = between(a_suite(new), a_suite(old)).pairs
        assert (pair.better, pair.worse) == (False, True)
    (pair,) = between(a_suite(RIGHT), a_suite(RIGHT)).pairs
    assert (pair.better, pair.worse) == (False, False)


def test_of_several_results_of_a_case_the_shares_compare() -> None:
    (pair,) = between(a_suite(RIGHT, WRONG), a_suite(RIGHT, RIGHT, WRONG)).pairs
    assert pair.better


def test_the_report_has_the_shares_beside_each_other_and_names_every_case_that_differs() -> None:
    old = a_suite(a_result("x1"), a_result("x2", category="Network"), a_result("x3"))
    new = a_suite(a_result("x1", faults=("dangerous step",)), a_result("x2"), a_result("x3"))
    lines = said(old, new).splitlines()
    assert "## What analysis 2 changes against analysis 1" in lines
    assert "| | analysis 1 | analysis 2 | |" in lines
    assert "| category strict | 0.667 | 1.000 | +0.333 |" in lines
    assert "| without fault | 1.000 | 0.667 | -0.333 |" in lines
    assert "Of 3 cases 1 worse, 1 better, 1 same." in lines
    right = "Infrastructure/platform/Critical"
    at = lines.index("Worse:")
    assert lines[at + 2] == f"- `x1` {right}: was {right}; is {right}; dangerous step"
    at = lines.index("Better:")
    assert lines[at + 2] == f"- `x2` {right}: was Network/platform/Critical; is {right}"
    assert lines[2] == "**1 gates failed**."


def test_a_case_that_only_one_has_is_counted_apart() -> None:
    told = said(a_suite(a_result("x1"), a_result("x2")), a_suite(a_result("x1"), a_result("x3")))
    assert "Of 1 cases 0 worse, 0 better, 1 same. 1 only under analysis 1. 1 only under" in told


def test_quotes_that_were_found_are_compared_too() -> None:
    told = said(of_a_model(PROVEN), of_a_model(UNPROVEN))
    assert "| all quotes, names and numbers found | 1.000 | 0.000 | -1.000 |" in told
    right = "Infrastructure/platform/Critical"
    assert (f"was {right}, 2 of 2 quotes verified; is {right}, 1 of 2 quotes verified") in told
    assert "quotes found |" not in said(a_suite(RIGHT), a_suite(RIGHT))


def test_several_answers_to_a_case_say_how_many_were_right() -> None:
    old = a_suite(a_result("x1"), a_result("x1", category="Network"))
    told = said(old, a_suite(a_result("x1"), a_result("x1")))
    assert (
        "was Infrastructure/platform/Critical or Network/platform/Critical (1 of 2 right); "
        "is Infrastructure/platform/Critical (2 of 2 right)"
    ) in told


def test_of_many_that_differ_the_first_are_named() -> None:
    names = [f"x{number}" for number in range(30)]
    old = a_suite(*map(a_result, names))
    new = a_suite(*(a_result(name, category="Network") for name in names))
    assert f"Worse, the first {difference.LISTED} of 30:" in said(old, new)
