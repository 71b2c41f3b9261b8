"""`triage signatures`."""

import sys
from typing import Annotated

import typer

from bot.cli import options, stdin
from bot.cli.explained import explained, explained_exception
from bot.cli.options import ConfigFile, plain, settings
from bot.cli.output import print_json, say
from bot.core.event import Event, Severity
from bot.core.redaction import Redactor
from bot.core.signing import explanation, signature
from bot.sources import mapping, text, wrapping
from bot.sources.records import Record, Writers

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
    any of these, the error goes by another id in the database. `triage show` takes that. Only
    --explain puts the lines of a trace together, too.
    """
    redact = settings(config).redactor()
    if explain:
        _explain(redact)
        return
    for line in stdin.lines():
        signed = signature.of_line(line, redact)
        short_id = signature.short_id(signed.fingerprint)
        if jsonl:
            facts = {"fingerprint": signed.fingerprint, "id": short_id}
            print_json({**facts, "template": signed.template})
        else:
            say(signed.fingerprint if ids else f"{short_id}  {signed.template}")


def _explain(redact: Redactor) -> None:
    """Print why each line, or each error of several lines, has its signature."""
    now, records = options.now(), Writers(quiet_below=Severity.ERROR)
    done: list[Record] = []
    for number, line in enumerate(stdin.lines(), 1):
        done += records.feed(number, wrapping.unwrap(line), now)
        before = min(records.open_lines(), default=number + 1)
        done = _explained_to(before, done, redact)
    _explained_to(sys.maxsize, [*done, *records.flush()], redact)


def _explained_to(before: int, done: list[Record], redact: Redactor) -> list[Record]:
    """Print the records that begin before a line; gives back the others, which wait for one that is
    open."""
    for record in sorted(done, key=lambda record: record.line):
        if record.line < before:
            _explain_one(record, redact)
    return [record for record in done if record.line >= before]


def _explain_one(record: Record, redact: Redactor) -> None:
    found = text.event(record, _NOBODY, minimum=Severity.DEBUG, is_picked=True)
    raised = explanation.of_event(found, redact) if isinstance(found, Event) else None
    if raised and len(record.lines) > 1:
        sys.stdout.write(explained_exception(raised))
    else:
        sys.stdout.write(explained(explanation.of(record.text, redact)))


_NOBODY = mapping.Identity("stdin", str)
