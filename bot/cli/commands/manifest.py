"""`triage manifest`."""

import sys
from typing import Annotated
from urllib.parse import urlsplit

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
    if url is not None and not _can_be_reached(url):
        raise typer.BadParameter(
            f"{url[:80]!r} is no address Slack can call: give https://HOST, such as "
            "https://triage.example.com (http:// is for 127.0.0.1 and localhost only)"
        )
    sys.stdout.write(manifest.text(url, settings(config).slack.command))


def _can_be_reached(url: str) -> bool:
    """Whether it is an https:// address, or an http:// one of this machine."""
    try:
        where = urlsplit(url)
    except ValueError:
        return False
    is_here = where.hostname in {"localhost", "127.0.0.1"}
    return bool(where.hostname) and where.scheme in {"https", "http" if is_here else "https"}
