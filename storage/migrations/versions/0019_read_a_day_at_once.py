"""Read a day's sightings from their index alone, and what was resolved or claimed from another"""

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.drop_index("ix_sightings_hour", "sightings")
    op.create_index("ix_sightings_hour", "sightings", ["hour", "signature_id", "count"])
    op.create_index("ix_signatures_state", "signatures", ["state"])
