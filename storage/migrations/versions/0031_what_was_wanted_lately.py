"""Find the messages of the last day without reading those of a year"""

from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    op.create_index("ix_outbox_created_at", "outbox", ["created_at"])
