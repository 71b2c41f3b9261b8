"""Open, confirm and close episodes, by judging the signatures of which something arrived."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from sqlmodel import Session

from bot.core.detection.episode import CALM, is_another, is_over
from bot.core.detection.finding import Finding
from bot.core.detection.threshold import Rules
from bot.core.hour import DAY, MOMENT, hour_of, start_of
from bot.flows.judge import Judged, judged
from bot.flows.remember import Memory
from storage import anomalies, signatures, unjudged_hours
from storage.anomalies import Beginning
from storage.database import Database
from storage.tables import Anomaly, Signature
from storage.unjudged_hours import Unjudged

AT_ONCE = 2_000
"""A round judges so many signatures for hours that are over: what is usual has to be learnt anew
for each such hour, and what comes now must not wait for that."""
HEARTBEAT = timedelta(hours=1)
"""An open episode that was not confirmed for so long is judged even where nothing arrives."""


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


def detect(
    database: Database,
    touched: Collection[int],
    *,
    now: datetime,
    rules: Rules,
    memory: Memory | None = None,
) -> tuple[Opened, ...]:
    """Judge signatures of which anything arrived, and at intervals those with an open episode.

    Gives back the episodes that began. An open episode is confirmed instead of begun again, and is
    closed once its signature has been as usual for six hours. All is judged on a snapshot;
    signatures that were merged meanwhile are left alone.
    """
    memory = memory or Memory()
    with database.read() as session:
        runs = anomalies.confirmed(session, now)
        waiting = {number: at for number, at in runs.items() if at <= now - HEARTBEAT}
        due = memory.due(waiting, now)
        asked = {*touched, *due}
        running = _running(session, asked & runs.keys(), now)
        found = judged(session, asked, running, now=now, rules=rules, memory=memory)
    opened = _kept(database, found, running, now=now)
    memory.was_judged(waiting, due, now)
    return opened


def detect_among(
    database: Database, asked: Collection[int], *, now: datetime, rules: Rules, memory: Memory
) -> tuple[Opened, ...]:
    """The same for these signatures only."""
    if not asked:
        return ()
    with database.read() as session:
        running = _running(session, asked, now)
        found = judged(session, asked, running, now=now, rules=rules, memory=memory)
    return _kept(database, found, running, now=now)


def _kept(
    database: Database, found: Judged, running: Mapping[int, list[Anomaly]], *, now: datetime
) -> tuple[Opened, ...]:
    """Write what was found: confirm, begin and close episodes; gives back those that began."""
    if not found:
        return ()
    with database.write() as session:
        unmerged = signatures.facts(session, found)
        still = {number: one for number, one in found.items() if number in unmerged}
        opened = _open(session, still, running, now=now)
        _close(session, still, running, now=now)
    return tuple(opened)


def _running(session: Session, numbers: Collection[int], now: datetime) -> dict[int, list[Anomaly]]:
    running: dict[int, list[Anomaly]] = defaultdict(list)
    for episode in anomalies.running(session, numbers, now):
        running[episode.signature_id].append(episode)
    return running


def catch_up(
    database: Database, touched: Collection[int], *, until: datetime, rules: Rules
) -> tuple[Opened, ...]:
    """Judge each of the 24 hours up to `until` as of its own end: for events that were read from a
    file, so that nobody judged these hours when they ran.

    Judged all at once, an early hour would count events that had not happened yet.
    """
    last = hour_of(until)
    ends = [start_of(hour + 1) - MOMENT for hour in range(last - DAY + 1, last)]
    return tuple(
        opened
        for now in (*ends, until)
        for opened in detect(database, touched, now=now, rules=rules)
    )


def unjudged(database: Database, *, now: datetime) -> tuple[Unjudged, ...]:
    """What came and is to be judged in this round: all that concerns this hour and the one before,
    and a part of what concerns earlier ones, the oldest first."""
    last = hour_of(now) - 1
    with database.read() as session:
        late = unjudged_hours.oldest(session, before=last, limit=AT_ONCE)
        return (*late, *unjudged_hours.since(session, last))


def _open(
    session: Session, judged: Judged, running: Mapping[int, list[Anomaly]], *, now: datetime
) -> list[Opened]:
    """Confirm the open episodes, and begin all others with a single statement: a storm must not
    hold the lock for long."""
    soon = anomalies.news(session, since=now, until=now + CALM)
    later = {(episode.signature_id, episode.kind) for episode in soon}
    fresh: list[Opened] = []
    for number, (signature, findings) in judged.items():
        known = {episode.kind: episode for episode in running.get(number, ())}
        for finding in findings:
            episode = known.get(finding.kind)
            if episode and not is_another(episode.receipt, episode.updated_at, finding):
                _confirm(session, episode.id, finding, now=now)
            elif (number, finding.kind) not in later:
                if episode:
                    anomalies.end(session, [episode.id], now=now, calm_since=now)
                fresh.append(Opened.of(signature, finding))
    begun = anomalies.begin_all(session, map(_beginning, fresh), now=now)
    return [one for one in fresh if (one.signature_id, one.finding.kind) in begun]


def _confirm(session: Session, episode: int, finding: Finding, *, now: datetime) -> None:
    numbers = finding.receipt.as_json()
    anomalies.confirm(session, episode, now=now, reason=finding.reason, receipt=numbers)


def _beginning(opened: Opened) -> Beginning:
    finding = opened.finding
    return Beginning(opened.signature_id, finding.kind, finding.reason, finding.receipt.as_json())


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
