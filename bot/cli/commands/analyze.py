"""`triage analyze`."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from bot.cli import stdin
from bot.cli.options import ConfigFile, plain, settings
from bot.cli.output import complain, print_json
from bot.core import rules
from bot.core.analysis import Symptom
from bot.core.ownership.owner import Rule, choose
from bot.core.redaction import Redactor

app = plain()
FORM = '{"id": …, "message": …}'
AS_JSON = "Plain text becomes that by: jq -Rc '{message: .}'"


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
    `[[owners]]` of the settings decide whose it is. Secrets and personal data are hidden first, as
    the bot hides them. A line that is none is told on stderr, and passed over; then it ends with 1.
    """
    site = settings(config)
    site_rules, hide = site.owner_rules, site.redactor()
    given = None
    for given in stdin.objects("message", form=FORM, remedy=AS_JSON):
        print_json(_analyzed(given, site_rules, hide))
    if given is None:
        complain(f"Nothing came in on stdin: pipe in a line {FORM} for each error.")


def _analyzed(given: dict[str, Any], site_rules: Sequence[Rule], hide: Redactor) -> dict[str, Any]:
    message = hide(given["message"]).text
    symptom = Symptom(
        service=hide(str(given.get("service", ""))).text,
        title=message,
        template=message,
        error_type=hide(str(given.get("error_type", ""))).text,
        message=message,
        stack=hide(str(given.get("stack", ""))).text,
    )
    analysis = rules.analyse(symptom)
    return {
        "id": given.get("id"),
        "category": analysis.category.value,
        "owner": choose(symptom, analysis, rules=site_rules, decided=None).team,
        "severity": analysis.severity.value,
        "confidence": analysis.confidence.value,
        "summary": analysis.summary,
    }
