"""`triage demo`."""

from typing import Annotated

import typer

from bot import demo
from bot.cli import opened
from bot.cli.options import plain

app = plain()


@app.command("demo", epilog="Example: triage demo --port 9000")
def show(
    once: Annotated[
        bool, typer.Option("--once", help="Print the digest as text and exit; no browser.")
    ] = False,
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Port of the page; 0 picks a free one.")
    ] = 8765,
) -> None:
    """Try it here: a fleet's errors on a Slack-like page.

    It reads no triage.toml and no key, asks no model and sends nothing: the rules explain. Its
    clock goes on from the end of the fleet's last day, 18 November 2026.
    """
    with opened.failures_told():
        demo.run(once=once, port=port)
