"""Judge what arrived lately, and open, confirm and close the episodes that follow from it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Protocol, Self

from sqlmodel import Session

from bot.core import anomaly, baseline
from bot.core.anomaly import Finding, Rules, Subject
from bot.core.baseline import DAY, Baseline, History, hour_of, start_of
from bot.core.decision import Decision
from bot.core.episode import CALM, is_over
from bot.core.event import Severity
from bot.core.rules import critical
from bot.flows import recall
from storage import anomalies, decisions, events, sightings, signatures
from storage.database import Database, in_parts
from storage.tables import Anomaly, Signature

HISTORY_DAYS = 30
"""How far back a judgement looks: twice the baseline, so that a long silence can be seen."""
LONG_HISTORY_DAYS = 180
"""How far back it looks for the rhythm of what was hardly seen in `HISTORY_DAYS`: few rows."""
PART = 1_000
"""How many signatures are judged at a time: what they need is in memory only so long."""
MERGING = (Decision.MERGE, Decision.SPLIT, Decision.UNDO)
"""The decisions that may move sightings from one signature to another."""
BASELINES_KEPT = 20_000
"""At about 2 kB each."""
RARE = 20
"""Rows of sightings below which the rhythm is not known from `HISTORY_DAYS`."""
HEARTBEAT = timedelta(hours=1)
"""An open episode of which nothing arrives is judged again this often."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An episode that began."""

    signature_id: int
    short_id: str
    service: str
    fingerprint: str
    finding: Finding

    @classmethod
    def of(cls, signature: Signature, finding: Finding) -> Self:
        """An episode of a signature."""
        return cls(
            signature.id,
            signature.short_id,
            signature.service,
            signature.fingerprint,
            finding,
        )


class Running(Protocol):
    """An episode that is not over, stored or not."""

    updated_at: datetime


Judged = dict[int, tuple[Signature, tuple[Finding, ...]]]


@dataclass(frozen=True, slots=True)
class Turn:
    """What all judgements of one turn go by.

    `known_since` and `watched_since` are the hours from which on we know what happened, and were
    there when it did; `newcomers` are the customers that are new to the fleet.
    """

    now: datetime
    rules: Rules
    known_since: int
    watched_since: int
    newcomers: frozenset[str]

    @property
    def hour(self) -> int:
        """The running hour."""
        return hour_of(self.now)

    def rules_of(self, signature: Signature) -> Rules:
        """The thresholds that hold for a signature."""
        return self.rules.of(signature.service, signature.short_id)


class Memory:
    """What was usual for each signature, as of one hour: worked out once and used all the hour.

    An event that comes late and changes a closed hour is part of the baseline from the next
    hour on. A merge or a split changes what was usual, so all is forgotten. It may be dropped at
    any time.
    """

    def __init__(self) -> None:
        self._of = 0, 0
        self._usual: dict[int, Baseline] = {}

    def of(self, hour: int, *, merge: int) -> dict[int, Baseline]:
        """The baselines known for windows that end with this hour, to be added to.

        `merge` is the number of the latest decision that merged or split anything.
        """
        if (hour, merge) != self._of:
            self._of, self._usual = (hour, merge), {}
        return self._usual

    def limit(self) -> None:
        """Forget everything where it is too much to keep."""
        if len(self._usual) > BASELINES_KEPT:
            self._usual.clear()


def detect(
    database: Database,
    touched: Collection[int],
    *,
    now: datetime,
    rules: Rules,
    memory: Memory | None = None,
) -> tuple[Opened, ...]:
    """Judge the signatures of which anything arrived, and the open episodes now and then.

    Gives back the episodes that began; one that is open already is confirmed, not begun again,
    and one that was as usual for six hours is closed. They are judged on a snapshot: what was
    merged meanwhile is left alone, and what was confirmed goes on.
    """
    with database.read() as session:
        running = _running(session, now)
        found = judged(session, touched, running, now=now, rules=rules, memory=memory or Memory())
    if not found:
        return ()
    with database.write() as session:
        unmerged = signatures.counting(session, found)
        still = {number: one for number, one in found.items() if number in unmerged}
        opened = tuple(_open(session, still, running, now=now))
        _close(session, still, running, now=now)
    return opened


def judged(
    session: Session,
    touched: Collection[int],
    running: Mapping[int, Iterable[Running]],
    *,
    now: datetime,
    rules: Rules,
    memory: Memory,
) -> Judged:
    """What is unusual about the signatures of which anything arrived, and about those `running`
    that were not judged for long; what is as usual and has no episode is left out."""
    turn = _turn(session, now=now, rules=rules)
    usual = memory.of(turn.hour, merge=decisions.latest(session, MERGING))
    found: Judged = {}
    for some in in_parts({*touched, *_waiting(running, now)}, size=PART):
        judged = _judge(session, some, usual, turn=turn)
        found |= {number: one for number, one in judged.items() if one[1] or number in running}
        memory.limit()
    return found


def _running(session: Session, now: datetime) -> dict[int, list[Anomaly]]:
    running: dict[int, list[Anomaly]] = defaultdict(list)
    for episode in anomalies.running(session, now):
        running[episode.signature_id].append(episode)
    return running


def catch_up(
    database: Database, touched: Collection[int], *, until: datetime, rules: Rules
) -> tuple[Opened, ...]:
    """Judge at every hour of the day that ends with `until`: for what was read from a file.

    Such events tell of hours that nobody was there to judge.
    """
    hours = [until - timedelta(hours=back) for back in reversed(range(DAY))]
    return tuple(
        opened for now in hours for opened in detect(database, touched, now=now, rules=rules)
    )


class Criticals:
    """Knows which signatures have what is critical at once in their text; each is read once."""

    def __init__(self) -> None:
        self._known: dict[int, bool] = {}

    def among(self, database: Database, touched: Collection[int]) -> frozenset[int]:
        """Those of some signatures."""
        unknown = set(touched) - self._known.keys()
        with database.read() as session:
            for number, signature in signatures.get(session, unknown).items():
                self._known[number] = bool(_critical(signature))
        return frozenset(number for number in touched if self._known.get(number))


def arrived_since(database: Database, moment: datetime) -> frozenset[int]:
    """The signatures of which anything arrived after a moment."""
    with database.read() as session:
        return frozenset(signatures.received_since(session, moment))


def _waiting(running: Mapping[int, Iterable[Running]], now: datetime) -> set[int]:
    return {
        number
        for number, episodes in running.items()
        if any(now - episode.updated_at >= HEARTBEAT for episode in episodes)
    }


def _turn(session: Session, *, now: datetime, rules: Rules) -> Turn:
    hour = hour_of(now)
    known_since = recall.known_since(session, hour)
    established = max(now - timedelta(days=rules.established_days), start_of(known_since + DAY))
    return Turn(
        now=now,
        rules=rules,
        known_since=known_since,
        watched_since=events.first_arrival(session) or hour,
        newcomers=sightings.newcomers(session, established),
    )


def _judge(
    session: Session, numbers: Collection[int], usual: dict[int, Baseline], *, turn: Turn
) -> Judged:
    known = signatures.counting(session, numbers)
    recent = _recent(session, known, days=1, turn=turn)
    little = [
        number
        for number, seen in recent.items()
        if anomaly.is_little(seen, now=turn.now, rules=turn.rules_of(known[number]))
    ]
    longer = _recent(session, little, days=1 + turn.rules.longest_quiet_days, turn=turn)
    routine = {
        number
        for number, seen in longer.items()
        if anomaly.is_routine(seen, now=turn.now, rules=turn.rules_of(known[number]))
    }
    lively = {number: known[number] for number in known if number not in routine}
    _learn(session, lively, usual, turn=turn)
    return {
        number: (signature, _findings(signature, usual.get(number), recent[number], turn=turn))
        for number, signature in known.items()
    }


def _recent(
    session: Session, numbers: Collection[int], *, days: float, turn: Turn
) -> dict[int, History]:
    since = turn.hour - ceil(days * DAY) + 1
    rows = recall.seen(session, numbers, since_hour=since)
    return {number: History(seen, turn.known_since) for number, seen in rows.items()}


def _findings(
    signature: Signature, usual: Baseline | None, recent: History, *, turn: Turn
) -> tuple[Finding, ...]:
    subject = _subject(signature, turn)
    rules = turn.rules_of(signature)
    findings = anomaly.judge(subject, usual, recent, now=turn.now, rules=rules)
    if findings and signature.severity >= Severity.ERROR and (what := _critical(signature)):
        return anomaly.critical(what, findings)
    return findings


def _learn(
    session: Session, lively: Mapping[int, Signature], usual: dict[int, Baseline], *, turn: Turn
) -> None:
    """Work out what is usual for the signatures of which that is not known yet."""
    unknown = lively.keys() - usual.keys()
    oldest = turn.hour - HISTORY_DAYS * DAY
    rows = recall.seen(session, unknown, since_hour=oldest)
    rare = [
        number
        for number in unknown
        if hour_of(lively[number].first_seen) < oldest and len(rows[number]) < RARE
    ]
    rows |= recall.seen(session, rare, since_hour=turn.hour - LONG_HISTORY_DAYS * DAY)
    for number in unknown:
        history = History(rows[number], hour_of(lively[number].first_seen))
        burst_hours = turn.rules_of(lively[number]).burst_hours
        usual[number] = baseline.of(history, turn.hour, burst_hours=burst_hours)


def _subject(signature: Signature, turn: Turn) -> Subject:
    told = signature.first_received
    live = hour_of(signature.first_seen) >= turn.watched_since and told <= turn.now
    return Subject(
        first_seen=signature.first_seen,
        first_told=told if live else signature.first_seen,
        last_seen=signature.last_seen,
        resolved_at=signature.resolved_at,
        resolved_in=signature.resolved_in,
        last_version=signature.last_version,
        newcomers=turn.newcomers,
    )


def _critical(signature: Signature) -> str:
    return critical(f"{signature.error_type} {signature.title} {signature.template}")


def _open(
    session: Session, judged: Judged, running: Mapping[int, list[Anomaly]], *, now: datetime
) -> Iterable[Opened]:
    for number, (signature, findings) in judged.items():
        known = {episode.kind: episode.id for episode in running.get(number, ())}
        for finding in findings:
            if finding.kind in known:
                _confirm(session, known[finding.kind], finding, now=now)
            elif _begin(session, number, finding, now=now):
                yield Opened.of(signature, finding)


def _confirm(session: Session, episode: int, finding: Finding, *, now: datetime) -> None:
    numbers = finding.receipt.as_json()
    anomalies.confirm(session, episode, now=now, reason=finding.reason, receipt=numbers)


def _begin(session: Session, number: int, finding: Finding, *, now: datetime) -> bool:
    """Whether there was no such episode."""
    kind, reason, numbers = finding.kind, finding.reason, finding.receipt.as_json()
    opened = anomalies.begin(session, number, kind=kind, now=now, reason=reason, receipt=numbers)
    return opened is not None


def _close(
    session: Session, judged: Judged, running: Mapping[int, list[Anomaly]], *, now: datetime
) -> None:
    over = [
        episode.id
        for number, (_, findings) in judged.items()
        for episode in running.get(number, ())
        if episode.kind not in {finding.kind for finding in findings}
        and is_over(episode.updated_at, now)
    ]
    anomalies.end(session, over, now=now, calm_since=now - CALM)
