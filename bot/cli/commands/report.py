"""`triage report`."""

from bot.cli import opened, options
from bot.cli.options import ConfigFile, DatabaseUrl, Moment, plain, settings
from bot.cli.output import say
from bot.core.telling import quality
from bot.flows import review

app = plain()


@app.command("report", epilog="Example: triage report --now 2026-11-20T18:00Z")
def show(now: Moment = None, db: DatabaseUrl = None, config: ConfigFile = None) -> None:
    """Show how the last seven days went, beside the seven before.

    What came in; of what was posted, by kind, how much anybody took up; whether the owners were
    right (a reroute says they were not) and the explanations, with the rule or the prompt to mend;
    what mutes hid, and how far beyond what was muted; what models cost. Each channel gets the same
    once a week: `report = "mon 09:30"` in its settings says when.
    """
    with opened.existing(settings(config, db)) as database:
        found = review.of(database, until=now or options.now())
    say("\n".join(quality.lines(found)))
