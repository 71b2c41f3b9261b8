"""`triage eval`."""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from bot.asking import examiner, foresee, prompt_name, writer
from bot.cli import opened, options
from bot.cli.options import ConfigFile, DatabaseUrl, plain, settings
from bot.core.asking import difference, evaluation
from bot.core.asking.evaluation import Case, Result, Suite
from bot.errors import TriageError
from bot.flows import evaluate
from bot.flows.evaluate import Examined, Name, Record
from bot.settings import Settings

app = plain()

MOST_LIVE = 12
"""Three times each this is about half a dollar at the strong model's list price: it fits the hour
of the default budget."""
_SUITES = {
    Name.RULES: evaluate.by_rules,
    Name.RECORDED: evaluate.by_record,
    Name.INJECTION: evaluate.under_attack,
}
_EXAMPLES = """Example: triage eval --suite rules

A change of the prompt is a new version, prompts/analysis/2. What it makes better and worse:

triage eval --live --prompt 2 --against 1 --record both.jsonl

triage eval --prompt 2 --against 1 --suite recorded --answers both.jsonl"""


Only = Annotated[
    Name | None, typer.Option("--suite", help="Only this one [default: all but live].")
]
Version = Annotated[
    str, typer.Option("--prompt", help="A version of the prompt [default: the current one].")
]
Against = Annotated[
    str, typer.Option("--against", help="Also under this one, with what differs, case by case.")
]
Cases = Annotated[
    Path | None,
    typer.Option("--cases", help="Judged errors as JSON lines [default: those that ship]."),
]
Answers = Annotated[
    Path | None, typer.Option("--answers", help="Answers on record [default: those that ship].")
]
Live = Annotated[
    bool, typer.Option("--live", help="Ask the model of the settings, too: it costs money.")
]
Model = Annotated[str, typer.Option("--model", help="Ask this one [default: the strong one].")]
Most = Annotated[
    int, typer.Option("--most", min=1, help="So many cases, three times each, are asked.")
]
Recording = Annotated[
    Path | None,
    typer.Option("--record", help="With --live: put the answers on record in a new file."),
]


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What was asked for on the command line."""

    suite: Name | None
    cases: Sequence[Any] | None
    answers: Sequence[Any] | None
    live: bool
    model: str
    most: int

    @property
    def asks(self) -> bool:
        """Whether a model is asked."""
        return self.live or self.suite is Name.LIVE


@app.command("eval", epilog=_EXAMPLES)
def run(
    suite: Only = None,
    version: Version = "",
    against: Against = "",
    cases: Cases = None,
    answers: Answers = None,
    live: Live = False,
    model: Model = "",
    most: Most = MOST_LIVE,
    record: Recording = None,
    db: DatabaseUrl = None,
    config: ConfigFile = None,
) -> None:
    """Hold analyses against cases judged by people, and print a report in Markdown.

    Ends with status 1 where a gate of the chosen prompt fails; that of --against is only compared.
    Only --live asks a model: it says first what that takes, asks nothing where the budget has less
    left, and stops where a question is not answered. The suites: `rules` (no model), `recorded`
    (answers on record, each with who gave it and when), `injection` (attacks, and a model that
    obeys them), `live` (the model as it answers now). The rules are held to what is shown; a model
    to the category and severity that it gives itself, whatever is shown of them, and to quotes,
    names and numbers that stand in the evidence.
    """
    given = settings(config, db)
    chosen = _Chosen(
        suite,
        _lines(cases, Case.from_json) if cases else None,
        _lines(answers, Record.from_json) if answers else None,
        live,
        model or given.llm.strong,
        most,
    )
    if record and not chosen.asks:
        raise TriageError("--record keeps what a model answers: ask one, with --live.")
    if chosen.asks:
        _foretell(given, chosen, [version, against] if against else [version])
    if record:
        _reserve(record)
    suites = _examine(given, chosen, version, record=record)
    compared: Sequence[str] = ()
    if against:
        before = _examine(given, chosen, against, record=record)
        old, new = prompt_name(against), prompt_name(version)
        compared = difference.sections(before, suites, old=old, new=new)
    sys.stdout.write(evaluation.report(suites, compared=compared))
    if evaluate.failed(suites):
        raise typer.Exit(1)


def _foretell(given: Settings, chosen: _Chosen, versions: Sequence[str]) -> None:
    """Say what asking will cost before it does; raises TriageError where there is not enough
    money."""
    with opened.database(given) as database:
        asks = [
            prompt
            for version in versions
            for prompt in evaluate.questions(_among(given, chosen, version), most=chosen.most)
        ]
        foreseen = foresee(given, database, asks, name=chosen.model, now=options.now())
    sys.stderr.write(f"{foreseen.said}\n")
    if foreseen.refusal:
        raise TriageError(f"Nothing was asked: {foreseen.refusal}.")


def _examine(given: Settings, chosen: _Chosen, version: str, *, record: Path | None) -> list[Suite]:
    """The chosen suites under a version of the prompt. A model's comes last, and is put on record
    if `record` names a file."""
    among = _among(given, chosen, version)
    wanted = [chosen.suite] if chosen.suite else list(_SUITES)
    suites = [_SUITES[one](among) for one in wanted if one is not Name.LIVE]
    return [*suites, _live(given, among, chosen, record=record)] if chosen.asks else suites


def _among(given: Settings, chosen: _Chosen, version: str) -> Examined:
    """The cases, under a version of the prompt."""
    name, write = prompt_name(version), writer(given.redactor(), version=version)
    return evaluate.examined(write, chosen.cases, prompt=name, records=chosen.answers)


def _live(given: Settings, among: Examined, chosen: _Chosen, *, record: Path | None) -> Suite:
    """The suite of what a model says now. Each answer is put on record as soon as it is paid for;
    the database's ledger keeps it within the budget."""

    def keep(result: Result) -> None:
        said = evaluate.recorded(result, prompt=among.prompt, model=chosen.model, now=options.now())
        if record and said:
            _keep(record, said)

    with opened.database(given) as database:
        ask = examiner(given, database, name=chosen.model, clock=options.now)
        return evaluate.live(among, ask, model=chosen.model, most=chosen.most, hear=keep)


def _reserve(file: Path) -> None:
    """Create the file before anything is paid for; raises TriageError where it is there already, or
    cannot be created."""
    try:
        file.touch(exist_ok=False)
    except OSError as error:
        raise TriageError(f"Nothing was asked: {file} cannot be made: {error.strerror}.") from error


def _keep(file: Path, said: Record) -> None:
    with file.open("a", encoding="utf-8") as out:
        out.write(json.dumps(said.as_json(), ensure_ascii=False) + "\n")


def _lines(path: Path, read: Callable[[Any], object]) -> list[Any]:
    """The values of a file's lines; raises TriageError, which names the first line that `read`
    refuses."""
    try:
        lines = path.read_text("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise TriageError(f"{path} is not UTF-8: {error}") from error
    return [
        _value(line, read, f"{path}, line {n}") for n, line in enumerate(lines, 1) if line.strip()
    ]


def _value(line: str, read: Callable[[Any], object], where: str) -> Any:
    try:
        value = json.loads(line)
        read(value)
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise TriageError(f"{where}: {_wrong(error)}.") from error
    return value


def _wrong(error: Exception) -> str:
    match error:
        case KeyError():
            return f"{error} is missing"
        case ValidationError():
            first = error.errors(include_input=False, include_url=False)[0]
            return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        case ValueError():
            return str(error)
        case _:
            return "it is no object, or one of its values is of the wrong kind"
