"""`triage report`."""

from bot.cli import opened, options
from bot.cli.options import ConfigFile, DatabaseUrl, Moment, plain, settings
from bot.cli.output import say
from bot.core import quality
from bot.flows.rate import week

app = plain()


@app.command("report", epilog="Example: triage report --now 2026-11-20T18:00Z")
def show(now: Moment = None, db: DatabaseUrl = None, config: ConfigFile = None) -> None:
    """Show which owners and explanations of the week were right.

    Of the last seven days. A reroute counts as a wrong owner. What to mend comes with the rule or
    the prompt to blame.
    """
    with opened.existing(settings(config, db)) as database:
        found = week(database, now=now or options.now())
    say("\n".join(quality.lines(found)))
