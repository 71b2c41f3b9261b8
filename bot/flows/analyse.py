"""Have a model explain what behaves unusually: once, checked, and within the budget.

No message waits for a model: until it answers, the last explanation is shown, or else that of the
rules.
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
from bot.core.asking.evidence import Evidence
from bot.core.asking.prompt import Answer, Prompt
from bot.core.spending.budget import Feature
from bot.core.spending.outcome import ITS_OWN, Failure, Ok, Outcome, Stopped
from bot.core.spending.routing import Again, Tier, again
from bot.flows import describe, gather, prove, spend, vary, want
from bot.flows.enact import KEPT_CURRENT
from bot.flows.prove import Example
from bot.flows.spend import Denied, Purpose, Reserved
from bot.flows.vary import Way, Ways
from bot.flows.want import Candidate
from bot.llm.port import Model
from storage import analyses, calls, leases, outbox
from storage.database import Database, Owed, in_parts
from storage.failures import FAILURES
from storage.locks import Gone, nobody

log = logging.getLogger(__name__)

AT_ONCE = 4
BATCH = 2 * AT_ONCE
"""A round asks about so few: what turns critical meanwhile is the first of the next round."""
NOTED_AT_ONCE = 100
"""So many signatures get a reason in one transaction: that bounds how long the database is
locked."""
REST = timedelta(minutes=5)
"""So long after a denial nothing is tried for a signature: budgets come back by the hour."""
_LEASE = f"{Feature.ANALYSIS} of "
"""Begins the name of a lease, which ends with the number of a signature."""
_IN_TIME = timedelta(seconds=30)
"""More than a call may take beyond its deadline; then somebody else may make it."""


@dataclass(frozen=True, slots=True)
class _Question:
    """What a model is asked about a signature, and by which prompt and models.

    `known` is the evidence it is shown, `floor` the analysis by the rules, below which none may
    fall.
    """

    candidate: Candidate
    way: Way
    known: Evidence
    prompt: Prompt
    floor: Analysis


class Analyst:
    """Asks a model about each signature that behaves unusually and has no explanation that still
    holds.

    Signatures that a living replica asks about are left to that; `gone` tells which are not living.
    """

    def __init__(
        self,
        database: Database,
        model: Model,
        *,
        ways: Ways,
        clock: Callable[[], datetime],
        stopping: Event,
        holder: str,
        deadline_seconds: float,
        gone: Gone = nobody,
        compare: Callable[[Example], None] = lambda _: None,
    ) -> None:
        self._database = database
        self._model = model
        self._ways = ways
        self._clock = clock
        self._stopping = stopping
        self._holder, self._gone = holder, gone
        self._deadline_seconds = deadline_seconds
        self._compare = compare
        self._owed = Owed(database)
        self._resting: dict[int, datetime] = {}

    def stop(self) -> None:
        """Ask nothing more, and give up the calls that are under way."""
        self._stopping.set()
        self._model.stop()

    def round(self) -> int:
        """Ask about the few signatures that matter most; gives back how many were explained."""
        self._owed.catch_up()
        self._take_over()
        now = self._clock()
        self._resting = {n: until for n, until in self._resting.items() if until > now}
        with self._database.read() as session:
            chosen = vary.chooser(session, self._ways, now=now)
            wanted = want.wanted(
                session, prompt=lambda key: chosen(key).prompt, but=self._resting, now=now
            )
            reason = spend.denial(session, self._ways.usual.terms, now=now) if wanted else ""
        if reason:
            self._deny([candidate.id for candidate in wanted], reason)
            return 0
        if not wanted:
            return 0
        with ThreadPoolExecutor(AT_ONCE) as pool:
            ended = list(pool.map(self._explain, wanted[:BATCH]))
        for said, numbers in _denied(ended, wanted).items():
            self._deny(numbers, said)
        return sum(one is True for one in ended)

    def _take_over(self) -> None:
        """Count the calls of replicas that are gone as lost, so that others may ask at once."""
        with self._database.read() as session:
            left = leases.left(session, _LEASE, gone=self._gone)
        for name, holder in left:
            number = int(name.removeprefix(_LEASE))
            with self._database.write() as session:
                calls.lose(session, number, feature=Feature.ANALYSIS, outcome=Stopped.name)
                leases.give_back(session, name, holder=holder)

    def _explain(self, candidate: Candidate) -> bool | Denied:
        """Whether the signature is explained now; or a denial, if no model may be asked about it.

        An error is logged, so that it keeps no other signature from being explained.
        """
        if self._stopping.is_set():
            return False
        try:
            return self._asked(candidate)
        except FAILURES:
            log.exception("The analysis of signature %d is left for later", candidate.id)
        except Exception:
            log.exception("The analysis of signature %d failed; it rests", candidate.id)
            self._resting[candidate.id] = self._clock() + REST
        return False

    def _asked(self, candidate: Candidate) -> bool | Denied:
        question = self._question(candidate)
        with self._database.write() as session:
            reserved = self._reserve(session, question)
        if isinstance(reserved, Reserved):
            return self._answered(question, reserved)
        return reserved or False

    def _question(self, candidate: Candidate) -> _Question:
        now = self._clock()
        with self._database.read() as session:
            known = gather.gather(session, candidate.signature, now=now)
            symptom = describe.symptoms(session, [candidate.signature])[candidate.id]
            (candidate,) = want.in_full(session, [candidate])
            way = vary.chooser(session, self._ways, now=now)(candidate.fingerprint)
        return _Question(candidate, way, known, way.write(known), rules.analyse(symptom))

    def _reserve(self, session: Session, question: _Question) -> Reserved | Denied | None:
        """The reservation of a call, or its denial; None where another replica makes the call, or
        just did."""
        now, candidate, way = self._clock(), question.candidate, question.way
        until = now + timedelta(seconds=2 * self._deadline_seconds) + _IN_TIME
        if not want.is_wanted(session, candidate, prompt=way.prompt, now=now):
            return None
        lease = _lease(candidate)
        if not leases.take(session, lease, holder=self._holder, now=now, until=until):
            return None
        purpose = Purpose(Feature.ANALYSIS, team=candidate.team, signature_id=candidate.id)
        reserved = spend.reserve(
            session, way.terms, purpose, question.prompt, need=candidate.need, now=now
        )
        if isinstance(reserved, Denied):
            leases.give_back(session, lease, holder=self._holder)
        return reserved

    def _answered(self, question: _Question, reserved: Reserved) -> bool:
        """Whether the signature is explained by the call, or by a second try where that may
        help."""
        outcome = self._ask(reserved, self._deadline_seconds)
        left = self._deadline_seconds - outcome.call.latency_seconds
        tried = again(outcome, reserved.tier, seconds_left=left)
        second = self._second(question, reserved, outcome, tried) if tried else None
        if tried and second:
            reserved, outcome = second, self._ask(second, left - tried.wait_seconds)
        prompt = reserved.wish.prompt
        ended = prove.proven(question.way.check, outcome, prompt, floor=question.floor)
        self._enter(question, reserved, ended, is_all=bool(second or not tried))
        if isinstance(outcome, Ok) and isinstance(ended, Ok):
            self._compare(_explained(question, reserved, outcome.answer))
        return isinstance(ended, Ok)

    def _second(
        self, question: _Question, first: Reserved, outcome: Outcome[Answer], tried: Again
    ) -> Reserved | None:
        """The reservation of a second try, after the first is in the ledger and the wait is over;
        None where it is denied, or the program stops."""
        self._owed.write(partial(self._settle, question.way, first, outcome))
        if self._stopping.wait(tried.wait_seconds):
            return None
        longer = replace(first.wish.prompt, max_tokens=tried.tokens * first.wish.prompt.max_tokens)

        with self._database.write() as session:
            reserved = spend.reserve_again(
                session, question.way.terms, first.wish, longer, tier=tried.tier, now=self._clock()
            )
        return reserved if isinstance(reserved, Reserved) else None

    def _ask(self, reserved: Reserved, seconds: float) -> Outcome[Answer]:
        """The outcome of one call, made with no transaction open."""
        wish = reserved.wish
        return self._model.ask(wish.prompt, Answer, model=wish.model, within_seconds=seconds)

    def _settle(
        self, way: Way, reserved: Reserved, outcome: Outcome[object], session: Session
    ) -> None:
        spend.settle(session, way.terms, reserved, outcome, now=self._clock())

    def _enter(
        self, question: _Question, reserved: Reserved, ended: Outcome[Analysis], *, is_all: bool
    ) -> None:
        """Write what a call cost and what it says, in one transaction.

        If that cannot be written now, it is written before anything more is asked; nobody else asks
        until then. `is_all` is false where a second try might have done better but was not made.
        """
        now, candidate = self._clock(), question.candidate

        def work(session: Session) -> None:
            remark = prove.doubt(ended.answer) if isinstance(ended, Ok) else ""
            spend.settle(session, question.way.terms, reserved, ended, now=now, remark=remark)
            if isinstance(ended, Ok):
                _keep(session, question, ended, now=now)
            elif is_all and ended.name in ITS_OWN:
                _keep_attempt(session, question, ended, now=now)
            leases.give_back(session, _lease(candidate), holder=self._holder)

        try:
            self._owed.write(work)
        except FAILURES:
            log.exception("The analysis of signature %d is not written yet", candidate.id)
        if not isinstance(ended, Ok | Stopped):
            why = f"{ended.said}, {ended.why}"
            log.info("Signature %d is not explained by %s: %s", candidate.id, reserved.model, why)
            self._deny([candidate.id], ended.said)

    def _deny(self, numbers: Collection[int], reason: str) -> None:
        """Leave signatures to the rules, with the reason on every card."""
        now = self._clock()
        self._resting |= dict.fromkeys(numbers, now + REST)

        for some in in_parts(numbers, size=NOTED_AT_ONCE):
            with self._database.write() as session:
                for number in analyses.note(session, some, reason):
                    outbox.changed(session, number, since=now - KEPT_CURRENT)


def _keep(session: Session, question: _Question, made: Ok[Analysis], *, now: datetime) -> None:
    """Write an answer. One whose quotes were not found does not replace one whose quotes were."""
    said = prove.doubt(made.answer)
    if said:
        log.info(
            "The answer of %s on signature %d: %s", made.call.asked, question.candidate.id, said
        )
    _write(session, question, made, doubt=said, now=now)


def _keep_attempt(session: Session, question: _Question, failed: Failure, *, now: datetime) -> None:
    """Write that a model gave no answer on this evidence: asked again, it would fail again, and be
    paid."""
    nothing = Ok(failed.call, replace(question.floor, evidence=(), checked="", offered=0))
    _write(session, question, nothing, doubt=failed.said, now=now)


def _write(
    session: Session, question: _Question, made: Ok[Analysis], *, doubt: str, now: datetime
) -> None:
    candidate, version = question.candidate, question.way.prompt
    tier, evidence = _class_and_mark(candidate)
    stays = doubt and analyses.asked_again(
        session, candidate.id, doubt, version=version, now=now, tier=tier, evidence=evidence
    )
    if not stays:
        analyses.keep(
            session,
            {candidate.id: made.answer.as_json()},
            analyst=made.call.asked,
            version=version,
            now=now,
            tier=tier,
            evidence=evidence,
        )
    outbox.changed(session, candidate.id, since=now - KEPT_CURRENT)


def _explained(question: _Question, reserved: Reserved, answer: Answer) -> Example:
    return Example(
        key=question.candidate.fingerprint,
        team=question.candidate.team,
        signature_id=question.candidate.id,
        known=question.known,
        prompt=reserved.wish.prompt,
        model=reserved.model,
        tier=reserved.tier,
        floor=question.floor,
        answer=answer,
    )


def _denied(ended: Sequence[bool | Denied], wanted: Sequence[Candidate]) -> dict[str, set[int]]:
    """Which of the wanted signatures may not be asked about, by reason, given how the first of them
    ended.

    What is denied to one signature is denied to all that matter no more than it; if the money of a
    team is used up, to those of the team alone. They would be tried in vain, before others. A
    denial that passes within seconds does not count.
    """
    numbers: dict[str, set[int]] = defaultdict(set)
    for candidate, one in zip(wanted, ended, strict=False):
        if isinstance(one, Denied) and not one.passes:
            numbers[one.reason] |= {
                other.id
                for other in wanted
                if other.rank <= candidate.rank
                and (not one.is_of_team or other.team == candidate.team)
            }
    return numbers


def _class_and_mark(candidate: Candidate) -> tuple[Tier, str]:
    """The class of models and the mark of the evidence under which an explanation is stored: those
    of the one before included, so that neither ever falls."""
    kept = candidate.kept
    if kept is None:
        return candidate.tier, candidate.mark.as_text()
    tier = Tier.STRONG if Tier.STRONG in (kept.tier, candidate.tier) else Tier.CHEAP
    return tier, kept.mark.joined(candidate.mark).as_text()


def _lease(candidate: Candidate) -> str:
    return f"{_LEASE}{candidate.id}"
