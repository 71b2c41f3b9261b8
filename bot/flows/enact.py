"""Apply a decision: change the signature, write it in the audit trail, update what shows it.

For flows that decide something, on behalf of a person or of the program; they own the transaction.
"""

from datetime import datetime, timedelta
from functools import partial

from sqlmodel import Session

from bot.core.detection import release
from bot.core.ownership import decision
from bot.core.ownership.decision import Decision, Mute, Standing
from bot.errors import Refused
from bot.flows import find
from storage import anomalies, decisions, deploys, merges, outbox, tables
from storage.tables import Signature

KEPT_CURRENT = timedelta(days=14)
"""Messages that are older are not updated: one click must not rewrite a year of digests."""
LONGEST_MERGED = timedelta(days=1)
"""After a longer merge no episode is resumed: windows of detection are no longer than this."""
POSTS = ("digest", "alert", "alerts")
"""The kinds of message that tell people, unasked, what behaves unusually."""


def apply(
    session: Session,
    signature: Signature,
    kind: Decision,
    after: Standing,
    *,
    by: str,
    now: datetime,
    reason: str,
    key: str | None = None,
    undoes: int | None = None,
) -> tables.Decision:
    """Bring the signature to `after`, add the decision to the audit trail, update what shows it."""
    before = find.standing(session, signature)
    _stand(session, signature, after)
    _sync_mute(session, signature.id, before.mute, after.mute, now=now, why=kind.value)
    _sync_merge(session, signature, before.merged_into, after.merged_into, now=now)
    made = decisions.add(
        session,
        tables.Decision(
            signature_id=signature.id,
            kind=kind.value,
            by=by,
            at=now,
            reason=reason,
            key=key,
            undoes=undoes,
            before=decision.as_json(before),
            after=decision.as_json(after),
        ),
    )
    _show(session, signature, made, now=now)
    return made


def _stand(session: Session, signature: Signature, after: Standing) -> None:
    signature.state = after.state.value
    signature.owner, signature.owner_reason = after.owner, after.owner_reason
    signature.owner_decided = after.owner_decided
    signature.assignee, signature.claimed_at = after.assignee, after.claimed_at
    if after.resolved_at and after.resolved_at != signature.resolved_at:
        signature.last_version = ""
    signature.resolved_at, signature.resolved_in = after.resolved_at, after.resolved_in
    session.add(signature)
    session.flush()


def _sync_mute(
    session: Session,
    signature_id: int,
    before: Mute | None,
    after: Mute | None,
    *,
    now: datetime,
    why: str,
) -> None:
    if before == after:
        return
    if before:
        decisions.end_mute(session, signature_id, now=now, why=why)
    if after:
        decisions.begin_mute(
            session,
            tables.Mute(
                signature_id=signature_id,
                by=after.by,
                at=after.at,
                reason=after.reason,
                until=after.until,
                max_events=after.max_events,
                max_customers=after.max_customers,
                total_at_start=after.total_at_start,
                hit_at_start=dict(after.hit_at_start),
                max_factor=after.max_factor,
                daily_at_start=after.daily_at_start,
                wide_id=after.wide,
            ),
        )


def _sync_merge(
    session: Session, signature: Signature, before: str, after: str, *, now: datetime
) -> None:
    if before == after:
        return
    if before:
        outbox.changed(session, merges.root(session, signature).id, since=now - KEPT_CURRENT)
        merges.take_out(session, signature)
        _resume(session, signature.id, now=now)
    if after:
        into = find.named(session, after)
        if signature.id in merges.lineages(session, [into.id])[into.id]:
            raise Refused(f"{after} is itself merged into {signature.short_id}.")
        merges.put_in(session, signature, into, newer=partial(_newer, session, into.service))
        anomalies.end_all(session, signature.id, now=now)
        outbox.changed(session, merges.root(session, into).id, since=now - KEPT_CURRENT)


def _resume(session: Session, signature_id: int, *, now: datetime) -> None:
    """Reopen the episodes that ended because the signature was merged, until it is judged next.

    Not if that was more than a day ago: then nothing says that they went on, and a judgement finds
    anew what does.
    """
    merged_at = next(
        row.at
        for row in decisions.of(session, signature_id)
        if row.after.get("merged_into") and not row.before.get("merged_into")
    )
    if now - merged_at < LONGEST_MERGED:
        anomalies.go_on(session, signature_id, ended_at=merged_at)


def _newer(session: Session, service: str, one: str, other: str) -> str:
    return release.newest((one, other), deploys.began(session, [service], [one, other]))


def _show(session: Session, signature: Signature, made: tables.Decision, *, now: datetime) -> None:
    """Update every message that shows the signature, and add a line to the newest thread."""
    outbox.changed(session, signature.id, since=now - KEPT_CURRENT)
    for message in outbox.parents(session, signature.id)[:1]:
        outbox.add(
            session,
            f"decision:{made.id}:{message.id}",
            channel=message.channel,
            kind="decision",
            content={"decision": made.id},
            now=now,
            thread_of=message.id,
        )
