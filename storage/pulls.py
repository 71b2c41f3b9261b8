"""How far each source that is asked was read, and how the last time went."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select, update

from storage.locks import Gone
from storage.tables import Pull


def is_due(session: Session, name: str, *, now: datetime, farthest: timedelta, gone: Gone) -> bool:
    """Whether it is time to ask a source, and nobody does who is not gone. A wait for longer than
    the `farthest` was begun by a clock that was set back since."""
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
    """The row of a source that is the holder's until then; None where it is not to be asked now."""
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
    """It was read up to there and is the holder's for longer, unless somebody took it over."""
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
    """All that there was is read, unless it is to be gone on with at once."""
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
    """It could not be read to its end, for that reason, so often since it last got on."""
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
    """Nothing is known of how it would have gone on: whoever comes next does."""
    _leave(session, name, holder)


def _leave(session: Session, name: str, holder: str, **values: object) -> None:
    session.execute(
        update(Pull)
        .where(col(Pull.name) == name, col(Pull.holder) == holder)
        .values(holder="", leased_until=None, **values)
    )


def every(session: Session) -> dict[str, Pull]:
    """All that were ever asked, by name."""
    return {row.name: row for row in session.exec(select(Pull))}
