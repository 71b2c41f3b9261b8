"""Keep a ledger of the calls of models, and say of an analysis what it went by"""

import sqlalchemy as sa
from alembic import op

from storage.tables import Instant

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    with op.batch_alter_table("analyses") as analyses:
        for name in ("tier", "evidence", "note"):
            analyses.add_column(sa.Column(name, sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("analyses") as analyses:
        for name in ("tier", "evidence", "note"):
            analyses.alter_column(name, server_default=None)
    _calls()
    op.create_table(
        "providers",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("not_before", Instant(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("wrong_settings", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("until", Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    _flags()


def _calls() -> None:
    words = ("feature", "team", "provider", "tier", "asked", "model", "prompt", "request_id")
    counts = ("in", "out", "cache_read", "cache_write", "thinking")
    op.create_table(
        "calls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.Column("signature_id", sa.Integer(), nullable=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in (*words, "outcome", "why")),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=True),
        *(sa.Column(f"tokens_{name}", sa.BigInteger(), nullable=False) for name in counts),
        sa.Column("latency_ms", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["signature_id"], ["signatures.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_calls_at", "calls", ["at"])
    op.create_index("ix_calls_signature_id", "calls", ["signature_id"])


def _flags() -> None:
    op.create_table(
        "flags",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("on", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_flags_name", "flags", ["name"])
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER flags_no_{verb.lower()} BEFORE {verb} ON flags "
                "BEGIN SELECT RAISE(ABORT, 'flags are append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION flags_are_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'flags are append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER flags_no_change BEFORE UPDATE OR DELETE ON flags "
        "FOR EACH ROW EXECUTE FUNCTION flags_are_append_only()"
    )
