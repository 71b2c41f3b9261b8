"""How the daily cases came out."""

from sqlalchemy import select
from sqlmodel import Session, col

from storage.database import insert
from storage.tables import Canary


def keep(session: Session, canary: Canary) -> None:
    """Keep how a model did on a day; the first that is kept of a day stands."""
    statement = insert(session, Canary).values(**canary.model_dump())
    session.execute(statement.on_conflict_do_nothing())


def last(session: Session, model: str, *, before: str, most: int) -> list[Canary]:
    """The newest of a model before a day, the oldest of them first."""
    statement = (
        select(Canary)
        .where(col(Canary.model) == model, col(Canary.day) < before)
        .order_by(col(Canary.day).desc())
        .limit(most)
    )
    return list(reversed(list(session.execute(statement).scalars())))


def of(session: Session, model: str, day: str) -> Canary | None:
    """How a model did on a day, if it was asked."""
    return session.get(Canary, (day, model))
