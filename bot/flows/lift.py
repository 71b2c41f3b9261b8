"""End a wide mute for all that it covers, or resume it.

All raise Refused where the mute is not in a state in which this applies.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot.core.ownership import decision
from bot.core.ownership.decision import PASSIVE, PROGRAM, Decision
from bot.core.ownership.scope import Scope
from bot.errors import Refused
from bot.flows import enact, find
from storage import decisions, tables, wide_mutes
from storage.database import Database


@dataclass(frozen=True, slots=True)
class Lifted:
    """A wide mute that was ended, or resumed: its number, what it covers, and the short ids of the
    signatures that woke with it, or are muted again."""

    number: int
    scope: Scope
    signatures: tuple[str, ...]


def end(database: Database, number: int, *, by: str, now: datetime) -> Lifted:
    """End a wide mute. Raises Refused where it was over already."""
    with database.write() as session:
        wide = wide_mutes.get(session, [number]).get(number)
        if wide is None or wide.ended_at:
            raise Refused("That mute is over already.")
        return Lifted(number, find.scope_of(wide), end_in(session, number, by=by, now=now))


def end_of(database: Database, short_id: str, *, by: str, now: datetime) -> Lifted:
    """End the wide mute that a signature is muted by.

    Raises Refused where the signature is not muted, or muted by itself.
    """
    with database.write() as session:
        muting = find.standing(session, find.by_name(session, short_id)).mute
        if muting is None or muting.wide is None:
            raise Refused(f"{short_id} is not muted as part of anything; End mute is in its menu.")
        woken = end_in(session, muting.wide, by=by, now=now)
        return Lifted(muting.wide, muting.scope, woken)


def end_in(session: Session, number: int, *, by: str, now: datetime) -> tuple[str, ...]:
    """End a wide mute in the caller's transaction; gives back the short ids of what woke."""
    wide_mutes.end(session, number, by=by, now=now)
    woken = []
    for signature_id in wide_mutes.muted(session, number):
        signature = find.by_number(session, signature_id)
        stands = find.standing(session, signature)
        why = f"{stands.mute.scope} is no longer muted" if stands.mute else ""
        enact.apply(
            session,
            signature,
            Decision.UNMUTE,
            decision.unmute(stands),
            by=PROGRAM,
            now=now,
            reason=why,
        )
        woken.append(signature.short_id)
    return tuple(woken)


def resume(database: Database, number: int, *, by: str, now: datetime) -> Lifted:
    """Resume a wide mute that `by` ended, with its tripwires as they stood. Signatures on which
    something was decided since stay as they are.

    Raises Refused where the mute holds, was ended by somebody else, or would be over by now.
    """
    with database.write() as session:
        wide = wide_mutes.get(session, [number]).get(number)
        if wide is None or wide.ended_at is None:
            raise Refused("That mute holds.")
        if wide.ended_by != by:
            raise Refused("Somebody else ended that mute; only they can take it back.")
        if wide.until and wide.until <= now:
            raise Refused("That mute would be over by now: Mute… on an error begins another.")
        woken = list(_woken(session, wide))
        wide_mutes.resume(session, number)
        for signature, made in woken:
            enact.apply(
                session,
                signature,
                Decision.UNDO,
                decision.from_json(made.before),
                by=by,
                now=now,
                reason=f"undid {made.kind}",
                undoes=made.id,
            )
        names = tuple(signature.short_id for signature, _ in woken)
        return Lifted(number, find.scope_of(wide), names)


def _woken(
    session: Session, wide: tables.WideMute
) -> Iterator[tuple[tables.Signature, tables.Decision]]:
    """The signatures that woke when it ended and on which nothing was decided since, each with the
    decision that woke it."""
    for signature_id in sorted(wide_mutes.covered(session, wide.id)):
        latest = decisions.holding(session, signature_id, besides=PASSIVE)
        if (
            latest
            and (latest.kind, latest.by, latest.at) == (Decision.UNMUTE, PROGRAM, wide.ended_at)
            and (muting := decision.from_json(latest.before).mute)
            and muting.wide == wide.id
        ):
            yield find.by_number(session, signature_id), latest


def begun_on(database: Database, number: int) -> str:
    """The short id of the signature that a wide mute was begun on; empty where there is no such
    mute."""
    with database.read() as session:
        signature_id = wide_mutes.begun_on(session, number)
        return find.by_number(session, signature_id).short_id if signature_id else ""
