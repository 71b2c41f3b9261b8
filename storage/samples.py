"""The redacted events kept as evidence."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import select, update
from sqlmodel import Session, col

from storage.database import in_parts, insert
from storage.tables import Sample, Signature

PER_SIGNATURE = 3


def keep(session: Session, samples: Sequence[Mapping[str, Any]]) -> None:
    """Keep samples, each with its number from 1 to PER_SIGNATURE; a number taken stays as it is."""
    if not samples:
        return
    session.execute(insert(session, Sample).on_conflict_do_nothing(), list(samples))
    counts = {sample["signature_id"]: sample["number"] for sample in samples}
    for signature_id, number in counts.items():
        session.execute(
            update(Signature).where(col(Signature.id) == signature_id).values(samples=number)
        )


def of(session: Session, signature_id: int) -> list[Sample]:
    """The samples of one signature, the oldest first."""
    statement = select(Sample).where(col(Sample.signature_id) == signature_id)
    return list(session.execute(statement.order_by(col(Sample.number))).scalars())


def first(session: Session, signature_ids: Collection[int]) -> dict[int, Sample]:
    """The oldest sample of each signature that has one."""
    statement = select(Sample).where(col(Sample.number) == 1)
    return {
        row.signature_id: row
        for some in in_parts(signature_ids)
        for row in session.execute(statement.where(col(Sample.signature_id).in_(some))).scalars()
    }
