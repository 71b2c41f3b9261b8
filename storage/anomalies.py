"""The episodes in which signatures behaved unusually."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, func, or_, select, update
from sqlmodel import Session, col

from storage.database import in_parts, insert, table_of
from storage.prepared import Prepared
from storage.tables import Anomaly, Signature

_ANOMALIES = table_of(Anomaly)


_MERGED = select(col(Signature.id)).where(col(Signature.merged_into).is_not(None))


def still_open(session: Session, signature_ids: Collection[int] | None = None) -> list[Anomaly]:
    """The episodes that are not over: of some signatures, or of all that are not merged."""
    statement = select(Anomaly).where(
        col(Anomaly.closed_at).is_(None), col(Anomaly.signature_id).not_in(_MERGED)
    )
    parts = (
        [statement]
        if signature_ids is None
        else [
            statement.where(col(Anomaly.signature_id).in_(some)) for some in in_parts(signature_ids)
        ]
    )
    return [
        row for part in parts for row in session.execute(part.order_by(col(Anomaly.id))).scalars()
    ]


def over_since(session: Session, since: datetime) -> list[Anomaly]:
    """The episodes that ended at a moment or later, of all signatures that are not merged."""
    statement = select(Anomaly).where(
        col(Anomaly.closed_at) >= since, col(Anomaly.signature_id).not_in(_MERGED)
    )
    return list(session.execute(statement.order_by(col(Anomaly.id))).scalars())


def running(session: Session, signature_ids: Collection[int], now: datetime) -> list[Anomaly]:
    """The episodes of some signatures that are not over, or were not at a moment in the past."""
    return [
        episode
        for some in in_parts(signature_ids)
        for episode in session.execute(_RUNNING, {"ids": some, "now": now}).scalars()
    ]


def confirmed(session: Session, now: datetime) -> dict[int, datetime]:
    """The signatures with an open episode of any kind, and when it was last confirmed; of several
    episodes the earliest time."""
    return dict(_CONFIRMED.rows(session, now=now))


_RUNS = and_(
    col(Anomaly.opened_at) <= bindparam("now"),
    or_(col(Anomaly.closed_at).is_(None), col(Anomaly.closed_at) > bindparam("now")),
)
_RUNNING = (
    select(Anomaly)
    .where(col(Anomaly.signature_id).in_(bindparam("ids", expanding=True)), _RUNS)
    .order_by(col(Anomaly.id))
)
_CONFIRMED = Prepared(
    select(_ANOMALIES.c.signature_id, func.min(_ANOMALIES.c.updated_at))
    .where(_RUNS)
    .group_by(_ANOMALIES.c.signature_id)
)


def begin(
    session: Session,
    signature_id: int,
    *,
    kind: str,
    now: datetime,
    reason: str,
    receipt: Mapping[str, Any],
    is_aside: bool = False,
) -> int | None:
    """Open an episode and give back its id, or None where one of that kind is open already.

    With `is_aside` it is opened beside that one, and is over at once.
    """
    statement = (
        insert(session, Anomaly)
        .values(
            signature_id=signature_id,
            kind=kind,
            opened_at=now,
            updated_at=now,
            closed_at=now if is_aside else None,
            reason=reason,
            receipt=dict(receipt),
        )
        .on_conflict_do_nothing()
        .returning(_ANOMALIES.c.id)
    )
    opened: int | None = session.execute(statement).scalar_one_or_none()
    return opened


class Beginning(NamedTuple):
    """An episode that is to be opened."""

    signature_id: int
    kind: str
    reason: str
    receipt: Mapping[str, Any]


def begin_all(
    session: Session, wanted: Iterable[Beginning], *, now: datetime
) -> set[tuple[int, str]]:
    """Open episodes, save where one of that kind is open already; gives back which were opened,
    by signature and kind."""
    rows = [{**one._asdict(), "opened_at": now, "updated_at": now} for one in wanted]
    if not rows:
        return set()
    statement = insert(session, Anomaly).on_conflict_do_nothing()
    opened = statement.returning(_ANOMALIES.c.signature_id, _ANOMALIES.c.kind)
    return {(signature_id, kind) for signature_id, kind in session.execute(opened, rows)}


def confirm(
    session: Session, anomaly_id: int, *, now: datetime, reason: str, receipt: Mapping[str, Any]
) -> None:
    """Confirm an episode with this reason and receipt; one that was confirmed later than `now`
    stays."""
    latest = {"at": anomaly_id, "now": now, "why": reason, "numbers": dict(receipt)}
    _CONFIRM.each(session, [latest])


_CONFIRM = Prepared(
    update(_ANOMALIES)
    .where(_ANOMALIES.c.id == bindparam("at"), _ANOMALIES.c.updated_at <= bindparam("now"))
    .values(updated_at=bindparam("now"), reason=bindparam("why"), receipt=bindparam("numbers"))
)


def end(
    session: Session, anomaly_ids: Collection[int], *, now: datetime, calm_since: datetime
) -> None:
    """End these episodes, except those that are over or were confirmed since a moment."""
    still = and_(col(Anomaly.closed_at).is_(None), col(Anomaly.updated_at) <= calm_since)
    for some in in_parts(anomaly_ids):
        session.execute(
            update(Anomaly).where(col(Anomaly.id).in_(some), still).values(closed_at=now)
        )


def end_all(session: Session, signature_id: int, *, now: datetime) -> None:
    """End all episodes of a signature."""
    session.execute(
        update(Anomaly)
        .where(col(Anomaly.signature_id) == signature_id, col(Anomaly.closed_at).is_(None))
        .values(closed_at=now)
    )


def go_on(session: Session, signature_id: int, *, ended_at: datetime) -> None:
    """Reopen the episodes of a signature that `end_all` ended at a moment."""
    ended = select(func.max(col(Anomaly.id))).where(
        col(Anomaly.signature_id) == signature_id,
        col(Anomaly.closed_at) == ended_at,
        col(Anomaly.opened_at) < ended_at,
    )
    ids = session.execute(ended.group_by(col(Anomaly.kind))).scalars().all()
    session.execute(update(Anomaly).where(col(Anomaly.id).in_(ids)).values(closed_at=None))


def news(
    session: Session,
    *,
    since: datetime,
    until: datetime,
    after: int | None = None,
    oldest: datetime | None = None,
) -> list[Anomaly]:
    """The episodes that began after `since`, up to `until`, in the order they began.

    With `after` also those that began later than `oldest` and have a higher number: they were
    stored after somebody looked, of a time that was over by then.
    """
    fresh = col(Anomaly.opened_at) > since
    if after is not None and oldest is not None:
        fresh = or_(fresh, and_(col(Anomaly.id) > after, col(Anomaly.opened_at) > oldest))
    statement = select(Anomaly).where(fresh, col(Anomaly.opened_at) <= until)
    ordered = statement.order_by(col(Anomaly.opened_at), col(Anomaly.id))
    return list(session.execute(ordered).scalars())


def newest(session: Session) -> int:
    """The number of the episode stored last; 0 while there is none."""
    return session.execute(select(func.max(col(Anomaly.id)))).scalar() or 0


def get(session: Session, anomaly_ids: Collection[int]) -> list[Anomaly]:
    """Episodes by their numbers."""
    return [
        row
        for some in in_parts(anomaly_ids)
        for row in session.execute(select(Anomaly).where(col(Anomaly.id).in_(some))).scalars()
    ]


def of(
    session: Session,
    signature_ids: Collection[int],
    *,
    since: datetime | None = None,
    ended_since: datetime | None = None,
) -> list[Anomaly]:
    """The episodes of some signatures, the newest of each first.

    With `since` only those that are open or were confirmed since, with `ended_since` only those
    that are open or ended since.
    """
    statement = select(Anomaly).order_by(col(Anomaly.opened_at).desc(), col(Anomaly.id).desc())
    if since:
        statement = statement.where(
            or_(col(Anomaly.closed_at).is_(None), col(Anomaly.updated_at) >= since)
        )
    if ended_since:
        statement = statement.where(
            or_(col(Anomaly.closed_at).is_(None), col(Anomaly.closed_at) >= ended_since)
        )
    return [
        row
        for some in in_parts(signature_ids)
        for row in session.execute(statement.where(col(Anomaly.signature_id).in_(some))).scalars()
    ]
