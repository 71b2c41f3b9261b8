"""Show what a model would be sent about a signature, or why it is sent nothing."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot.core.asking.prompt import Prompt
from bot.core.spending.budget import Feature
from bot.core.spending.outcome import Ok
from bot.core.wording.moment import written
from bot.flows import find, gather, spend, vary, want
from bot.flows.spend import Purpose
from bot.flows.vary import Way, Ways
from storage import calls, tables
from storage.database import Database
from storage.tables import Signature

NO_MODEL = "no model is set up, the rules explain every error"
WITH_IT = (
    "With it go the model's name, the most its answer may take and the form of that, which are the "
    "same for every error, and your key."
)
_FIRST = "It is sent as it stands, once it behaves unusually."
_NEXT = "It behaves unusually: the running bot sends it with its next round, as it stands then."


@dataclass(frozen=True, slots=True)
class Preview:
    """The prompt that a model would be sent about a signature.

    `withheld` says why it is not sent now, and is empty where it may be. `last` says when it was
    sent last, `beside` to which model on trial it is sent as well. `is_due` is true where the
    signature waits to be explained.
    """

    short_id: str
    prompt: Prompt
    withheld: str
    last: str = ""
    beside: str = ""
    is_due: bool = False

    @property
    def said(self) -> str:
        """Whether and when it is sent, in words."""
        now = f"Nothing is sent now: {self.withheld}." if self.withheld else ""
        first = _NEXT if self.is_due else _FIRST
        said = (now, self.last or ("" if now else first), self.beside)
        return " ".join(filter(None, said))


def preview(
    database: Database, short_id: str, *, ways: Ways, withheld: str, now: datetime
) -> Preview:
    """What would be sent as things stand. Raises NotFound."""
    with database.read() as session:
        signature = find.by_name(session, short_id)
        known = gather.gather(session, signature, now=now)
        way = vary.chooser(session, ways, now=now)(signature.fingerprint)
        prompt = way.write(known)
        candidate = want.candidate(session, signature)
        if candidate and not withheld:
            purpose = Purpose(Feature.ANALYSIS, candidate.team, signature.id)
            withheld = spend.refused(
                session, way.terms, purpose, prompt, need=candidate.need, now=now
            )
        call = calls.latest(session, [signature.id], feature=Feature.ANALYSIS).get(signature.id)
        beside = _beside(session, ways, way, signature)
        is_due = candidate is not None and want.is_wanted(
            session, candidate, prompt=way.prompt, now=now
        )
    last = _last(call) if call else ""
    return Preview(signature.short_id, prompt, withheld, last, beside, is_due)


def _beside(session: Session, ways: Ways, way: Way, signature: Signature) -> str:
    """A sentence that says which prompt or model on trial is asked too, to be compared; empty if
    none."""
    trial = ways.trial
    if not trial or trial is way or not vary.is_shadowed(session, ways, signature.fingerprint):
        return ""
    version = trial.prompt.split()[-1]
    shows = f"`triage prompt {signature.short_id} --version {version}` shows how"
    under = "" if trial.prompt == way.prompt else f": {shows}"
    return f"To be compared, it is asked by {trial.name}, too{under}."


def _last(call: tables.Call) -> str:
    ended = (
        "was answered"
        if call.outcome == Ok.name
        else f"ended with “{call.outcome or 'nothing yet'}”"
    )
    return (
        f"Last sent to {call.asked} on {written(call.at)}, which {ended}; sent again "
        "only when it is due, as it stands then."
    )
