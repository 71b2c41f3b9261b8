"""Ask a model about the same few judged errors every day, and tell people when it gets worse.

Providers change what answers under a model's name. Nobody would notice, except by worse
explanations.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlmodel import Session

from bot.core.asking import evaluation
from bot.core.asking.evaluation import CANARY_DAYS, Result
from bot.core.spending.outcome import Stopped
from bot.flows import evaluate, spend
from bot.flows.evaluate import CANARY, Ask, Examined
from storage import canaries, leases, outbox, tables
from storage.database import Database
from storage.locks import Gone, nobody

_MEANWHILE = timedelta(hours=6)
"""Nobody else asks meanwhile, while who does lives; after a day's cases were given up, nobody at
all: each try costs."""


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
    gone: Gone = nobody,
) -> str:
    """Ask the cases of the day, unless that was done, and tell the channels where it got worse.

    That is where fewer answers are right than on most days of the last week under the same prompt.
    Gives back what was told, or an empty string.
    """
    day, lease = f"{now.astimezone(UTC):%Y-%m-%d}", f"canary {model}"

    with database.write() as session:
        for name, dead in leases.left(session, lease, gone=gone):
            leases.give_back(session, name, holder=dead)
        is_ours = not canaries.of(session, model, day) and leases.take(
            session, lease, holder=holder, now=now, until=now + _MEANWHILE
        )
    if not is_ours:
        return ""
    results, trouble = _heard(among, ask)
    if Stopped.name in trouble:
        return ""  # once we are gone another begins anew
    if trouble:
        with database.write() as session:
            leases.rest(session, lease, holder=holder)
        return ""
    right = sum(result.is_right for result in results)
    today = tables.Canary(day=day, model=model, prompt=prompt, right=right, cases=len(results))
    with database.write() as session:
        return _keep(session, today, channels, now=now)


def _heard(among: Examined, ask: Ask) -> tuple[list[Result], Sequence[str]]:
    """The result of every case, and nothing; or no results, and why a case was not answered.

    The first case without an answer ends it: that is the provider's trouble, or the budget's, and
    told elsewhere. An answer that a model refuses or spoils is a result, and wrong.
    """
    results: list[Result] = []
    for result in evaluate.asked(among, ask, most=CANARY):
        if not result.is_answered:
            return [], result.faults
        results.append(result)
    return results, ()


def _keep(session: Session, today: tables.Canary, channels: Sequence[str], *, now: datetime) -> str:
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
