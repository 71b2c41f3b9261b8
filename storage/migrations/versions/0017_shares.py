"""Set a switch to a share of all signatures"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.add_column("flags", sa.Column("percent", sa.Integer(), nullable=True))
