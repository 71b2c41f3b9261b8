"""Keep by which moment what is old was let go of: the clock may be set far ahead between two
cleanings."""

import sqlalchemy as sa
from alembic import op

from storage.tables import Instant

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.create_table(
        "cleanings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("as_of", Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
