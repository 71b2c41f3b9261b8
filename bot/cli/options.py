"""The options that several commands share, and what they stand for."""

import logging
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from bot import logs
from bot.cli.output import complain
from bot.core.hour import hour_of, start_of
from bot.settings import Lacking, Settings, load


def plain(**given: Any) -> typer.Typer:
    """A command, or a group of them, whose help and errors are plain text."""
    return typer.Typer(
        add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None, **given
    )


def _moment(given: str) -> datetime:
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        raise typer.BadParameter(
            f"{given!r} is no time; examples: 2026-11-18T09:00, 2026-11-18T09:00+01:00"
        ) from None
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


ConfigFile = Annotated[
    Path | None, typer.Option("--config", help="Settings file [default: triage.toml, if any].")
]
DatabaseUrl = Annotated[
    str | None,
    typer.Option("--db", help="Database address [default: DATABASE_URL, or sqlite:///triage.db]."),
]
Moment = Annotated[
    datetime | None,
    typer.Option(
        parser=_moment,
        metavar="TIME",
        help="As of this moment: 2026-11-18T09:00, in UTC unless it says otherwise [default: now].",
    ),
]
ShortId = Annotated[str, typer.Argument(metavar="ID", help="Of a signature: E-7K2, 7k2.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]
Service = Annotated[
    str, typer.Option("--service", metavar="NAME", help="Of errors that name no service.")
]
Picked = Annotated[
    bool,
    typer.Option(
        "--picked",
        help="Each line of text is an error that says no level: somebody picked them.",
    ),
]


def settings(
    config: Path | None, db: str | None = None, *, lacking: Lacking = lambda _: ()
) -> Settings:
    """The settings; from here on logs are redacted by the site's rules, too. If some are wrong,
    what `lacking` finds missing besides is told at once."""
    given = {**os.environ, "DATABASE_URL": db} if db else os.environ
    found = load(given, config, lacking=lacking)
    logs.configure(found.redactor(), level=logging.WARNING)
    return found


def now() -> datetime:
    """The clock, in UTC."""
    return datetime.now(UTC)


def as_of(moment: datetime | None) -> datetime:
    """That moment, or else now. If its hour is over, all of that hour counts, which is said."""
    if moment is None:
        return now()
    hour = hour_of(moment)
    if start_of(hour) < moment and start_of(hour + 1) <= now():
        complain(
            f"Errors are counted by the hour: those up to {start_of(hour + 1):%H:%M} UTC are in it."
        )
    return moment
