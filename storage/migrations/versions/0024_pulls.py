"""Keep how far each source that is asked was read"""

import sqlalchemy as sa
from alembic import op

from storage.tables import Instant

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.create_table(
        "pulls",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("cursor", sa.String(), nullable=False),
        sa.Column("reached", Instant(timezone=True), nullable=True),
        sa.Column("succeeded_at", Instant(timezone=True), nullable=True),
        sa.Column("failed_at", Instant(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.String(), nullable=False),
        sa.Column("not_before", Instant(timezone=True), nullable=True),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("leased_until", Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
