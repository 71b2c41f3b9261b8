"""Read the audit trail: what was decided on a signature, and what was merged into it."""

from sqlmodel import Session

from bot.core.ownership import decision
from bot.core.ownership.decision import Decision
from bot.core.ownership.trail import Decided, Merged, sentence
from storage import decisions, merges, tables
from storage.tables import Signature


def line(row: tables.Decision, *, it: str = "it") -> Decided:
    """A decision as people read it; `it` is what a merge calls the signature."""
    after = decision.from_json(row.after)
    said = sentence(row.kind, row.by, reason=row.reason, after=after, it=it)
    return Decided(row.id, row.kind, row.by, row.at, row.reason, said)


def trail(session: Session, signature: Signature) -> tuple[Decided, ...]:
    """Every decision on a signature, and how each of its cases was merged; the newest first."""
    cases = {case.id: case.short_id for case in merges.cases(session, signature.id)}
    merged = decisions.newest_of(session, cases, Decision.MERGE)
    rows = [line(row) for row in decisions.of(session, signature.id)]
    rows += [line(row, it=cases[number]) for number, row in merged.items()]
    return tuple(sorted(rows, key=lambda row: row.id, reverse=True))


def merged(session: Session, signature: Signature) -> tuple[Merged, ...]:
    """What is merged into a signature, the latest first."""
    cases = {case.id: case for case in merges.cases(session, signature.id)}
    made = decisions.newest_of(session, cases, Decision.MERGE)
    latest_first = sorted(made.items(), key=lambda item: item[1].id, reverse=True)
    return tuple(
        Merged(
            short_id=cases[number].short_id,
            total=cases[number].total,
            at=row.at,
            by=row.by,
            reason=row.reason,
            title=cases[number].title,
        )
        for number, row in latest_first
    )
