"""What is sent to a model, and what it has to answer."""

from dataclasses import dataclass, field
from math import ceil

from bot.core.analysis import Category, Confidence, Level
from bot.core.asking.pseudonym import Pseudonyms

SCHEMA_SIZE = 3_000
"""Bytes: twice as long as that of `Answer` is."""
_LETTERS_PER_TOKEN = 3
"""The tokenizers of 2026 make of English a token of 3 to 4 letters."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """One request to a model, rendered. All that is sent of an error stands here, redacted.

    `texts` are what the error itself says, `facts` what we know of it; both stand in the data
    region, which `nonce` fences off. `steps` are sentences of our own, numbered from 1, of which a
    model chooses. `max_tokens` bounds the answer, its thinking included. `names` says whom the
    pseudonyms stand for; it is not sent.
    """

    id: str
    version: str
    system: str
    user: str
    nonce: str
    texts: tuple[str, ...]
    facts: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    max_tokens: int = 4_000
    names: Pseudonyms = field(default_factory=lambda: Pseudonyms({}))

    @property
    def name(self) -> str:
        """The name by which the ledger and the cache tell prompts apart: "analysis 3"."""
        return f"{self.id} {self.version}"

    @property
    def shown(self) -> tuple[str, ...]:
        """The texts of the data region: a quote must stand in one of these word for word."""
        return *self.facts, *self.texts

    @property
    def most_tokens(self) -> int:
        """The most tokens that the request can have, the schema of the answer included.

        A token of our own words is 3 letters or more; of an error's text each byte may be one.
        """
        ours = len(self.system.encode()) + SCHEMA_SIZE
        return ceil(ours / _LETTERS_PER_TOKEN) + len(self.user.encode())


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model says of a case. It is untrusted: nothing of it is shown before it was checked.

    The fields are asked for in this order, so that the evidence is quoted before it is judged. All
    are required, since structured output knows no optional ones. `steps` are numbers of steps that
    the prompt offers.
    """

    evidence: tuple[str, ...]
    enough_evidence: bool
    likely_cause: str
    category: Category
    severity: Level
    confidence: Confidence
    real_application_bug: bool
    summary: str
    explanation: str
    user_impact: str
    steps: tuple[int, ...]
