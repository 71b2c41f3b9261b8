"""The redacted events kept as evidence, and the deploy markers that versions leave behind."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlmodel import Session, col

from storage.database import insert
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


def deployed(session: Session, versions: Mapping[tuple[str, str, str], datetime]) -> None:
    """Remember when each (service, environment, version) was first seen."""
    rows = [
        {"service": service, "environment": environment, "version": version, "at": at}
        for (service, environment, version), at in sorted(versions.items())
    ]
    if rows:
        session.execute(insert(session, Deploy).on_conflict_do_nothing(), rows)


def last_deploys(session: Session, service: str, environment: str, *, by: datetime) -> list[Deploy]:
    """The two newest versions of a service that were first seen no later than `by`."""
    statement = (
        select(Deploy)
        .where(
            col(Deploy.service) == service,
            col(Deploy.environment) == environment,
            col(Deploy.at) <= by,
        )
        .order_by(col(Deploy.at).desc())
        .limit(2)
    )
    return list(session.execute(statement).scalars())
