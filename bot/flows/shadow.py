"""Have a prompt or model on trial explain a share of the same errors, and record how it differs.

Its answers are shown to nobody.
"""

from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session

from bot.core.asking.prompt import Answer
from bot.core.spending.budget import Feature
from bot.core.spending.outcome import Ok
from bot.flows import prove, spend, vary
from bot.flows.prove import Example
from bot.flows.spend import Denied, Purpose, Reserved
from bot.flows.vary import Way, Ways
from bot.llm.port import Model
from storage.calls import AGREES
from storage.database import Database


class Shadow:
    """Compares what is on trial with what is shown."""

    def __init__(
        self,
        database: Database,
        model: Model,
        *,
        ways: Ways,
        clock: Callable[[], datetime],
        within_seconds: float,
    ) -> None:
        self._database = database
        self._model = model
        self._ways = ways
        self._clock = clock
        self._within_seconds = within_seconds

    def compare(self, first: Example) -> None:
        """Ask what is on trial about the same error, where it is in the share and there is money;
        record the difference in the ledger."""
        way = self._ways.trial
        if not way or _is_by(way, first):
            return
        with self._database.read() as session:
            if not vary.is_shadowed(session, self._ways, first.key):
                return
        with self._database.write() as session:
            reserved = self._reserve(session, first, way)
        if isinstance(reserved, Reserved):
            self._ask(first, way, reserved)

    def _reserve(self, session: Session, first: Example, way: Way) -> Reserved | Denied:
        purpose = Purpose(Feature.SHADOW, first.team, first.signature_id)
        prompt = first.prompt if way.prompt == first.prompt.name else way.write(first.known)
        model, now = way.terms.models[first.tier], self._clock()
        return spend.reserve_named(session, way.terms, purpose, prompt, model=model, now=now)

    def _ask(self, first: Example, way: Way, reserved: Reserved) -> None:
        prompt = reserved.wish.prompt
        said = self._model.ask(
            prompt, Answer, model=reserved.model, within_seconds=self._within_seconds
        )
        other = prove.proven(way.check, said, prompt, floor=first.floor)
        remark = ""
        if isinstance(said, Ok) and isinstance(other, Ok):
            remark = _difference(first.answer, said.answer)

        with self._database.write() as session:
            now = self._clock()
            spend.settle(session, way.terms, reserved, other, now=now, remark=remark)


def _is_by(way: Way, first: Example) -> bool:
    """Whether the explanation was made with this prompt and model itself."""
    return (way.prompt, way.terms.models[first.tier]) == (first.prompt.name, first.model)


def _difference(first: Answer, other: Answer) -> str:
    """How the other answer differs: "agrees", or "category Network, not Database".

    Both are compared as they were given: what is shown of either is mostly the verdict of the
    rules.
    """
    differing = [
        f"{name} {getattr(other, name)}, not {getattr(first, name)}"
        for name in ("category", "severity", "real_application_bug")
        if getattr(other, name) != getattr(first, name)
    ]
    return "; ".join(differing) or AGREES
