"""The stored explanations of signatures."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from storage.database import in_parts, insert
from storage.tables import Analysis


def keep(
    session: Session,
    signature_id: int,
    *,
    analyst: str,
    version: str,
    now: datetime,
    content: Mapping[str, Any],
) -> None:
    """Store an analyst's explanation in the place of the one it gave before."""
    values = {"version": version, "at": now, "content": dict(content)}
    statement = insert(session, Analysis).values(
        signature_id=signature_id, analyst=analyst, **values
    )
    session.execute(
        statement.on_conflict_do_update(index_elements=["signature_id", "analyst"], set_=values)
    )


def of(session: Session, signature_ids: Collection[int]) -> dict[int, Analysis]:
    """The newest explanation of each signature that has one."""
    statement = select(Analysis).order_by(col(Analysis.at))
    return {
        row.signature_id: row
        for some in in_parts(signature_ids)
        for row in session.execute(statement.where(col(Analysis.signature_id).in_(some))).scalars()
    }
