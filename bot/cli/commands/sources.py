"""`triage sources`."""

from bot import terminal
from bot.cli import opened, options
from bot.cli.options import AsJson, ConfigFile, DatabaseUrl, Moment, plain, settings
from bot.cli.output import print_json, say
from bot.flows import look

app = plain()


@app.command("sources", epilog="Example: triage sources")
def tell(
    now: Moment = None,
    db: DatabaseUrl = None,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """List where errors come from, how fresh, and who is silent: of the last 14 days.

    \b
    errors   in the last 24 hours
    newest   the time of its newest error
    came     when the last ones came in
    lag      how old the newest was then

    A source is silent once it is not heard from for longer than two hours, and twice as long
    as it was at most before: of errors there may be none. Less than three hours heard say
    nothing. A digest names who is silent.
    """
    with opened.existing(settings(config, db)) as database:
        found = look.sources(database, now=now or options.now())
    if json:
        print_json([one.as_json() for one in found])
    else:
        say(terminal.sources(found))
