"""`triage show`."""

import sys

from bot.cli import opened, options
from bot.cli.options import ConfigFile, DatabaseUrl, Moment, ShortId, plain, settings
from bot.flows import look
from bot.terminal import cards

app = plain()


@app.command("show", epilog="Example: triage show E-7K2")
def tell(
    short_id: ShortId,
    now: Moment = None,
    db: DatabaseUrl = None,
    config: ConfigFile = None,
) -> None:
    """Show a signature as it stands.

    How unusual it is, whom it hits, whose it is, what to do first, an event of it, and all that
    people ever decided on it, the latest first; as `/triage show` and Details do on Slack.
    """
    with opened.existing(settings(config, db)) as database:
        found = look.card(database, short_id, now=options.as_of(now))
        history = look.history(database, short_id)
    sys.stdout.write(cards.card(found, history))
