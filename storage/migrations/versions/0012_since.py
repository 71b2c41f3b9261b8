"""Keep since when a provider or a model is waited for"""

import sqlalchemy as sa
from alembic import op

from storage.tables import Instant

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("providers", sa.Column("since", Instant(timezone=True), nullable=True))
