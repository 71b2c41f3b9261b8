"""What is wrong with a database, if anything: with its file, its schema, or what is written in it.

It only reads, on one snapshot, also while others write. Whoever changes what holds between tables
says so here.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Table, and_, func, select, text
from sqlalchemy.orm import aliased
from sqlmodel import Session, SQLModel, col

from storage import decisions
from storage.database import table_of
from storage.failures import ERRORS, cause
from storage.tables import Alias, Decision, Ingest, Mute, Sighting, Signature

_SIGHTINGS, _SIGNATURES = table_of(Sighting), table_of(Signature)
_TABLES = SQLModel.metadata.sorted_tables
_STANDS = {"state", "assignee", "claimed_at", "resolved_at", "resolved_in", "merged_into"}
_HOUR_SECONDS = 3600
_DAY = 24
_KEPT = 182 * _DAY
"""Of what came in within so many hours nothing is let go of, whatever retention is set."""
TRIGGERS = {
    "sqlite": {
        f"{table}_no_{verb}" for table in ("decisions", "flags") for verb in ("update", "delete")
    },
    "postgresql": {
        f"{table}_no_{verb}" for table in ("decisions", "flags") for verb in ("change", "truncate")
    },
}
"""What keeps the trail from being changed."""
_FOREIGN = {"remove_table", "remove_index"}
"""What would have to go for the schema to be ours alone."""


class Checked(NamedTuple):
    """What was looked at, and what is wrong with it, a sentence each."""

    what: str
    faults: list[str]


def checks(session: Session) -> Iterator[Checked]:
    """Each check with what it found, made when it is iterated to. All of the database is read."""
    for what, look in _LOOKS.items():
        yield Checked(what, list(look(session)))


def _storage(session: Session) -> Iterator[str]:
    """What the database itself complains of when all is read: SQLite's pages and indexes, or each
    row on PostgreSQL."""
    if session.get_bind().dialect.name == "sqlite":
        said = session.execute(text("PRAGMA integrity_check(20)")).scalars()
        yield from (line for line in said if line != "ok")
        return
    for table in _TABLES:
        try:
            with session.begin_nested():
                # as text, so that also what is stored beside the row is read
                session.execute(text(f'SELECT sum(length(t::text)) FROM "{table.name}" AS t'))
        except ERRORS as error:
            yield f"{table.name} cannot be read: {cause(error)}"


def foreign(session: Session) -> list[str]:
    """Tables and indexes that somebody else put there, such as "table notes": they are no fault."""
    return [
        f"{verb.removeprefix('remove_')} {what[0].name}"
        for verb, *what in _differences(session)
        if verb in _FOREIGN
    ]


def _schema(session: Session) -> Iterator[str]:
    yield from (
        f"not as this release makes it: {_told(verb, what)}"
        for verb, *what in _differences(session)
        if verb not in _FOREIGN
    )


def _differences(session: Session) -> Iterator[Sequence[Any]]:
    """How the schema differs from that of this release, as Alembic's verb and what it is about.

    Alembic is loaded only here: the other commands for the database do without it.
    """
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415
    from alembic.migration import MigrationContext  # noqa: PLC0415

    context = MigrationContext.configure(session.connection(), opts={"compare_type": True})
    for one in compare_metadata(context, SQLModel.metadata):
        yield one[0] if isinstance(one, list) else one


def _told(verb: str, what: Sequence[Any]) -> str:
    """A difference in words, such as "add_index ix_seen_received_hour"."""
    named = [str(getattr(one, "name", one)) for one in what if one is not None]
    return " ".join([verb, *named[:3]])


def _triggers(session: Session) -> Iterator[str]:
    dialect = session.get_bind().dialect.name
    asked = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE tgenabled <> 'D'",
    }
    there = {*session.execute(text(asked[dialect])).scalars()}
    yield from (
        f"{name} is missing: what was decided could be changed"
        for name in sorted(TRIGGERS[dialect] - there)
    )


def _references(session: Session) -> Iterator[str]:
    for table in _TABLES:
        for key in table.foreign_keys:
            lost = _orphans(session, table, key)
            if lost:
                yield f"{lost:,} of {table.name} name a {key.column.table.name} that is not there"


def _orphans(session: Session, table: Table, key: Any) -> int:
    parent = key.column.table.alias()
    is_there = select(parent.c[key.column.name]).where(parent.c[key.column.name] == key.parent)
    lost = (
        select(func.count()).select_from(table).where(key.parent.is_not(None), ~is_there.exists())
    )
    return int(session.execute(lost).scalar_one())


def _counts(session: Session) -> Iterator[str]:
    """Signatures with more sightings than their total says, or with fewer where retention deleted
    none."""
    seen = select(_SIGHTINGS.c.signature_id, func.sum(_SIGHTINGS.c.count).label("seen"))
    seen_of = seen.group_by(_SIGHTINGS.c.signature_id).subquery()
    rows = session.execute(
        select(
            _SIGNATURES.c.short_id,
            _SIGNATURES.c.first_seen,
            _SIGNATURES.c.total,
            func.coalesce(seen_of.c.seen, 0),
        ).join_from(_SIGNATURES, seen_of, _SIGNATURES.c.id == seen_of.c.signature_id, isouter=True)
    ).all()
    whole_since = _whole_since(session)
    for name, first_seen, total, counted in rows:
        is_whole = first_seen.timestamp() // _HOUR_SECONDS >= whole_since
        if counted > total or (is_whole and counted < total):
            yield f"{name} says {total:,} in all, and its hours and days {counted:,}"


def _whole_since(session: Session) -> float:
    """The hour from which on retention deleted no sighting: the first hour, where it deleted none
    at all.

    An event that is older than anything kept may still come in; it then stands there until the next
    cleaning, and may be the oldest sighting.
    """
    oldest = session.execute(select(func.min(_SIGHTINGS.c.hour))).scalar()
    first = session.execute(select(func.min(_SIGNATURES.c.first_seen))).scalar()
    if oldest is None or first is None:
        return 0.0 if first is None else float("inf")
    came = session.execute(select(func.max(col(Ingest.hour)))).scalar() or 0
    is_whole = first.timestamp() // _HOUR_SECONDS >= oldest
    return float(max(oldest if is_whole else oldest + _DAY, came - _KEPT))


def _trail(session: Session) -> Iterator[str]:
    """Decisions that do not begin in the state in which the one before left a signature, and
    signatures that are not in the state of the last.

    The owner is left out: rules change that between two decisions, too.
    """
    left = dict[int, dict[str, Any]]()
    for made in decisions.oldest_first(session):
        before = left.get(made.signature_id, made.before)
        if any(
            before[name] != made.before[name]
            for name in _STANDS & before.keys() & made.before.keys()
        ):
            yield f"decision {made.id} does not begin where the one before it ended"
        left[made.signature_id] = made.after
    stands = select(
        _SIGNATURES.c.id, _SIGNATURES.c.short_id, _SIGNATURES.c.state, _SIGNATURES.c.assignee
    )
    for number, name, state, assignee in session.execute(stands):
        last = left.get(number, {"state": "open", "assignee": ""})
        if (state, assignee) != (last["state"], last["assignee"]):
            yield f"{name} is {state}, and its trail leaves it {last['state']}"


def _undone(session: Session) -> Iterator[str]:
    undone = aliased(Decision)
    strange = (
        select(col(Decision.id))
        .join(undone, col(Decision.undoes) == col(undone.id))
        .where(col(undone.id) >= col(Decision.id))
    )
    for number in session.execute(strange).scalars():
        yield f"decision {number} takes back one that came after it"


def _mutes(session: Session) -> Iterator[str]:
    holds = and_(col(Mute.signature_id) == col(Signature.id), col(Mute.ended_at).is_(None))
    number = select(func.count()).select_from(Mute).where(holds).scalar_subquery()
    rows = select(col(Signature.short_id), col(Signature.state), number)
    for name, state, mutes in session.execute(rows):
        if mutes != (state == "muted"):
            yield f"{name} is {state}, and {mutes} mutes of it hold"


def _merges(session: Session) -> Iterator[str]:
    rows = select(col(Signature.id), col(Signature.merged_into), col(Signature.short_id))
    found = session.execute(rows).all()
    into = {number: above for number, above, _ in found if above is not None}
    for number, _, name in found:
        at, steps = number, 0
        while at in into and steps <= len(into):
            at, steps = into[at], steps + 1
        if steps > len(into):
            yield f"{name} is merged into itself in the end"


def _names(session: Session) -> Iterator[str]:
    named = select(col(Alias.signature_id))
    rows = select(col(Signature.short_id)).where(col(Signature.id).not_in(named))
    for name in session.execute(rows).scalars():
        yield f"{name} is known by no fingerprint: it would never be seen again"


_LOOKS: dict[str, Callable[[Session], Iterator[str]]] = {
    "storage": _storage,
    "schema": _schema,
    "triggers": _triggers,
    "references": _references,
    "counts": _counts,
    "trail": _trail,
    "undone": _undone,
    "mutes": _mutes,
    "merges": _merges,
    "names": _names,
}
