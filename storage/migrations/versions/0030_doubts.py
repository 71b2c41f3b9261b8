"""Keep which messages may stand twice, for somebody else tried to post them before"""

import sqlalchemy as sa
from alembic import op

from storage.tables import Instant

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("doubted_until", Instant(timezone=True), nullable=True))
    doubted = sa.text("doubted_until IS NOT NULL")
    op.create_index(
        "ix_outbox_doubted",
        "outbox",
        ["doubted_until"],
        sqlite_where=doubted,
        postgresql_where=doubted,
    )
