"""`triage signatures`."""

import sys
from typing import Annotated

import typer

from bot.cli import stdin
from bot.cli.explained import explained
from bot.cli.options import ConfigFile, plain, settings
from bot.cli.output import print_json, say
from bot.core import explanation, signature

app = plain()


@app.command(epilog="Example: tail -n 500 app.log | triage signatures")
def signatures(
    ids: Annotated[bool, typer.Option("--ids", help="One fingerprint a line.")] = False,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="One JSON object a line.")] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="What was set aside, masked and kept, and why.")
    ] = False,
    config: ConfigFile = None,
) -> None:
    """Print the signature of each line of stdin, in the same order.

    By the words of that line alone. `triage ingest` reads the fields of a JSON line, knows the
    service and the type of an error, and takes the lines of a stack trace as one: where there is
    any of these, the error goes by another id in the database. `triage show` takes that.
    """
    redact = settings(config).redactor()
    for line in stdin.lines():
        if explain:
            sys.stdout.write(explained(explanation.of(line, redact)))
            continue
        signed = signature.of_line(line, redact)
        short_id = signature.short_id(signed.fingerprint)
        if jsonl:
            facts = {"fingerprint": signed.fingerprint, "id": short_id}
            print_json({**facts, "template": signed.template})
        else:
            say(signed.fingerprint if ids else f"{short_id}  {signed.template}")
