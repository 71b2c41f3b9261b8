"""What the database holds, table by table: how many rows, how large, how old."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from storage import analyses, signatures
from storage.database import table_of
from storage.tables import (
    Analysis,
    Anomaly,
    ApiKey,
    Asked,
    Call,
    Customer,
    Decision,
    Deploy,
    Digest,
    Flag,
    Ingest,
    Message,
    Mute,
    Opinion,
    Reminder,
    Sample,
    Seen,
    Sighting,
    Signature,
    Traffic,
    UnjudgedHour,
    WideMute,
)

AGES: dict[str, ColumnElement[Any]] = {
    column.table.name: column
    for column in (
        table_of(Analysis).c.at,
        table_of(Anomaly).c.opened_at,
        table_of(ApiKey).c.created_at,
        table_of(Asked).c.at,
        table_of(Call).c.at,
        table_of(Customer).c.first_seen,
        table_of(Decision).c.at,
        table_of(Deploy).c.at,
        table_of(Digest).c.until,
        table_of(Flag).c.at,
        table_of(Ingest).c.hour,
        table_of(Message).c.created_at,
        table_of(Mute).c.at,
        table_of(Opinion).c.at,
        table_of(Reminder).c.at,
        table_of(Sample).c.time,
        table_of(Seen).c.received_hour,
        table_of(Sighting).c.hour,
        table_of(Signature).c.last_seen,
        table_of(Traffic).c.hour,
        table_of(UnjudgedHour).c.hour,
        table_of(WideMute).c.at,
    )
}
"""What says how old a row is, where anything does: a moment, or an hour since the epoch."""

HOLDS: dict[str, str] = {
    "aliases": "fingerprints that errors are known by",
    "analyses": "explanations, by the rules and by models",
    "anomalies": "what was unusual, and by which numbers",
    "api_keys": "keys of senders, hashed",
    "calls": "calls of models, and what they cost",
    "canaries": "how models did in daily examinations",
    "cleanings": "by which moment what is old went last",
    "customers": "who is affected",
    "decisions": "what people decided: the trail",
    "deploys": "releases of services",
    "digests": "what digests said",
    "due_merges": "merges that wait for their turn",
    "flags": "switches, as people set them",
    "inbox": "clicks that wait to be carried out",
    "ingests": "how many events came in, by the hour",
    "leases": "what one replica does for all",
    "mutes": "errors that are noise, until when",
    "opinions": "what people think of explanations",
    "outbox": "messages to Slack",
    "placements": "which message shows which error",
    "providers": "whether models answer",
    "pulls": "how far sources that are asked were read",
    "reminders": "when people were reminded",
    "rule_versions": "by which rules events were signed",
    "samples": "redacted events, as evidence",
    "seen": "which events are known again",
    "sightings": "how often errors were seen, by hour and customer",
    "signatures": "errors, and how they stand",
    "traffic": "harmless lines, by the hour",
    "unjudged_hours": "errors that wait to be judged",
    "wide_mutes": "services and customers that are noise, until when",
    "wordings": "messages that exceptions came with",
}
"""What the rows of a table are."""


class Holding(NamedTuple):
    """A table with its indexes; `size` in bytes, None where SQLite was built without telling it."""

    table: str
    rows: int
    size: int | None
    oldest: datetime | None
    newest: datetime | None


class Whole(NamedTuple):
    """The size of the database in bytes, and how many of them are `free` to be used before it
    grows; None where the database does not tell."""

    size: int
    free: int | None


def of(session: Session) -> list[Holding]:
    """Every table that has rows, the largest first. It reads the whole database."""
    sizes = _sizes(session)
    found = [_holding(session, table, sizes) for table in sorted(Signature.metadata.tables)]
    held = [one for one in found if one.rows]
    return sorted(held, key=lambda one: (one.size or 0, one.rows), reverse=True)


def whole(session: Session) -> Whole:
    """How large it is."""
    if session.get_bind().dialect.name == "postgresql":
        size = text("SELECT pg_database_size(current_database())")
        return Whole(session.execute(size).scalar_one(), None)
    size, pages, free = (
        session.execute(text(f"PRAGMA {name}")).scalar_one()
        for name in ("page_size", "page_count", "freelist_count")
    )
    return Whole(size * pages, size * free)


def older(session: Session, table: str, before: datetime | int) -> int:
    """How many rows of a table are older than a moment, or an hour: `AGES` says which column
    counts."""
    return _count(session, table, AGES[table] < before)


def hours(session: Session, *, since: int, before: int) -> int:
    """How many sightings between two hours are still kept by the hour, not by the day."""
    hour = table_of(Sighting).c.hour
    return _count(session, "sightings", hour >= since, hour < before, hour % 24 != 0)


def unseen(session: Session, table: str, since: datetime) -> int:
    """How many samples, or analyses by models, belong to signatures that were not seen since a
    moment."""
    columns = Signature.metadata.tables[table].c
    by_model = [columns.analyst != analyses.RULES] if table == "analyses" else []
    return _count(session, table, columns.signature_id.in_(signatures.unseen(since)), *by_model)


def _count(session: Session, table: str, *conditions: ColumnElement[bool]) -> int:
    rows = select(func.count()).select_from(Signature.metadata.tables[table]).where(*conditions)
    return int(session.execute(rows).scalar_one())


def _holding(session: Session, table: str, sizes: dict[str, int]) -> Holding:
    age = AGES.get(table)
    oldest, newest = (
        None if age is None else _moment(session.execute(select(end(age))).scalar())
        for end in (func.min, func.max)
    )
    return Holding(table, _count(session, table), sizes.get(table), oldest, newest)


def _moment(age: datetime | int | None) -> datetime | None:
    return datetime.fromtimestamp(age * 3600, UTC) if isinstance(age, int) else age


def _sizes(session: Session) -> dict[str, int]:
    if session.get_bind().dialect.name == "postgresql":
        sizes = "SELECT relname, pg_total_relation_size(relid) FROM pg_stat_user_tables"
        return dict(session.execute(text(sizes)).tuples().all())
    pages = (
        "SELECT tbl_name, sum(pgsize) FROM dbstat JOIN sqlite_master USING (name) GROUP BY tbl_name"
    )
    try:
        return dict(session.execute(text(pages)).tuples().all())
    except OperationalError:
        return {}
