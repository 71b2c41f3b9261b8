"""`triage digest`."""

import sys
from typing import Annotated

import typer

from bot.cli import opened, options
from bot.cli.options import AsJson, ConfigFile, DatabaseUrl, Moment, plain, settings
from bot.cli.output import complain, print_json
from bot.core.wording.plural import counted
from bot.errors import TriageError
from bot.flows import look
from bot.slack.blocks import digest as digests
from bot.terminal import cards

app = plain()


@app.command("digest", epilog="Example: triage digest --dry-run --now 2026-11-18T09:00Z")
def show(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show it and post nothing.")] = False,
    now: Moment = None,
    db: DatabaseUrl = None,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Show the digest of the last 24 hours."""
    if not dry_run:
        raise TriageError(
            "`triage serve` posts digests on schedule; to see one here, add --dry-run."
        )
    with opened.existing(settings(config, db)) as database:
        at = options.as_of(now)
        shown, waiting = look.today(database, now=at), look.waiting(database, now=at)
    if waiting:
        complain(
            f"What came of {counted(waiting, 'error')} is not judged yet, and counts as quiet "
            "until `triage serve` has its next look, within half a minute."
        )
    if json:
        rendering = digests.message(shown)
        print_json({"text": rendering.text, "blocks": rendering.blocks})
    else:
        sys.stdout.write(cards.digest(shown))
