"""`triage db …`."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli import opened
from bot.cli.options import ConfigFile, DatabaseUrl, plain, settings
from bot.cli.output import say
from storage import database as databases

app = plain(
    help="Migrate, copy and restore the database.",
    epilog="Example: triage db backup /backups/triage-monday.db",
    no_args_is_help=True,
)


@app.command(epilog="Example: triage db upgrade --db sqlite:////data/triage.db")
def upgrade(db: DatabaseUrl = None, config: ConfigFile = None) -> None:
    """Bring the schema up to this release; a copy is made first."""
    with opened.database(settings(config, db)):
        say(f"The database is at schema {databases.head()}.")


@app.command(epilog="Example: triage db backup /backups/triage-monday.db")
def backup(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="The new file to write.")],
    db: DatabaseUrl = None,
    config: ConfigFile = None,
) -> None:
    """Write a consistent copy of the database, also while the bot runs."""
    with opened.failures_told():
        databases.backup(settings(config, db).database_url, target)
    say(f"Copied to {target}.")


@app.command(epilog="Example: triage db restore /backups/triage-monday.db")
def restore(
    source: Annotated[
        Path, typer.Argument(metavar="FILE", help="A copy made by `triage db backup`.")
    ],
    db: DatabaseUrl = None,
    config: ConfigFile = None,
) -> None:
    """Put a copy in the place of the database. Stop the bot first."""
    with opened.failures_told():
        kept = databases.restore(settings(config, db).database_url, source)
    say(f"Restored from {source}." + (f" The old database is {kept}." if kept else ""))
