"""Find out by one tiny question whether a model answers, and keeps to a schema.

It is a call like any other: within the caps, and in the ledger.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from sqlmodel import Session

from bot.core.budget import Feature
from bot.core.outcome import Failure, Ok, Outcome
from bot.flows import spend
from bot.flows.spend import Denied, Purpose, Reserved, Terms
from bot.llm.port import PROBE, PROBE_SECONDS, Model, Probed
from storage.database import Database

PURPOSE = Purpose(Feature.EVALUATION, team="")


def probe(
    database: Database, model: Model, *, terms: Terms, name: str, clock: Callable[[], datetime]
) -> Failure | Denied | None:
    """What is wrong with a model, or why it may not be asked; None where nothing is: then whatever
    kept it from being asked is over. A wait holds nobody up who looks whether it is over."""

    def settle(reserved: Reserved, outcome: Outcome[Probed], session: Session) -> None:
        spend.settle(session, terms, reserved, outcome, now=clock())
        if isinstance(outcome, Ok):
            spend.usable(session, terms, name)

    def reserve(session: Session) -> Reserved | Denied:
        return spend.reserve_probe(session, terms, PURPOSE, PROBE, model=name, now=clock())

    reserved = database.insist(reserve)
    if isinstance(reserved, Denied):
        return reserved
    ended = ask(model, name)
    database.insist(partial(settle, reserved, ended))
    return None if isinstance(ended, Ok) else ended


def ask(model: Model, name: str) -> Outcome[Probed]:
    """How a model answers it."""
    return model.ask(PROBE, Probed, model=name, within_seconds=PROBE_SECONDS)
