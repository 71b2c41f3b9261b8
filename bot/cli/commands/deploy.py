"""`triage deploy`."""

from typing import Annotated

import typer

from bot.cli import opened, options
from bot.cli.options import ConfigFile, DatabaseUrl, Moment, plain, settings
from bot.cli.output import complain, say
from bot.core.wording.moment import written
from bot.flows import deploy
from storage.deploys import Version

app = plain()


@app.command("deploy", epilog="Example: triage deploy checkout 4.19.1 --environment production")
def tell(
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="As its errors name it.")],
    version: Annotated[
        str, typer.Argument(metavar="VERSION", help="As its errors name it, where they do.")
    ],
    environment: Annotated[str, typer.Option(help="[default: all of them]")] = "",
    at: Moment = None,
    db: DatabaseUrl = None,
    config: ConfigFile = None,
) -> None:
    """Tell of a deploy, for new errors to be seen after it.

    The first event of a version tells of it too; the earlier one counts, and saying it twice
    changes nothing. Over HTTP: POST /hooks/deploy.
    """
    now, told = options.now(), Version(service.strip(), environment.strip(), version.strip())
    if not (told.service and told.version):
        raise typer.BadParameter("SERVICE and VERSION cannot be empty")
    with opened.database(settings(config, db)) as database:
        since = deploy.deploy(database, told, at=at or now, now=now)
        doubt = deploy.doubt(database, told)
    say(f"{told.service} {told.version} since {written(since)}")
    if doubt:
        complain(doubt)
