"""`triage redact`."""

import sys
from typing import Annotated

import typer

from bot.cli import stdin
from bot.cli.options import ConfigFile, plain, settings
from bot.cli.output import print_json
from bot.core.redaction import private_key

app = plain()
FORM = '{"text": …}'


@app.command(epilog="Example: triage redact < app.log > shareable.log")
def redact(
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help='{"text": …} lines in; {"text": …, "found": […]} out.')
    ] = False,
    config: ConfigFile = None,
) -> None:
    """Hide secrets and personal data in stdin.

    What `[[redaction.rules]]` of the settings name is hidden, too.
    """
    hide = settings(config).redactor()
    if jsonl:
        for value in stdin.objects("text", form=FORM):
            hidden = hide(value["text"])
            print_json({"text": hidden.text, "found": list(hidden.found)})
        return
    for block in private_key.kept_whole(stdin.lines()):
        sys.stdout.write(f"{hide(block).text}\n")
