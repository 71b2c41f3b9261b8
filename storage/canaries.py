"""How many of the daily cases each model got right."""

from sqlalchemy import select
from sqlmodel import Session, col

from storage.database import insert
from storage.tables import Canary


def keep(session: Session, canary: Canary) -> None:
    """Store how a model did on a day; what is stored of a day first stands."""
    statement = insert(session, Canary).values(**canary.model_dump())
    session.execute(statement.on_conflict_do_nothing())


def last(session: Session, today: Canary, *, most: int) -> list[Canary]:
    """The newest results before a day, of the same model under the same prompt; the oldest
    first."""
    statement = (
        select(Canary)
        .where(
            col(Canary.model) == today.model,
            col(Canary.prompt) == today.prompt,
            col(Canary.day) < today.day,
        )
        .order_by(col(Canary.day).desc())
        .limit(most)
    )
    return list(reversed(list(session.execute(statement).scalars())))


def of(session: Session, model: str, day: str) -> Canary | None:
    """How a model did on a day, if it was asked."""
    return session.get(Canary, (day, model))
