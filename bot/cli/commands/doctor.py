"""`triage doctor`."""

import typer

from bot import doctor
from bot.cli import opened
from bot.cli.options import ConfigFile, DatabaseUrl, plain, settings
from bot.cli.output import say
from bot.settings import missing

app = plain()


@app.command("doctor", epilog="Example: triage doctor --config /etc/triage.toml")
def visit(config: ConfigFile = None, db: DatabaseUrl = None) -> None:
    """Check settings, database and Slack, and name remedies."""
    with opened.failures_told():
        is_well = doctor.run(lambda: settings(config, db, lacking=missing), say)
    if not is_well:
        raise typer.Exit(1)
