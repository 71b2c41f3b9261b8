"""Every table, and nothing but tables.

Rows with `table=True` are not validated when built, and no relationships are declared: the modules
beside this one say what is read and written, in batches.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Dialect,
    Index,
    LargeBinary,
    String,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.types import TypeEngine
from sqlmodel import Field, SQLModel


class _Written(sqlite.DATETIME):
    """A moment in UTC as SQLite keeps it: as text that does not say so."""

    def bind_processor(self, _dialect: Dialect) -> Any:
        return lambda utc: utc and utc.isoformat(" ", "microseconds").removesuffix("+00:00")

    def result_processor(self, _dialect: Dialect, _coltype: object) -> Any:
        return lambda text: text and datetime.fromisoformat(f"{text}+00:00")


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime on every database; a naive one raises ValueError on its way in."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return _Written()  # type: ignore[no-untyped-call]
        return super().load_dialect_impl(dialect)

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive datetime cannot be stored: {value!r}")
        return value.astimezone(UTC)


def _instant(*, nullable: bool = False, index: bool = False) -> Any:
    return Field(
        default=None if nullable else ...,
        sa_column=Column(Instant, nullable=nullable, index=index),
    )


def _json() -> Any:
    return Field(sa_column=Column(JSON, nullable=False))


class Seen(SQLModel, table=True):
    """Each event that was counted, by the digest of its (source, source_id)."""

    __tablename__ = "seen"

    key: bytes = Field(sa_column=Column(LargeBinary(16), primary_key=True))
    received_hour: int = Field(sa_type=BigInteger, index=True)

    __table_args__ = ({"sqlite_with_rowid": False},)


class Signature(SQLModel, table=True):
    """One kind of error, and where it stands.

    `environment` is that of its first event, or of its first in production: `production_seen` is
    when that was, `production_received` when it reached us.
    `last_version` is the newest it was seen in, since it was resolved if it was.
    """

    __tablename__ = "signatures"

    id: int = Field(default=None, primary_key=True)
    fingerprint: str = Field(unique=True)
    short_id: str = Field(unique=True)
    service: str = Field(index=True)
    environment: str
    title: str
    template: str
    error_type: str
    severity: int
    first_seen: datetime = _instant()
    last_seen: datetime = _instant()
    first_received: datetime = _instant()
    production_seen: datetime | None = _instant(nullable=True)
    production_received: datetime | None = _instant(nullable=True)
    first_version: str
    last_version: str
    total: int = Field(sa_type=BigInteger)
    samples: int = 0
    state: str = Field(default="open", index=True)
    owner: str = ""
    owner_reason: str = ""
    owner_decided: bool = False
    assignee: str = ""
    claimed_at: datetime | None = _instant(nullable=True)
    resolved_at: datetime | None = _instant(nullable=True)
    resolved_in: str = ""
    merged_into: int | None = Field(default=None, foreign_key="signatures.id", index=True)


class Alias(SQLModel, table=True):
    """A fingerprint that a signature is known by; `reason` says why, where it is not its own.

    `places` are the in-app functions an exception was raised in, `versions` the newest releases
    it was seen in: by these one is known again whose functions a release renamed.
    """

    __tablename__ = "aliases"

    fingerprint: str = Field(primary_key=True)
    signature_id: int = Field(foreign_key="signatures.id", index=True)
    reason: str = ""
    places: list[str] = _json()
    versions: list[str] = _json()


class Wording(SQLModel, table=True):
    """A message that an exception with this fingerprint came with.

    `kin` digests it with all that makes the fingerprint save the places.
    """

    __tablename__ = "wordings"

    fingerprint: str = Field(foreign_key="aliases.fingerprint", primary_key=True)
    kin: str = Field(primary_key=True, index=True)

    __table_args__ = ({"sqlite_with_rowid": False},)


class DueMerge(SQLModel, table=True):
    """That one fingerprint is a case of another, not carried out yet: in the order of the ids."""

    __tablename__ = "due_merges"

    id: int = Field(default=None, primary_key=True)
    fingerprint: str = Field(foreign_key="aliases.fingerprint", unique=True)
    other: str = Field(foreign_key="aliases.fingerprint")
    reason: str


class RuleVersion(SQLModel, table=True):
    """Since when events are signed by a version of the rules."""

    __tablename__ = "rule_versions"

    version: str = Field(primary_key=True)
    since: datetime = _instant()


class Sighting(SQLModel, table=True):
    """How often a signature was seen in one hour at one customer; `hour` counts since the epoch.

    `minutes` are those of the hour in which it was seen, as 60 bits; NULL where nobody counted.
    """

    __tablename__ = "sightings"

    signature_id: int = Field(foreign_key="signatures.id", primary_key=True)
    hour: int = Field(sa_type=BigInteger, primary_key=True)
    customer: str = Field(primary_key=True)
    count: int = Field(sa_type=BigInteger)
    minutes: int | None = Field(default=None, sa_type=BigInteger)

    __table_args__ = (
        Index("ix_sightings_hour", "hour", "signature_id", "count"),
        {"sqlite_with_rowid": False},
    )


class UnjudgedHour(SQLModel, table=True):
    """That something of a signature came, and it is to be judged as of an hour: that in which it
    came, or that in which it happened where that was over."""

    __tablename__ = "unjudged_hours"

    signature_id: int = Field(foreign_key="signatures.id", primary_key=True)
    hour: int = Field(sa_type=BigInteger, primary_key=True)
    arrived_at: datetime = _instant()

    __table_args__ = (Index("ix_unjudged_hours_hour", "hour"), {"sqlite_with_rowid": False})


class Traffic(SQLModel, table=True):
    """About how many harmless lines a service wrote in an hour; `census` tells which were counted
    already."""

    __tablename__ = "traffic"

    service: str = Field(primary_key=True)
    hour: int = Field(sa_type=BigInteger, primary_key=True)
    lines: int = Field(sa_type=BigInteger)
    census: bytes = Field(sa_type=LargeBinary)

    __table_args__ = (Index("ix_traffic_hour", "hour"), {"sqlite_with_rowid": False})


class Customer(SQLModel, table=True):
    """Whoever is affected, and since when we know of them."""

    __tablename__ = "customers"

    name: str = Field(primary_key=True)
    first_seen: datetime = _instant()


class Sample(SQLModel, table=True):
    """An event kept as evidence, redacted: the first three of a signature, four of late at most."""

    __tablename__ = "samples"

    signature_id: int = Field(foreign_key="signatures.id", primary_key=True)
    number: int = Field(primary_key=True)
    time: datetime = _instant()
    customer: str
    version: str
    host: str
    message: str
    stack: str
    trace_id: str


class Deploy(SQLModel, table=True):
    """Since when a version of a service runs: its deploy, if we were `told`, or its first event.

    Without an environment it is deployed to all of them.
    """

    __tablename__ = "deploys"

    service: str = Field(primary_key=True)
    environment: str = Field(primary_key=True)
    version: str = Field(primary_key=True)
    at: datetime = _instant()
    told: bool = False


class Anomaly(SQLModel, table=True):
    """One episode in which a signature behaves unusually, with the receipt of its last update."""

    __tablename__ = "anomalies"

    id: int = Field(default=None, primary_key=True)
    signature_id: int = Field(foreign_key="signatures.id", index=True)
    kind: str
    opened_at: datetime = _instant(index=True)
    updated_at: datetime = _instant()
    closed_at: datetime | None = _instant(nullable=True, index=True)
    reason: str
    receipt: dict[str, Any] = _json()

    __table_args__ = (
        Index(
            "ux_anomalies_open",
            "signature_id",
            "kind",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )


class Analysis(SQLModel, table=True):
    """The stored explanation of a signature and who gave it: `rules`, or a model.

    `tier` is the class of the model, `evidence` says coarsely what it went by, and `asked_at` and
    `asked_with` when a model was last asked and under which prompt, whether that gave this or
    nothing better; rules have none of them. `note` says why it is by rules where a model was to
    explain it, or what came of asking again.
    """

    __tablename__ = "analyses"

    signature_id: int = Field(foreign_key="signatures.id", primary_key=True)
    analyst: str = Field(primary_key=True)
    version: str
    at: datetime = _instant()
    content: dict[str, Any] = _json()
    tier: str = ""
    evidence: str = ""
    note: str = ""
    asked_at: datetime | None = _instant(nullable=True)
    asked_with: str = ""


class Call(SQLModel, table=True):
    """The ledger: one call of a model. Money is in micro-dollars.

    `cost` is empty until it is known: so long, and for ever where it never is, `reserved` counts as
    spent. `outcome` is empty while the call runs.
    """

    __tablename__ = "calls"

    id: int = Field(default=None, primary_key=True)
    at: datetime = _instant(index=True)
    feature: str
    team: str
    signature_id: int | None = Field(default=None, foreign_key="signatures.id", index=True)
    provider: str
    tier: str
    asked: str
    model: str = ""
    prompt: str
    request_id: str = ""
    outcome: str = ""
    why: str = ""
    reserved: int = Field(sa_type=BigInteger)
    cost: int | None = Field(default=None, sa_type=BigInteger)
    tokens_in: int = Field(default=0, sa_type=BigInteger)
    tokens_out: int = Field(default=0, sa_type=BigInteger)
    tokens_cache_read: int = Field(default=0, sa_type=BigInteger)
    tokens_cache_write: int = Field(default=0, sa_type=BigInteger)
    tokens_thinking: int = Field(default=0, sa_type=BigInteger)
    latency_ms: int = 0


class Provider(SQLModel, table=True):
    """How it stands with a provider of models, or with one `model` of it: a State of
    `bot.core.spending.breaker`, shared by all replicas."""

    __tablename__ = "providers"

    name: str = Field(primary_key=True)
    model: str = Field(primary_key=True)
    failures: int = 0
    not_before: datetime | None = _instant(nullable=True)
    reason: str = ""
    settings: str = ""
    since: datetime | None = _instant(nullable=True)


class Asked(SQLModel, table=True):
    """What somebody asked for that is acknowledged and not carried out yet, as it came from Slack.

    `key` is the same for every delivery; `at` is when it came; `holder` is the worker that is at
    it.
    """

    __tablename__ = "inbox"

    id: int = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    body: dict[str, Any] = _json()
    at: datetime = _instant()
    holder: str = ""


class Lease(SQLModel, table=True):
    """What one of all threads and replicas does, until when the others wait for it."""

    __tablename__ = "leases"

    name: str = Field(primary_key=True)
    holder: str
    until: datetime = _instant()


class Flag(SQLModel, table=True):
    """A switch as somebody set it, perhaps to so many `percent` of all signatures; the newest of a
    name holds. Append-only, as decisions are."""

    __tablename__ = "flags"

    id: int = Field(default=None, primary_key=True)
    name: str = Field(index=True)
    on: bool
    by: str
    at: datetime = _instant()
    reason: str
    percent: int | None = None


class Decision(SQLModel, table=True):
    """What a person, or a rule, decided. Append-only: a trigger refuses UPDATE and DELETE.

    `key` is the click that asked for it, so that a click delivered twice decides once. `before`
    is the state it replaced, which is what undoing it brings back.
    """

    __tablename__ = "decisions"

    id: int = Field(default=None, primary_key=True)
    signature_id: int = Field(foreign_key="signatures.id", index=True)
    kind: str
    by: str = Field(index=True)
    at: datetime = _instant()
    reason: str
    key: str | None = Field(default=None, unique=True)
    undoes: int | None = Field(default=None, foreign_key="decisions.id", unique=True)
    before: dict[str, Any] = _json()
    after: dict[str, Any] = _json()


class Mute(SQLModel, table=True):
    """A decision that a signature is noise, until it ends or a tripwire does.

    `until` is empty for one that has no end. `max_events`, `max_customers` and `max_factor` are
    tripwires, 0 when unset: counts since `at`, and times of `daily_at_start`, past which the mute
    ends by itself.
    """

    __tablename__ = "mutes"

    id: int = Field(default=None, primary_key=True)
    signature_id: int = Field(foreign_key="signatures.id", index=True)
    by: str
    at: datetime = _instant()
    reason: str
    until: datetime | None = _instant(nullable=True)
    max_events: int = 0
    max_customers: int = 0
    total_at_start: int = Field(sa_type=BigInteger)
    hit_at_start: dict[str, int] = _json()
    max_factor: int = 0
    daily_at_start: float = 0.0
    wide_id: int | None = Field(default=None, foreign_key="wide_mutes.id", index=True)
    ended_at: datetime | None = _instant(nullable=True, index=True)
    ended_why: str = ""


class WideMute(SQLModel, table=True):
    """A decision that all of a service, or all that hits only one customer, is noise.

    It mutes each signature it covers once, as that begins to behave unusually, with its own reason,
    end and tripwires.
    """

    __tablename__ = "wide_mutes"

    id: int = Field(default=None, primary_key=True)
    breadth: str
    subject: str
    by: str
    at: datetime = _instant()
    reason: str
    until: datetime | None = _instant(nullable=True)
    max_events: int = 0
    max_customers: int = 0
    max_factor: int = 0
    ended_at: datetime | None = _instant(nullable=True, index=True)
    ended_by: str = ""


class Cleaning(SQLModel, table=True):
    """As of which moment old data was deleted last: one row."""

    __tablename__ = "cleanings"

    id: int = Field(default=None, primary_key=True)
    as_of: datetime = _instant()


class Digest(SQLModel, table=True):
    """One scheduled summary: unique by channel and local slot, so no night has two or none."""

    __tablename__ = "digests"

    id: int = Field(default=None, primary_key=True)
    channel: str
    slot: str
    since: datetime = _instant()
    until: datetime = _instant()
    composed_at: datetime = _instant()
    late: bool
    content: dict[str, Any] = _json()

    __table_args__ = (UniqueConstraint("channel", "slot"),)


class Message(SQLModel, table=True):
    """The outbox: a message as it should stand on Slack, and as far as it does.

    It is posted while `ts` is empty, and updated while `shown` is behind `wanted`. `key` and
    `created_at` go along in the metadata, where they are looked up when the outcome of a post is
    not known. `doubted_until` is when it is to be looked at whether it stands twice.
    """

    __tablename__ = "outbox"

    id: int = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    channel: str = Field(index=True)
    kind: str
    content: dict[str, Any] = _json()
    thread_of: int | None = Field(default=None, foreign_key="outbox.id", index=True)
    created_at: datetime = _instant(index=True)
    ts: str = ""
    wanted: int = 1
    shown: int = 0
    attempts: int = 0
    not_before: datetime = _instant()
    leased_by: str = ""
    leased_until: datetime | None = _instant(nullable=True)
    last_error: str = ""
    failed_at: datetime | None = _instant(nullable=True)
    doubted_until: datetime | None = _instant(nullable=True)

    __table_args__ = (
        Index(
            "ix_outbox_doubted",
            "doubted_until",
            sqlite_where=text("doubted_until IS NOT NULL"),
            postgresql_where=text("doubted_until IS NOT NULL"),
        ),
        Index(
            "ix_outbox_behind",
            "channel",
            "id",
            sqlite_where=text("shown < wanted AND failed_at IS NULL"),
            postgresql_where=text("shown < wanted AND failed_at IS NULL"),
        ),
    )


class Placement(SQLModel, table=True):
    """Which messages show which signature: where a decision has to be seen."""

    __tablename__ = "placements"

    message_id: int = Field(foreign_key="outbox.id", primary_key=True)
    signature_id: int = Field(foreign_key="signatures.id", primary_key=True, index=True)


class Reminder(SQLModel, table=True):
    """That people were mentioned because nobody took a signature: in which step, and whom."""

    __tablename__ = "reminders"

    id: int = Field(default=None, primary_key=True)
    signature_id: int = Field(foreign_key="signatures.id", index=True)
    step: int
    whom: list[str] = _json()
    at: datetime = _instant(index=True)


class Ingest(SQLModel, table=True):
    """The running totals of what came in, per hour of arrival: the digest's footer.

    `newest` is the latest time of the events, `received` when the last of them came.
    """

    __tablename__ = "ingests"

    hour: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    source: str = Field(sa_column=Column(String, primary_key=True))
    events: int = Field(sa_type=BigInteger)
    newest: datetime = _instant()
    received: datetime | None = _instant(nullable=True)


class Opinion(SQLModel, table=True):
    """What a person thinks of an explanation, and what that explanation was: by whom, under which
    version of the prompt or the rules, by which rule."""

    __tablename__ = "opinions"

    signature_id: int = Field(foreign_key="signatures.id", primary_key=True)
    by: str = Field(primary_key=True)
    at: datetime = _instant(index=True)
    helps: bool
    reason: str
    analyst: str
    version: str
    rule: str


class Canary(SQLModel, table=True):
    """How many of the daily cases a model got right on a day."""

    __tablename__ = "canaries"

    day: str = Field(primary_key=True)
    model: str = Field(primary_key=True)
    prompt: str
    right: int
    cases: int


class ApiKey(SQLModel, table=True):
    """A key that senders of errors prove themselves by: its digest, for it is told only once.

    `prefix` is the beginning of the key, by which it is found. `project` stands for the service of
    what names none.
    """

    __tablename__ = "api_keys"

    id: int = Field(default=None, primary_key=True)
    project: str
    prefix: str = Field(unique=True)
    digest: str
    created_at: datetime = _instant()
    revoked_at: datetime | None = _instant(nullable=True)


class Pull(SQLModel, table=True):
    """How far a source that is asked was read, and how the last time went.

    `cursor` is its own; up to `reached` everything was read. One that is far behind was read up to
    `behind_from` when that began, at `behind_since`. Nobody asks before `not_before`, nor but the
    `holder` before `leased_until`.
    """

    __tablename__ = "pulls"

    name: str = Field(primary_key=True)
    cursor: str = ""
    reached: datetime | None = _instant(nullable=True)
    succeeded_at: datetime | None = _instant(nullable=True)
    failed_at: datetime | None = _instant(nullable=True)
    failures: int = 0
    trouble: str = ""
    not_before: datetime | None = _instant(nullable=True)
    holder: str = ""
    leased_until: datetime | None = _instant(nullable=True)
    behind_since: datetime | None = _instant(nullable=True)
    behind_from: datetime | None = _instant(nullable=True)
