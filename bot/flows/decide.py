"""Carry out what people decide: one short transaction each, audited, undoable, shown everywhere.

Each function takes the short id and who asks, and gives back the outcome. `key` names the click it
came from: delivered twice, it decides once. They raise NotFound for an id nobody has, Refused (or
Taken) where the decision does not apply.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot.core import anomaly, decision
from bot.core.anomaly import Kind
from bot.core.baseline import hour_of
from bot.core.decision import PROGRAM, Decision, Mute, Standing
from bot.core.digest import Card
from bot.errors import Refused, Taken
from bot.flows import audit, describe, enact, find
from storage import anomalies, decisions, merges, outbox, sightings, tables
from storage.database import Database
from storage.tables import Signature

NAMED = 10
"""How many of the signatures merged into one an answer names."""

Change = Callable[[Standing, Signature, Session], Standing]


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

    def change(standing: Standing, *_: object) -> Standing:
        return decision.claim(standing, by, now=now, take_over=take_over)

    return _decide(database, short_id, Decision.CLAIM, change, by=by, now=now, key=key)


def release(
    database: Database, short_id: str, *, by: str, now: datetime, key: str | None = None
) -> Outcome:
    """Nobody's again."""

    def change(standing: Standing, *_: object) -> Standing:
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
    channel: str = "",
) -> Outcome:
    """Another team's from now on, whatever the rules would say.

    Where the team has a `channel`, it gets the card there.
    """

    def change(standing: Standing, *_: object) -> Standing:
        return decision.reroute(standing, team, reason=reason or f"rerouted on {now:%d %b}")

    outcome = _decide(
        database, short_id, Decision.REROUTE, change, by=by, now=now, key=key, reason=reason
    )
    if channel:
        _hand_on(database, outcome, channel=channel, now=now)
    return outcome


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

    def change(standing: Standing, signature: Signature, session: Session) -> Standing:
        hit = sightings.customers_since(session, signature.id, hour=hour_of(now))
        muting = Mute(
            reason=reason,
            by=by,
            at=now,
            until=until,
            max_events=max_events,
            max_customers=max_customers,
            total_at_start=signature.total,
            hit_at_start=hit,
        )
        return decision.mute(standing, muting)

    return _decide(
        database, short_id, Decision.MUTE, change, by=by, now=now, key=key, reason=reason
    )


def unmute(
    database: Database, short_id: str, *, by: str, now: datetime, key: str | None = None
) -> Outcome:
    """Not noise after all."""

    def change(standing: Standing, *_: object) -> Standing:
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

    def change(standing: Standing, *_: object) -> Standing:
        return decision.resolve(standing, now=now, version=version)

    return _decide(database, short_id, Decision.RESOLVE, change, by=by, now=now, key=key)


def reopen(
    database: Database, short_id: str, *, by: str, now: datetime, key: str | None = None
) -> Outcome:
    """Not mended after all."""

    def change(standing: Standing, *_: object) -> Standing:
        return decision.reopen(standing)

    return _decide(database, short_id, Decision.REOPEN, change, by=by, now=now, key=key)


def merge(
    database: Database,
    short_id: str,
    *,
    into: str,
    by: str,
    now: datetime,
    key: str | None = None,
) -> Outcome:
    """A case of `into` from now on, which counts all that it ever counted; the outcome is `into`'s.

    Raises Refused where both are one already.
    """
    with database.write() as session:
        repeated = decisions.by_key(session, key) if key else None
        if repeated:
            return _outcome(session, repeated, now=now)
        case, target = find.by_name(session, short_id), find.by_name(session, into)
        if case.id == target.id:
            raise Refused(f"{short_id} and {into} are one already.")
        after = decision.merge(find.standing(session, case), target.short_id)
        made = enact.apply(
            session, case, Decision.MERGE, after, by=by, now=now, key=key, reason="one error"
        )
        return _outcome(session, made, now=now)


def split(
    database: Database, short_id: str, *, by: str, now: datetime, key: str | None = None
) -> Outcome:
    """A signature of its own again, with all that it counted, whoever merged it.

    Raises Refused where it is merged into nothing, naming what is merged into it.
    """
    with database.write() as session:
        repeated = decisions.by_key(session, key) if key else None
        if repeated:
            return _outcome(session, repeated, now=now)
        case = find.named(session, short_id)
        _refuse_a_whole(session, case)
        after = decision.split(find.standing(session, case))
        made = enact.apply(session, case, Decision.SPLIT, after, by=by, now=now, key=key, reason="")
        return _outcome(session, made, now=now)


def _refuse_a_whole(session: Session, signature: Signature) -> None:
    cases = merges.cases(session, signature.id)
    if signature.merged_into is None and cases:
        names = ", ".join(case.short_id for case in cases[:NAMED])
        raise Refused(f"Which one? Merged into {signature.short_id}: {names}.")


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
        signature = find.by_number(session, undone.signature_id)
        made = enact.apply(
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
        signature = find.by_name(session, short_id)
        before = find.standing(session, signature)
        try:
            after = change(before, signature, session)
        except Taken as taken:
            _came_too_late(session, signature, before, kind=kind, by=by, now=now, key=key)
            too_late = taken
        else:
            made = enact.apply(
                session, signature, kind, after, by=by, now=now, key=key, reason=reason
            )
            return _outcome(session, made, now=now)
    raise too_late


def _hand_on(database: Database, outcome: Outcome, *, channel: str, now: datetime) -> None:
    """Post the card where its new owner looks, unless it stands there already.

    Not in the decision's transaction: whoever sends the form again, because no answer came, decides
    nothing twice and posts what was not posted.
    """
    with database.write() as session:
        signature = find.by_name(session, outcome.card.short_id)
        shown = [message.channel for message in outbox.parents(session, signature.id)[:1]]
        if channel in shown:
            return
        outbox.add(
            session,
            f"reroute:{outcome.decision_id}",
            channel=channel,
            kind="rerouted",
            content={
                "signature": signature.short_id,
                "decision": outcome.decision_id,
                "from": shown[0] if shown else "",
            },
            now=now,
            shows=[signature.id],
        )


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


def _outcome(session: Session, made: tables.Decision, *, now: datetime) -> Outcome:
    """What came of a decision, now or when it was delivered before. Raises Taken as it did then."""
    if made.kind == Decision.TOO_LATE:
        then = decision.from_json(made.after)
        raise Taken("Somebody was faster.", by=then.assignee, at=then.claimed_at or made.at)
    decided_on = find.by_number(session, made.signature_id)
    shown = merges.root(session, decided_on)
    return Outcome(
        card=describe.card(session, shown, now=now),
        sentence=audit.line(made, it="it" if shown is decided_on else decided_on.short_id).sentence,
        decision_id=made.id,
    )


def _to_undo(
    session: Session, *, by: str, short_id: str | None, decision_id: int | None
) -> tables.Decision:
    if decision_id is not None:
        wanted = decisions.get(session, decision_id)
    else:
        signature_id = find.named(session, short_id).id if short_id else None
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
        raise Refused(f"Something was decided since: {audit.line(newest).sentence}.")
    return wanted


def _end_mutes(session: Session, now: datetime) -> int:
    ended, loud = 0, _loud(session)
    for number, row in decisions.mutes(session).items():
        signature = find.by_number(session, number)
        before = find.standing(session, signature)
        if before.mute is None:
            continue
        hit = sightings.customers_since(session, number, hour=hour_of(row.at))
        why = decision.trip(before.mute, now=now, total=signature.total, hit=hit) or _began_since(
            loud.get(number, ()), row.at
        )
        if why:
            after = decision.unmute(before)
            enact.apply(session, signature, Decision.UNMUTE, after, by=PROGRAM, now=now, reason=why)
            ended += 1
    return ended


def _loud(session: Session) -> dict[int, list[tables.Anomaly]]:
    """By signature the episodes that are open and that no mute hides, once they begin under it."""
    loud: dict[int, list[tables.Anomaly]] = defaultdict(list)
    for episode in anomalies.still_open(session):
        if episode.kind in anomaly.LOUD:
            loud[episode.signature_id].append(episode)
    return loud


def _began_since(episodes: Iterable[tables.Anomaly], moment: datetime) -> str:
    """Why an episode that began after a moment was one, the first; "" if none did."""
    return next((f"{one.kind}: {one.reason}" for one in episodes if one.opened_at > moment), "")


def _reopen_returned(session: Session, now: datetime) -> int:
    reopened = 0
    for episode in anomalies.still_open(session):
        signature = find.by_number(session, episode.signature_id)
        if episode.kind == Kind.BACK and _returned(signature, episode):
            after = decision.reopen(find.standing(session, signature))
            enact.apply(
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
