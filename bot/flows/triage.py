"""Explain each signature by the rules, anew when the rules change, and choose its owner once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot.core.analysis import Analysis, Symptom
from bot.core.ownership.owner import Ownership, Rule, choose
from bot.core.rules import analyse
from bot.core.rules.version import version
from bot.flows import describe
from storage import analyses, sightings, signatures
from storage.database import Database

BATCH = 500
"""So many signatures are written at once: a flood of new ones must not hold the lock."""


@dataclass(frozen=True, slots=True)
class _Explained:
    """The analysis and the owner of one signature."""

    signature_id: int
    analysis: Analysis
    owner: Ownership


def triage(
    database: Database,
    *,
    now: datetime,
    site_rules: Sequence[Rule],
    among: Collection[int] | None = None,
) -> int:
    """Explain every signature without an owner, or those of them `among` some, and choose its
    owner.

    Gives back how many. All is worked out on a snapshot, and written in short transactions.
    """
    done = last = 0
    while explained := _explain(database, after=last, among=among, site_rules=site_rules):
        _keep(database, explained, now=now)
        done += len(explained)
        last = explained[-1].signature_id
    return done


def _explain(
    database: Database, *, after: int, among: Collection[int] | None, site_rules: Sequence[Rule]
) -> list[_Explained]:
    with database.read() as session:
        waiting = signatures.untriaged(session, after=after, limit=BATCH, among=among)
        symptoms = describe.symptoms(session, waiting)
        hit = sightings.customers_of(session, list(symptoms))
    return [
        _explained(number, symptom, rules=site_rules, customers=hit[number])
        for number, symptom in symptoms.items()
    ]


def _explained(
    signature_id: int, symptom: Symptom, *, rules: Sequence[Rule], customers: Collection[str]
) -> _Explained:
    analysis = analyse(symptom)
    return _Explained(
        signature_id, analysis, choose(symptom, analysis, rules=rules, customers=customers)
    )


def renew(database: Database, *, now: datetime) -> int:
    """Explain anew what rules of another version explained, at most a batch; gives back how many.

    Owners stay the same: people were told of them, and go by that.
    """
    with database.read() as session:
        outdated = analyses.outdated(session, version(), limit=BATCH)
        symptoms = describe.symptoms(session, signatures.get(session, outdated).values())
    if not symptoms:
        return 0
    with database.write() as session:
        _explain_by_rules(
            session, {at: analyse(symptom) for at, symptom in symptoms.items()}, now=now
        )
    return len(symptoms)


def _explain_by_rules(session: Session, given: Mapping[int, Analysis], *, now: datetime) -> None:
    analyses.keep(
        session,
        {number: analysis.as_json() for number, analysis in given.items()},
        analyst=analyses.RULES,
        version=version(),
        now=now,
    )


def _keep(database: Database, explained: Sequence[_Explained], *, now: datetime) -> None:
    with database.write() as session:
        _explain_by_rules(session, {one.signature_id: one.analysis for one in explained}, now=now)
        signatures.assign(
            session,
            [
                signatures.Assignment(one.signature_id, one.owner.team, one.owner.reason)
                for one in explained
            ],
        )
