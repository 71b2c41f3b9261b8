"""Find the messages that are to be sent without reading those that were"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    behind = sa.text("shown < wanted AND failed_at IS NULL")
    op.drop_index("ix_outbox_not_before", "outbox")
    op.create_index(
        "ix_outbox_behind",
        "outbox",
        ["channel", "id"],
        sqlite_where=behind,
        postgresql_where=behind,
    )
