"""`triage eval`."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.asking import examiner, writer
from bot.cli import opened, options
from bot.cli.options import ConfigFile, DatabaseUrl, plain, settings
from bot.core import evaluation
from bot.core.evaluation import Suite
from bot.errors import TriageError
from bot.flows import evaluate
from bot.flows.evaluate import Examined, Name
from bot.settings import Settings

app = plain()

MOST_LIVE = 24
"""Three times each this is about a dollar at the strong model's list price."""
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
    live: Annotated[
        bool, typer.Option("--live", help="Ask the model of the settings, too: it costs money.")
    ] = False,
    model: Annotated[
        str, typer.Option("--model", help="Ask this one [default: the strong one].")
    ] = "",
    most: Annotated[
        int, typer.Option("--most", min=1, help="So many cases, three times each, are asked.")
    ] = MOST_LIVE,
    db: DatabaseUrl = None,
    config: ConfigFile = None,
) -> None:
    """Hold analyses against cases judged by people, and print a report in Markdown.

    Ends with status 1 where a gate fails. Only --live asks a model, within the budget.
    """
    given = settings(config, db)
    write = writer(given.redactor(), version=version)
    among = evaluate.examined(write, _lines(cases) if cases else None)
    names = [suite] if suite else list(_SUITES)
    suites = [_SUITES[name](among) for name in names if name is not Name.LIVE]
    if live or suite is Name.LIVE:
        suites.append(_live(given, among, model or given.llm.strong, most))
    sys.stdout.write(evaluation.report(suites))
    if evaluate.failed(suites):
        raise typer.Exit(1)


def _live(given: Settings, among: Examined, model: str, most: int) -> Suite:
    """What a model says now; the ledger of the database keeps it within the budget."""
    with opened.database(given) as database:
        ask = examiner(given, database, name=model, clock=options.now)
        return evaluate.live(among, ask, model=model, most=most)


def _lines(path: Path) -> list[Any]:
    """Raises TriageError where one is no JSON."""
    try:
        return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    except ValueError as error:
        raise TriageError(f"{path} is not JSON lines in UTF-8: {error}") from error
