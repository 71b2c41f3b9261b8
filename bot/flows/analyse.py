"""Have a model explain what behaves unusually: once, checked, and for no more than is allowed.

What is kept is shown meanwhile, and where nothing is, the analysis by rules: no message ever waits
for a model.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from threading import Event

from sqlmodel import Session

from bot.core import rules
from bot.core.analysis import Analysis
from bot.core.budget import Feature
from bot.core.evidence import Evidence
from bot.core.outcome import Ok, Outcome, Stopped
from bot.core.prompt import Answer, Prompt
from bot.core.routing import Again, Tier, again
from bot.flows import describe, gather, prove, spend, want
from bot.flows.enact import KEPT_CURRENT
from bot.flows.prove import Check, Explained
from bot.flows.spend import Denied, Purpose, Reserved, Terms
from bot.flows.want import Subject
from bot.llm.port import Model
from storage import analyses, leases, outbox, sightings
from storage.database import FAILURES, Database, Owed, in_parts

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
    check: Check


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
        compare: Callable[[Explained], None] = lambda _: None,
    ) -> None:
        self._database = database
        self._model = model
        self._terms = terms
        self._craft = craft
        self._clock = clock
        self._stopping = stopping
        self._holder = holder
        self._deadline_seconds = deadline_seconds
        self._compare = compare
        self._owed = Owed(database)
        self._resting: dict[int, datetime] = {}

    def stop(self) -> None:
        """Ask nothing more, and give up what is being asked."""
        self._stopping.set()
        self._model.stop()

    def round(self) -> int:
        """Ask about what matters most, a few at a time; gives back how many were explained."""
        self._owed.catch_up()
        now = self._clock()
        self._resting = {n: until for n, until in self._resting.items() if until > now}
        with self._database.read() as session:
            wanted = want.wanted(session, prompt=self._craft.prompt, but=self._resting, now=now)
            reason = spend.denial(session, self._terms, now=now) if wanted else ""
        if reason:
            self._deny([subject.id for subject in wanted], reason)
            return 0
        if not wanted:
            return 0
        with ThreadPoolExecutor(AT_ONCE) as pool:
            ended = list(pool.map(self._explain, wanted[:BATCH]))
        for said, numbers in _denied(ended, wanted).items():
            self._deny(numbers, said)
        return sum(one is True for one in ended)

    def _explain(self, subject: Subject) -> bool | Denied:
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

    def _asked(self, subject: Subject) -> bool | Denied:
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
        self, subject: Subject, prompt: Prompt, session: Session
    ) -> Reserved | Denied | None:
        """A place for the call; None where somebody else makes it, or made it just now."""
        now = self._clock()
        until = now + timedelta(seconds=2 * self._deadline_seconds) + _IN_TIME
        if not want.is_wanted(session, subject, prompt=self._craft.prompt, now=now):
            return None
        lease = _lease(subject)
        if not leases.take(session, lease, holder=self._holder, now=now, until=until):
            return None
        reserved = spend.reserve(
            session, self._terms, _purpose(subject), prompt, need=subject.need, now=now
        )
        if isinstance(reserved, Denied):
            leases.give_back(session, lease, holder=self._holder)
        return reserved

    def _answered(self, subject: Subject, floor: Analysis, reserved: Reserved) -> bool:
        """Whether it is explained by the call, or by a second try."""
        outcome = self._ask(reserved, self._deadline_seconds)
        left = self._deadline_seconds - outcome.call.latency_seconds
        tried = again(outcome, reserved.tier, seconds_left=left)
        if tried and (second := self._second(reserved, outcome, tried)):
            reserved, outcome = second, self._ask(second, left - tried.wait_seconds)
        prompt = reserved.wish.prompt
        ended = prove.proven(self._craft.check, outcome, prompt, floor=floor)
        self._enter(subject, reserved, ended)
        if isinstance(ended, Ok):
            key = subject.signature.fingerprint
            self._compare(
                Explained(key, subject.team, subject.id, prompt, floor, shown=ended.answer)
            )
        return isinstance(ended, Ok)

    def _second(self, first: Reserved, outcome: Outcome[Answer], tried: Again) -> Reserved | None:
        """A place for a second try, once the first is entered and the wait is over."""
        self._owed.write(partial(self._settle, first, outcome))
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

    def _settle(self, reserved: Reserved, outcome: Outcome[object], session: Session) -> None:
        spend.settle(session, self._terms, reserved, outcome, now=self._clock())

    def _enter(self, subject: Subject, reserved: Reserved, ended: Outcome[Analysis]) -> None:
        """Write what a call cost and what it says, all or nothing; what cannot be written now is
        before anything more is asked, and so long nobody else asks for it."""
        now = self._clock()

        def work(session: Session) -> None:
            remark = prove.doubt(ended.answer) if isinstance(ended, Ok) else ""
            spend.settle(session, self._terms, reserved, ended, now=now, remark=remark)
            if isinstance(ended, Ok):
                self._keep(session, subject, ended, now=now)
            leases.give_back(session, _lease(subject), holder=self._holder)

        try:
            self._owed.write(work)
        except FAILURES:
            log.exception("The analysis of signature %d is not written yet", subject.id)
        if not isinstance(ended, Ok | Stopped):
            why = f"{ended.said}, {ended.why}"
            log.info("Signature %d is not explained by %s: %s", subject.id, reserved.model, why)
            self._deny([subject.id], ended.said)

    def _keep(
        self, session: Session, subject: Subject, made: Ok[Analysis], *, now: datetime
    ) -> None:
        """What was said; what is proven stays until something else is."""
        version, (tier, evidence) = self._craft.prompt, _class_and_mark(subject)
        said = prove.doubt(made.answer)
        if said:
            log.info("The answer of %s on signature %d: %s", made.call.asked, subject.id, said)
        stays = said and analyses.asked_again(
            session, subject.id, said, version=version, now=now, tier=tier, evidence=evidence
        )
        if not stays:
            analyses.keep(
                session,
                {subject.id: made.answer.as_json()},
                analyst=made.call.asked,
                version=version,
                now=now,
                tier=tier,
                evidence=evidence,
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


def _denied(ended: Sequence[bool | Denied], wanted: Sequence[Subject]) -> dict[str, set[int]]:
    """Which of those that are wanted may not be asked about, by reason, given how the first of them
    ended. What keeps one from being asked about keeps all that matter no more, of its team alone
    where that is about its team's own money: they would be tried in vain, before others. What
    passes in seconds is tried again in the next round."""
    numbers: dict[str, set[int]] = defaultdict(set)
    for subject, one in zip(wanted, ended, strict=False):
        if isinstance(one, Denied) and not one.passes:
            numbers[one.reason] |= {
                other.id
                for other in wanted
                if other.rank <= subject.rank and (not one.is_of_team or other.team == subject.team)
            }
    return numbers


def _class_and_mark(subject: Subject) -> tuple[Tier, str]:
    """For which class of models, and on what evidence, it is explained from now on."""
    kept = subject.kept
    if kept is None:
        return subject.tier, subject.mark.as_text()
    tier = Tier.STRONG if Tier.STRONG in (kept.tier, subject.tier) else Tier.CHEAP
    return tier, kept.mark.joined(subject.mark).as_text()


def _purpose(subject: Subject) -> Purpose:
    return Purpose(Feature.ANALYSIS, team=subject.team, signature_id=subject.id)


def _lease(subject: Subject) -> str:
    return f"{Feature.ANALYSIS} {subject.signature.fingerprint}"
