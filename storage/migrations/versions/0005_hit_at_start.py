"""Count the customers a mute reaches from its start, not from the hour after"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    with op.batch_alter_table("mutes") as mutes:
        mutes.add_column(sa.Column("hit_at_start", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("mutes") as mutes:
        mutes.alter_column("hit_at_start", server_default=None)
