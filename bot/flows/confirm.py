"""Confirm resolutions: tell of a resolved error that it has stayed quiet for long enough."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.core.detection import fix
from bot.core.detection.fix import Since
from bot.core.hour import hour_of
from bot.core.ownership.decision import PROGRAM, Decision
from bot.flows import enact, find
from storage import decisions, deploys, sightings, signatures, traffic
from storage.database import Database
from storage.tables import Signature

WATCHED = timedelta(days=30)
"""What was resolved longer ago is not looked at any more."""


@dataclass(frozen=True, slots=True)
class _Quiet:
    """A resolved signature, and what can be said of it."""

    signature: Signature
    reason: str


def confirm(database: Database, *, now: datetime) -> int:
    """Record, once for each resolution, that it held or that the error is too rare to tell; gives
    back how many. What is seen again is reopened by `settle`."""
    with database.read() as session:
        if next(_quiet(session, now=now), None) is None:
            return 0
    with database.write() as session:
        found = list(_quiet(session, now=now))
        for one in found:
            stands = find.standing(session, one.signature)
            kind = Decision.CONFIRM
            enact.apply(
                session, one.signature, kind, stands, by=PROGRAM, now=now, reason=one.reason
            )
        return len(found)


def _quiet(session: Session, *, now: datetime) -> Iterator[_Quiet]:
    mended = signatures.resolved(session, since=now - WATCHED, until=now)
    confirmed = decisions.newest_of(session, [one.id for one in mended], Decision.CONFIRM)
    for signature in mended:
        known = confirmed.get(signature.id)
        start = _start(session, signature, now=now)
        if start and not (known and signature.resolved_at and known.at >= signature.resolved_at):
            verdict = fix.judge(_since(session, signature, start, now=now))
            if verdict:
                yield _Quiet(signature, verdict.reason)


def _start(session: Session, signature: Signature, *, now: datetime) -> datetime | None:
    """From when on it should be quiet: its resolution, or the deploy of the release with the fix.
    None while that is not deployed."""
    resolved_at = signature.resolved_at
    if not (resolved_at and signature.resolved_in):
        return resolved_at
    long_ago = resolved_at - WATCHED
    began = dict(deploys.between(session, signature, since=long_ago, until=now))
    return began.get(signature.resolved_in)


def _since(session: Session, signature: Signature, start: datetime, *, now: datetime) -> Since:
    """How often it was seen before and since, in whole hours; the hour of the fix is in neither.

    The rate before is over a day at least: one burst of a young error is no rate.
    """
    first, turn = hour_of(start) + 1, hour_of(now)
    heard = sightings.heard(session, first=first, last=turn - 1)
    last = max(heard, default=first - 1)
    age = hour_of(start) - hour_of(signature.first_seen)
    known_since = hour_of(start) - min(fix.LONGEST, max(fix.DAY, age))
    seen = sightings.hourly(session, [signature.id], first=known_since, last=last)[signature.id]
    lines = traffic.hourly(session, signature.service, first=known_since, last=last)
    return Since(
        hours=max(0, last - first + 1),
        seen=sum(count for hour, count in seen.items() if hour >= first),
        rate_before=_rate(seen, known_since, hour_of(start)),
        traffic_before=_rate(lines, known_since, hour_of(start)),
        traffic_since=_rate(lines, first, last + 1),
    )


def _rate(counts: Mapping[int, int], first: int, end: int) -> float:
    """Occurrences per hour from the hour `first` up to, but not with, `end`."""
    total = sum(count for hour, count in counts.items() if first <= hour < end)
    return total / max(1, end - first)
