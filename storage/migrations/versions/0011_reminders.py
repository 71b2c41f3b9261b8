"""Keep who was mentioned because nobody took a signature"""

import sqlalchemy as sa
from alembic import op

from storage.tables import Instant

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "reminders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("signature_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("whom", sa.JSON(), nullable=False),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["signature_id"], ["signatures.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_reminders_signature_id", "reminders", ["signature_id"])
    op.create_index("ix_reminders_at", "reminders", ["at"])
