"""Carry out what people decide: one short transaction each, audited, undoable, shown everywhere.

Each function takes the short id and who asks, and gives back the outcome. `key` names the click it
came from: delivered twice, it decides once. They raise NotFound for an id nobody has, Refused (or
Taken) where the decision does not apply.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.core import decision
from bot.core.anomaly import Kind
from bot.core.baseline import hour_of
from bot.core.decision import PROGRAM, Decision, Mute, Standing
from bot.core.digest import Card
from bot.errors import Refused, Taken
from bot.flows import look
from storage import anomalies, decisions, outbox, sightings, tables
from storage.database import Database
from storage.tables import Signature

KEPT_CURRENT = timedelta(days=14)
"""Older messages stay as they are: one click must not rewrite a year of digests."""

Change = Callable[[Standing, Signature], Standing]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The signature after a decision, the sentence that says what was decided, and its number."""

    card: Card
    sentence: str
    decision_id: int


def claim(
    database: Database,
    short_id: str,
    *,
    by: str,
    now: datetime,
    key: str | None = None,
    take_over: bool = False,
) -> Outcome:
    """It is `by`'s. Raises Taken when somebody else has it and `take_over` is not said."""

    def change(standing: Standing, _: Signature) -> Standing:
        return decision.claim(standing, by, now=now, take_over=take_over)

    return _decide(database, short_id, Decision.CLAIM, change, by=by, now=now, key=key)


def release(
    database: Database, short_id: str, *, by: str, now: datetime, key: str | None = None
) -> Outcome:
    """Nobody's again."""

    def change(standing: Standing, _: Signature) -> Standing:
        return decision.release(standing, by)

    return _decide(database, short_id, Decision.RELEASE, change, by=by, now=now, key=key)


def reroute(
    database: Database,
    short_id: str,
    *,
    team: str,
    by: str,
    now: datetime,
    reason: str = "",
    key: str | None = None,
) -> Outcome:
    """Another team's from now on, whatever the rules would say."""

    def change(standing: Standing, _: Signature) -> Standing:
        return decision.reroute(standing, team, reason=reason or f"rerouted on {now:%d %b}")

    return _decide(
        database, short_id, Decision.REROUTE, change, by=by, now=now, key=key, reason=reason
    )


def mute(
    database: Database,
    short_id: str,
    *,
    by: str,
    now: datetime,
    reason: str,
    until: datetime | None,
    max_events: int = 0,
    max_customers: int = 0,
    key: str | None = None,
) -> Outcome:
    """Noise until `until` (None: until somebody ends it), or until a tripwire is touched."""

    def change(standing: Standing, signature: Signature) -> Standing:
        muting = Mute(
            reason=reason,
            by=by,
            at=now,
            until=until,
            max_events=max_events,
            max_customers=max_customers,
            total_at_start=signature.total,
        )
        return decision.mute(standing, muting)

    return _decide(
        database, short_id, Decision.MUTE, change, by=by, now=now, key=key, reason=reason
    )


def unmute(
    database: Database, short_id: str, *, by: str, now: datetime, key: str | None = None
) -> Outcome:
    """Not noise after all."""

    def change(standing: Standing, _: Signature) -> Standing:
        return decision.unmute(standing)

    return _decide(database, short_id, Decision.UNMUTE, change, by=by, now=now, key=key)


def resolve(
    database: Database,
    short_id: str,
    *,
    by: str,
    now: datetime,
    version: str = "",
    key: str | None = None,
) -> Outcome:
    """Mended, as of now or as of a release."""

    def change(standing: Standing, _: Signature) -> Standing:
        return decision.resolve(standing, now=now, version=version)

    return _decide(database, short_id, Decision.RESOLVE, change, by=by, now=now, key=key)


def reopen(
    database: Database, short_id: str, *, by: str, now: datetime, key: str | None = None
) -> Outcome:
    """Not mended after all."""

    def change(standing: Standing, _: Signature) -> Standing:
        return decision.reopen(standing)

    return _decide(database, short_id, Decision.REOPEN, change, by=by, now=now, key=key)


def undo(
    database: Database,
    *,
    by: str,
    now: datetime,
    short_id: str | None = None,
    decision_id: int | None = None,
    key: str | None = None,
) -> Outcome:
    """What stood before `by`'s latest decision, or before the one named, stands again.

    Raises Refused when there is none, when it is somebody else's, or when something was decided
    on the signature since.
    """
    with database.write() as session:
        repeated = decisions.by_key(session, key) if key else None
        if repeated:
            return _outcome(session, repeated, now=now)
        undone = _to_undo(session, by=by, short_id=short_id, decision_id=decision_id)
        signature = look.by_number(session, undone.signature_id)
        made = _apply(
            session,
            signature,
            Decision.UNDO,
            decision.from_json(undone.before),
            by=by,
            now=now,
            key=key,
            reason=f"undid {undone.kind}",
            undoes=undone.id,
        )
        return _outcome(session, made, now=now)


def settle(database: Database, *, now: datetime) -> int:
    """What time and events decide: mutes that are over end, resolved ones that are back reopen.

    Gives back how many.
    """
    with database.write() as session:
        return _end_mutes(session, now) + _reopen_returned(session, now)


def _decide(
    database: Database,
    short_id: str,
    kind: Decision,
    change: Change,
    *,
    by: str,
    now: datetime,
    key: str | None,
    reason: str = "",
) -> Outcome:
    with database.write() as session:
        repeated = decisions.by_key(session, key) if key else None
        if repeated:
            return _outcome(session, repeated, now=now)
        signature = look.by_name(session, short_id)
        before = look.standing(session, signature)
        try:
            after = change(before, signature)
        except Taken as taken:
            _came_too_late(session, signature, before, kind=kind, by=by, now=now, key=key)
            too_late = taken
        else:
            made = _apply(session, signature, kind, after, by=by, now=now, key=key, reason=reason)
            return _outcome(session, made, now=now)
    raise too_late


def _came_too_late(
    session: Session,
    signature: Signature,
    standing: Standing,
    *,
    kind: Decision,
    by: str,
    now: datetime,
    key: str | None,
) -> None:
    """The audit trail knows who tried; nothing else changes."""
    kept = decision.as_json(standing)
    decisions.add(
        session,
        tables.Decision(
            signature_id=signature.id,
            kind=Decision.TOO_LATE.value,
            by=by,
            at=now,
            reason=kind.value,
            key=key,
            before=kept,
            after=kept,
        ),
    )


def _apply(
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
    """Bring the signature to where the decision leaves it, write it down, and have it shown."""
    before = look.standing(session, signature)
    _stand(session, signature, after)
    _sync_mute(session, signature.id, before.mute, after.mute, now=now, why=kind.value)
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
            ),
        )


def _show(session: Session, signature: Signature, made: tables.Decision, *, now: datetime) -> None:
    """Every message that shows the signature is updated; the newest thread gets one line."""
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


def _outcome(session: Session, made: tables.Decision, *, now: datetime) -> Outcome:
    """What came of a decision, now or when it was delivered before. Raises Taken as it did then."""
    if made.kind == Decision.TOO_LATE:
        then = decision.from_json(made.after)
        raise Taken("Somebody was faster.", by=then.assignee, at=then.claimed_at or made.at)
    signature = look.by_number(session, made.signature_id)
    return Outcome(
        card=look.card_of(session, signature, now=now),
        sentence=look.sentence(made),
        decision_id=made.id,
    )


def _to_undo(
    session: Session, *, by: str, short_id: str | None, decision_id: int | None
) -> tables.Decision:
    if decision_id is not None:
        wanted = decisions.get(session, decision_id)
    else:
        signature_id = look.by_name(session, short_id).id if short_id else None
        wanted = decisions.undoable(
            session, by, without=Decision.TOO_LATE, signature_id=signature_id
        )
    if wanted is None or wanted.kind == Decision.TOO_LATE:
        raise Refused("There is nothing of yours to undo.")
    if wanted.by != by:
        raise Refused("That was somebody else's decision; only they can undo it.")
    newest = decisions.of(session, wanted.signature_id, without=Decision.TOO_LATE)[0]
    if newest.undoes == wanted.id:
        raise Refused("That is undone already.")
    if newest.id != wanted.id:
        raise Refused(f"Something was decided since: {look.sentence(newest)}.")
    return wanted


def _end_mutes(session: Session, now: datetime) -> int:
    ended = 0
    for number, row in decisions.mutes(session).items():
        signature = look.by_number(session, number)
        before = look.standing(session, signature)
        if before.mute is None:
            continue
        hit = sightings.customers_since(session, number, hour=hour_of(row.at) + 1)
        why = decision.trip(before.mute, now=now, total=signature.total, customers=len(hit))
        if why:
            after = decision.unmute(before)
            _apply(session, signature, Decision.UNMUTE, after, by=PROGRAM, now=now, reason=why)
            ended += 1
    return ended


def _reopen_returned(session: Session, now: datetime) -> int:
    reopened = 0
    for episode in anomalies.still_open(session):
        signature = look.by_number(session, episode.signature_id)
        if episode.kind == Kind.BACK and _returned(signature, episode):
            after = decision.reopen(look.standing(session, signature))
            _apply(
                session,
                signature,
                Decision.REOPEN,
                after,
                by=PROGRAM,
                now=now,
                reason=episode.reason,
            )
            reopened += 1
    return reopened


def _returned(signature: Signature, episode: tables.Anomaly) -> bool:
    """Whether it was seen since it was resolved, and that was judged; an episode may be older."""
    resolved_at = signature.resolved_at
    return resolved_at is not None and min(signature.last_seen, episode.updated_at) > resolved_at
