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
    explained: Mapping[int, Mapping[str, Any]],
    *,
    analyst: str,
    version: str,
    now: datetime,
) -> None:
    """Store an analyst's explanations, by signature, in the place of those it gave before."""
    if not explained:
        return
    statement = insert(session, Analysis)
    new = {name: statement.excluded[name] for name in ("version", "at", "content")}
    statement = statement.on_conflict_do_update(
        index_elements=["signature_id", "analyst"], set_=new
    )
    given = {"analyst": analyst, "version": version, "at": now}
    session.execute(
        statement,
        [
            {"signature_id": number, "content": dict(content), **given}
            for number, content in explained.items()
        ],
    )


def of(session: Session, signature_ids: Collection[int]) -> dict[int, Analysis]:
    """The newest explanation of each signature that has one."""
    statement = select(Analysis).order_by(col(Analysis.at))
    return {
        row.signature_id: row
        for some in in_parts(signature_ids)
        for row in session.execute(statement.where(col(Analysis.signature_id).in_(some))).scalars()
    }
