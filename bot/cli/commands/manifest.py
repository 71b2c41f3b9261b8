"""`triage manifest`."""

import sys
from typing import Annotated

import typer

from bot.cli.options import ConfigFile, plain, settings
from bot.slack import manifest

app = plain()


@app.command("manifest", epilog="Example: triage manifest > manifest.json")
def show(
    url: Annotated[
        str | None, typer.Option(help="Public address of this bot, for HTTP instead of sockets.")
    ] = None,
    config: ConfigFile = None,
) -> None:
    """Print the manifest to create the Slack app from.

    Paste it at api.slack.com/apps → Create New App → From a manifest. The slash command is that of
    the settings.
    """
    sys.stdout.write(manifest.text(url, settings(config).slack.command))
