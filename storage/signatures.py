"""The signatures that were ever seen, by fingerprint, by short id, and by what people ask."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, case, func, or_, select, update
from sqlmodel import Session, col

from storage.database import in_parts, insert, table_of
from storage.tables import Alias, Signature

_SIGNATURES = table_of(Signature)
_ALIASES = table_of(Alias)


class Seen(NamedTuple):
    """What a batch adds to a known signature."""

    signature_id: int
    occurrences: int
    first_seen: datetime
    last_seen: datetime
    first_received: datetime
    last_received: datetime
    severity: int
    version: str


def ids_of(session: Session, fingerprints: Collection[str]) -> dict[str, int]:
    """The signature that each known fingerprint stands for; unknown ones are absent."""
    rows = session.connection().execute(_IDS_OF, {"fingerprints": list(fingerprints)})
    return dict(rows.all())


def create(session: Session, facts: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Add signatures, each an alias of itself; gives back their ids by fingerprint."""
    if not facts:
        return {}
    session.execute(insert(session, Signature), list(facts))
    fingerprints = [fact["fingerprint"] for fact in facts]
    rows = session.execute(
        select(_SIGNATURES.c.fingerprint, _SIGNATURES.c.id).where(
            _SIGNATURES.c.fingerprint.in_(fingerprints)
        )
    )
    ids = dict(rows.all())
    session.execute(
        insert(session, Alias),
        [
            {
                "fingerprint": name,
                "signature_id": number,
                "reason": "",
                "places": [],
                "versions": [],
            }
            for name, number in ids.items()
        ],
    )
    return ids


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
            "arrived": seen.last_received,
            "worst": seen.severity,
            "release": seen.version,
        }
        for seen in batch
    ]
    if rows:
        session.connection().execute(_SAW, rows)


def sample_counts(session: Session, ids: Collection[int]) -> dict[int, int]:
    """How many samples each of these signatures has."""
    rows = session.connection().execute(_SAMPLE_COUNTS, {"ids": list(ids)})
    return dict(rows.all())


def received_since(session: Session, moment: datetime) -> set[int]:
    """The signatures of which anything arrived after a moment."""
    rows = session.execute(select(_SIGNATURES.c.id).where(_SIGNATURES.c.last_received > moment))
    return set(rows.scalars())


def untriaged(
    session: Session, *, after: int, limit: int, among: Collection[int] | None = None
) -> list[Signature]:
    """Signatures past the number `after`, of all or of some, that have no owner yet."""
    waiting = select(Signature).where(col(Signature.owner) == "", col(Signature.id) > after)
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
    if chosen:
        session.connection().execute(
            _ASSIGN,
            [{"at": one.signature_id, "to": one.owner, "why": one.reason} for one in chosen],
        )


def claimed_by(session: Session, user: str) -> list[Signature]:
    """What a person holds, the oldest claim first."""
    statement = select(Signature).where(
        col(Signature.assignee) == user, col(Signature.state) == "claimed"
    )
    return list(session.execute(statement.order_by(col(Signature.claimed_at))).scalars())


def in_state(session: Session, state: str) -> list[Signature]:
    """All that stand so, the oldest claim first."""
    statement = select(Signature).where(col(Signature.state) == state)
    return list(session.execute(statement.order_by(col(Signature.claimed_at))).scalars())


def search(session: Session, words: str, *, limit: int) -> tuple[list[Signature], int]:
    """Those that name the words in any case, the latest seen first; and how many there are."""
    named = or_(
        *(
            column.icontains(words, autoescape=True)
            for column in (
                col(Signature.title),
                col(Signature.template),
                col(Signature.service),
                col(Signature.error_type),
                col(Signature.short_id),
            )
        )
    )
    latest = select(Signature).where(named).order_by(col(Signature.last_seen).desc()).limit(limit)
    total = select(func.count()).select_from(_SIGNATURES).where(named)
    return list(session.execute(latest).scalars()), int(session.execute(total).scalar_one())


def resolved(session: Session, *, since: datetime, until: datetime) -> list[Signature]:
    """What was resolved after `since`, up to `until`, and still is; the newest first."""
    statement = select(Signature).where(
        col(Signature.state) == "resolved",
        col(Signature.resolved_at) > since,
        col(Signature.resolved_at) <= until,
    )
    return list(session.execute(statement.order_by(col(Signature.resolved_at).desc())).scalars())


def count(session: Session) -> int:
    """How many signatures there are."""
    return int(session.execute(select(func.count()).select_from(_SIGNATURES)).scalar_one())


def short_ids(session: Session) -> list[str]:
    """Every short id in use, for "did you mean"."""
    return list(session.execute(select(_SIGNATURES.c.short_id)).scalars())


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


def get(session: Session, ids: Collection[int]) -> dict[int, Signature]:
    """Signatures by id."""
    return {
        row.id: row
        for some in in_parts(ids)
        for row in session.execute(select(Signature).where(col(Signature.id).in_(some))).scalars()
    }


def _greater(name: str, value: str) -> Any:
    given: Any = bindparam(value, type_=_SIGNATURES.c[name].type)
    return case((_SIGNATURES.c[name] < given, given), else_=_SIGNATURES.c[name])


def _smaller(name: str, value: str) -> Any:
    given: Any = bindparam(value, type_=_SIGNATURES.c[name].type)
    return case((_SIGNATURES.c[name] > given, given), else_=_SIGNATURES.c[name])


_SAW = (
    update(_SIGNATURES)
    .where(_SIGNATURES.c.id == bindparam("at"))
    .values(
        total=_SIGNATURES.c.total + bindparam("more"),
        first_seen=_smaller("first_seen", "first"),
        last_seen=_greater("last_seen", "last"),
        first_received=_smaller("first_received", "came"),
        last_received=_greater("last_received", "arrived"),
        severity=_greater("severity", "worst"),
        last_version=case(
            (bindparam("release") == "", _SIGNATURES.c.last_version), else_=bindparam("release")
        ),
    )
)
_ASSIGN = (
    update(_SIGNATURES)
    .where(_SIGNATURES.c.id == bindparam("at"), _SIGNATURES.c.owner == "")
    .values(owner=bindparam("to"), owner_reason=bindparam("why"))
)
_IDS_OF = select(_ALIASES.c.fingerprint, _ALIASES.c.signature_id).where(
    _ALIASES.c.fingerprint.in_(bindparam("fingerprints", expanding=True))
)
_SAMPLE_COUNTS = select(_SIGNATURES.c.id, _SIGNATURES.c.samples).where(
    _SIGNATURES.c.id.in_(bindparam("ids", expanding=True))
)
