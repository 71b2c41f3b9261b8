"""Ask models about judged errors, within what examinations may cost."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot.core.asking.prompt import SCHEMA_SIZE, Answer, Prompt
from bot.core.spending import budget
from bot.core.spending.budget import Feature
from bot.core.spending.outcome import Ok, Usage
from bot.core.spending.price import dollars
from bot.core.wording.plural import times
from bot.flows import spend
from bot.flows.evaluate import Ask
from bot.flows.spend import Denied, Purpose, Terms
from bot.llm.port import Model
from storage.database import Database
from storage.failures import FAILURES

log = logging.getLogger(__name__)

PURPOSE = Purpose(Feature.EVALUATION, team="")
_ANSWER_TOKENS = 1_000
"""An answer has so many tokens on average, thinking included."""
_LETTERS_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What some questions are going to cost, in a sentence; `refusal` says that there is not enough
    money, and is empty where there is."""

    said: str
    refusal: str


def foresee(
    session: Session, terms: Terms, prompts: Sequence[Prompt], *, model: str, now: datetime
) -> Foreseen:
    """What it costs to ask a model these questions one after the other, with answers of average
    size.

    Each call reserves the most it may cost until it has ended. Examinations leave the last fifth of
    every budget to what explains errors.
    """
    about = sum(_likely(terms, one, model) for one in prompts)
    last = max((_most(terms, one, model) for one in prompts), default=0)
    left = [
        (budget.WARN_AT * account.cap // 100 - spent, account.name)
        for account, spent in spend.balances(session, terms, PURPOSE, now=now)
    ]
    least, name = min(left)
    said = f"It asks {model} {times(len(prompts))}, for about {dollars(about)}."
    if about + last <= least:
        return Foreseen(said, "")
    has = f"the {name} has {dollars(max(0, least))} left for it"
    return Foreseen(said, f"that takes about {dollars(about)}, and {has}")


def _likely(terms: Terms, prompt: Prompt, model: str) -> int:
    asked = len(prompt.system) + len(prompt.user) + SCHEMA_SIZE
    usage = Usage(input=asked // _LETTERS_PER_TOKEN, output=_ANSWER_TOKENS)
    return terms.prices.cost(usage, asked=model, model=model)


def _most(terms: Terms, prompt: Prompt, model: str) -> int:
    tokens, most = prompt.most_tokens, prompt.max_tokens
    return terms.prices.estimate(model, tokens=tokens, max_tokens=most)


def asking(
    database: Database,
    model: Model,
    *,
    terms: Terms,
    name: str,
    clock: Callable[[], datetime],
    within_seconds: float,
) -> Ask:
    """A function that asks a model within the budget, and enters each call in the ledger.

    Where the ledger cannot be written, the answer is given all the same; the ledger then keeps the
    most that the call may have cost.
    """

    def ask(prompt: Prompt) -> Answer | str:
        with database.write() as session:
            reserved = spend.reserve_named(session, terms, PURPOSE, prompt, model=name, now=clock())
        if isinstance(reserved, Denied):
            return reserved.reason
        outcome = model.ask(prompt, Answer, model=name, within_seconds=within_seconds)
        try:
            with database.write() as session:
                spend.settle(session, terms, reserved, outcome, now=clock())
        except FAILURES:
            log.exception("A call of %s is not settled", name)
        return outcome.answer if isinstance(outcome, Ok) else outcome.name

    return ask
