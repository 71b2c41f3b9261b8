"""When each version of a service began: told by whoever deploys, or first seen in an event."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, case, exists, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from storage.database import in_parts, table_of
from storage.prepared import Prepared, inserting
from storage.tables import Deploy, Signature

_DEPLOYS = table_of(Deploy)


class Version(NamedTuple):
    """A version of a service; without an environment it is deployed to all of them."""

    service: str
    environment: str
    version: str


def seen(session: Session, versions: Mapping[Version, datetime]) -> None:
    """Remember when events of these versions were first seen; the earliest sight stands."""
    _keep(session, versions, told=False)


def tell(session: Session, version: Version, at: datetime) -> datetime:
    """Remember that a version was deployed, and since when it runs: the earliest that is known."""
    _keep(session, {version: at}, told=True)
    places = [col(Deploy.service) == version.service, col(Deploy.version) == version.version]
    if version.environment:
        places.append(col(Deploy.environment).in_((version.environment, "")))
    earliest: datetime = session.execute(_FIRST.where(*places)).scalar_one()
    return earliest


def introduced(session: Session, signature_ids: Collection[int]) -> dict[int, tuple[str, datetime]]:
    """For each signature the version that was the newest when it was first seen, and since when
    that ran.

    That is the version it was first seen in; where events name none, the one deployed last. A
    version that nobody told of and that none came before is left out: it ran before we looked.
    """
    return {
        signature_id: (version, at)
        for some in in_parts(signature_ids)
        for signature_id, version, at in session.execute(_INTRODUCED, {"ids": some})
    }


def between(
    session: Session, signature: Signature, *, since: datetime, until: datetime
) -> list[tuple[str, datetime]]:
    """The versions of a signature's service that began in a window where the signature was seen, in
    order.

    A version that nobody told of and that none came before is left out: it ran before we looked.
    """
    began = func.min(col(_own.at))
    place = col(_own.environment).in_((signature.environment, ""))
    elsewhere = and_(
        col(_other.service) == col(_own.service),
        col(_other.version) != col(_own.version),
        col(_other.at) <= col(_own.at),
    )
    statement = (
        select(col(_own.version), began)
        .where(
            col(_own.service) == signature.service,
            place,
            or_(col(_own.told), exists().where(elsewhere)),
        )
        .group_by(col(_own.version))
        .having(began > since, began <= until)
        .order_by(began)
    )
    return [(version, at) for version, at in session.execute(statement)]


def began(
    session: Session, services: Collection[str], versions: Collection[str]
) -> dict[str, datetime]:
    """Since when some versions run, in any of some services and any environment; unknown ones are
    absent."""
    if not (services and versions):
        return {}
    return dict(_BEGAN.rows(session, services=list(services), versions=list(versions)))


def of(session: Session, services: Collection[str]) -> dict[str, dict[str, datetime]]:
    """Each version of some services, by service, and when it first began in any environment."""
    found: dict[str, dict[str, datetime]] = {service: {} for service in services}
    if found:
        for service, version, at in _OF.rows(session, services=list(found)):
            found[service][version] = at
    return found


def told(session: Session, services: Collection[str]) -> dict[str, list[datetime]]:
    """The times of the deploys of each service that we were told of."""
    found: dict[str, list[datetime]] = {service: [] for service in services}
    if found:
        for service, at in _TOLD.rows(session, services=list(found)):
            found[service].append(at)
    return found


def rows(session: Session) -> list[dict[str, Any]]:
    """All deploys as plain values, which `put` takes."""
    return [dict(row) for row in session.execute(select(_DEPLOYS)).mappings()]


def put(session: Session, some: Collection[Mapping[str, Any]]) -> None:
    """Store deploys; of each version the earliest time stands."""
    _KEEP.each(session, some)


def _keep(session: Session, versions: Mapping[Version, datetime], *, told: bool) -> None:
    rows = [
        {**version._asdict(), "at": at, "told": told} for version, at in sorted(versions.items())
    ]
    _KEEP.each(session, rows)


def _earliest(statement: Any) -> Any:
    given = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=Version._fields,
        set_={
            "at": case((given.at < _DEPLOYS.c.at, given.at), else_=_DEPLOYS.c.at),
            "told": or_(given.told, _DEPLOYS.c.told),
        },
        where=or_(given.at < _DEPLOYS.c.at, given.told),
    )


_KEEP = inserting(Deploy, _earliest)
_FIRST_SEEN = func.min(_DEPLOYS.c.at, type_=_DEPLOYS.c.at.type)
_BEGAN = Prepared(
    select(_DEPLOYS.c.version, _FIRST_SEEN)
    .where(
        _DEPLOYS.c.service.in_(bindparam("services")),
        _DEPLOYS.c.version.in_(bindparam("versions")),
    )
    .group_by(_DEPLOYS.c.version)
)
_TOLD = Prepared(
    select(_DEPLOYS.c.service, _DEPLOYS.c.at).where(
        _DEPLOYS.c.service.in_(bindparam("services")), _DEPLOYS.c.told
    )
)
_OF = Prepared(
    select(_DEPLOYS.c.service, _DEPLOYS.c.version, _FIRST_SEEN)
    .where(_DEPLOYS.c.service.in_(bindparam("services")))
    .group_by(_DEPLOYS.c.service, _DEPLOYS.c.version)
)
_own, _other = aliased(Deploy), aliased(Deploy)
_FIRST = select(func.min(col(Deploy.at)))


def _there(deploy: type[Deploy]) -> ColumnElement[bool]:
    """The condition that a version ran in the environment where the signature was seen."""
    return and_(
        col(deploy.service) == col(Signature.service),
        col(deploy.environment).in_((col(Signature.environment), "")),
    )


_another = and_(_there(_other), col(_other.version) != col(_own.version))
_between = and_(col(_other.at) > col(_own.at), col(_other.at) <= col(Signature.first_seen))
_INTRODUCED = (
    select(col(Signature.id), col(_own.version), func.min(col(_own.at)))
    .join(_own, _there(_own))
    .where(
        col(Signature.id).in_(bindparam("ids", expanding=True)),
        col(Signature.first_version).in_((col(_own.version), "")),
        col(_own.at) <= col(Signature.first_seen),
        or_(col(_own.told), exists().where(_another, col(_other.at) <= col(_own.at))),
        ~exists().where(_another, _between),
    )
    .group_by(col(Signature.id), col(_own.version))
)
