"""Ask the same few judged errors of a model every day, and tell where it gets worse.

Providers change what answers under a name; nobody here would notice but by worse explanations.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlmodel import Session

from bot.core import budget, evaluation
from bot.core.budget import Feature
from bot.core.evaluation import CANARY_DAYS, Result
from bot.core.outcome import Ok, Outcome, Usage
from bot.core.price import dollars
from bot.core.prompt import SCHEMA_SIZE, Answer, Prompt
from bot.flows import evaluate, spend
from bot.flows.evaluate import CANARY, Ask, Examined
from bot.flows.spend import Denied, Purpose, Reserved, Terms
from bot.llm.port import Model
from storage import canaries, leases, outbox, tables
from storage.database import FAILURES, Database

log = logging.getLogger(__name__)

PURPOSE = Purpose(Feature.EVALUATION, team="")
_MEANWHILE = timedelta(hours=6)
"""Nobody else asks meanwhile; after a day's cases were given up, nobody at all: each try costs."""


_ANSWER_TOKENS = 1_000
"""An answer has as many on average, its thinking included."""
_LETTERS_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What asking some questions takes, in a sentence, and why there is not as much, if so."""

    said: str
    refusal: str


def foresee(
    session: Session, terms: Terms, prompts: Sequence[Prompt], *, model: str, now: datetime
) -> Foreseen:
    """What asking these questions of a model takes, one after the other.

    About so much is spent, as answers are on average; each call reserves the most it may cost until
    it has ended. Examinations leave the last fifth of every budget to what explains errors.
    """
    about = sum(_likely(terms, one, model) for one in prompts)
    last = max((_most(terms, one, model) for one in prompts), default=0)
    left = [
        (budget.WARN_AT * account.cap // 100 - spent, account.name)
        for account, spent in spend.balances(session, terms, PURPOSE, now=now)
    ]
    least, name = min(left)
    said = f"It asks {model} {len(prompts)} times, for about {dollars(about)}."
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
    """Asks a model within the budget, each call entered into the ledger.

    An answer is worth what it cost even where the ledger cannot be written: there it stays as dear
    as it may have been.
    """

    def reserve(prompt: Prompt, session: Session) -> Reserved | Denied:
        return spend.reserve_named(session, terms, PURPOSE, prompt, model=name, now=clock())

    def settle(reserved: Reserved, outcome: Outcome[Answer], session: Session) -> None:
        spend.settle(session, terms, reserved, outcome, now=clock())

    def ask(prompt: Prompt) -> Answer | str:
        reserved = database.insist(partial(reserve, prompt))
        if isinstance(reserved, Denied):
            return reserved.reason
        outcome = model.ask(prompt, Answer, model=name, within_seconds=within_seconds)
        try:
            database.insist(partial(settle, reserved, outcome))
        except FAILURES:
            log.exception("A call of %s is not settled", name)
        return outcome.answer if isinstance(outcome, Ok) else outcome.name

    return ask


def sing(
    database: Database,
    among: Examined,
    ask: Ask,
    *,
    model: str,
    prompt: str,
    channels: Sequence[str],
    holder: str,
    now: datetime,
) -> str:
    """Ask the cases of a day unless they were, and tell the channels once where fewer come out
    right than on most days of the last week under the same prompt; gives back what was told, if
    anything."""
    day = f"{now.astimezone(UTC):%Y-%m-%d}"

    def take(session: Session) -> bool:
        until = now + _MEANWHILE
        return not canaries.of(session, model, day) and leases.take(
            session, f"canary {model}", holder=holder, now=now, until=until
        )

    if not database.insist(take):
        return ""
    results = _heard(among, ask)
    if not results:
        return ""
    right = sum(result.is_right for result in results)
    today = tables.Canary(day=day, model=model, prompt=prompt, right=right, cases=len(results))
    return database.insist(partial(_keep, today, channels, now))


def _heard(among: Examined, ask: Ask) -> list[Result]:
    """What became of every case; nothing, and no more is asked, as soon as one is not answered.

    That is the provider's trouble, or the budget's, and both are told of elsewhere; what a model
    refuses or spoils is an answer, and wrong.
    """
    results: list[Result] = []
    for result in evaluate.asked(among, ask, most=CANARY):
        if not result.is_answered:
            return []
        results.append(result)
    return results


def _keep(today: tables.Canary, channels: Sequence[str], now: datetime, session: Session) -> str:
    before = canaries.last(session, today, most=CANARY_DAYS)
    canaries.keep(session, today)
    told = evaluation.drop(today.right, [one.right for one in before])
    said = f"{today.model} explains worse: {told}. `triage eval --live` says how."
    for channel in channels if told else ():
        outbox.add(
            session,
            f"canary:{today.model}:{today.day}:{channel}",
            channel=channel,
            kind=spend.NOTICE,
            content={"text": said},
            now=now,
        )
    return told
