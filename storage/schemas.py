"""The schemas a database may have, and how it gets to that of this release."""

import glob
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from shutil import rmtree

from sqlalchemy import Connection, Engine, inspect, text

from storage.failures import FromTheFuture, Unusable
from storage.files import copied, sqlite_file

MIGRATIONS = Path(__file__).parent / "migrations"


def head() -> str:
    """The revision of this release's schema."""
    return _revisions()[-1]


def revision(engine: Engine) -> str | None:
    """The revision of a database's schema, if it has any; it can be read while others write."""
    with engine.connect().execution_options(triage_begin="DEFERRED") as connection:
        return _revision(connection)


def migrate(engine: Engine, *, backups: bool) -> None:
    """Bring a database to this release's schema; with `backups` a SQLite file that has data is
    copied first, beside it. Raises Unusable."""
    current = revision(engine)
    if current == head():
        return
    refuse_the_future(current)
    with _alone(engine), engine.begin() as connection:
        current = _revision(connection)
        if backups and current not in (None, head()):
            _keep_as_it_was(engine)
        _upgrade(connection)


def refuse_the_past(engine: Engine, file: Path) -> None:
    """Raises Unusable for a schema older than this release's, in a file that cannot be migrated."""
    current = revision(engine)
    refuse_the_future(current)
    if current != head():
        raise Unusable(
            f"{file} needs a migration to this release and may not be written to: run `triage db "
            "upgrade` as the user it belongs to, or on a copy."
        )


def refuse_the_future(current: str | None) -> None:
    """Raises FromTheFuture for a schema that this release does not know."""
    if current is not None and current not in _revisions():
        raise FromTheFuture(
            f"The database has schema {current}, which this release does not know: a later one "
            "migrated it. Run that release, or restore the copy it made before migrating."
        )


@cache
def _revisions() -> tuple[str, ...]:
    """The revisions that this release knows, the oldest first; the names of the scripts begin with
    them.

    Read from the names, since to load Alembic takes longer than most commands.
    """
    scripts = (MIGRATIONS / "versions").glob("[0-9]*.py")
    return tuple(sorted(script.stem.partition("_")[0] for script in scripts))


def _revision(connection: Connection) -> str | None:
    """The revision of a database's schema, if it has any."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


@contextmanager
def _alone(engine: Engine) -> Iterator[None]:
    """A transaction in which nobody else migrates. On PostgreSQL it takes a lock of its own, since
    there may be no table yet; on SQLite the transaction itself is the lock."""
    if engine.dialect.name != "postgresql":
        yield
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET lock_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_lock(hashtext('triage migrates'))"))
        try:
            yield
        finally:
            connection.invalidate()  # its session ends, and with that the lock


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _keep_as_it_was(engine: Engine) -> None:
    """Copy the file that a migration is about to change; it holds the lock, so nobody writes
    meanwhile."""
    file = sqlite_file(engine.url.render_as_string(hide_password=False))
    if file:
        copy = file.with_name(f"{file.name}.before-{head()}")
        for torso in file.parent.glob(f"{glob.escape(copy.name)}.*"):
            # Left by one that was killed while it copied: who starts over and over fills no disk.
            rmtree(torso)
        with copied(file, beside=copy) as whole:
            whole.replace(copy)
