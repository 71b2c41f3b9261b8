"""Ask the same few judged errors of a model every day, and tell where it gets worse.

Providers change what answers under a name; nobody here would notice but by worse explanations.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from bot.core import evaluation
from bot.core.evaluation import CANARY_DAYS
from bot.core.outcome import Ok
from bot.core.prompt import Answer, Prompt
from bot.core.routing import Tier
from bot.flows import evaluate, spend
from bot.flows.evaluate import CANARY, Ask, Examined
from bot.flows.spend import Denied, Purpose, Terms
from bot.llm.port import Model
from storage import canaries, leases, outbox, tables
from storage.database import Database

FEATURE = "evaluation"
"""What the ledger calls what is asked of models about judged errors."""
_MEANWHILE = timedelta(minutes=30)


def asking(
    database: Database,
    model: Model,
    *,
    terms: Terms,
    name: str,
    clock: Callable[[], datetime],
    within_seconds: float,
) -> Ask:
    """Asks a model within the budget, each call entered into the ledger."""

    def ask(prompt: Prompt) -> Answer | str:
        with database.write() as session:
            reserved = spend.reserve_for(
                session,
                terms,
                Purpose(FEATURE, team=""),
                prompt,
                tier=Tier.CHEAP,
                now=clock(),
                model=name,
            )
        if isinstance(reserved, Denied):
            return reserved.reason
        outcome = model.ask(prompt, Answer, model=name, within_seconds=within_seconds)
        with database.write() as session:
            spend.settle(session, terms, reserved, outcome, now=clock())
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
    right than on most days of the last week; gives back what was told, if anything.

    A day on which not every case was answered counts for nothing: that is the provider's trouble,
    or the budget's, and both are told of elsewhere.
    """
    day = f"{now.astimezone(UTC):%Y-%m-%d}"
    with database.write() as session:
        if canaries.of(session, model, day) or not leases.take(
            session, f"canary {model}", holder=holder, now=now, until=now + _MEANWHILE
        ):
            return ""
    suite = evaluate.live(among, ask, model=model, repetitions=1, most=CANARY)
    if any(not result.is_answered for result in suite.results):
        return ""
    right = sum(result.is_right and result.is_proven for result in suite.results)
    with database.write() as session:
        before = canaries.last(session, model, before=day, most=CANARY_DAYS)
        row = tables.Canary(
            day=day, model=model, prompt=prompt, right=right, cases=len(suite.results)
        )
        canaries.keep(session, row)
        told = evaluation.drop(right, [one.right for one in before])
        for channel in channels if told else ():
            outbox.add(
                session,
                f"canary:{model}:{day}:{channel}",
                channel=channel,
                kind=spend.NOTICE,
                content={"text": f"{model} explains worse: {told}. `triage eval --live` says how."},
                now=now,
            )
    return told
