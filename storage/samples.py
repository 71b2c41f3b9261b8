"""The redacted events kept as evidence."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlmodel import Session, col

from storage.database import in_parts, insert
from storage.tables import Sample, Signature

PER_SIGNATURE = 3
"""The first ones; what is kept of the last days besides is numbered after them."""


class Kept(NamedTuple):
    """Where a sample is kept, when its event came, and whom it hit."""

    number: int
    at: datetime
    customer: str


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


def renew(session: Session, samples: Sequence[Mapping[str, Any]]) -> None:
    """Keep samples in the place of those that had their numbers."""
    if not samples:
        return
    statement = insert(session, Sample)
    keys = [statement.excluded[name] for name in ("signature_id", "number")]
    new = {one.name: one for one in statement.excluded if one not in keys}
    session.execute(
        statement.on_conflict_do_update(index_elements=["signature_id", "number"], set_=new),
        list(samples),
    )


def places(session: Session, signature_ids: Collection[int]) -> dict[int, list[Kept]]:
    """What is kept of each signature that has samples."""
    found = defaultdict[int, list[Kept]](list)
    columns = (Sample.signature_id, Sample.number, Sample.time, Sample.customer)
    for some in in_parts(signature_ids):
        statement = select(*map(col, columns)).where(col(Sample.signature_id).in_(some))
        for signature_id, *rest in session.execute(statement):
            found[signature_id].append(Kept(*rest))
    return found


def of(session: Session, signature_id: int) -> list[Sample]:
    """The samples of one signature, the oldest first."""
    statement = select(Sample).where(col(Sample.signature_id) == signature_id)
    ordered = statement.order_by(col(Sample.time), col(Sample.number))
    return list(session.execute(ordered).scalars())


def first(session: Session, signature_ids: Collection[int]) -> dict[int, Sample]:
    """The oldest sample of each signature that has one."""
    statement = select(Sample).where(col(Sample.number) == 1)
    return {
        row.signature_id: row
        for some in in_parts(signature_ids)
        for row in session.execute(statement.where(col(Sample.signature_id).in_(some))).scalars()
    }
