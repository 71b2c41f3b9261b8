"""Refuse on PostgreSQL to empty what is append-only: TRUNCATE asks no trigger of rows"""

from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in ("decisions", "flags"):
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_are_append_only()"
        )
