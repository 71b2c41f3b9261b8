"""The audit trail, which is kept for ever, and the mutes that follow from it."""

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select, true, update
from sqlmodel import Session, col

from storage.database import in_parts, table_of
from storage.prepared import Prepared
from storage.tables import Decision, Mute, Signature


def add(session: Session, decision: Decision) -> Decision:
    """Append a decision to the audit trail; the decision gets its id."""
    session.add(decision)
    session.flush()
    return decision


def by_key(session: Session, key: str) -> Decision | None:
    """The decision that was made by the click with this key, if any."""
    statement = select(Decision).where(col(Decision.key) == key)
    return session.execute(statement).scalar_one_or_none()


def get(session: Session, decision_id: int) -> Decision | None:
    """One decision."""
    return session.get(Decision, decision_id)


def of(session: Session, signature_id: int) -> list[Decision]:
    """All decisions on a signature, the newest first."""
    statement = select(Decision).where(col(Decision.signature_id) == signature_id)
    return list(session.execute(statement.order_by(col(Decision.id).desc())).scalars())


def holding(session: Session, signature_id: int, *, besides: Collection[str]) -> Decision | None:
    """The newest decision on a signature that is no undo, was not undone and is not of the kinds
    `besides`."""
    on_it = col(Decision.signature_id) == signature_id
    return _newest(session, on_it, _holds(), col(Decision.kind).not_in(besides))


def undoable(
    session: Session, by: str, *, besides: Collection[str], signature_id: int | None = None
) -> Decision | None:
    """The newest decision of a person, on one signature or any, that is no undo, was not undone and
    is not of the kinds `besides`."""
    theirs = and_(col(Decision.by) == by, col(Decision.kind).not_in(besides))
    on_it = true() if signature_id is None else col(Decision.signature_id) == signature_id
    return _newest(session, theirs, on_it, _holds())


def is_undone(session: Session, decision_id: int) -> bool:
    """Whether a decision was taken back."""
    return _newest(session, col(Decision.undoes) == decision_id) is not None


def _newest(session: Session, *conditions: ColumnElement[bool]) -> Decision | None:
    newest_first = select(Decision).where(*conditions).order_by(col(Decision.id).desc())
    return session.execute(newest_first.limit(1)).scalar_one_or_none()


def _holds() -> ColumnElement[bool]:
    undone = select(col(Decision.undoes)).where(col(Decision.undoes).is_not(None))
    return and_(col(Decision.undoes).is_(None), col(Decision.id).not_in(undone))


def newest_of(session: Session, signature_ids: Collection[int], kind: str) -> dict[int, Decision]:
    """The newest decision of a kind on each of some signatures that was not undone."""
    statement = (
        select(Decision).where(col(Decision.kind) == kind, _holds()).order_by(col(Decision.id))
    )
    parts = [
        statement.where(col(Decision.signature_id).in_(some)) for some in in_parts(signature_ids)
    ]
    return {row.signature_id: row for part in parts for row in session.execute(part).scalars()}


def newest_on(
    session: Session, signature_ids: Collection[int], *, besides: Collection[str]
) -> dict[int, Decision]:
    """The newest decision on each of some signatures that is not of the kinds `besides`; it may be
    an undo."""
    newest = select(func.max(col(Decision.id))).where(col(Decision.kind).not_in(besides))
    found = [
        newest.where(col(Decision.signature_id).in_(some)).group_by(col(Decision.signature_id))
        for some in in_parts(signature_ids)
    ]
    rows = [session.execute(select(Decision).where(col(Decision.id).in_(part))) for part in found]
    return {row.signature_id: row for part in rows for row in part.scalars()}


def latest(session: Session, kinds: Collection[str]) -> int:
    """The number of the newest decision of some kinds; 0 if there is none."""
    return int(_LATEST.value(session, kinds=list(kinds)) or 0)


def between(
    session: Session, since: datetime, until: datetime, *, kinds: Collection[str]
) -> list[Decision]:
    """The decisions of some kinds that were made in a window and not undone, the oldest first."""
    undone = select(col(Decision.undoes)).where(col(Decision.undoes).is_not(None))
    statement = select(Decision).where(
        col(Decision.at) >= since,
        col(Decision.at) < until,
        col(Decision.kind).in_(kinds),
        col(Decision.id).not_in(undone),
    )
    return list(session.execute(statement.order_by(col(Decision.id))).scalars())


def oldest_first(session: Session) -> Iterator[Decision]:
    """All decisions on all signatures, as they were made."""
    yield from session.execute(select(Decision).order_by(col(Decision.id))).scalars()


def mute_of(session: Session, signature_id: int) -> Mute | None:
    """The mute of a signature that holds now, if any."""
    statement = select(Mute).where(
        col(Mute.signature_id) == signature_id, col(Mute.ended_at).is_(None)
    )
    return session.execute(statement).scalar_one_or_none()


def mutes(session: Session, signature_ids: Collection[int] | None = None) -> dict[int, Mute]:
    """The mutes that hold now, by signature: of some, or of all that are not merged."""
    merged = select(col(Signature.id)).where(col(Signature.merged_into).is_not(None))
    statement = select(Mute).where(
        col(Mute.ended_at).is_(None), col(Mute.signature_id).not_in(merged)
    )
    parts = (
        [statement]
        if signature_ids is None
        else [statement.where(col(Mute.signature_id).in_(some)) for some in in_parts(signature_ids)]
    )
    return {row.signature_id: row for part in parts for row in session.execute(part).scalars()}


def muted_between(session: Session, since: datetime, until: datetime) -> list[Mute]:
    """The mutes that held at some moment of a window, of signatures that are not merged."""
    merged = select(col(Signature.id)).where(col(Signature.merged_into).is_not(None))
    statement = select(Mute).where(
        col(Mute.at) < until,
        or_(col(Mute.ended_at).is_(None), col(Mute.ended_at) > since),
        col(Mute.signature_id).not_in(merged),
    )
    return list(session.execute(statement.order_by(col(Mute.id))).scalars())


def begin_mute(session: Session, mute: Mute) -> None:
    """Store a mute."""
    session.add(mute)
    session.flush()


def end_mute(session: Session, signature_id: int, *, now: datetime, why: str) -> None:
    """End the mute of a signature that holds, if there is one."""
    session.execute(
        update(Mute)
        .where(col(Mute.signature_id) == signature_id, col(Mute.ended_at).is_(None))
        .values(ended_at=now, ended_why=why)
    )


_DECISIONS = table_of(Decision)
_LATEST = Prepared(
    select(func.max(_DECISIONS.c.id)).where(_DECISIONS.c.kind.in_(bindparam("kinds")))
)
