"""Keep what people think of explanations, and how the daily cases came out"""

import sqlalchemy as sa
from alembic import op

from storage.tables import Instant

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    words = ("reason", "analyst", "version", "rule")
    op.create_table(
        "opinions",
        sa.Column("signature_id", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.Column("helps", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in words),
        sa.ForeignKeyConstraint(["signature_id"], ["signatures.id"]),
        sa.PrimaryKeyConstraint("signature_id", "by"),
    )
    op.create_index("ix_opinions_at", "opinions", ["at"])
    op.create_table(
        "canaries",
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("prompt", sa.String(), nullable=False),
        sa.Column("right", sa.Integer(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "model"),
    )
