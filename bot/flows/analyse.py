"""Have a model explain what behaves unusually: once, checked, and for no more than is allowed.

What is kept is shown meanwhile, and where nothing is, the analysis by rules: no message ever waits
for a model.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from threading import Event

from sqlmodel import Session

from bot.core import freshness, rules
from bot.core.analysis import Analysis
from bot.core.anomaly import Kind
from bot.core.budget import Feature, Room
from bot.core.decision import State
from bot.core.evidence import Evidence
from bot.core.flag import Flag
from bot.core.freshness import Kept, Wanted
from bot.core.outcome import Invalid, Ok, Outcome, Stopped
from bot.core.prompt import Answer, Prompt
from bot.core.routing import Again, Need, Tier, again, choose, is_in_share
from bot.flows import describe, gather, spend
from bot.flows.enact import KEPT_CURRENT
from bot.flows.spend import Denied, Purpose, Reserved, Terms
from bot.llm.port import Model
from storage import analyses, anomalies, calls, decisions, leases, outbox, sightings, signatures
from storage.database import FAILURES, Database, in_parts
from storage.tables import Signature

log = logging.getLogger(__name__)

AT_ONCE = 4
BATCH = 2 * AT_ONCE
"""So few a round: what turned critical meanwhile is at the head of the next."""
NOTED_AT_ONCE = 100
"""So many get a reason in one transaction: bounds how long the database is locked."""
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
    """A signature that is to be explained, how it behaves, and what is kept of it.

    How many `customers` it ever hit takes long to count: that waits until it matters.
    """

    signature: Signature
    kinds: Collection[Kind]
    kept: Kept | None
    customers: int = 0

    @property
    def id(self) -> int:
        return self.signature.id

    @property
    def team(self) -> str:
        return self.signature.owner

    @property
    def need(self) -> Need:
        return Need(
            new=Kind.NEW in self.kinds,
            critical=Kind.CRITICAL in self.kinds,
            spreading=Kind.SPREAD in self.kinds,
        )

    @property
    def evidence(self) -> str:
        """What an analysis of now would rest on."""
        return freshness.evidence(
            events=self.signature.total,
            customers=self.customers,
            version=self.signature.last_version,
            kinds=self.kinds,
        )

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
        self._owed: list[Callable[[Session], None]] = []

    def stop(self) -> None:
        """Ask nothing more, and give up what is being asked."""
        self._stopping.set()
        self._model.stop()

    def round(self) -> int:
        """Ask about what matters most, a few at a time; gives back how many were explained."""
        self._write_owed()
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
            ended = list(pool.map(self._explain, wanted[:BATCH]))
        for said, numbers in _denied(ended, wanted).items():
            self._deny(numbers, said)
        return sum(one is True for one in ended)

    def _write_owed(self) -> None:
        """Write what was paid for while the database was in trouble; as long as it is, nothing more
        is asked."""
        while self._owed:
            work = self._owed.pop()
            try:
                self._database.insist(work)
            except FAILURES:
                self._owed.append(work)
                raise

    def _wanted(self, now: datetime) -> list[_Subject]:
        self._resting = {n: until for n, until in self._resting.items() if until > now}
        with self._database.read() as session:
            subjects = _subjects(session, unusual(session))
            last = calls.latest(session, [one.id for one in subjects], feature=Feature.ANALYSIS)
            rested = {
                number
                for number, call in last.items()
                if freshness.rests_until(call.outcome, call.at) > now
            }
            free = [one for one in subjects if one.id not in rested | self._resting.keys()]
            waiting = [
                one for one in _counted(session, free, now=now) if self._verdict(one, now).ask
            ]
        return sorted(waiting, key=lambda one: one.rank, reverse=True)

    def _verdict(self, subject: _Subject, now: datetime) -> freshness.Verdict:
        wanted = Wanted(subject.evidence, self._craft.prompt, subject.tier)
        return freshness.judge(subject.kept, wanted, now=now)

    def _explain(self, subject: _Subject) -> bool | Denied:
        """Whether it is explained now, or why it may not be; what goes wrong with one leaves the
        others alone."""
        if self._stopping.is_set():
            return False
        try:
            return self._asked(subject)
        except FAILURES:
            log.exception("The analysis of signature %d is left for later", subject.id)
        except Exception:
            log.exception("The analysis of signature %d failed; it rests", subject.id)
            self._resting[subject.id] = self._clock() + REST
        return False

    def _asked(self, subject: _Subject) -> bool | Denied:
        with self._database.read() as session:
            known = gather.gather(session, subject.signature, now=self._clock())
            case = describe.cases(session, [subject.signature])[subject.id]
            hit = sightings.how_many_hit(session, [subject.id])[subject.id]
        prompt, floor = self._craft.write(known), rules.analyse(case)
        subject = replace(subject, customers=hit)
        reserved = self._database.insist(partial(self._reserve, subject, prompt))
        if isinstance(reserved, Reserved):
            return self._answered(subject, floor, reserved)
        return reserved or False

    def _reserve(
        self, subject: _Subject, prompt: Prompt, session: Session
    ) -> Reserved | Denied | None:
        """A place for the call; None where somebody else makes it, or made it just now."""
        now = self._clock()
        current = replace(subject, kept=_kept(session, [subject.id]).get(subject.id))
        until = now + timedelta(seconds=2 * self._deadline_seconds) + _IN_TIME
        if not self._verdict(current, now).ask or not leases.take(
            session, _lease(subject), holder=self._holder, now=now, until=until
        ):
            return None
        reserved = spend.reserve(
            session, self._terms, _purpose(subject), prompt, need=subject.need, now=now
        )
        if isinstance(reserved, Denied):
            leases.give_back(session, _lease(subject), holder=self._holder)
        return reserved

    def _answered(self, subject: _Subject, floor: Analysis, reserved: Reserved) -> bool:
        """Whether it is explained by the call, or by a second try."""
        outcome = self._ask(reserved, self._deadline_seconds)
        left = self._deadline_seconds - outcome.call.latency_seconds
        tried = again(outcome, reserved.tier, seconds_left=left)
        if tried and (second := self._second(reserved, outcome, tried)):
            reserved, outcome = second, self._ask(second, left - tried.wait_seconds)
        prompt = reserved.wish.prompt
        ended = self._checked(outcome, prompt, floor)
        self._enter(subject, reserved, ended)
        if isinstance(ended, Ok):
            self._compare(subject, prompt, floor, shown=ended.answer)
        return isinstance(ended, Ok)

    def _second(self, first: Reserved, outcome: Outcome[Answer], tried: Again) -> Reserved | None:
        """A place for a second try, once the first is entered and the wait is over."""
        self._database.insist(partial(self._settle, first, outcome))
        if self._stopping.wait(tried.wait_seconds):
            return None
        prompt = first.wish.prompt
        longer = replace(prompt, max_tokens=tried.tokens * prompt.max_tokens)

        def reserve(session: Session) -> Reserved | Denied:
            return spend.reserve_again(
                session, self._terms, first.wish, longer, tier=tried.tier, now=self._clock()
            )

        reserved = self._database.insist(reserve)
        return reserved if isinstance(reserved, Reserved) else None

    def _ask(self, reserved: Reserved, seconds: float) -> Outcome[Answer]:
        """One call, with no transaction open."""
        wish = reserved.wish
        return self._model.ask(wish.prompt, Answer, model=wish.model, within_seconds=seconds)

    def _checked(
        self, outcome: Outcome[Answer], prompt: Prompt, floor: Analysis
    ) -> Outcome[Analysis]:
        """What an answer comes to; one that cannot be checked was paid for and is none."""
        if not isinstance(outcome, Ok):
            return outcome
        try:
            return Ok(outcome.call, self._craft.check(outcome.answer, prompt, floor))
        except Exception as error:
            log.exception("An answer of %s cannot be checked", outcome.call.asked)
            return Invalid(outcome.call, f"cannot be checked ({type(error).__name__})")

    def _settle(
        self, reserved: Reserved, outcome: Outcome[object], session: Session, *, remark: str = ""
    ) -> None:
        now = self._clock()
        spend.settle(session, self._terms, reserved, outcome, now=now, remark=remark)

    def _enter(self, subject: _Subject, reserved: Reserved, ended: Outcome[Analysis]) -> None:
        """Write what a call cost and what it says, all or nothing; what cannot be written now is
        before anything more is asked, and so long nobody else asks for it."""
        now = self._clock()

        def work(session: Session) -> None:
            spend.settle(session, self._terms, reserved, ended, now=now)
            if isinstance(ended, Ok):
                self._keep(session, subject, ended, now=now)
            leases.give_back(session, _lease(subject), holder=self._holder)

        try:
            self._database.insist(work)
        except FAILURES:
            log.exception("The analysis of signature %d is not written yet", subject.id)
            self._owed.append(work)
        if not isinstance(ended, Ok | Stopped):
            self._deny([subject.id], ended.said)

    def _keep(
        self, session: Session, subject: _Subject, made: Ok[Analysis], *, now: datetime
    ) -> None:
        analyses.keep(
            session,
            {subject.id: made.answer.as_json()},
            analyst=made.call.asked,
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

        def work(some: Collection[int], session: Session) -> None:
            for number in analyses.note(session, some, reason):
                outbox.changed(session, number, since=now - KEPT_CURRENT)

        for some in in_parts(numbers, size=NOTED_AT_ONCE):
            self._database.insist(partial(work, some))

    def _compare(
        self, subject: _Subject, prompt: Prompt, floor: Analysis, *, shown: Analysis
    ) -> None:
        """Ask the second model about a share, and enter how it differs from what is shown."""
        if not is_in_share(subject.signature.fingerprint, self._shadow.share):
            return
        reserved = self._database.insist(partial(self._reserve_shadow, subject, prompt))
        if not isinstance(reserved, Reserved):
            return
        other = self._checked(self._ask(reserved, self._deadline_seconds), prompt, floor)
        remark = _difference(shown, other.answer) if isinstance(other, Ok) else ""
        self._database.insist(partial(self._settle, reserved, other, remark=remark))

    def _reserve_shadow(
        self, subject: _Subject, prompt: Prompt, session: Session
    ) -> Reserved | Denied | None:
        if not self._shadow.model or spend.switched_off(session, Flag.SHADOW):
            return None
        return spend.reserve_named(
            session,
            self._terms,
            replace(_purpose(subject), feature=Feature.SHADOW),
            prompt,
            model=self._shadow.model,
            now=self._clock(),
        )


def _denied(ended: Sequence[bool | Denied], wanted: Sequence[_Subject]) -> dict[str, set[int]]:
    """Which of those that are wanted may not be asked about, by reason, given how the first of them
    ended. Where a team's own money is used up, that holds for all of the team that matter no more,
    or they would be tried in vain before those of others."""
    numbers: dict[str, set[int]] = defaultdict(set)
    for subject, one in zip(wanted, ended, strict=False):
        if isinstance(one, Denied):
            alike = wanted if one.is_of_team else [subject]
            numbers[one.reason] |= {
                other.id
                for other in alike
                if other.team == subject.team and other.rank <= subject.rank
            }
    return numbers


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
    return [_Subject(row, kinds[number], kept.get(number)) for number, row in shown.items()]


def _counted(session: Session, subjects: Collection[_Subject], *, now: datetime) -> list[_Subject]:
    """The same, with the customers where what is kept holds as long as the evidence does."""
    asked = [one.id for one in subjects if one.kept and now - one.kept.at >= freshness.RECENT]
    hit = sightings.how_many_hit(session, asked)
    return [replace(one, customers=hit.get(one.id, 0)) for one in subjects]


def _kept(session: Session, numbers: Collection[int]) -> dict[int, Kept]:
    return {
        number: Kept(row.at, row.evidence, row.version, Tier(row.tier))
        for number, row in analyses.of(session, numbers).items()
        if row.analyst != analyses.RULES
    }


def _purpose(subject: _Subject) -> Purpose:
    return Purpose(Feature.ANALYSIS, team=subject.team, signature_id=subject.id)


def _lease(subject: _Subject) -> str:
    return f"{Feature.ANALYSIS} {subject.signature.fingerprint}"


def _difference(shown: Analysis, other: Analysis) -> str:
    """How another verdict differs: "agrees", or "category Network, not Database"."""
    differing = [
        f"{name} {getattr(other, name)}, not {getattr(shown, name)}"
        for name in ("category", "severity", "real_application_bug")
        if getattr(other, name) != getattr(shown, name)
    ]
    return "; ".join(differing) or "agrees"
