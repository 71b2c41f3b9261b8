"""`triage analyze`."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from bot.cli import stdin
from bot.cli.options import ConfigFile, plain, settings
from bot.cli.output import complain, print_json
from bot.core import rules
from bot.core.analysis import Case
from bot.core.owner import Rule, choose

app = plain()
FORM = '{"id": …, "message": …}'


@app.command(epilog="""Example: echo '{"message": "disk full"}' | triage analyze""")
def analyze(
    _rules: Annotated[
        bool, typer.Option("--rules", help="By tables of rules: always so; this changes nothing.")
    ] = True,
    _jsonl: Annotated[
        bool, typer.Option("--jsonl", help="As JSON lines: always so; this changes nothing.")
    ] = True,
    config: ConfigFile = None,
) -> None:
    """Say what each message on stdin means and whose it is.

    Takes an object a line: message, and service, error_type, stack and id where they are known.
    `[[owners]]` of the settings decide whose it is.
    """
    site_rules = settings(config).owner_rules
    given = None
    for given in stdin.objects("message", form=FORM):
        print_json(_analyzed(given, site_rules))
    if given is None:
        complain(f"Nothing came in on stdin: pipe in a line {FORM} for each error.")


def _analyzed(given: dict[str, Any], site_rules: Sequence[Rule]) -> dict[str, Any]:
    case = Case(
        service=str(given.get("service", "")),
        title=given["message"],
        template=given["message"],
        error_type=str(given.get("error_type", "")),
        message=given["message"],
        stack=str(given.get("stack", "")),
    )
    analysis = rules.analyse(case)
    return {
        "id": given.get("id"),
        "category": analysis.category.value,
        "owner": choose(case, analysis, rules=site_rules, decided=None).team,
        "severity": analysis.severity.value,
        "confidence": analysis.confidence.value,
        "summary": analysis.summary,
    }
