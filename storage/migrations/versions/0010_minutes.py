"""Keep in which minutes of an hour a signature was seen"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("sightings", sa.Column("minutes", sa.BigInteger(), nullable=True))
