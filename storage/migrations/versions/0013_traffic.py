"""Keep how many harmless lines each service wrote"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "traffic",
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("hour", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.Column("census", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("service", "hour"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_traffic_hour", "traffic", ["hour"])
