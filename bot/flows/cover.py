"""Mute each signature that a wide mute covers, once, when it begins to behave unusually."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot.core.detection.finding import LOUD
from bot.core.hour import hour_of
from bot.core.ownership import decision
from bot.core.ownership.decision import PROGRAM, Decision, Mute, State
from bot.flows import describe, enact, find
from storage import anomalies, sightings, signatures, tables, wide_mutes
from storage.database import Database
from storage.tables import Signature, WideMute


@dataclass(frozen=True, slots=True)
class _Covered:
    """A signature that is open and unusual, and the wide mute that covers it."""

    signature: Signature
    wide: WideMute


def cover(database: Database, *, now: datetime) -> int:
    """Mute what wide mutes cover and nobody has claimed, and end the wide mutes whose time is up;
    gives back how many signatures were muted.

    What woke up under a wide mute stays awake, and so does what became critical or spread after it
    began: whoever muted all of a service or customer did not have that in mind.
    """
    with database.read() as session:
        if not _over(session, now) and next(_covered(session), None) is None:
            return 0
    with database.write() as session:
        for wide in _over(session, now):
            wide_mutes.end(session, wide.id, by=PROGRAM, now=now)
        found = list(_covered(session))
        for one in found:
            _mute(session, one, now=now)
        return len(found)


def _over(session: Session, now: datetime) -> list[WideMute]:
    return [one for one in wide_mutes.holding(session) if one.until and one.until <= now]


def _covered(session: Session) -> Iterator[_Covered]:
    """What is to be muted, each by the oldest wide mute that covers it."""
    wides = wide_mutes.holding(session)
    if not wides:
        return
    episodes = anomalies.still_open(session)
    rows = signatures.get(session, {one.signature_id for one in episodes})
    left = {number: row for number, row in rows.items() if row.state == State.OPEN}
    hit = sightings.customers_of(session, left)
    for wide in wides:
        scope, known = find.scope_of(wide), wide_mutes.covered(session, wide.id)
        awake = known | _loud(episodes, since=wide.at)
        for number in sorted(left.keys() - awake):
            if scope.covers(left[number].service, hit[number]):
                yield _Covered(left.pop(number), wide)


def _loud(episodes: Collection[tables.Anomaly], *, since: datetime) -> set[int]:
    """The signatures with an episode that became critical or spread after a moment: no wide mute
    hides those."""
    return {one.signature_id for one in episodes if one.kind in LOUD and one.opened_at > since}


def _mute(session: Session, covered: _Covered, *, now: datetime) -> None:
    signature, wide = covered.signature, covered.wide
    hit = sightings.customers_since(session, {signature.id: hour_of(now)})[signature.id]
    muting = Mute(
        reason=wide.reason,
        by=wide.by,
        at=now,
        until=wide.until,
        max_events=wide.max_events,
        max_customers=wide.max_customers,
        total_at_start=signature.total,
        hit_at_start=hit,
        max_factor=wide.max_factor,
        daily_at_start=describe.card(session, signature, now=now).busy_day,
        scope=find.scope_of(wide),
        wide=wide.id,
    )
    after = decision.mute(find.standing(session, signature), muting)
    why = f"part of the mute of {muting.scope}"
    enact.apply(session, signature, Decision.MUTE, after, by=PROGRAM, now=now, reason=why)
