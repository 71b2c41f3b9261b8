"""The signatures that were ever seen, by fingerprint, by short id, and by what people ask."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Integer, and_, bindparam, case, exists, func, or_, select, update
from sqlmodel import Session, col

from storage.database import in_parts, insert, table_of
from storage.prepared import Prepared
from storage.tables import Alias, RuleVersion, Sighting, Signature, Wording

_SIGNATURES = table_of(Signature)
_ALIASES = table_of(Alias)
_OWN: Any = _SIGNATURES.c.merged_into.is_(None)
"""Those that are merged into another are counted, judged and listed with it."""


class Seen(NamedTuple):
    """What a batch adds to a known signature; `production` is the name of that environment, where
    any of it came from there, the first at `production_seen`."""

    signature_id: int
    occurrences: int
    first_seen: datetime
    last_seen: datetime
    first_received: datetime
    severity: int
    version: str
    production: str = ""
    production_seen: datetime | None = None


class Facts(NamedTuple):
    """What a judgement asks of a signature besides its sightings."""

    id: int
    short_id: str
    service: str
    first_seen: datetime
    last_seen: datetime
    first_received: datetime
    production_seen: datetime | None
    production_received: datetime | None
    resolved_at: datetime | None
    resolved_in: str
    last_version: str
    total: int


class Said(NamedTuple):
    """What a signature says, and how severely."""

    id: int
    severity: int
    error_type: str
    title: str
    template: str


class Name(NamedTuple):
    """A fingerprint and the signature it stands for; see `storage.tables.Alias`."""

    fingerprint: str
    signature_id: int
    reason: str = ""
    places: Sequence[str] = ()
    versions: Sequence[str] = ()


class Met(NamedTuple):
    """A fingerprint that is known, what its signature is merged into, and its versions."""

    fingerprint: str
    signature_id: int
    merged_into: int | None
    versions: Sequence[str]


class Text(NamedTuple):
    """A signature of plain text and its template."""

    fingerprint: str
    template: str


class Kindred(NamedTuple):
    """A fingerprint that came with a message and types before, and where and when."""

    kin: str
    fingerprint: str
    signature_id: int
    places: Sequence[str]
    versions: Sequence[str]
    last_seen: datetime


def ids_of(session: Session, fingerprints: Collection[str]) -> dict[str, int]:
    """The signature that each known fingerprint stands for; unknown ones are absent."""
    return {met.fingerprint: met.signature_id for met in met_before(session, fingerprints)}


def met_before(session: Session, fingerprints: Collection[str]) -> list[Met]:
    """What is known of those of some fingerprints that were seen before."""
    return [Met(*row) for row in _MET.rows(session, fingerprints=list(fingerprints))]


def names_of(session: Session, signature_ids: Collection[int]) -> list[Name]:
    """Every fingerprint that stands for one of some signatures, its own included."""
    rows = session.execute(
        select(*(_ALIASES.c[name] for name in Name._fields)).where(
            _ALIASES.c.signature_id.in_(signature_ids)
        )
    )
    return [Name(*row) for row in rows]


def add_names(session: Session, names: Sequence[Name]) -> None:
    """Let new fingerprints stand for signatures."""
    if names:
        rows = [
            {**name._asdict(), "places": [*name.places], "versions": [*name.versions]}
            for name in names
        ]
        session.execute(insert(session, Alias), rows)


def set_versions(session: Session, versions: Mapping[str, Sequence[str]]) -> None:
    """Store the versions that each fingerprint was seen in, in place of those stored before."""
    _SET_VERSIONS.each(
        session, [{"name": name, "seen": [*seen]} for name, seen in versions.items()]
    )


def wordings(session: Session, fingerprints: Collection[str]) -> dict[str, set[str]]:
    """The kin (a digest of types and message) that each of some fingerprints came with; those
    without any are absent."""
    found: dict[str, set[str]] = {}
    for fingerprint, kin in _WORDINGS.rows(session, fingerprints=list(fingerprints)):
        found.setdefault(fingerprint, set()).add(kin)
    return found


def add_wordings(session: Session, pairs: Collection[tuple[str, str]]) -> None:
    """Store which kin fingerprints came with: new pairs of both."""
    if pairs:
        rows = [{"fingerprint": name, "kin": kin} for name, kin in sorted(pairs)]
        session.execute(insert(session, Wording), rows)


def kindred(session: Session, kin: Collection[str]) -> list[Kindred]:
    """What is known of the fingerprints that ever came with one of these kin."""
    return [Kindred(*row) for row in _KINDRED.rows(session, kin=list(kin))]


def texts(session: Session, service: str, *, limit: int) -> list[Text]:
    """The newest signatures of a service that are no exceptions and are merged into nothing."""
    worded = select(table_of(Wording).c.fingerprint)
    rows = session.execute(
        select(_SIGNATURES.c.fingerprint, _SIGNATURES.c.template)
        .where(_SIGNATURES.c.service == service, _SIGNATURES.c.fingerprint.not_in(worded), _OWN)
        .order_by(_SIGNATURES.c.id.desc())
        .limit(limit)
    )
    return [Text(*row) for row in rows]


def newcomers(session: Session, service: str, *, since: datetime, most: int) -> int:
    """How many of the `most` newest signatures of a service first came since a moment."""
    return int(_NEWCOMERS.value(session, service=service, since=since, most=most))


def was_signed_by(session: Session, version: str) -> bool:
    """Whether events were ever signed by this version of the rules."""
    return bool(_SIGNED.value(session, by=version))


def signed_since(session: Session, version: str, *, now: datetime) -> datetime:
    """Since when events are signed by a version of the rules: now, if none was so far."""
    statement = insert(session, RuleVersion).values(version=version, since=now)
    session.execute(statement.on_conflict_do_nothing())
    return session.get_one(RuleVersion, version).since


def create(session: Session, facts: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Add signatures; gives back their ids by fingerprint. `add_names` makes the fingerprints their
    names."""
    if not facts:
        return {}
    session.execute(insert(session, Signature), list(facts))
    fingerprints = [fact["fingerprint"] for fact in facts]
    rows = session.execute(
        select(_SIGNATURES.c.fingerprint, _SIGNATURES.c.id).where(
            _SIGNATURES.c.fingerprint.in_(fingerprints)
        )
    )
    return dict(rows.all())


def rows(session: Session) -> Iterator[list[dict[str, Any]]]:
    """The signatures that are not merged, as plain values which `create` takes, a part at a
    time."""
    numbers = session.execute(select(_SIGNATURES.c.id).where(_OWN)).scalars().all()
    for some in in_parts(numbers):
        found = session.execute(select(_SIGNATURES).where(_SIGNATURES.c.id.in_(some)))
        yield [dict(row) for row in found.mappings()]


def resolve(session: Session, signature_id: int, *, at: datetime | None, version: str) -> None:
    """Store when a signature was resolved and in which version, "" if none was named; `at` None
    reopens it."""
    session.execute(
        update(Signature)
        .where(col(Signature.id) == signature_id)
        .values(resolved_at=at, resolved_in=version)
    )


def taken(session: Session, short_ids: Collection[str]) -> set[str]:
    """Which of these short ids are in use."""
    rows = session.execute(
        select(_SIGNATURES.c.short_id).where(_SIGNATURES.c.short_id.in_(short_ids))
    )
    return set(rows.scalars())


def saw(session: Session, batch: Iterable[Seen]) -> None:
    """Bring totals, times, severity and version of known signatures up to date."""
    rows = [
        {
            "at": seen.signature_id,
            "more": seen.occurrences,
            "first": seen.first_seen,
            "last": seen.last_seen,
            "came": seen.first_received,
            "worst": seen.severity,
            "release": seen.version,
            "live": seen.production,
            "live_seen": seen.production_seen,
            "live_told": seen.production_seen and seen.first_received,
        }
        for seen in batch
    ]
    _SAW.each(session, rows)


def last_versions(session: Session, ids: Collection[int]) -> dict[int, str]:
    """The version that each of these signatures was seen in last, "" where none was named."""
    return dict(_LAST_VERSIONS.rows(session, ids=list(ids)))


def untriaged(
    session: Session, *, after: int, limit: int, among: Collection[int] | None = None
) -> list[Signature]:
    """Signatures past the number `after`, of all or of some, that have no owner yet."""
    waiting = select(Signature).where(col(Signature.owner) == "", col(Signature.id) > after, _OWN)
    if among is not None:
        waiting = waiting.where(col(Signature.id).in_(among))
    return list(session.execute(waiting.order_by(col(Signature.id)).limit(limit)).scalars())


class Assignment(NamedTuple):
    """The rules' choice of an owner, and the reason."""

    signature_id: int
    owner: str
    reason: str


def assign(session: Session, chosen: Collection[Assignment]) -> None:
    """Make these the owners; a signature that got one meanwhile, from a person say, keeps it."""
    _ASSIGN.each(
        session, [{"at": one.signature_id, "to": one.owner, "why": one.reason} for one in chosen]
    )


def claimed_by(session: Session, user: str) -> list[Signature]:
    """What a person holds, the oldest claim first."""
    statement = select(Signature).where(
        col(Signature.assignee) == user, col(Signature.state) == "claimed", _OWN
    )
    return list(session.execute(statement.order_by(col(Signature.claimed_at))).scalars())


def in_state(session: Session, state: str) -> list[Signature]:
    """All signatures in a state, the oldest claim first."""
    statement = select(Signature).where(col(Signature.state) == state, _OWN)
    return list(session.execute(statement.order_by(col(Signature.claimed_at))).scalars())


def search(
    session: Session, words: str, *, first: int, last: int, limit: int
) -> tuple[list[Signature], int]:
    """The signatures that name the words, in any case, or hit the customer of that name in the
    hours `first` to `last`: the latest seen first, at most `limit`; and how many there are in
    all."""
    columns = (
        col(Signature.title),
        col(Signature.template),
        col(Signature.service),
        col(Signature.error_type),
        col(Signature.short_id),
    )
    named = [column.icontains(words, autoescape=True) for column in columns]
    hit = select(col(Sighting.signature_id)).where(
        col(Sighting.hour).between(first, last),
        func.lower(col(Sighting.customer)) == func.lower(words),
    )
    found = and_(_OWN, or_(*named, col(Signature.id).in_(hit)))
    latest = select(Signature).where(found).order_by(col(Signature.last_seen).desc()).limit(limit)
    total = select(func.count()).select_from(_SIGNATURES).where(found)
    return list(session.execute(latest).scalars()), int(session.execute(total).scalar_one())


def resolved(session: Session, *, since: datetime, until: datetime) -> list[Signature]:
    """What was resolved after `since`, up to `until`, and still is; the newest first."""
    statement = select(Signature).where(
        col(Signature.state) == "resolved",
        col(Signature.resolved_at) > since,
        col(Signature.resolved_at) <= until,
        _OWN,
    )
    return list(session.execute(statement.order_by(col(Signature.resolved_at).desc())).scalars())


def unseen(since: datetime) -> Any:
    """A query for the ids of signatures that were not seen since a moment and that nobody has
    claimed."""
    return select(_SIGNATURES.c.id).where(
        _SIGNATURES.c.last_seen < since, _SIGNATURES.c.state != "claimed"
    )


def count(session: Session) -> int:
    """How many signatures there are."""
    statement = select(func.count()).select_from(_SIGNATURES).where(_OWN)
    return int(session.execute(statement).scalar_one())


def short_ids(session: Session) -> list[str]:
    """Every short id in use, for "did you mean"."""
    return list(session.execute(select(_SIGNATURES.c.short_id)).scalars())


def services(session: Session) -> list[str]:
    """Every service that errors are known of, for "did you mean"."""
    statement = select(_SIGNATURES.c.service).where(_SIGNATURES.c.service != "").distinct()
    return list(session.execute(statement).scalars())


def environments(session: Session, service: str) -> list[str]:
    """Every environment that errors of a service are known of, in order."""
    environment = _SIGNATURES.c.environment
    statement = select(environment).where(_SIGNATURES.c.service == service, environment != "")
    return list(session.execute(statement.distinct().order_by(environment)).scalars())


def numbers(session: Session, names: Collection[str]) -> dict[str, int]:
    """The ids of signatures by their short ids."""
    statement = select(_SIGNATURES.c.short_id, _SIGNATURES.c.id)
    return {
        name: number
        for some in in_parts(names)
        for name, number in session.execute(statement.where(_SIGNATURES.c.short_id.in_(some)))
    }


def find(session: Session, short_id: str) -> Signature | None:
    """The signature people call by this id, in any case."""
    statement = select(Signature).where(col(Signature.short_id) == short_id.upper())
    return session.execute(statement).scalar_one_or_none()


def counting(session: Session, ids: Collection[int]) -> dict[int, Signature]:
    """Those of some signatures that are not merged into another, by id."""
    found = get(session, ids)
    return {number: one for number, one in found.items() if one.merged_into is None}


def get(session: Session, ids: Collection[int]) -> dict[int, Signature]:
    """Signatures by id, ascending."""
    return {
        row.id: row
        for some in in_parts(ids)
        for row in session.execute(_GET, {"ids": some}).scalars().all()
    }


_GET = (
    select(Signature)
    .where(col(Signature.id).in_(bindparam("ids", expanding=True)))
    .order_by(col(Signature.id))
)
_FACTS = Prepared(
    select(*(_SIGNATURES.c[name] for name in Facts._fields)).where(
        _SIGNATURES.c.id.in_(bindparam("ids")), _OWN
    )
)
_SAID = Prepared(
    select(*(_SIGNATURES.c[name] for name in Said._fields)).where(
        _SIGNATURES.c.id.in_(bindparam("ids"))
    )
)


def facts(session: Session, ids: Collection[int]) -> dict[int, Facts]:
    """What a judgement asks of some signatures, by id, without those that are merged into
    another."""
    return {row[0]: Facts(*row) for some in in_parts(ids) for row in _FACTS.rows(session, ids=some)}


def said(session: Session, ids: Collection[int]) -> dict[int, Said]:
    """What some signatures say, by id."""
    return {row[0]: Said(*row) for some in in_parts(ids) for row in _SAID.rows(session, ids=some)}


def production_since(session: Session) -> datetime | None:
    """When anything was first seen in production."""
    return session.execute(select(func.min(_SIGNATURES.c.production_seen))).scalar()


def _greater(name: str, value: str) -> Any:
    given: Any = bindparam(value, type_=_SIGNATURES.c[name].type)
    return case((_SIGNATURES.c[name] < given, given), else_=_SIGNATURES.c[name])


def _smaller(name: str, value: str) -> Any:
    given: Any = bindparam(value, type_=_SIGNATURES.c[name].type)
    return case((_SIGNATURES.c[name] > given, given), else_=_SIGNATURES.c[name])


def _once_in_production(name: str, value: str) -> Any:
    """What `value` makes of a column about production: it is set by the first event from there. If
    the signature had no environment until then, it may have been in production all along, so its
    first event counts."""
    given: Any = bindparam(value, type_=_SIGNATURES.c[name].type)
    column, first = _SIGNATURES.c[name], _SIGNATURES.c[name.replace("production", "first")]
    return case(
        (given.is_(None), column),
        (and_(column.is_(None), _SIGNATURES.c.environment == ""), first),
        (or_(column.is_(None), column > given), given),
        else_=column,
    )


_SAW = Prepared(
    update(_SIGNATURES)
    .where(_SIGNATURES.c.id == bindparam("at"))
    .values(
        total=_SIGNATURES.c.total + bindparam("more"),
        first_seen=_smaller("first_seen", "first"),
        last_seen=_greater("last_seen", "last"),
        first_received=_smaller("first_received", "came"),
        environment=case(
            (
                and_(bindparam("live") != "", _SIGNATURES.c.production_seen.is_(None)),
                bindparam("live"),
            ),
            else_=_SIGNATURES.c.environment,
        ),
        production_seen=_once_in_production("production_seen", "live_seen"),
        production_received=_once_in_production("production_received", "live_told"),
        severity=_greater("severity", "worst"),
        last_version=case(
            (bindparam("release") == "", _SIGNATURES.c.last_version), else_=bindparam("release")
        ),
    )
)
_ASSIGN = Prepared(
    update(_SIGNATURES)
    .where(_SIGNATURES.c.id == bindparam("at"), _SIGNATURES.c.owner == "")
    .values(owner=bindparam("to"), owner_reason=bindparam("why"))
)
_MET = Prepared(
    select(
        _ALIASES.c.fingerprint,
        _ALIASES.c.signature_id,
        _SIGNATURES.c.merged_into,
        _ALIASES.c.versions,
    )
    .join(_SIGNATURES, _SIGNATURES.c.id == _ALIASES.c.signature_id)
    .where(_ALIASES.c.fingerprint.in_(bindparam("fingerprints")))
)
_SET_VERSIONS = Prepared(
    update(_ALIASES)
    .where(_ALIASES.c.fingerprint == bindparam("name"))
    .values(versions=bindparam("seen", type_=_ALIASES.c.versions.type))
)
_NEWEST = (
    select(_SIGNATURES.c.first_received)
    .where(_SIGNATURES.c.service == bindparam("service"))
    .order_by(_SIGNATURES.c.id.desc())
    .limit(bindparam("most", type_=Integer))
    .subquery()
)
_NEWCOMERS = Prepared(
    select(func.count()).select_from(_NEWEST).where(_NEWEST.c.first_received >= bindparam("since"))
)
_SIGNED = Prepared(select(exists().where(table_of(RuleVersion).c.version == bindparam("by"))))
_WORDINGS = Prepared(
    select(table_of(Wording)).where(table_of(Wording).c.fingerprint.in_(bindparam("fingerprints")))
)
_KINDRED = Prepared(
    select(
        table_of(Wording).c.kin,
        _ALIASES.c.fingerprint,
        _ALIASES.c.signature_id,
        _ALIASES.c.places,
        _ALIASES.c.versions,
        _SIGNATURES.c.last_seen,
    )
    .join(_ALIASES, _ALIASES.c.fingerprint == table_of(Wording).c.fingerprint)
    .join(_SIGNATURES, _SIGNATURES.c.id == _ALIASES.c.signature_id)
    .where(table_of(Wording).c.kin.in_(bindparam("kin")))
)
_LAST_VERSIONS = Prepared(
    select(_SIGNATURES.c.id, _SIGNATURES.c.last_version).where(
        _SIGNATURES.c.id.in_(bindparam("ids"))
    )
)
