"""Tell the deploys we were told of from versions that were only seen"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    with op.batch_alter_table("deploys") as deploys:
        deploys.add_column(
            sa.Column("told", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("deploys") as deploys:
        deploys.alter_column("told", server_default=None)
