"""`triage keys …`."""

from typing import Annotated

import typer

from bot.cli import opened, options
from bot.cli.options import ConfigFile, DatabaseUrl, plain, settings
from bot.cli.output import say
from bot.flows import authorize
from storage.tables import ApiKey

app = plain(
    help="Make, list and revoke the keys that errors are sent with.",
    epilog="Example: triage keys new checkout",
    no_args_is_help=True,
)


@app.command(epilog="Example: triage keys new checkout")
def new(
    project: Annotated[
        str, typer.Argument(metavar="PROJECT", help="Also the service of errors that name none.")
    ],
    db: DatabaseUrl = None,
    config: ConfigFile = None,
) -> None:
    """Make a key and show it, this once: it is kept as a hash.

    It sends errors and can do nothing else. A project may have several: to replace one, make
    another, and revoke the first once nobody sends with it.
    """
    given = settings(config, db)
    with opened.database(given) as database:
        made = authorize.make(database, project, now=options.now())
    address = f"http://{given.http.host}:{given.http.port}"
    say(
        f"Key {made.number} of {made.project}, shown only now:\n"
        f"  {made.text}\n\n"
        f"DSN of its Sentry clients, with the address that they reach this machine by:\n"
        f"  {made.dsn(address)}\n\n"
        f"curl {address}/ingest -H 'Authorization: Bearer {made.text}' --data-binary @errors.jsonl"
    )


@app.command("list", epilog="Example: triage keys list")
def show(db: DatabaseUrl = None, config: ConfigFile = None) -> None:
    """List all keys, by their beginnings."""
    with opened.existing(settings(config, db)) as database:
        rows = authorize.every(database)
    say(
        "\n".join(map(_line, rows)) or "There are no keys yet: `triage keys new PROJECT` makes one."
    )


@app.command(epilog="Example: triage keys revoke 3")
def revoke(
    number: Annotated[
        int, typer.Argument(metavar="NUMBER", help="As `triage keys list` shows it.")
    ],
    db: DatabaseUrl = None,
    config: ConfigFile = None,
) -> None:
    """Refuse a key from now on; a running bot does so within seconds."""
    with opened.existing(settings(config, db)) as database:
        row = authorize.revoke(database, number, now=options.now())
    say(_line(row))


def _line(row: ApiKey) -> str:
    made = f"{row.created_at:%Y-%m-%d %H:%M}"
    end = f", revoked {row.revoked_at:%Y-%m-%d %H:%M}" if row.revoked_at else ""
    return f"{row.id:>4}  {row.project}  {row.prefix}…  made {made}{end} UTC"
