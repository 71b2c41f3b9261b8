"""Carry out what people decide: one short transaction each, audited, undoable, shown everywhere.

Each function takes the short id and who decides, and gives back the outcome. `key` is the id of the
click it came from: a click that is delivered twice decides once. `which` finds the signature of a
short id: `find.by_name` gives the one it is merged into; `find.unmerged`, used for forms about one
signature alone, refuses if it was merged since. All raise NotFound for an unknown id, and Refused
(or Taken) where the decision does not apply.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from bot.core.hour import hour_of
from bot.core.ownership import decision
from bot.core.ownership.decision import PASSIVE, Decision, Mute, Standing
from bot.core.ownership.scope import THIS, Scope
from bot.core.ownership.trail import Decided
from bot.core.telling.digest import Card
from bot.core.wording.moment import written
from bot.errors import NotFound, Overtaken, Refused, Taken
from bot.flows import audit, describe, enact, find, lift
from storage import decisions, merges, outbox, sightings, tables, wide_mutes
from storage.database import Database
from storage.tables import Signature

NAMED = 10
"""How many of the signatures merged into one an answer names."""

_SHORT_WORD = 3
"""Words of so many letters say nothing: "in", "the" and "not" are in any two titles."""

Change = Callable[[Standing, Signature, Session], Standing]
Find = Callable[[Session, str], Signature]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The signature after a decision, a sentence that says what was decided, and the decision's id.

    `scope` is what a mute covers: where that is more than the signature, an undo wakes others too.
    `is_odd` marks a merge of two signatures that have so little in common that an id may have been
    mistyped.
    """

    card: Card
    sentence: str
    decision_id: int
    scope: Scope = THIS
    is_odd: bool = False


@dataclass(frozen=True, slots=True)
class Undoable:
    """A decision that may be undone, and the signature as it stands; `scope` is as in `Outcome`."""

    card: Card
    decided: Decided
    scope: Scope


def claim(
    database: Database,
    short_id: str,
    *,
    by: str,
    now: datetime,
    key: str | None = None,
    take_over: bool = False,
) -> Outcome:
    """Assign the signature to `by`. Raises Taken where somebody else has it, unless `take_over`."""

    def change(standing: Standing, *_: object) -> Standing:
        return decision.claim(standing, by, now=now, take_over=take_over)

    return _decide(database, short_id, Decision.CLAIM, change, by=by, now=now, key=key)


def release(
    database: Database, short_id: str, *, by: str, now: datetime, key: str | None = None
) -> Outcome:
    """Give up a claim."""

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
    which: Find = find.by_name,
) -> Outcome:
    """Make another team the owner from now on, whatever the rules say.

    The card is posted in the team's `channel`, where it has one.
    """

    def change(standing: Standing, *_: object) -> Standing:
        return decision.reroute(standing, team, reason=reason or f"rerouted {written(now)}")

    outcome = _decide(
        database,
        short_id,
        Decision.REROUTE,
        change,
        by=by,
        now=now,
        key=key,
        reason=reason,
        which=which,
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
    max_factor: int = 0,
    scope: Scope = THIS,
    key: str | None = None,
    which: Find = find.by_name,
) -> Outcome:
    """Mute the signature until `until` (None: until somebody ends it), or until a tripwire is
    touched.

    A wider `scope` also mutes all else that it covers, each as it begins to behave unusually.
    """

    def change(standing: Standing, signature: Signature, session: Session) -> Standing:
        hit = sightings.customers_since(session, {signature.id: hour_of(now)})[signature.id]
        muting = Mute(
            reason=reason,
            by=by,
            at=now,
            until=until,
            max_events=max_events,
            max_customers=max_customers,
            total_at_start=signature.total,
            hit_at_start=hit,
            max_factor=max_factor,
            daily_at_start=describe.card(session, signature, now=now).busy_day,
            scope=scope,
        )
        return decision.mute(standing, _widened(session, muting))

    return _decide(
        database,
        short_id,
        Decision.MUTE,
        change,
        by=by,
        now=now,
        key=key,
        reason=reason,
        which=which,
    )


def _widened(session: Session, muting: Mute) -> Mute:
    """The mute, as part of a new wide mute if its scope covers more than the signature."""
    if not muting.scope.is_wide:
        return muting
    wide = tables.WideMute(
        breadth=muting.scope.breadth.value,
        subject=muting.scope.subject,
        by=muting.by,
        at=muting.at,
        reason=muting.reason,
        until=muting.until,
        max_events=muting.max_events,
        max_customers=muting.max_customers,
        max_factor=muting.max_factor,
    )
    return replace(muting, wide=wide_mutes.begin(session, wide))


def unmute(
    database: Database, short_id: str, *, by: str, now: datetime, key: str | None = None
) -> Outcome:
    """End the mute of the signature."""

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
    which: Find = find.by_name,
) -> Outcome:
    """Mark the signature as fixed, as of now or as of a release."""

    def change(standing: Standing, *_: object) -> Standing:
        return decision.resolve(standing, now=now, version=version)

    return _decide(
        database, short_id, Decision.RESOLVE, change, by=by, now=now, key=key, which=which
    )


def reopen(
    database: Database, short_id: str, *, by: str, now: datetime, key: str | None = None
) -> Outcome:
    """Mark the signature as not fixed after all."""

    def change(standing: Standing, *_: object) -> Standing:
        return decision.reopen(standing)

    return _decide(database, short_id, Decision.REOPEN, change, by=by, now=now, key=key)


def note(
    database: Database,
    short_id: str,
    *,
    words: str,
    by: str,
    now: datetime,
    key: str | None = None,
) -> Outcome:
    """Keep what `by` knows of the error, and post it in the error's thread; its state stays the
    same."""

    def change(standing: Standing, *_: object) -> Standing:
        return standing

    return _decide(database, short_id, Decision.NOTE, change, by=by, now=now, key=key, reason=words)


def merge(
    database: Database,
    short_id: str,
    *,
    into: str,
    by: str,
    now: datetime,
    key: str | None = None,
    which: Find = find.by_name,
) -> Outcome:
    """Merge the signature into another, which then counts all that it ever counted.

    The outcome is that of `into`. Raises Refused where both are one already.
    """

    def act(session: Session) -> tables.Decision:
        case, target = which(session, short_id), find.by_name(session, into)
        if case.id == target.id:
            raise Refused(f"{short_id} and {into} are one already.")
        after = decision.merge(find.standing(session, case), target.short_id)
        return enact.apply(
            session, case, Decision.MERGE, after, by=by, now=now, key=key, reason="one error"
        )

    return _once(database, key, act, now=now)


def split(
    database: Database,
    short_id: str,
    *,
    by: str,
    now: datetime,
    key: str | None = None,
    off: str = "",
) -> Outcome:
    """Make a merged signature one of its own again, with all that it counted, whoever merged it.

    Raises Refused where it is not merged; the message then names what is merged into it. Also
    raises Refused where it is merged into another signature than `off`, if that is given.
    """

    def act(session: Session) -> tables.Decision:
        case = find.named(session, short_id)
        _refuse_a_whole(session, case)
        if off and find.standing(session, case).merged_into != off:
            raise Refused(f"{case.short_id} is not merged into {off} any more.")
        after = decision.split(find.standing(session, case))
        return enact.apply(session, case, Decision.SPLIT, after, by=by, now=now, key=key, reason="")

    return _once(database, key, act, now=now)


def _refuse_a_whole(session: Session, signature: Signature) -> None:
    cases = merges.cases(session, signature.id)
    if signature.merged_into is None and cases:
        names = ", ".join(case.short_id for case in cases[:NAMED])
        raise Refused(f"Which one? Merged into {signature.short_id}: {names}.")


def undoable(
    database: Database, *, by: str, now: datetime, short_id: str | None = None
) -> Undoable:
    """The decision that `undo` would take back: the latest of `by` that holds, on one signature or
    on any. Raises Refused as `undo` does.
    """
    with database.read() as session:
        made = _to_undo(session, by=by, short_id=short_id, decision_id=None)
        shown, said = _shown(session, made)
        return Undoable(describe.card(session, shown, now=now), said, _scope(made))


def undo(
    database: Database,
    *,
    by: str,
    now: datetime,
    short_id: str | None = None,
    decision_id: int | None = None,
    key: str | None = None,
) -> Outcome:
    """Undo the latest decision of `by` that holds, or the one with `decision_id`.

    Raises Refused where there is none, where it is somebody else's or an undo itself, and Overtaken
    where a later decision on the signature holds.
    """

    def act(session: Session) -> tables.Decision:
        undone = _to_undo(session, by=by, short_id=short_id, decision_id=decision_id)
        made = enact.apply(
            session,
            find.by_number(session, undone.signature_id),
            Decision.UNDO,
            decision.from_json(undone.before),
            by=by,
            now=now,
            key=key,
            reason=f"undid {undone.kind}",
            undoes=undone.id,
        )
        wide = _begun(undone)
        if wide and wide.wide is not None:
            lift.end_in(session, wide.wide, by=by, now=now)
        return made

    return _once(database, key, act, now=now)


def deny(
    database: Database, short_id: str, *, verb: str, by: str, now: datetime, key: str | None = None
) -> bool:
    """Write in the audit trail that `by` tried to do something without the right to; False where
    there is no such signature."""
    with database.write() as session:
        if key and decisions.by_key(session, key):
            return True
        try:
            signature = find.by_name(session, short_id)
        except NotFound:
            return False
        standing = find.standing(session, signature)
        _in_vain(
            session, signature, standing, kind=Decision.DENY, wanted=verb, by=by, now=now, key=key
        )
        return True


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
    which: Find = find.by_name,
) -> Outcome:

    def act(session: Session) -> tables.Decision:
        signature = which(session, short_id)
        before = find.standing(session, signature)
        try:
            after = change(before, signature, session)
        except Taken:
            late, wanted = Decision.TOO_LATE, kind.value
            return _in_vain(
                session, signature, before, kind=late, wanted=wanted, by=by, now=now, key=key
            )
        return enact.apply(session, signature, kind, after, by=by, now=now, key=key, reason=reason)

    return _once(database, key, act, now=now)


def _once(
    database: Database, key: str | None, act: Callable[[Session], tables.Decision], *, now: datetime
) -> Outcome:
    """The outcome of a click: carried out now, or what came of it if it was delivered before.
    Raises Taken where that was the outcome, also the second time."""
    with database.write() as session:
        made = (decisions.by_key(session, key) if key else None) or act(session)
        outcome = None if made.kind == Decision.TOO_LATE else _outcome(session, made, now=now)
    if outcome is None:
        then = decision.from_json(made.after)
        raise Taken("Somebody was faster.", by=then.assignee, at=then.claimed_at or made.at)
    return outcome


def _hand_on(database: Database, outcome: Outcome, *, channel: str, now: datetime) -> None:
    """Post the card in the channel of its new owner, unless its newest message is there already.

    This is not in the transaction of the decision. Somebody who got no answer and sends the form
    again decides nothing twice, but the card is posted if it was not.
    """
    with database.write() as session:
        signature = find.by_name(session, outcome.card.short_id)
        newest = next(iter(outbox.parents(session, signature.id)), None)
        if newest and newest.channel == channel:
            return
        outbox.add(
            session,
            f"reroute:{outcome.decision_id}",
            channel=channel,
            kind="rerouted",
            content={
                "signature": signature.short_id,
                "decision": outcome.decision_id,
                "from": newest.channel if newest else "",
                "message": newest.id if newest else None,
            },
            now=now,
            shows=[signature.id],
        )


def _in_vain(
    session: Session,
    signature: Signature,
    standing: Standing,
    *,
    kind: Decision,
    wanted: str,
    by: str,
    now: datetime,
    key: str | None = None,
) -> tables.Decision:
    """Write in the audit trail who tried what in vain; nothing else changes."""
    kept = decision.as_json(standing)
    return decisions.add(
        session,
        tables.Decision(
            signature_id=signature.id,
            kind=kind.value,
            by=by,
            at=now,
            reason=wanted,
            key=key,
            before=kept,
            after=kept,
        ),
    )


def _outcome(session: Session, made: tables.Decision, *, now: datetime) -> Outcome:
    shown, said = _shown(session, made)
    return Outcome(
        card=describe.card(session, shown, now=now),
        sentence=said.sentence,
        decision_id=made.id,
        scope=_scope(made),
        is_odd=made.kind == Decision.MERGE
        and _are_unlike(find.by_number(session, made.signature_id), shown),
    )


def _are_unlike(one: Signature, other: Signature) -> bool:
    """Whether two signatures have no service, type, or longer word of their titles in common."""
    if one.service == other.service or (one.error_type and one.error_type == other.error_type):
        return False
    said, also = ({*map(str.lower, row.title.split())} for row in (one, other))
    return not any(len(word) > _SHORT_WORD for word in said & also)


def _shown(session: Session, made: tables.Decision) -> tuple[Signature, Decided]:
    """The signature to show after a decision (of a merged one, what it is merged into), and the
    decision in words."""
    decided_on = find.by_number(session, made.signature_id)
    shown = merges.root(session, decided_on)
    return shown, audit.line(made, it="it" if shown is decided_on else decided_on.short_id)


def _begun(made: tables.Decision) -> Mute | None:
    """The mute that a decision began, if any."""
    return decision.from_json(made.after).mute if made.kind == Decision.MUTE else None


def _scope(made: tables.Decision) -> Scope:
    began = _begun(made)
    return began.scope if began else THIS


def _to_undo(
    session: Session, *, by: str, short_id: str | None, decision_id: int | None
) -> tables.Decision:
    if decision_id is not None:
        wanted = decisions.get(session, decision_id)
    else:
        signature_id = find.named(session, short_id).id if short_id else None
        wanted = decisions.undoable(session, by, besides=PASSIVE, signature_id=signature_id)
    if wanted is None or wanted.kind in PASSIVE:
        raise Refused("There is nothing of yours to undo.")
    if wanted.by != by:
        raise Refused("That was somebody else's decision; only they can undo it.")
    if wanted.kind == Decision.UNDO:
        raise Refused("That was an undo itself: decide it again.")
    if decisions.is_undone(session, wanted.id):
        raise Refused("That is undone already.")
    latest = decisions.holding(session, wanted.signature_id, besides=PASSIVE)
    if latest and latest.id != wanted.id:
        raise Overtaken(audit.line(latest).sentence)
    return wanted
