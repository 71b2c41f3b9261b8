"""`triage flags`."""

import getpass
import os
from collections.abc import Callable
from typing import Annotated

import typer

from bot import asking
from bot.cli import opened, options
from bot.cli.options import ConfigFile, DatabaseUrl, plain, settings
from bot.cli.output import say
from bot.core.flag import Flag, position
from bot.errors import TriageError
from bot.flows.switch import latest, said, standing, switch, told
from bot.settings import Settings
from storage.database import Database

app = plain()


@app.command("flags", epilog="Example: triage flags model off --reason 'costs'")
def show(
    flag: Annotated[
        Flag | None,
        typer.Argument(metavar="FLAG", help="Which to set: model, strong, trial or shadow."),
    ] = None,
    word: Annotated[str, typer.Argument(metavar="on|off|PERCENT", help="How it is to stand.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Kept with it.")] = "",
    db: DatabaseUrl = None,
    config: ConfigFile = None,
) -> None:
    """Show or set the switches of the running bot.

    What is set holds at once, for all replicas. Who set it, when and why is kept, with how it stood
    before, and the first channel is told. /triage flags has a form that does the same.
    `triage flags trial 20`: what is on trial explains 20 % of all signatures, always the same ones.
    """
    wanted = position(flag, word) if flag else None
    if flag and not wanted:
        share = ", or a share in percent" if flag.has_share else ""
        raise TriageError(f"On or off{share}? For example: triage flags {flag} off")
    if reason and not flag:
        raise TriageError("A reason for what? For example: triage flags model off --reason costs")
    given = settings(config, db)
    with opened.existing(given) as database:
        if flag and wanted:
            switch(
                database,
                {flag: wanted},
                by=somebody(),
                reason=reason,
                now=options.now(),
                channels=asking.terms(given).channels,
            )
        say(_report(given, database))


def _report(given: Settings, database: Database) -> str:
    """How each flag stands, what that comes to, and the latest changes."""
    withheld = asking.withheld(given, database, now=options.now())
    lines = [f"Nothing is asked now: {withheld}"] if withheld else []
    lines += [*map(said, standing(database)), asking.ways(given).said]
    if changes := latest(database):
        lines += ["", "Lately:", *map(told, changes)]
    return "\n".join(lines)


def somebody(name: Callable[[], str] = getpass.getuser) -> str:
    """Who runs this: their number where the system knows no name for them, as in many
    containers."""
    try:
        return name()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"
