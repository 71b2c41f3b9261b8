"""Take what people think of explanations, and report what a week of it comes to."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.core import quality
from bot.core.analysis import Analysis, Category
from bot.core.decision import PROGRAM, Decision
from bot.core.quality import Routed, Week
from bot.flows import describe, find
from storage import analyses, decisions, opinions, signatures, tables
from storage.database import Database

WEEK = timedelta(days=7)
REASON_LIMIT = 500
_ACTED = (Decision.CLAIM, Decision.RESOLVE, Decision.MUTE, Decision.REROUTE)


def rate(
    database: Database, short_id: str, *, helps: bool, by: str, now: datetime, reason: str = ""
) -> str:
    """Keep what a person thinks of an explanation, and give back the signature's id.

    Their newest opinion counts. Raises NotFound.
    """
    with database.write() as session:
        signature = find.by_name(session, short_id)
        shown = describe.explained(session, [signature])[signature.id]
        opinions.keep(
            session,
            tables.Opinion(
                signature_id=signature.id,
                by=by,
                at=now,
                helps=helps,
                reason=reason[:REASON_LIMIT],
                analyst=shown.analyst,
                version=shown.version,
                rule=_rule(shown.analysis),
            ),
        )
        return signature.short_id


def week(database: Database, *, now: datetime) -> Week:
    """What people made of the owners and explanations of the last seven days."""
    since = now - WEEK
    with database.read() as session:
        acted = decisions.between(session, since, now, kinds=_ACTED)
        by_people = [one for one in acted if one.by != PROGRAM]
        thought = opinions.between(session, since, now)
        numbers = {one.signature_id for one in by_people} | {one.signature_id for one in thought}
        names = {n: row.short_id for n, row in signatures.get(session, numbers).items()}
        return Week(
            since=since,
            until=now,
            routed=tuple(_routed(session, by_people, names)),
            opinions=tuple(
                quality.Opinion(names[one.signature_id], _source(one), one.helps, one.reason)
                for one in thought
            ),
        )


def _routed(
    session: Session, acted: Sequence[tables.Decision], names: Mapping[int, str]
) -> list[Routed]:
    """Each signature that people acted on, once: by its first reroute, if it had any."""
    first: dict[int, tables.Decision] = {}
    for one in sorted(acted, key=lambda one: (one.kind != Decision.REROUTE, one.id)):
        first.setdefault(one.signature_id, one)
    explained = analyses.by(session, analyses.RULES, first.keys())
    return [
        Routed(
            short_id=names[number],
            category=Category(explained[number].content["category"]),
            rule=_rule(Analysis.from_json(explained[number].content)),
            owner=str(one.before.get("owner", "")),
            moved_to=str(one.after.get("owner", "")) if one.kind == Decision.REROUTE else "",
        )
        for number, one in first.items()
        if number in explained
    ]


def _rule(analysis: Analysis) -> str:
    """The row of the table that decided, without the words that led to it."""
    return analysis.rule.split(" (")[0]


def _source(opinion: tables.Opinion) -> str:
    if opinion.analyst == analyses.RULES:
        return f"the rule “{opinion.rule}”"
    return f"the prompt {opinion.version} with {opinion.analyst}"
