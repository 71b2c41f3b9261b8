"""What a signature means: one structured explanation for the four people who read it."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Category(StrEnum):
    """Where the cause lies."""

    APPLICATION = "Application"
    INFRASTRUCTURE = "Infrastructure"
    NETWORK = "Network"
    DATABASE = "Database"
    CONFIGURATION = "Configuration"


class Level(StrEnum):
    """How bad an error is for those it hits."""

    LOW = "Low"
    MEDIUM = "Medium"
    HIGH = "High"
    CRITICAL = "Critical"

    @property
    def rank(self) -> int:
        """0 for the least severe, 3 for the most, to sort by."""
        return list(Level).index(self)


class Confidence(StrEnum):
    """How sure the analyst is; low when only the default rule applied."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Symptom:
    """What an analyst gets to see of a signature: redacted text only."""

    service: str
    title: str
    template: str
    error_type: str = ""
    message: str = ""
    stack: str = ""


@dataclass(frozen=True, slots=True)
class Author:
    """Who gave an explanation: the rules or a model, under which version of the rules or the
    prompt, and by which row of the rules' table."""

    analyst: str
    version: str
    row: str


@dataclass(frozen=True, slots=True)
class Analysis:
    """One explanation: `summary` for the card, `explanation` in plain English for support,
    `customer_communication` for customers, the rest for whoever fixes it.

    `row` names the row of the table by which the rules decided, also where a model's words replace
    theirs, since other things are computed from it. `rule` is that with the words that led to it.
    Of a model's answer, `evidence` has the quotes that were found, of the `offered` number it gave;
    `checked` says so: "2 of 3 quotes verified".
    """

    category: Category
    severity: Level
    confidence: Confidence
    real_application_bug: bool
    noise: bool
    affects_critical_operation: bool
    summary: str
    explanation: str
    user_impact: str
    likely_cause: str
    immediate_actions: tuple[str, ...]
    customer_communication: str
    rule: str = ""
    evidence: tuple[str, ...] = ()
    checked: str = ""
    row: str = ""
    offered: int = 0

    def as_json(self) -> dict[str, Any]:
        """Plain values, to be stored as they are."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Analysis":
        """The analysis that `as_json` gave; raises TypeError or ValueError on anything else."""
        return cls(
            **{
                **values,
                "category": Category(values["category"]),
                "severity": Level(values["severity"]),
                "confidence": Confidence(values["confidence"]),
                "immediate_actions": tuple(values["immediate_actions"]),
                "evidence": tuple(values.get("evidence", ())),
                "row": values.get("row") or values.get("rule", "").split(" (")[0],
            }
        )
