"""Explain each signature once and choose its owner."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from bot.core import owner, rules
from bot.flows import look
from storage import analyses, sightings, signatures
from storage.database import Database
from storage.tables import Signature

RULES_VERSION = "r1"
"""Of the tables in `bot.core.rules`; stored with each analysis they gave."""
BATCH = 500
"""How many signatures one transaction explains: a flood of new ones must not hold the lock."""


def triage(database: Database, *, now: datetime, site_rules: Sequence[owner.Rule]) -> int:
    """Explain every signature that has no owner yet and choose one; gives back how many."""
    done = 0
    while True:
        with database.write() as session:
            waiting = signatures.untriaged(session, limit=BATCH)
            for signature in waiting:
                _explain(session, signature, now=now, site_rules=site_rules)
        done += len(waiting)
        if len(waiting) < BATCH:
            return done


def _explain(
    session: Session, signature: Signature, *, now: datetime, site_rules: Sequence[owner.Rule]
) -> None:
    case = look.case_of(session, signature)
    analysis = rules.analyse(case)
    analyses.keep(
        session,
        signature.id,
        analyst="rules",
        version=RULES_VERSION,
        now=now,
        content=analysis.as_json(),
    )
    hit = sightings.customers_since(session, signature.id, hour=0)
    chosen = owner.choose(case, analysis, rules=site_rules, customers=hit)
    signatures.assign(session, signature.id, owner=chosen.team, reason=chosen.reason)
