"""What people think of explanations."""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from storage.database import insert
from storage.tables import Opinion

_REPLACED = ("at", "helps", "reason", "analyst", "version", "rule")


def keep(session: Session, opinion: Opinion) -> None:
    """Keep an opinion in the place of what the same person thought of it before."""
    statement = insert(session, Opinion).values(**opinion.model_dump())
    new = {name: statement.excluded[name] for name in _REPLACED}
    session.execute(
        statement.on_conflict_do_update(index_elements=["signature_id", "by"], set_=new)
    )


def between(session: Session, since: datetime, until: datetime) -> list[Opinion]:
    """The opinions of some time, the oldest first."""
    statement = select(Opinion).where(col(Opinion.at) >= since, col(Opinion.at) < until)
    return list(session.execute(statement.order_by(col(Opinion.at))).scalars())
