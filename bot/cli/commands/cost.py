"""`triage cost`."""

from bot import asking
from bot.cli import opened, options
from bot.cli.options import ConfigFile, DatabaseUrl, Moment, plain, settings
from bot.cli.output import say
from bot.core.spending.tally import lines

app = plain()


@app.command("cost", epilog="Example: triage cost --db sqlite:////data/triage.db")
def show(now: Moment = None, db: DatabaseUrl = None, config: ConfigFile = None) -> None:
    """Show what models cost today and this month, by team, feature and model."""
    given, at = settings(config, db), now or options.now()
    with opened.existing(given) as database:
        found = asking.costs(given, database, now=at)
    say("\n".join(lines(found)))
