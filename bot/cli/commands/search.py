"""`triage search`."""

import sys
from typing import Annotated

import typer

from bot.cli import opened, options
from bot.cli.options import ConfigFile, DatabaseUrl, Moment, plain, settings
from bot.flows import look
from bot.terminal import cards

app = plain()

MOST = 50
"""Signatures in a list; whoever gets more names more words."""


@app.command("search", epilog="Example: triage search connection refused")
def tell(
    words: Annotated[list[str], typer.Argument(metavar="WORDS", help="As they stand there.")],
    now: Moment = None,
    db: DatabaseUrl = None,
    config: ConfigFile = None,
) -> None:
    """List the signatures that name some words, the latest seen first.

    In their text, their type, their service or their id, in any case, or that hit the customer of
    that name within 24 hours; as `/triage search` does.
    """
    wanted = " ".join(words)
    with opened.existing(settings(config, db)) as database:
        found = look.search(database, wanted, now=options.as_of(now), most=MOST)
    further = found.total - len(found.cards)
    sys.stdout.write(cards.listed(found.cards, empty=look.nothing(wanted), further=further))
