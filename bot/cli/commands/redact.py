"""`triage redact`."""

import sys
from typing import Annotated

import typer

from bot.cli import stdin
from bot.cli.options import ConfigFile, plain, settings
from bot.cli.output import print_json
from bot.core.redaction import fields, lines

app = plain()
FORM = '{"text": …}'
AS_TEXT = "Without --jsonl, plain text is taken."


@app.command(epilog="Example: triage redact < app.log > shareable.log")
def redact(
    jsonl: Annotated[
        bool,
        typer.Option(
            "--jsonl",
            help='{"text": …, …} lines in; out, the same with "found": […], all fields redacted.',
        ),
    ] = False,
    config: ConfigFile = None,
) -> None:
    """Hide secrets and personal data in stdin.

    Line by line, as they come; an indented line, or one that PostgreSQL adds to a statement, with
    those above it, which may name what it has; also behind what Docker Compose, Kubernetes or
    syslog put before each line.
    Of --jsonl, `found` says what was hidden in `text`, and the other fields stay, so that an id of
    yours joins what comes out with what went in; a secret is hidden in them, too, also by the name
    of its field.

    What `[[redaction.rules]]` of the settings name is hidden, too.

    Not hidden, so look it over before you share it: a person's name where nothing says that it is
    one (`Dear Anna Schmidt`, but `user=anna` is), a customer's likewise, the names of hosts and
    paths in addresses, towns, ids such as a UUID, dates; and the internet addresses of nobody in
    particular: 127.0.0.1, masks of networks, the public resolvers 1.1.1.1, 8.8.8.8 and 8.8.4.4.
    """
    hide = settings(config).redactor()
    if jsonl:
        for value in stdin.objects("text", form=FORM, remedy=AS_TEXT):
            hidden = hide(value["text"])
            rest = fields.redacted({**value, "text": None}, hide)
            print_json({**rest, "text": hidden.text, "found": list(hidden.found)})
        return
    for line in lines.redacted(stdin.lines(), hide):
        sys.stdout.write(f"{line}\n")
