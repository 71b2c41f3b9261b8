"""What one of all threads and replicas does, while the others wait."""

from datetime import datetime, timedelta

from sqlalchemy import delete, or_
from sqlmodel import Session, col

from storage.database import insert
from storage.tables import Lease

SKEW = timedelta(minutes=5)
"""By how much the clocks of replicas may differ."""


def take(session: Session, name: str, *, holder: str, now: datetime, until: datetime) -> bool:
    """Whether it is this holder's to do, until then; False while somebody else's lease lasts.

    One that would last far longer than this one was taken by a clock that was set back since.
    """
    statement = insert(session, Lease).values(name=name, holder=holder, until=until)
    taken = session.execute(
        statement.on_conflict_do_update(
            index_elements=["name"],
            set_={"holder": holder, "until": until},
            where=or_(col(Lease.until) <= now, col(Lease.until) > until + SKEW),
        ).returning(Lease.__table__.c.name)  # type: ignore[attr-defined]
    )
    return taken.scalar_one_or_none() is not None


def give_back(session: Session, name: str, *, holder: str) -> None:
    """It is done, unless somebody took it over meanwhile."""
    session.execute(delete(Lease).where(col(Lease.name) == name, col(Lease.holder) == holder))
