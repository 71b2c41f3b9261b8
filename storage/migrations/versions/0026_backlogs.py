"""Keep since when a source catches up, and up to when it was read then"""

import sqlalchemy as sa
from alembic import op

from storage.tables import Instant

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    for name in ("behind_since", "behind_from"):
        op.add_column("pulls", sa.Column(name, Instant(timezone=True), nullable=True))
