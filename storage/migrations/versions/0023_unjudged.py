"""Keep what was not judged yet, and no longer when each signature came last"""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

from storage.tables import Instant

revision = "0023"
down_revision = "0022"

LOOKS = timedelta(minutes=2)
"""What came in the last minutes before the upgrade may not have been looked at."""


def upgrade() -> None:
    op.drop_index("ix_late_hours_hour", "late_hours")
    op.rename_table("late_hours", "unjudged_hours")
    op.create_index("ix_unjudged_hours_hour", "unjudged_hours", ["hour"])
    _add_the_last()
    op.drop_index("ix_signatures_last_received", "signatures")
    op.drop_column("signatures", "last_received")


def _add_the_last() -> None:
    signatures = sa.table("signatures", sa.column("id"), sa.column("last_received", Instant()))
    unjudged = sa.table(
        "unjudged_hours",
        sa.column("signature_id"),
        sa.column("hour"),
        sa.column("arrived_at", Instant()),
    )
    connection, received = op.get_bind(), signatures.c.last_received
    newest = connection.execute(sa.select(sa.func.max(received))).scalar()
    if newest is None:
        return
    late = set(connection.execute(sa.select(unjudged.c.signature_id, unjudged.c.hour)).all())
    rows = connection.execute(sa.select(signatures).where(received > newest - LOOKS)).all()
    last = {(number, int(at.timestamp()) // 3600): at for number, at in rows}
    wanted = [
        {"signature_id": number, "hour": hour, "arrived_at": at}
        for (number, hour), at in last.items()
        if (number, hour) not in late
    ]
    if wanted:
        op.bulk_insert(unjudged, wanted)
