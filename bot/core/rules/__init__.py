"""The analysis of an error without a model: from tables, and the same every time."""

import re

from bot.core.analysis import Analysis, Case, Category, Confidence, Level
from bot.core.rules import verdicts as v
from bot.core.rules.criticals import critical
from bot.core.rules.reading import Finding, Tier, hint, innermost
from bot.core.rules.verdicts import Verdict

__all__ = ["analyse", "critical"]

_SUMMARY_LIMIT = 200
_QUOTED = re.compile(r"[\"'`“]([A-Za-z_/][\w./:-]{1,60})[\"'`”]")
_ALARMING = re.compile(r"(?i)\b(?:fatal|critical|emerg(?:ency)?|panic|alert|data loss)\b")

_CONFIDENCE = {
    Tier.CRITICAL: Confidence.HIGH,
    Tier.BYSTANDER: Confidence.HIGH,
    Tier.VENDOR: Confidence.HIGH,
    Tier.PRECISE: Confidence.HIGH,
    Tier.NAME: Confidence.MEDIUM,
    Tier.STATUS: Confidence.MEDIUM,
    Tier.WEAK: Confidence.LOW,
    Tier.HINT: Confidence.LOW,
}


def analyse(case: Case) -> Analysis:
    """What the tables know about the case; every case gets an answer.

    Confidence is low where only a vague word or nothing at all was recognised. An answer marked as
    noise is a suggestion. Linear in the length of the case, of which it reads the first part.
    """
    finding = innermost(case)
    if finding is None or finding.tier is Tier.WEAK:
        return _guess(case, finding)
    return _explained(case, finding)


def _explained(case: Case, finding: Finding) -> Analysis:
    verdict = finding.verdict
    return _answer(
        case,
        verdict,
        category=verdict.category,
        severity=verdict.severity,
        confidence=_CONFIDENCE[finding.tier],
        words=finding.words,
    )


def _guess(case: Case, finding: Finding | None) -> Analysis:
    """What a weak word says, else where most words come from; never noise."""
    verdict = finding.verdict if finding else v.UNKNOWN
    category = verdict.category if finding else hint(case) or verdict.category
    alarming = _ALARMING.search(f"{case.title} {case.message[:2_000]}")
    return _answer(
        case,
        verdict,
        category=category,
        severity=max(verdict.severity, Level.HIGH, key=lambda level: level.rank)
        if alarming
        else verdict.severity,
        confidence=Confidence.LOW,
        words=finding.words if finding else "",
    )


def _answer(
    case: Case,
    verdict: Verdict,
    *,
    category: Category,
    severity: Level,
    confidence: Confidence,
    words: str,
) -> Analysis:
    return Analysis(
        category=category,
        severity=severity,
        confidence=confidence,
        real_application_bug=verdict.bug,
        noise=verdict.noise and confidence is Confidence.HIGH,
        affects_critical_operation=verdict.critical_operation,
        summary=_summary(case, verdict),
        explanation=verdict.explains,
        user_impact=verdict.effect.impact,
        likely_cause=verdict.cause,
        immediate_actions=verdict.actions,
        customer_communication=verdict.effect.customer,
        rule=f"{verdict.name} ({words[:60]})" if words else verdict.name,
    )


def _summary(case: Case, verdict: Verdict) -> str:
    service = case.service.strip()[:60] or "A service"
    thing = _QUOTED.search((case.message or case.title)[:1_000])
    named = f": {thing.group(1)}" if thing else ""
    return f"{service}: {verdict.says}{named}"[:_SUMMARY_LIMIT]
