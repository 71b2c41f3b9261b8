"""Check what a model answers, and keep what may be shown of it."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from bot.core.analysis import Analysis
from bot.core.asking.evidence import Evidence
from bot.core.asking.prompt import Answer, Prompt
from bot.core.spending.outcome import Invalid, Ok, Outcome
from bot.core.spending.routing import Tier

log = logging.getLogger(__name__)

Check = Callable[[Answer, Prompt, Analysis], Analysis]
"""Checks an answer against the prompt and what the rules say; gives what may be shown."""


@dataclass(frozen=True, slots=True)
class Example:
    """An explanation of a signature by a model, and how it was made.

    `key` is the fingerprint, `known` the evidence, `floor` what the rules say.
    """

    key: str
    team: str
    signature_id: int
    known: Evidence
    prompt: Prompt
    model: str
    tier: Tier
    floor: Analysis
    answer: Answer


def proven(
    check: Check, outcome: Outcome[Answer], prompt: Prompt, *, floor: Analysis
) -> Outcome[Analysis]:
    """The outcome, with its answer checked; an invalid outcome with the same cost where the check
    fails."""
    if not isinstance(outcome, Ok):
        return outcome
    try:
        return Ok(outcome.call, check(outcome.answer, prompt, floor))
    except Exception as error:
        log.exception("An answer of %s cannot be checked", outcome.call.asked)
        return Invalid(outcome.call, f"cannot be checked ({type(error).__name__})")


def doubt(answer: Analysis) -> str:
    """Why an answer is not shown: nothing of what it quotes was found. Empty where some was."""
    return "" if answer.evidence else answer.checked
