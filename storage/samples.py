"""The redacted events kept as evidence."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, or_, select, update
from sqlmodel import Session, col

from storage.database import delete_some, in_parts, table_of
from storage.prepared import Prepared, inserting
from storage.signatures import unseen
from storage.tables import Sample, Signature

_SAMPLES = table_of(Sample)
_SIGNATURES = table_of(Signature)
_PLACE = ("signature_id", "number")
PER_SIGNATURE = 3
"""The first ones; what is kept of the last days besides is numbered after them."""


class Place(NamedTuple):
    """Where a sample is kept, when its event came, and whom it hit."""

    number: int
    time: datetime
    customer: str


def keep(session: Session, samples: Sequence[Mapping[str, Any]]) -> None:
    """Keep samples, each with its number from 1 to PER_SIGNATURE; a number taken stays as it is."""
    _KEEP.each(session, samples)
    counts = {sample["signature_id"]: sample["number"] for sample in samples}
    _COUNT.each(session, [{"at": number, "kept": kept} for number, kept in counts.items()])


def renew(session: Session, samples: Sequence[Mapping[str, Any]]) -> None:
    """Replace samples by others with the same numbers."""
    _RENEW.each(session, samples)


def _renewed(statement: Any) -> Any:
    new = {name: statement.excluded[name] for name in {*_SAMPLES.c.keys()} - {*_PLACE}}
    return statement.on_conflict_do_update(index_elements=_PLACE, set_=new)


_KEEP = inserting(Sample, lambda new: new.on_conflict_do_nothing())
_RENEW = inserting(Sample, _renewed)
_COUNT = Prepared(
    update(_SIGNATURES).where(_SIGNATURES.c.id == bindparam("at")).values(samples=bindparam("kept"))
)


def places(
    session: Session, signature_ids: Collection[int], *, since: datetime
) -> dict[int, list[Place]]:
    """The samples of each signature that has any: its first ones, and those since a moment."""
    found = defaultdict[int, list[Place]](list)
    for some in in_parts(signature_ids):
        for signature_id, *rest in _PLACES.rows(session, ids=some, since=since):
            found[signature_id].append(Place(*rest))
    return found


_PLACES = Prepared(
    select(*(_SAMPLES.c[name] for name in ("signature_id", *Place._fields))).where(
        _SAMPLES.c.signature_id.in_(bindparam("ids")),
        or_(_SAMPLES.c.number <= PER_SIGNATURE, _SAMPLES.c.time >= bindparam("since")),
    )
)


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


def forget(session: Session, *, unseen_since: datetime, limit: int) -> int:
    """Delete some samples of signatures that nobody has claimed and that were not seen since a
    moment; gives back how many."""
    is_old = _SAMPLES.c.signature_id.in_(unseen(unseen_since))
    return delete_some(session, Sample, is_old, limit=limit)
