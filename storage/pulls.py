"""How far each source that we pull from was read, and how the last attempt went."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select, update

from storage.locks import Gone
from storage.tables import Pull


def is_due(session: Session, name: str, *, now: datetime, farthest: timedelta, gone: Gone) -> bool:
    """Whether it is time to read a source, and no living replica does.

    A wait that ends later than `farthest` from now is over: it was begun by a clock that was set
    back since.
    """
    row = session.get(Pull, name)
    if row is None:
        return True
    if _lasts(row.not_before, now, farthest):
        return False
    return not _lasts(row.leased_until, now, farthest) or row.holder in gone(session, [row.holder])


def take(
    session: Session,
    name: str,
    *,
    holder: str,
    now: datetime,
    until: datetime,
    farthest: timedelta,
    gone: Gone,
) -> Pull | None:
    """Lease a source to `holder` until a moment; gives back its row, or None where `is_due` is
    false."""
    if not is_due(session, name, now=now, farthest=farthest, gone=gone):
        return None
    row = session.get(Pull, name) or Pull(name=name)
    row.holder, row.leased_until = holder, until
    session.add(row)
    return row


def _lasts(wait: datetime | None, now: datetime, farthest: timedelta) -> bool:
    return wait is not None and now < wait <= now + farthest


def advance(
    session: Session,
    name: str,
    *,
    holder: str,
    cursor: str,
    reached: datetime,
    behind_since: datetime | None,
    behind_from: datetime | None,
    until: datetime,
) -> None:
    """Store how far a source was read and extend the lease; nothing changes where somebody else
    took it over."""
    session.execute(
        update(Pull)
        .where(col(Pull.name) == name, col(Pull.holder) == holder)
        .values(
            cursor=cursor,
            reached=reached,
            behind_since=behind_since,
            behind_from=behind_from,
            leased_until=until,
        )
    )


def went_well(
    session: Session, name: str, *, holder: str, now: datetime, not_before: datetime
) -> None:
    """End the lease: everything was read. The source is read again from `not_before` on."""
    _leave(session, name, holder, not_before=not_before, succeeded_at=now, failures=0, trouble="")


def failed(
    session: Session,
    name: str,
    *,
    holder: str,
    now: datetime,
    trouble: str,
    failures: int,
    not_before: datetime,
) -> None:
    """End the lease: the source could not be read to its end, and why. `failures` counts the
    attempts in a row that got nowhere."""
    _leave(
        session,
        name,
        holder,
        not_before=not_before,
        failed_at=now,
        trouble=trouble,
        failures=failures,
    )


def left(session: Session, name: str, *, holder: str) -> None:
    """End the lease without an outcome: the next replica goes on."""
    _leave(session, name, holder)


def _leave(session: Session, name: str, holder: str, **values: object) -> None:
    session.execute(
        update(Pull)
        .where(col(Pull.name) == name, col(Pull.holder) == holder)
        .values(holder="", leased_until=None, **values)
    )


def every(session: Session) -> dict[str, Pull]:
    """The rows of all sources that were ever pulled from, by name."""
    return {row.name: row for row in session.exec(select(Pull))}
