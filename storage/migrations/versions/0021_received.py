"""Keep when the last events of each source came in"""

import sqlalchemy as sa
from alembic import op

from storage.tables import Instant

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column("ingests", sa.Column("received", Instant(timezone=True), nullable=True))
