"""Errors of 16 fields, each judged by hand before any rule had seen it: the rules as a whole."""

from collections.abc import Callable
from typing import Any

import pytest

import prompts
from bot.core.analysis import Analysis, Level, Symptom
from bot.core.ownership.owner import choose
from bot.core.rules import analyse

ERRORS = prompts.evals("errors")


def a_symptom(error: dict[str, Any]) -> Symptom:
    message = error["message"]
    return Symptom(
        error.get("service", ""),
        message,
        message,
        error_type=error.get("error_type", ""),
        message=message,
    )


def share(right: Callable[[dict[str, Any], Symptom, Analysis], bool]) -> float:
    """How often the rules agree with the judgement."""
    symptoms = [(error, a_symptom(error)) for error in ERRORS]
    return sum(right(error, symptom, analyse(symptom)) for error, symptom in symptoms) / len(
        symptoms
    )


def test_the_category_is_the_judged_one() -> None:
    assert share(lambda error, _, said: said.category == error["category"]) >= 0.85


def test_the_category_is_at_least_a_defensible_one() -> None:
    assert (
        share(
            lambda error, _, said: (
                said.category in (error["category"], *error.get("alt_category", ()))
            )
        )
        >= 0.95
    )


def test_the_owner_is_the_judged_one() -> None:
    assert share(lambda error, symptom, said: choose(symptom, said).team == error["owner"]) >= 0.85


def test_severity_is_hardly_ever_two_steps_off() -> None:
    assert (
        share(lambda error, _, said: abs(said.severity.rank - Level(error["severity"]).rank) < 2)
        >= 0.97
    )


@pytest.mark.parametrize(
    "error", [error for error in ERRORS if error["owner"] != "noise"], ids=lambda error: error["id"]
)
def test_nothing_that_somebody_should_mend_is_suggested_as_noise(error: dict[str, Any]) -> None:
    assert not analyse(a_symptom(error)).noise


@pytest.mark.parametrize("words", ["client closed request", 'GET /wp-login.php HTTP/1.1\\" 404'])
def test_a_field_that_a_stranger_fills_hides_no_judged_error(words: str) -> None:
    for error in ERRORS:
        alone = analyse(a_symptom(error))
        if not alone.noise:
            message = f'{error["message"]} user_agent="{words}"'
            attacked = analyse(a_symptom({**error, "message": message}))
            assert not attacked.noise, error["id"]
            assert attacked.severity.rank >= alone.severity.rank, error["id"]
