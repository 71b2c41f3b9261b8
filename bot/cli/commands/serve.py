"""`triage serve`."""

from bot import app as wiring
from bot.cli import opened
from bot.cli.options import ConfigFile, DatabaseUrl, plain, settings
from bot.settings import check_for_serving

app = plain()


@app.command(epilog="Example: triage serve --config /etc/triage.toml")
def serve(config: ConfigFile = None, db: DatabaseUrl = None) -> None:
    """Run the bot: watch, post digests on schedule, answer on Slack. Ctrl-C stops it."""
    chosen = settings(config, db)
    check_for_serving(chosen)
    with opened.failures_told():
        wiring.serve(chosen)
