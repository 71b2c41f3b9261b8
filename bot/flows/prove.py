"""Make of what a model answers what may be shown of it."""

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
"""Holds an answer against what was shown, and what the rules say."""


@dataclass(frozen=True, slots=True)
class Example:
    """What a model explained of a signature, and how; `key` is its fingerprint, `known` what was to
    be shown of it under any prompt, and `floor` what the rules say."""

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
    """What an answer comes to; one that cannot be checked was paid for and is none."""
    if not isinstance(outcome, Ok):
        return outcome
    try:
        return Ok(outcome.call, check(outcome.answer, prompt, floor))
    except Exception as error:
        log.exception("An answer of %s cannot be checked", outcome.call.asked)
        return Invalid(outcome.call, f"cannot be checked ({type(error).__name__})")


def doubt(answer: Analysis) -> str:
    """Why an answer is not shown, where nothing of what it quotes was found."""
    return "" if answer.evidence else answer.checked
