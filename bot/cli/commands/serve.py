"""`triage serve`."""

from typing import Annotated

import typer

from bot import app as wiring
from bot.app import Part
from bot.cli import opened
from bot.cli.options import ConfigFile, DatabaseUrl, plain, settings
from bot.settings import check_for_serving, missing

app = plain()


def _parts(given: str) -> tuple[Part, ...]:
    try:
        return tuple(Part(name.strip()) for name in given.split(","))
    except ValueError:
        raise typer.BadParameter(f"{given!r}: some of {', '.join(Part)}, with commas") from None


Roles = Annotated[
    str, typer.Option("--roles", help="What this replica does; replicas share a PostgreSQL.")
]


@app.command(epilog="Example: triage serve --config /etc/triage.toml")
def serve(config: ConfigFile = None, db: DatabaseUrl = None, roles: Roles = ",".join(Part)) -> None:
    """Run the bot: watch, post digests on schedule, answer on Slack. Ctrl-C stops it."""
    parts = _parts(roles)
    chosen = settings(config, db, lacking=missing)
    check_for_serving(chosen)
    with opened.failures_told():
        wiring.serve(chosen, parts=parts)
