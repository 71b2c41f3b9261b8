"""`triage serve`."""

from typing import Annotated

import typer

from bot import app as wiring
from bot.app import Role
from bot.cli import opened
from bot.cli.options import ConfigFile, DatabaseUrl, plain, settings
from bot.settings import check_for_serving, missing

app = plain()


def _roles(given: str) -> tuple[Role, ...]:
    try:
        return tuple(Role(name.strip()) for name in given.split(","))
    except ValueError:
        raise typer.BadParameter(f"{given!r}: some of {', '.join(Role)}, with commas") from None


Roles = Annotated[
    str,
    typer.Option(
        "--roles",
        help="What this replica does, with commas: slack answers people, receiver takes errors "
        "over HTTP, scheduler judges and posts. Replicas share a PostgreSQL.",
    ),
]


@app.command(epilog="Example: triage serve --config /etc/triage.toml")
def serve(config: ConfigFile = None, db: DatabaseUrl = None, roles: Roles = ",".join(Role)) -> None:
    """Run the bot: watch, post digests on schedule, answer on Slack. Ctrl-C stops it."""
    chosen_roles = _roles(roles)
    chosen = settings(config, db, lacking=missing)
    check_for_serving(chosen)
    with opened.failures_told():
        wiring.serve(chosen, roles=chosen_roles)
