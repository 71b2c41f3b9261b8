"""The analysis of an error without a model: from tables, and the same every time."""

import re
from dataclasses import replace

from bot.core.analysis import Analysis, Confidence, Level, Symptom
from bot.core.rules import bystander, guess, operation
from bot.core.rules import verdicts as v
from bot.core.rules.criticals import critical
from bot.core.rules.finding import Finding, Weight
from bot.core.rules.reading import all_of, innermost, says_only_that
from bot.core.rules.verdicts import Verdict
from bot.core.wording import harm

__all__ = ["STEPS", "analyse", "critical", "steps"]

STEPS = frozenset(one for verdict in v.ALL for one in verdict.actions)
"""Every step that the tables know."""

_SUMMARY_LIMIT = 200
_QUOTED = re.compile(r"[\"'`“]([A-Za-z_/][\w./:-]{1,60})[\"'`”]")
_LEVEL = r"(?:fatal|critical|emerg(?:ency)?|panic|alert)"
_ALARMING = re.compile(
    r"\b(?:FATAL|CRITICAL|EMERG(?:ENCY)?|PANIC|ALERT)\b"
    rf"|(?im:^\W*{_LEVEL}\b|\b(?:level|severity)\W{{1,4}}{_LEVEL}\b)"
    rf"|(?i:\b{_LEVEL}\b(?=[\]:!]| error)|\bdata loss\b)"
)
"""A level, as programs write one; "ignore this alert" is none."""

_CONFIDENCE = {
    Weight.CRITICAL: Confidence.HIGH,
    Weight.BYSTANDER: Confidence.HIGH,
    Weight.VENDOR: Confidence.HIGH,
    Weight.PRECISE: Confidence.HIGH,
    Weight.NAME: Confidence.MEDIUM,
    Weight.STATUS: Confidence.MEDIUM,
    Weight.WEAK: Confidence.MEDIUM,
}


def analyse(symptom: Symptom) -> Analysis:
    """What the tables know about an error, from what it says; every one gets an answer.

    Confidence is low where no rule applied. An answer marked as noise is a suggestion: it needs
    evidence of high confidence, and mutes nothing. Linear in the length of the text, of which it
    reads the first part.
    """
    finding, verdict = _read(symptom)
    confidence = _CONFIDENCE[finding.weight] if finding else Confidence.LOW
    return Analysis(
        category=verdict.category,
        severity=verdict.severity if confidence is Confidence.HIGH else _raised(symptom, verdict),
        confidence=confidence,
        real_application_bug=verdict.bug,
        noise=verdict.noise and confidence is Confidence.HIGH,
        affects_critical_operation=operation.is_key(symptom, verdict),
        summary=_summary(symptom, verdict),
        explanation=verdict.explains,
        user_impact=verdict.effect.impact,
        likely_cause=verdict.cause,
        immediate_actions=verdict.actions,
        customer_communication=verdict.effect.customer,
        rule=_name(verdict, finding.words if finding else ""),
        row=verdict.name,
    )


def steps(symptom: Symptom) -> tuple[str, ...]:
    """The steps that may help: those of its verdict and of what else its text speaks of, then what
    is looked at first in other errors of its category, or of any where the rules only guess.

    None of what is critical, which the rules would have known, nor of noise, which needs none."""
    finding, verdict = _read(symptom)
    told = (verdict, *(one.verdict for one in all_of(symptom) if not one.verdict.noise))
    others = (
        one
        for one in v.ALL
        if not one.noise and one.severity is not Level.CRITICAL
        if finding is None or one.category is verdict.category
    )
    fitting = [step for one in told for step in one.actions]
    return tuple(dict.fromkeys((*fitting, *(one.actions[0] for one in others))))


def _read(symptom: Symptom) -> tuple[Finding | None, Verdict]:
    """The evidence and its verdict. Where there is none, or it tells only that something failed, a
    guess by the words; that is as severe as the evidence."""
    found = innermost(symptom)
    if found and not says_only_that(found):
        return found, found.verdict
    category = guess.category(symptom, around=found.words if found else "")
    if found and not category:
        return found, found.verdict
    guessed = v.GUESSES[category] if category else v.UNKNOWN
    return None, replace(guessed, severity=found.verdict.severity) if found else guessed


def _name(verdict: Verdict, words: str) -> str:
    """What the verdict is called, and the words it was found by where these are others."""
    same = words.casefold() in ("", verdict.name.casefold())
    return verdict.name if same else f"{verdict.name} ({words[:60]})"


def _raised(symptom: Symptom, verdict: Verdict) -> Level:
    """The severity: at least high where the text itself sounds the alarm and nothing better is
    known."""
    said = bystander.without_fields(f"{symptom.title}\n{symptom.message}"[:2_000])
    if _ALARMING.search(said):
        return max(verdict.severity, Level.HIGH, key=lambda level: level.rank)
    return verdict.severity


def _summary(symptom: Symptom, verdict: Verdict) -> str:
    service = harm.dead(" ".join(symptom.service.split()))[:60] or "A service"
    thing = _QUOTED.search((symptom.message or symptom.title)[:1_000])
    named = f": {harm.dead(thing.group(1))}" if thing else ""
    return f"{service}: {verdict.says}{named}"[:_SUMMARY_LIMIT]
