"""What one of all threads and replicas does, while the others wait."""

from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col

from storage.database import insert
from storage.tables import Lease


def take(session: Session, name: str, *, holder: str, now: datetime, until: datetime) -> bool:
    """Whether it is this holder's to do, until then; False while somebody else's lease lasts."""
    statement = insert(session, Lease).values(name=name, holder=holder, until=until)
    taken = session.execute(
        statement.on_conflict_do_update(
            index_elements=["name"],
            set_={"holder": holder, "until": until},
            where=col(Lease.until) <= now,
        ).returning(Lease.__table__.c.name)  # type: ignore[attr-defined]
    )
    return taken.scalar_one_or_none() is not None


def give_back(session: Session, name: str, *, holder: str) -> None:
    """It is done, unless somebody took it over meanwhile."""
    session.execute(delete(Lease).where(col(Lease.name) == name, col(Lease.holder) == holder))
