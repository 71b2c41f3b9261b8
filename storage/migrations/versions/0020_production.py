"""Keep since when each error is seen in production; what is known so far is no news there"""

import sqlalchemy as sa
from alembic import op

from storage.tables import Instant

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    for name in ("production_seen", "production_received"):
        op.add_column("signatures", sa.Column(name, Instant(timezone=True), nullable=True))
    op.execute(
        "UPDATE signatures SET production_seen = first_seen, production_received = first_received"
    )
