"""The redacted events kept as evidence, and the deploy markers that versions leave behind."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, exists, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from storage.database import in_parts, insert
from storage.tables import Deploy, Sample, Signature

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


def deployed(session: Session, versions: Mapping[tuple[str, str, str], datetime]) -> None:
    """Remember when each (service, environment, version) was first seen."""
    rows = [
        {"service": service, "environment": environment, "version": version, "at": at}
        for (service, environment, version), at in sorted(versions.items())
    ]
    if rows:
        session.execute(insert(session, Deploy).on_conflict_do_nothing(), rows)


def introduced(session: Session, signature_ids: Collection[int]) -> dict[int, datetime]:
    """When the version that a signature was first seen in was itself first seen of the service.

    Only of those for which it was the newest by then, and not the first that was ever seen.
    """
    return {
        signature_id: at
        for some in in_parts(signature_ids)
        for signature_id, at in session.execute(_INTRODUCED, {"ids": some})
    }


_own, _other = aliased(Deploy), aliased(Deploy)
_same_service = and_(
    col(_other.service) == col(_own.service),
    col(_other.environment) == col(_own.environment),
    col(_other.version) != col(_own.version),
)
_between = and_(col(_other.at) > col(_own.at), col(_other.at) <= col(Signature.first_seen))
_INTRODUCED = (
    select(col(Signature.id), col(_own.at))
    .join(
        _own,
        and_(
            col(_own.service) == col(Signature.service),
            col(_own.environment) == col(Signature.environment),
            col(_own.version) == col(Signature.first_version),
        ),
    )
    .where(
        col(Signature.id).in_(bindparam("ids", expanding=True)),
        col(_own.at) <= col(Signature.first_seen),
        exists().where(_same_service, col(_other.at) <= col(_own.at)),
        ~exists().where(_same_service, _between),
    )
)
