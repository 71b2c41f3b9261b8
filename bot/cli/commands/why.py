"""`triage why`."""

import sys
from dataclasses import asdict
from typing import Annotated, Any

import typer

from bot.cli import opened, options
from bot.cli.options import AsJson, ConfigFile, DatabaseUrl, Moment, plain, settings
from bot.cli.output import print_json
from bot.core.detection.finding import Finding
from bot.core.telling import priority
from bot.core.telling.digest import Card
from bot.flows import recount
from bot.flows.recount import Reasons, Recount, Unusual, as_stored
from bot.terminal import recounts

app = plain()


@app.command(epilog="Example: triage why E-7K2 --now 2026-11-18T09:00Z")
def why(
    short_id: Annotated[
        str, typer.Argument(metavar="ID", help="Of a signature: E-7K2, 7k2.", show_default=False)
    ] = "",
    now: Moment = None,
    db: DatabaseUrl = None,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Say why a signature is or was unusual, or the most urgent of late.

    Its priority, and what that is made of. Then each time it was called out, the newest first, with
    its numbers: what was counted in which window, what is usual, from which count on it fires and
    how that came about. They are counted again from what is stored, by the thresholds of today;
    where that gives something else, both are shown. Without ID the three most urgent that are
    unusual or that `triage digest` lists, each with what is so now. On Slack: `/triage why`.

    \b
    With --json an object: id, service, title, at, priority (score, and parts: name,
    points, reason), findings (kind, reason, receipt) at that moment, and episodes:
    kind, reason, receipt, opened_at, closed_at, counted_at, recounted (reason,
    receipt; null where it is as usual), same. Without ID: unusual (how many are), and
    first (such an object for each of the most urgent).
    """
    chosen, at = settings(config, db), options.as_of(now)
    rules = chosen.detection.rules
    with opened.existing(chosen) as database:
        if not short_id:
            _tell(recount.most_urgent(database, now=at, rules=rules), as_json=json)
            return
        found = recount.why(database, short_id, now=at, rules=rules)
    if json:
        print_json(_as_object(found))
    else:
        sys.stdout.write(recounts.reasons(found))


def _tell(found: Unusual, *, as_json: bool) -> None:
    if as_json:
        print_json({"unusual": found.total, "first": [_as_object(one) for one in found.first]})
    else:
        sys.stdout.write(recounts.unusual(found))


def _as_object(found: Reasons) -> dict[str, Any]:
    return {
        "id": found.card.short_id,
        "service": found.card.service,
        "title": found.card.title,
        "at": found.card.as_of.isoformat(),
        "priority": _priority(found.card),
        "findings": [{"kind": one.kind.value, **_finding(one)} for one in found.findings],
        "episodes": [_episode(one) for one in found.recounts],
    }


def _priority(card: Card) -> dict[str, Any]:
    found = priority.of(card)
    return {"score": found.score, "parts": [asdict(part) for part in found.parts]}


def _episode(one: Recount) -> dict[str, Any]:
    episode = one.episode
    return {
        "kind": episode.kind.value,
        "reason": episode.reason,
        "receipt": episode.receipt,
        "opened_at": episode.opened_at.isoformat(),
        "closed_at": episode.closed_at.isoformat() if episode.closed_at else None,
        "counted_at": one.at.isoformat(),
        "recounted": _finding(one.found) if one.found else None,
        "same": one.is_same,
    }


def _finding(one: Finding) -> dict[str, Any]:
    return {"reason": one.reason, "receipt": as_stored(one)}
