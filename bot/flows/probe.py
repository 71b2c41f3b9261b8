"""Find out by one tiny question whether a model answers, in the form that answers must have.

The question is a call like any other: within the budget, and in the ledger.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.core.spending.budget import Feature
from bot.core.spending.outcome import Failure, Ok, Outcome, Stopped
from bot.flows import spend
from bot.flows.spend import Denied, Purpose, Reserved, Terms
from bot.llm.port import PROBE, Model, Probed
from storage import calls, tables
from storage.database import Database

log = logging.getLogger(__name__)

PURPOSE = Purpose(Feature.EVALUATION, team="")
HOLDS = timedelta(days=1)
"""So long a model that answered is not tried again."""
RESTS = timedelta(hours=1)
"""So long a model that failed is not tried again unasked, however often the bot starts."""

_Reserve = Callable[[Session], Reserved | Denied]


def probe(
    database: Database, model: Model, *, terms: Terms, name: str, clock: Callable[[], datetime]
) -> Failure | Denied | None:
    """What is wrong with a model, or why it may not be asked; None where it answers.

    A model that answers may be asked again at once. One that rests after failures is probed all the
    same.
    """

    def reserve(session: Session) -> Reserved | Denied:
        return spend.reserve_probe(session, terms, PURPOSE, PROBE, model=name, now=clock())

    return _tried(database, model, reserve, terms=terms, clock=clock)


def look(
    database: Database,
    model: Model,
    names: Iterable[str],
    *,
    terms: Terms,
    clock: Callable[[], datetime],
) -> None:
    """Probe each model that was not probed lately and may be asked; the log tells what is wrong."""
    for name in names:
        if not _is_due(database, terms, name, now=clock()):
            continue

        def reserve(session: Session, name: str = name) -> Reserved | Denied:
            return spend.reserve_named(session, terms, PURPOSE, PROBE, model=name, now=clock())

        ended = _tried(database, model, reserve, terms=terms, clock=clock)
        if isinstance(ended, Failure) and not isinstance(ended, Stopped):
            log.warning("%s; `triage doctor` names the remedy", _said(name, ended.why))


def trouble(database: Database, *, terms: Terms, now: datetime) -> tuple[str, ...]:
    """For each model that cannot explain anything now a line that says why."""
    with database.read() as session:
        return tuple(
            line
            for name in dict.fromkeys(terms.models.values())
            if (line := _trouble(session, terms, name, now=now))
        )


def ask(model: Model, name: str, *, within_seconds: float) -> Outcome[Probed]:
    """The answer of a model to the tiny question."""
    return model.ask(PROBE, Probed, model=name, within_seconds=within_seconds)


def _tried(
    database: Database,
    model: Model,
    reserve: _Reserve,
    *,
    terms: Terms,
    clock: Callable[[], datetime],
) -> Failure | Denied | None:
    with database.write() as session:
        reserved = reserve(session)
    if isinstance(reserved, Denied):
        return reserved
    ended = ask(model, reserved.model, within_seconds=terms.probe_seconds)

    with database.write() as session:
        spend.settle(session, terms, reserved, ended, now=clock())
        if isinstance(ended, Ok):
            spend.usable(session, terms, reserved.model)
    return None if isinstance(ended, Ok) else ended


def _is_due(database: Database, terms: Terms, name: str, *, now: datetime) -> bool:
    with database.read() as session:
        last = _last(session, terms, name, now=now)
    return last is None or (last.outcome != Ok.name and last.at <= now - RESTS)


def _trouble(session: Session, terms: Terms, name: str, *, now: datetime) -> str:
    if refusal := spend.refusal(session, terms, name, now=now):
        return refusal
    last = _last(session, terms, name, now=now)
    return "" if last is None or last.outcome == Ok.name else _said(name, last.why)


def _said(name: str, why: str) -> str:
    return f"{name} gave no answer as it has to be: {why}"


def _last(session: Session, terms: Terms, name: str, *, now: datetime) -> tables.Call | None:
    return calls.telling(
        session, name, provider=terms.provider, probe=PROBE.name, since=now - HOLDS
    )
