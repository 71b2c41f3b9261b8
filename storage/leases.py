"""Leases: work that one of all threads and replicas does, while the others wait."""

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
    """Take the lease `name` for `holder` until a moment; False while another holder's lease lasts.

    A lease that would last far longer than this one is not waited for: whoever took it had a clock
    that was set back since.
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
    """Delete the lease, since the work is done; unless somebody else took it over meanwhile."""
    session.execute(delete(Lease).where(*_held(name, holder)))


def rest(session: Session, name: str, *, holder: str) -> None:
    """Leave the lease without a holder, since the work failed: it lasts as long as it would have,
    so that nobody tries again before."""
    session.execute(update(Lease).where(*_held(name, holder)).values(holder=_NOBODY))


def left(session: Session, prefix: str, *, gone: Gone) -> list[tuple[str, str]]:
    """The leases whose names begin with `prefix` and whose holders are gone: name and holder of
    each."""
    named = col(Lease.name).startswith(prefix, autoescape=True)
    held = session.exec(select(Lease).where(named, col(Lease.holder) != _NOBODY)).all()
    dead = gone(session, {lease.holder for lease in held})
    return [(lease.name, lease.holder) for lease in held if lease.holder in dead]


def _held(name: str, holder: str) -> tuple[ColumnElement[bool], ...]:
    return col(Lease.name) == name, col(Lease.holder) == holder
