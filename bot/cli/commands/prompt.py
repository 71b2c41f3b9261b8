"""`triage prompt`."""

from typing import Annotated

import typer

from bot import asking
from bot.cli import opened, options
from bot.cli.options import ConfigFile, DatabaseUrl, Moment, ShortId, plain, settings
from bot.cli.output import say
from bot.flows.preview import preview
from bot.terminal import prompts

app = plain()


@app.command("prompt", epilog="Example: triage prompt E-7K2")
def show(
    short_id: ShortId,
    version: Annotated[
        str,
        typer.Option("--version", help="A version of the prompt [default: the one it would be]."),
    ] = "",
    now: Moment = None,
    db: DatabaseUrl = None,
    config: ConfigFile = None,
) -> None:
    """Show what a model would be sent about a signature.

    It is sent nothing else of what was logged.
    """
    given = settings(config, db)
    ways = asking.ways(given, version=version)
    at = now or options.now()
    with opened.existing(given) as database:
        withheld = asking.withheld(given, database, now=at)
        shown = preview(database, short_id, ways=ways, withheld=withheld, now=at)
    say(prompts.preview(shown))
