"""`triage eval`."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.asking import writer
from bot.cli.options import ConfigFile, plain, settings
from bot.core import evaluation
from bot.errors import TriageError
from bot.flows import evaluate
from bot.flows.evaluate import Name

app = plain()

_SUITES = {
    Name.RULES: evaluate.by_rules,
    Name.RECORDED: evaluate.by_record,
    Name.INJECTION: evaluate.under_attack,
}


@app.command("eval", epilog="Example: triage eval --suite rules")
def run(
    suite: Annotated[
        Name | None, typer.Option("--suite", help="Only this one [default: all but live].")
    ] = None,
    version: Annotated[
        str, typer.Option("--prompt", help="A version of the prompt [default: the current one].")
    ] = "",
    cases: Annotated[
        Path | None,
        typer.Option("--cases", help="Judged errors as JSON lines [default: those that ship]."),
    ] = None,
    config: ConfigFile = None,
) -> None:
    """Hold analyses against cases judged by people, and print a report in Markdown.

    Ends with status 1 where a gate fails.
    """
    write = writer(settings(config).redactor(), version=version)
    among = evaluate.examined(write, _lines(cases) if cases else None)
    names = [suite] if suite else list(_SUITES)
    suites = [_SUITES[name](among) for name in names]
    sys.stdout.write(evaluation.report(suites))
    if evaluate.failed(suites):
        raise typer.Exit(1)


def _lines(path: Path) -> list[Any]:
    """Raises TriageError where one is no JSON."""
    try:
        return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    except ValueError as error:
        raise TriageError(f"{path} is not JSON lines in UTF-8: {error}") from error
