"""Show exactly what would leave the network about a signature, or why nothing does."""

from dataclasses import dataclass
from datetime import datetime

from bot.core.budget import Feature
from bot.core.outcome import Ok
from bot.core.prompt import Prompt
from bot.flows import find, gather, vary
from bot.flows.vary import Ways
from storage import calls, tables
from storage.database import Database

NO_MODEL = "no model is set up, the rules explain every error"


_FIRST = "It is sent as it stands, once it behaves unusually."


@dataclass(frozen=True, slots=True)
class Preview:
    """The prompt of a signature; `withheld` says why nothing is sent now, and is empty if it may;
    `last` when it was sent last, if ever."""

    short_id: str
    prompt: Prompt
    withheld: str
    last: str = ""

    @property
    def said(self) -> str:
        """Whether it is sent."""
        now = f"Nothing is sent now: {self.withheld}." if self.withheld else ""
        return " ".join(one for one in (now, self.last or ("" if now else _FIRST)) if one)


def preview(
    database: Database, short_id: str, *, ways: Ways, withheld: str, now: datetime
) -> Preview:
    """What would be sent as things stand. Raises NotFound."""
    with database.read() as session:
        signature = find.by_name(session, short_id)
        known = gather.gather(session, signature, now=now)
        way = vary.chooser(session, ways, now=now)(signature.fingerprint)
        call = calls.latest(session, [signature.id], feature=Feature.ANALYSIS).get(signature.id)
    return Preview(signature.short_id, way.write(known), withheld, _last(call) if call else "")


def _last(call: tables.Call) -> str:
    ended = (
        "was answered"
        if call.outcome == Ok.name
        else f"ended with “{call.outcome or 'nothing yet'}”"
    )
    return (
        f"Last sent to {call.asked} on {call.at:%Y-%m-%d %H:%M} UTC, which {ended}; sent again "
        "only when it is due, as it stands then."
    )
