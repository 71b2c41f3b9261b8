"""`triage unclaimed`."""

import sys

from bot.cli import opened, options
from bot.cli.options import ConfigFile, DatabaseUrl, Moment, plain, settings
from bot.flows import look
from bot.terminal import cards

app = plain()


@app.command("unclaimed", epilog="Example: triage unclaimed")
def tell(now: Moment = None, db: DatabaseUrl = None, config: ConfigFile = None) -> None:
    """List what is unusual and nobody's, the most urgent first; as `/triage unclaimed` does."""
    with opened.existing(settings(config, db)) as database:
        found = look.unclaimed(database, now=options.as_of(now))
    sys.stdout.write(cards.listed(found, empty="Nothing unusual waits for anybody."))
