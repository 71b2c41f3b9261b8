"""Ask a second model about a share of what was explained, and enter how it differs.

What it says is shown to nobody.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlmodel import Session

from bot.core.analysis import Analysis
from bot.core.budget import Feature
from bot.core.flag import Flag
from bot.core.outcome import Ok
from bot.core.prompt import Answer
from bot.core.routing import is_in_share
from bot.flows import prove, spend
from bot.flows.prove import Check, Explained
from bot.flows.spend import Denied, Purpose, Reserved, Terms
from bot.llm.port import Model
from storage.database import Database


@dataclass(frozen=True, slots=True)
class Second:
    """A model, and the share of all signatures that it is asked about; none without a name."""

    model: str = ""
    share: float = 0.0


class Shadow:
    """Compares a second model with what is shown."""

    def __init__(
        self,
        database: Database,
        model: Model,
        *,
        second: Second,
        terms: Terms,
        check: Check,
        clock: Callable[[], datetime],
        within_seconds: float,
    ) -> None:
        self._database = database
        self._model = model
        self._second = second
        self._terms = terms
        self._check = check
        self._clock = clock
        self._within_seconds = within_seconds

    def compare(self, first: Explained) -> None:
        """Ask about it too, if it is in the share and may be, and enter the difference."""
        if not self._second.model or not is_in_share(first.key, self._second.share):
            return
        reserved = self._database.insist(partial(self._reserve, first))
        if isinstance(reserved, Reserved):
            self._ask(first, reserved)

    def _reserve(self, first: Explained, session: Session) -> Reserved | Denied:
        if off := spend.switched_off(session, Flag.SHADOW):
            return Denied(off)
        purpose = Purpose(Feature.SHADOW, first.team, first.signature_id)
        name, now = self._second.model, self._clock()
        return spend.reserve_named(session, self._terms, purpose, first.prompt, model=name, now=now)

    def _ask(self, first: Explained, reserved: Reserved) -> None:
        said = self._model.ask(
            first.prompt, Answer, model=reserved.model, within_seconds=self._within_seconds
        )
        other = prove.proven(self._check, said, first.prompt, floor=first.floor)
        remark = _difference(first.shown, other.answer) if isinstance(other, Ok) else ""

        def settle(session: Session) -> None:
            now = self._clock()
            spend.settle(session, self._terms, reserved, other, now=now, remark=remark)

        self._database.insist(settle)


def _difference(shown: Analysis, other: Analysis) -> str:
    """How another verdict differs: "agrees", or "category Network, not Database"."""
    differing = [
        f"{name} {getattr(other, name)}, not {getattr(shown, name)}"
        for name in ("category", "severity", "real_application_bug")
        if getattr(other, name) != getattr(shown, name)
    ]
    return "; ".join(differing) or "agrees"
