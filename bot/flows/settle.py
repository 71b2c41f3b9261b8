"""Decide what needs no person: end mutes whose time is up or whose tripwire is touched, and reopen
what came back after its resolution.

This runs every half minute. What is due is found on a snapshot and checked again where it is
written, so that the lock is taken only when there is something to do, and never for long.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime

from sqlmodel import Session

from bot.core.detection.finding import LOUD, Kind
from bot.core.hour import DAY, hour_of
from bot.core.ownership import decision
from bot.core.ownership.decision import PROGRAM, Decision, Standing
from bot.flows import enact, find
from storage import anomalies, decisions, sightings, signatures, tables
from storage.database import Database, in_parts
from storage.tables import Signature

AT_ONCE = 100
"""So many are decided in one transaction: that bounds how long the database is locked."""

Reasons = Mapping[int, str]
"""Why each signature, by number, is decided on."""


def settle(database: Database, *, now: datetime) -> int:
    """End the mutes that are over, and reopen what is back; gives back how many signatures
    changed."""
    with database.read() as session:
        over, back = _over(session, now=now), _back(session)
    done = 0
    for some in in_parts(over, size=AT_ONCE):
        with database.write() as session:
            still = _over(session, some, now=now)
            done += _apply(session, Decision.UNMUTE, decision.unmute, still, now=now)
    for some in in_parts(back, size=AT_ONCE):
        with database.write() as session:
            still = _back(session, some)
            done += _apply(session, Decision.REOPEN, decision.reopen, still, now=now)
    return done


def _over(session: Session, among: Collection[int] | None = None, *, now: datetime) -> Reasons:
    """Why mutes are over, by signature: of all, or of those `among` some."""
    mutes = decisions.mutes(session, among)
    muted = signatures.get(session, mutes)
    wired = {n: hour_of(row.at) for n, row in mutes.items() if row.max_customers}
    hit = sightings.customers_since(session, wired)
    loud, scopes = _loud(session, mutes), find.scopes_of(session, mutes.values())
    lately = _lately(session, mutes, muted, now=now)
    whys = {
        number: decision.trip(
            find.mute_of(row, scopes),
            now=now,
            total=muted[number].total,
            hit=hit.get(number, {}),
            lately=lately.get(number, 0),
        )
        or _began_since(loud[number], row.at)
        for number, row in mutes.items()
    }
    return {number: why for number, why in whys.items() if why}


def _lately(
    session: Session,
    mutes: Mapping[int, tables.Mute],
    muted: Mapping[int, Signature],
    *,
    now: datetime,
) -> dict[int, int]:
    """How often each muted signature was seen in the last 24 hours under its mute, where a tripwire
    needs that."""
    asked = {number: row for number, row in mutes.items() if row.max_factor}
    last = hour_of(now)
    hourly = sightings.hourly(session, asked, first=last - DAY + 1, last=last)
    return {
        number: min(
            sum(count for hour, count in hourly[number].items() if hour >= hour_of(row.at)),
            muted[number].total - row.total_at_start,
        )
        for number, row in asked.items()
    }


def _loud(session: Session, numbers: Collection[int]) -> Mapping[int, list[tables.Anomaly]]:
    """For each signature its open episodes of the kinds that end a mute if they begin under it."""
    loud: dict[int, list[tables.Anomaly]] = defaultdict(list)
    for episode in anomalies.still_open(session, numbers):
        if episode.kind in LOUD:
            loud[episode.signature_id].append(episode)
    return loud


def _began_since(episodes: Iterable[tables.Anomaly], moment: datetime) -> str:
    """The kind and reason of the first episode that began after a moment; empty if none did."""
    return next((f"{one.kind}: {one.reason}" for one in episodes if one.opened_at > moment), "")


def _back(session: Session, among: Collection[int] | None = None) -> Reasons:
    """Why resolved signatures are back: of all, or of those `among` some."""
    returned = [one for one in anomalies.still_open(session, among) if one.kind == Kind.BACK]
    resolved = signatures.get(session, {episode.signature_id for episode in returned})
    return {
        episode.signature_id: episode.reason
        for episode in returned
        if _returned(resolved[episode.signature_id], episode)
    }


def _returned(signature: Signature, episode: tables.Anomaly) -> bool:
    """Whether a signature was seen, and an episode judged it to be back, since it was resolved; the
    episode itself may be older."""
    resolved_at = signature.resolved_at
    return resolved_at is not None and min(signature.last_seen, episode.updated_at) > resolved_at


def _apply(
    session: Session,
    kind: Decision,
    change: Callable[[Standing], Standing],
    whys: Reasons,
    *,
    now: datetime,
) -> int:
    for number, why in whys.items():
        signature = find.by_number(session, number)
        after = change(find.standing(session, signature))
        enact.apply(session, signature, kind, after, by=PROGRAM, now=now, reason=why)
    return len(whys)
