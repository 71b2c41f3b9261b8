"""Have a model explain what behaves unusually: once, checked, and for no more than is allowed.

What is kept is shown meanwhile, and where nothing is, the analysis by rules: no message ever waits
for a model.
"""

import logging
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Event

from sqlmodel import Session

from bot.core import freshness, rules
from bot.core.analysis import Analysis, Case
from bot.core.anomaly import Kind
from bot.core.budget import Room
from bot.core.decision import State
from bot.core.evidence import Evidence
from bot.core.flag import Flag
from bot.core.freshness import Kept, Wanted
from bot.core.outcome import Ok, Outcome
from bot.core.prompt import Answer, Prompt
from bot.core.routing import Again, Need, Tier, again, choose, is_in_share
from bot.flows import describe, gather, spend
from bot.flows.enact import KEPT_CURRENT
from bot.flows.spend import Denied, Purpose, Reserved, Terms
from bot.llm.port import Model
from storage import analyses, anomalies, calls, decisions, leases, outbox, sightings, signatures
from storage.database import FAILURES, Database
from storage.tables import Signature

log = logging.getLogger(__name__)

ANALYSIS, SHADOW = "analysis", "shadow"
"""What the ledger calls what is shown, and what is only compared."""
AT_ONCE = 4
BATCH = 2 * AT_ONCE
"""So few a round: what turned critical meanwhile is at the head of the next."""
REST = timedelta(minutes=5)
"""After a denial nothing is tried for a signature: money comes back by the hour."""
_IN_TIME = timedelta(seconds=30)
"""More than a call may take beyond its deadline; then somebody else may make it."""


@dataclass(frozen=True, slots=True)
class Craft:
    """How a question is made and an answer judged; both redact.

    `write` makes the prompt of some evidence, and `prompt` is the name of that; `check` holds the
    answer against what was shown and what the rules say.
    """

    prompt: str
    write: Callable[[Evidence], Prompt]
    check: Callable[[Answer, Prompt, Analysis], Analysis]


@dataclass(frozen=True, slots=True)
class Shadow:
    """A second model that is asked about a share of all signatures, and shown to nobody."""

    model: str = ""
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class _Subject:
    """A signature that is to be explained, from what evidence, and what is kept of it."""

    signature: Signature
    need: Need
    evidence: str
    kept: Kept | None

    @property
    def id(self) -> int:
        return self.signature.id

    @property
    def tier(self) -> Tier:
        """The class of model it deserves, whichever there is money for: what is kept is kept under
        it, so that nothing is asked anew as soon as there is more."""
        return choose(self.need, Room.OPEN).tier or Tier.CHEAP

    @property
    def rank(self) -> tuple[bool, ...]:
        return self.need.critical, self.need.new, self.need.spreading, self.kept is None


class Analyst:
    """Asks about whatever behaves unusually and is not explained as it stands now."""

    def __init__(
        self,
        database: Database,
        model: Model,
        *,
        terms: Terms,
        craft: Craft,
        clock: Callable[[], datetime],
        stopping: Event,
        holder: str,
        deadline_seconds: float,
        shadow: Shadow = Shadow(),
    ) -> None:
        self._database = database
        self._model = model
        self._terms = terms
        self._craft = craft
        self._clock = clock
        self._stopping = stopping
        self._holder = holder
        self._deadline_seconds = deadline_seconds
        self._shadow = shadow
        self._resting: dict[int, datetime] = {}

    def stop(self) -> None:
        """Ask nothing more, and give up what is being asked."""
        self._stopping.set()
        self._model.stop()

    def round(self) -> int:
        """Ask about what matters most, a few at a time; gives back how many were explained."""
        now = self._clock()
        wanted = self._wanted(now)
        if not wanted:
            return 0
        with self._database.read() as session:
            reason = spend.denial(session, self._terms, now=now)
        if reason:
            self._deny([subject.id for subject in wanted], reason)
            return 0
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return sum(pool.map(self._explain, wanted[:BATCH]))

    def _wanted(self, now: datetime) -> list[_Subject]:
        self._resting = {n: until for n, until in self._resting.items() if until > now}
        with self._database.read() as session:
            subjects = _subjects(session, unusual(session))
            last = calls.latest(session, [one.id for one in subjects], feature=ANALYSIS)
            rested = {
                number
                for number, call in last.items()
                if freshness.rests_until(call.outcome, call.at) > now
            }
        waiting = [one for one in subjects if self._verdict(one, now).ask]
        free = [one for one in waiting if one.id not in rested | self._resting.keys()]
        return sorted(free, key=lambda one: one.rank, reverse=True)

    def _verdict(self, subject: _Subject, now: datetime) -> freshness.Verdict:
        wanted = Wanted(subject.evidence, self._craft.prompt, subject.tier)
        return freshness.judge(subject.kept, wanted, now=now)

    def _explain(self, subject: _Subject) -> bool:
        """Whether it is explained now; a database in trouble leaves it for the next round."""
        if self._stopping.is_set():
            return False
        try:
            return self._asked(subject)
        except FAILURES:
            log.exception("The analysis of signature %d is left for later", subject.id)
            return False

    def _asked(self, subject: _Subject) -> bool:
        with self._database.read() as session:
            known = gather.gather(session, subject.signature, now=self._clock())
            case = describe.cases(session, [subject.signature])[subject.id]
        prompt = self._craft.write(known)
        reserved = self._reserve(subject, prompt)
        if reserved is None:
            return False
        try:
            if isinstance(reserved, Denied):
                self._deny([subject.id], reserved.reason)
                return False
            return self._answered(subject, case, prompt, reserved)
        finally:
            with self._database.write() as session:
                leases.give_back(session, _lease(subject), holder=self._holder)

    def _reserve(self, subject: _Subject, prompt: Prompt) -> Reserved | Denied | None:
        """A place for the call; None where somebody else makes it, or made it just now."""
        now = self._clock()
        with self._database.write() as session:
            current = replace(subject, kept=_kept(session, [subject.id]).get(subject.id))
            until = now + timedelta(seconds=2 * self._deadline_seconds) + _IN_TIME
            if not self._verdict(current, now).ask or not leases.take(
                session, _lease(subject), holder=self._holder, now=now, until=until
            ):
                return None
            return spend.reserve(
                session, self._terms, _purpose(subject), prompt, need=subject.need, now=now
            )

    def _answered(self, subject: _Subject, case: Case, prompt: Prompt, reserved: Reserved) -> bool:
        outcome = self._outcome(prompt, reserved)
        if not isinstance(outcome, Ok):
            self._deny([subject.id], _SAID.get(outcome.name, "model not available"))
            return False
        floor = rules.analyse(case)
        analysis = self._craft.check(outcome.answer, prompt, floor)
        self._keep(subject, analysis, model=outcome.call.asked)
        self._compare(subject, prompt, floor, shown=analysis)
        return True

    def _outcome(self, prompt: Prompt, reserved: Reserved) -> Outcome[Answer]:
        """How it ended, or how the second try did, where one is made."""
        outcome = self._call(prompt, reserved, self._deadline_seconds)
        left = self._deadline_seconds - outcome.call.latency_seconds
        tried = again(outcome, reserved.tier, seconds_left=left)
        if tried is None or self._stopping.wait(tried.wait_seconds):
            return outcome
        return self._call_again(prompt, reserved, tried, left - tried.wait_seconds) or outcome

    def _call_again(
        self, prompt: Prompt, first: Reserved, tried: Again, seconds: float
    ) -> Outcome[Answer] | None:
        longer = replace(prompt, max_tokens=tried.tokens * prompt.max_tokens)
        with self._database.write() as session:
            reserved = spend.reserve_for(
                session, self._terms, first.purpose, longer, tier=tried.tier, now=self._clock()
            )
        return self._call(longer, reserved, seconds) if isinstance(reserved, Reserved) else None

    def _call(self, prompt: Prompt, reserved: Reserved, seconds: float) -> Outcome[Answer]:
        """One call, with no transaction open, and entered into the ledger."""
        outcome = self._model.ask(prompt, Answer, model=reserved.model, within_seconds=seconds)
        with self._database.write() as session:
            spend.settle(session, self._terms, reserved, outcome, now=self._clock())
        return outcome

    def _keep(self, subject: _Subject, analysis: Analysis, *, model: str) -> None:
        now = self._clock()
        with self._database.write() as session:
            analyses.keep(
                session,
                {subject.id: analysis.as_json()},
                analyst=model,
                version=self._craft.prompt,
                now=now,
                tier=subject.tier,
                evidence=subject.evidence,
            )
            outbox.changed(session, subject.id, since=now - KEPT_CURRENT)

    def _deny(self, numbers: Collection[int], reason: str) -> None:
        """Leave them to the rules, with the reason on every card."""
        now = self._clock()
        self._resting |= dict.fromkeys(numbers, now + REST)
        with self._database.write() as session:
            for number in analyses.note(session, numbers, reason):
                outbox.changed(session, number, since=now - KEPT_CURRENT)

    def _compare(
        self, subject: _Subject, prompt: Prompt, floor: Analysis, *, shown: Analysis
    ) -> None:
        """Ask the second model about a share, and enter how it differs from what is shown."""
        reserved = self._reserve_shadow(subject, prompt)
        if not isinstance(reserved, Reserved):
            return
        seconds = self._deadline_seconds
        outcome = self._model.ask(prompt, Answer, model=reserved.model, within_seconds=seconds)
        remark = ""
        if isinstance(outcome, Ok):
            remark = _difference(shown, self._craft.check(outcome.answer, prompt, floor))
        with self._database.write() as session:
            spend.settle(session, self._terms, reserved, outcome, now=self._clock(), remark=remark)

    def _reserve_shadow(self, subject: _Subject, prompt: Prompt) -> Reserved | Denied | None:
        shadow = self._shadow
        if not shadow.model or not is_in_share(subject.signature.fingerprint, shadow.share):
            return None
        purpose = replace(_purpose(subject), feature=SHADOW)
        with self._database.write() as session:
            if spend.switched_off(session, Flag.SHADOW):
                return None
            return spend.reserve_for(
                session,
                self._terms,
                purpose,
                prompt,
                tier=Tier.STRONG,
                now=self._clock(),
                model=shadow.model,
            )


_SAID: Mapping[str, str] = {
    "truncated": "model cut off",
    "refused": "model refused",
    "invalid": "model made no sense",
    "retryable": "model busy",
    "spend_limit": "spend limit at the provider reached",
    "config": "model not usable",
    "too_large": "too long for a model",
    "timeout": "model too slow",
    "unavailable": "model not available",
}


def unusual(session: Session) -> dict[int, set[Kind]]:
    """The signatures that behave unusually now, and in which ways."""
    kinds: dict[int, set[Kind]] = {}
    for episode in anomalies.still_open(session):
        kinds.setdefault(episode.signature_id, set()).add(Kind(episode.kind))
    return kinds


def _subjects(session: Session, kinds: Mapping[int, set[Kind]]) -> list[_Subject]:
    """What people are shown: not what is muted, mended or merged."""
    muted = decisions.mutes(session, kinds)
    rows = signatures.get(session, kinds.keys() - muted.keys())
    shown = {
        number: row
        for number, row in rows.items()
        if row.state in (State.OPEN, State.CLAIMED) and row.merged_into is None and row.owner
    }
    kept = _kept(session, shown)
    hit = sightings.how_many_hit(session, shown)
    return [
        _Subject(
            row,
            Need(
                new=Kind.NEW in kinds[number],
                critical=Kind.CRITICAL in kinds[number],
                spreading=Kind.SPREAD in kinds[number],
            ),
            evidence=freshness.evidence(
                events=row.total,
                customers=hit[number],
                version=row.last_version,
                kinds=kinds[number],
            ),
            kept=kept.get(number),
        )
        for number, row in shown.items()
    ]


def _kept(session: Session, numbers: Collection[int]) -> dict[int, Kept]:
    return {
        number: Kept(row.at, row.evidence, row.version, Tier(row.tier))
        for number, row in analyses.of(session, numbers).items()
        if row.analyst != analyses.RULES
    }


def _purpose(subject: _Subject) -> Purpose:
    return Purpose(ANALYSIS, team=subject.signature.owner, signature_id=subject.id)


def _lease(subject: _Subject) -> str:
    return f"{ANALYSIS} {subject.signature.fingerprint}"


def _difference(shown: Analysis, other: Analysis) -> str:
    """How another verdict differs: "agrees", or "category Network, not Database"."""
    differing = [
        f"{name} {getattr(other, name)}, not {getattr(shown, name)}"
        for name in ("category", "severity", "real_application_bug")
        if getattr(other, name) != getattr(shown, name)
    ]
    return "; ".join(differing) or "agrees"
