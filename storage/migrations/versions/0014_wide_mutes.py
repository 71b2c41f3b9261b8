"""Mute all of a service or of a customer, and end a mute at so many times as much"""

import sqlalchemy as sa
from alembic import op

from storage.tables import Instant

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    limits = ("max_events", "max_customers", "max_factor")
    words = ("breadth", "subject", "by", "reason", "ended_by")
    op.create_table(
        "wide_mutes",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in words),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.Column("until", Instant(timezone=True), nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in limits),
        sa.Column("ended_at", Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_wide_mutes_ended_at", "wide_mutes", ["ended_at"])
    with op.batch_alter_table("mutes") as mutes:
        mutes.add_column(sa.Column("max_factor", sa.Integer(), nullable=False, server_default="0"))
        mutes.add_column(
            sa.Column("daily_at_start", sa.Float(), nullable=False, server_default="0")
        )
        mutes.add_column(sa.Column("wide_id", sa.Integer(), nullable=True))
        mutes.create_foreign_key("fk_mutes_wide_id", "wide_mutes", ["wide_id"], ["id"])
        mutes.create_index("ix_mutes_wide_id", ["wide_id"])
    with op.batch_alter_table("mutes") as mutes:
        mutes.alter_column("max_factor", server_default=None)
        mutes.alter_column("daily_at_start", server_default=None)
