"""Keep when a model was asked again in vain, beside the analysis that stays"""

import sqlalchemy as sa
from alembic import op

from storage.tables import Instant

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("analyses", sa.Column("asked_at", Instant(timezone=True), nullable=True))
    op.add_column(
        "analyses", sa.Column("asked_with", sa.String(), nullable=False, server_default="")
    )
    with op.batch_alter_table("analyses") as analyses:
        analyses.alter_column("asked_with", server_default=None)
    op.execute("UPDATE analyses SET asked_at = at, asked_with = version WHERE analyst <> 'rules'")
