"""Keep which hours are to be judged again, for what of them came late"""

import sqlalchemy as sa
from alembic import op

from storage.tables import Instant

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "late_hours",
        sa.Column("signature_id", sa.Integer(), nullable=False),
        sa.Column("hour", sa.BigInteger(), nullable=False),
        sa.Column("arrived_at", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["signature_id"], ["signatures.id"]),
        sa.PrimaryKeyConstraint("signature_id", "hour"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_late_hours_hour", "late_hours", ["hour"])
