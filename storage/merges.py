"""Signatures that are cases of another: what each counts is counted by all it is merged into, too.

So either can be read alone, and a merge can be taken back at any time.
"""

from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, delete, exists, func, literal, select, update
from sqlmodel import Session, col

from storage import sightings, unjudged_hours
from storage.database import insert, table_of
from storage.prepared import Prepared
from storage.tables import DueMerge, Sighting, Signature

_SIGHTINGS = table_of(Sighting)
_SIGNATURES = table_of(Signature)
_DUE = table_of(DueMerge)


def lineages(session: Session, ids: Collection[int]) -> dict[int, tuple[int, ...]]:
    """For each signature its own number, then that of what it is merged into, and so on up to the
    root, which people see."""
    lines: dict[int, tuple[int, ...]] = {number: (number,) for number in ids}
    growing = list(lines)
    while growing:
        parents = dict(_PARENTS.rows(session, ids=[lines[at][-1] for at in growing]))
        growing = [at for at in growing if lines[at][-1] in parents]
        for at in growing:
            lines[at] = (*lines[at], parents[lines[at][-1]])
    return lines


def root(session: Session, signature: Signature) -> Signature:
    """What a signature is merged into, in the end: itself, if it is not merged."""
    while signature.merged_into is not None:
        signature = session.get_one(Signature, signature.merged_into)
    return signature


def cases(session: Session, signature_id: int) -> list[Signature]:
    """What is merged into a signature, the oldest first."""
    statement = select(Signature).where(col(Signature.merged_into) == signature_id)
    return list(session.execute(statement.order_by(col(Signature.id))).scalars())


class Link(NamedTuple):
    """That a fingerprint is another name of what `other` stands for, or a case of it, and why."""

    fingerprint: str
    other: str
    reason: str


def want(session: Session, some: Collection[Link]) -> None:
    """Queue merges; a fingerprint that waits for one already keeps that."""
    if some:
        statement = insert(session, DueMerge).on_conflict_do_nothing()
        session.execute(statement, [one._asdict() for one in some])


def anything_due(session: Session) -> bool:
    """Whether any merge is queued; asked without the lock that `take` needs."""
    return bool(session.execute(select(exists().where(_DUE.c.id > 0))).scalar_one())


def take(session: Session, *, limit: int) -> list[Link]:
    """Take the first `limit` merges out of the queue."""
    rows = _FIRST_DUE.rows(session, limit=limit)
    if rows:
        session.execute(delete(_DUE).where(_DUE.c.id.in_([number for number, *_ in rows])))
    return [Link(*rest) for _, *rest in rows]


def put_in(
    session: Session, case: Signature, into: Signature, *, newer: Callable[[str, str], str]
) -> None:
    """Merge `case` into another: that, and all it is merged into itself, now count what the case
    counted. `newer` gives the later of two versions."""
    case.merged_into = into.id
    session.flush()
    for above in _above(session, case):
        session.execute(_add(session, case.id, above.id))
        unjudged_hours.pass_on(session, case.id, above.id)
        above.total += case.total
        above.first_seen = min(above.first_seen, case.first_seen)
        above.last_seen = max(above.last_seen, case.last_seen)
        above.first_received = min(above.first_received, case.first_received)
        above.severity = max(above.severity, case.severity)
        if case.production_seen and not _is_before(above.production_seen, case.production_seen):
            above.production_seen = case.production_seen
            above.production_received = case.production_received
        if above.resolved_at is None or case.last_seen > above.resolved_at:
            above.last_version = newer(above.last_version, case.last_version)
    session.flush()


def _is_before(one: datetime | None, other: datetime) -> bool:
    return one is not None and one <= other


def take_out(session: Session, case: Signature) -> None:
    """Split: what the case was merged into no longer counts what the case counted.

    The first and last times of those are then known to the hour only. Their severity, last version
    and the minutes of hours that both were seen in stay: nobody knows which of these are the
    case's.
    """
    for above in _above(session, case):
        session.execute(_LESS, {"case": case.id, "above": above.id})
        session.execute(_NONE, {"above": above.id})
        above.total -= case.total
        _tell_times_anew(session, above, case)
    case.merged_into = None
    session.flush()


def _above(session: Session, case: Signature) -> list[Signature]:
    line = lineages(session, [case.id])[case.id]
    return [session.get_one(Signature, number) for number in line[1:]]


def _tell_times_anew(session: Session, above: Signature, case: Signature) -> None:
    bounds = select(func.min(_SIGHTINGS.c.hour), func.max(_SIGHTINGS.c.hour))
    first, last = session.execute(bounds.where(_SIGHTINGS.c.signature_id == above.id)).one()
    if first is None:
        return
    if case.first_seen <= above.first_seen:
        above.first_seen = max(above.first_seen, _start_of(first))
        above.first_received = max(above.first_received, above.first_seen)
    if case.last_seen >= above.last_seen:
        above.last_seen = min(above.last_seen, _start_of(last))


def _start_of(hour: int) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(hours=hour)


def _add(session: Session, case: int, above: int) -> Any:
    columns = ("hour", "customer", "count", "minutes")
    rows = select(literal(above), *(_SIGHTINGS.c[name] for name in columns)).where(
        _SIGHTINGS.c.signature_id == case
    )
    return sightings.added(insert(session, Sighting).from_select(["signature_id", *columns], rows))


_FIRST_DUE = Prepared(select(_DUE).order_by(_DUE.c.id).limit(bindparam("limit")))
_PARENTS = Prepared(
    select(_SIGNATURES.c.id, _SIGNATURES.c.merged_into).where(
        _SIGNATURES.c.id.in_(bindparam("ids")), _SIGNATURES.c.merged_into.is_not(None)
    )
)
_CASES = _SIGHTINGS.alias()
_SAME = and_(
    _CASES.c.signature_id == bindparam("case"),
    _CASES.c.hour == _SIGHTINGS.c.hour,
    _CASES.c.customer == _SIGHTINGS.c.customer,
)
_LESS = (
    update(_SIGHTINGS)
    .where(_SIGHTINGS.c.signature_id == bindparam("above"), exists().where(_SAME))
    .values(
        count=_SIGHTINGS.c.count
        - select(_CASES.c.count).where(_SAME).correlate(_SIGHTINGS).scalar_subquery()
    )
)
_NONE = delete(_SIGHTINGS).where(
    _SIGHTINGS.c.signature_id == bindparam("above"), _SIGHTINGS.c.count <= 0
)
