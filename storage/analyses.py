"""The stored explanations of signatures."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import case, select, update
from sqlmodel import Session, col

from storage.database import delete_some, in_parts, insert
from storage.signatures import unseen
from storage.tables import Analysis

RULES = "rules"
"""The analyst whose explanation every signature has."""
_REPLACED = ("version", "at", "content", "tier", "evidence", "note", "asked_at", "asked_with")


def keep(
    session: Session,
    explained: Mapping[int, Mapping[str, Any]],
    *,
    analyst: str,
    version: str,
    now: datetime,
    tier: str = "",
    evidence: str = "",
) -> None:
    """Store an analyst's explanations, by signature, in the place of those it gave before."""
    if not explained:
        return
    statement = insert(session, Analysis)
    new = {name: statement.excluded[name] for name in _REPLACED}
    statement = statement.on_conflict_do_update(
        index_elements=["signature_id", "analyst"], set_=new
    )
    given = {"analyst": analyst, "version": version, "at": now, "tier": tier}
    given |= {"evidence": evidence, "note": ""}
    by_model = analyst != RULES
    given |= {"asked_at": now if by_model else None, "asked_with": version if by_model else ""}
    session.execute(
        statement,
        [
            {"signature_id": number, "content": dict(content), **given}
            for number, content in explained.items()
        ],
    )


def asked_again(
    session: Session,
    signature_id: int,
    said: str,
    *,
    version: str,
    now: datetime,
    tier: str,
    evidence: str,
) -> bool:
    """Note that a model was asked again and what came of it, and keep the proven explanation as it
    is; False where none is proven."""
    row = of(session, [signature_id]).get(signature_id)
    if row is None or not is_proven(row):
        return False
    row.note, row.asked_at, row.asked_with = said, now, version
    row.tier, row.evidence = tier, evidence
    session.add(row)
    return True


def is_proven(row: Analysis) -> bool:
    """Whether a model gave the explanation, and at least one of its quotes was found in the
    evidence."""
    return row.analyst != RULES and bool(row.content.get("evidence"))


def of(session: Session, signature_ids: Collection[int]) -> dict[int, Analysis]:
    """The explanation that holds for each signature: a model's latest, else that of the rules."""
    by_rules_first = case((col(Analysis.analyst) == RULES, 0), else_=1)
    statement = select(Analysis).order_by(by_rules_first, col(Analysis.at))
    return {
        row.signature_id: row
        for some in in_parts(signature_ids)
        for row in session.execute(statement.where(col(Analysis.signature_id).in_(some))).scalars()
    }


def by(session: Session, analyst: str, signature_ids: Collection[int]) -> dict[int, Analysis]:
    """What one analyst says of each signature that it explained."""
    statement = select(Analysis).where(col(Analysis.analyst) == analyst)
    return {
        row.signature_id: row
        for some in in_parts(signature_ids)
        for row in session.execute(statement.where(col(Analysis.signature_id).in_(some))).scalars()
    }


def outdated(session: Session, version: str, *, limit: int) -> list[int]:
    """Signatures that the rules of another version explained, the newest first."""
    statement = select(col(Analysis.signature_id)).where(
        col(Analysis.analyst) == RULES, col(Analysis.version) != version
    )
    newest_first = statement.order_by(col(Analysis.signature_id).desc())
    return list(session.execute(newest_first.limit(limit)).scalars())


def note(session: Session, signature_ids: Collection[int], said: str) -> list[int]:
    """Note on explanations by rules why no model explains them; gives back the signatures for which
    that changed."""
    changed: list[int] = []
    for some in in_parts(signature_ids):
        statement = (
            update(Analysis)
            .where(
                col(Analysis.signature_id).in_(some),
                col(Analysis.analyst) == RULES,
                col(Analysis.note) != said,
            )
            .values(note=said)
            .returning(col(Analysis.signature_id))
        )
        changed += session.execute(statement).scalars()
    return changed


def forget(session: Session, *, unseen_since: datetime, limit: int) -> int:
    """Delete some explanations by models, of signatures that nobody has claimed and that were not
    seen for long; gives back how many. Those by rules stay."""
    is_old = col(Analysis.signature_id).in_(unseen(unseen_since))
    return delete_some(session, Analysis, col(Analysis.analyst) != RULES, is_old, limit=limit)
