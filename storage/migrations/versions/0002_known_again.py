"""Know a signature again when it moved, was merged, or is signed by newer rules"""

import sqlalchemy as sa
from alembic import op

from storage.tables import Instant

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _signatures()
    _aliases()
    op.create_table(
        "wordings",
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("kin", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["fingerprint"], ["aliases.fingerprint"]),
        sa.PrimaryKeyConstraint("fingerprint", "kin"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_wordings_kin", "wordings", ["kin"])
    op.create_table(
        "rule_versions",
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("since", Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("version"),
    )
    op.execute(
        "INSERT INTO rule_versions (version, since)"
        " SELECT 'v1', min(first_received) FROM signatures HAVING count(*) > 0"
    )


def _signatures() -> None:
    """In place: other tables refer to this one, so SQLite could not drop it to build it anew."""
    kind = Instant(timezone=True).compile(op.get_bind().dialect)
    long_ago = "1970-01-01 00:00:00.000000"
    op.execute(
        f"ALTER TABLE signatures ADD COLUMN first_received {kind} DEFAULT '{long_ago}' NOT NULL"
    )
    op.execute("UPDATE signatures SET first_received = first_seen")
    op.execute("ALTER TABLE signatures ADD COLUMN merged_into INTEGER REFERENCES signatures (id)")
    op.create_index("ix_signatures_merged_into", "signatures", ["merged_into"])


def _aliases() -> None:
    with op.batch_alter_table("aliases") as aliases:
        aliases.add_column(sa.Column("reason", sa.String(), nullable=False, server_default=""))
        aliases.add_column(sa.Column("places", sa.JSON(), nullable=False, server_default="[]"))
        aliases.add_column(sa.Column("versions", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("aliases") as aliases:
        for name in ("reason", "places", "versions"):
            aliases.alter_column(name, server_default=None)
