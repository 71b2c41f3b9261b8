"""Keep which replica is at what is acknowledged and not carried out yet"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    with op.batch_alter_table("inbox") as inbox:
        inbox.add_column(sa.Column("holder", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("inbox") as inbox:
        inbox.alter_column("holder", server_default=None)
