"""What one of all threads and replicas does, while the others wait."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, or_, update
from sqlmodel import Session, col, select

from storage.database import insert
from storage.locks import Gone
from storage.tables import Lease

SKEW = timedelta(minutes=5)
"""By how much the clocks of replicas may differ."""
_NOBODY = ""


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
    session.execute(delete(Lease).where(*_held(name, holder)))


def rest(session: Session, name: str, *, holder: str) -> None:
    """It came to nothing: it is nobody's, and to be taken when it would have been anyhow."""
    session.execute(update(Lease).where(*_held(name, holder)).values(holder=_NOBODY))


def left(session: Session, prefix: str, *, gone: Gone) -> list[tuple[str, str]]:
    """The leases of such a name whose holders are gone, with those."""
    named = col(Lease.name).startswith(prefix, autoescape=True)
    held = session.exec(select(Lease).where(named, col(Lease.holder) != _NOBODY)).all()
    dead = gone(session, {lease.holder for lease in held})
    return [(lease.name, lease.holder) for lease in held if lease.holder in dead]


def _held(name: str, holder: str) -> tuple[ColumnElement[bool], ...]:
    return col(Lease.name) == name, col(Lease.holder) == holder
