"""Read the audit trail: what was decided on a signature, and what was merged into it."""

from sqlmodel import Session

from bot.core import decision
from bot.core.decision import Decision
from bot.core.trail import Decided, sentence
from storage import decisions, merges, tables
from storage.tables import Signature


def line(row: tables.Decision, *, it: str = "it") -> Decided:
    """A decision as people read it."""
    after = decision.from_json(row.after)
    said = sentence(row.kind, row.by, reason=row.reason, after=after, it=it)
    return Decided(row.id, row.kind, row.by, row.at, row.reason, said)


def trail(session: Session, signature: Signature) -> tuple[Decided, ...]:
    """Every decision on a signature and every merge into it, the newest first."""
    rows = [line(row) for row in decisions.of(session, signature.id)]
    for case in merges.cases(session, signature.id):
        made = decisions.of(session, case.id)
        rows += [line(row, it=case.short_id) for row in made if row.kind == Decision.MERGE]
    return tuple(sorted(rows, key=lambda row: row.id, reverse=True))
