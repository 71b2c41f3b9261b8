"""What is old in the outbox goes: no search through all of it for the replies of each."""

from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.create_index("ix_outbox_thread_of", "outbox", ["thread_of"])
