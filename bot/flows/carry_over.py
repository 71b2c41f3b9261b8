"""Carry signatures over to newer rules of signing, under which they have another fingerprint.

Part of recording: whoever calls owns the transaction.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain

from sqlmodel import Session

from bot.core.event import Event
from bot.core.ownership import decision
from bot.core.ownership.decision import PASSIVE, PROGRAM, Decision
from bot.core.signing import signature
from bot.core.wording.moment import written
from bot.flows import enact, find
from storage import decisions, merges, signatures, tables
from storage.merges import Link
from storage.tables import Signature

CARRIED_OVER = timedelta(days=30)
"""So long after newer rules came, an unknown fingerprint is looked up by the one it had before."""
COMPARED_AT_ONCE = 100
"""So many known fingerprints of a batch are compared with those of before: each is signed anew."""


def carry_over(session: Session, unknown: Mapping[str, Event], *, now: datetime) -> list[Link]:
    """Link unknown fingerprints to those that the same errors had under the rules before, where
    these are known. `unknown` has an event of each."""
    if not _is_looked_up(session, now):
        return []
    before = {name: signature.before(event) for name, event in unknown.items()}
    known = signatures.ids_of(session, list(chain.from_iterable(before.values())))
    reason = f"signed by rules {signature.BEFORE} before"
    likeliest = {name: next(filter(known.__contains__, old), "") for name, old in before.items()}
    return [Link(name, old, reason) for name, old in likeliest.items() if old]


def join(session: Session, known: Mapping[str, Event], *, now: datetime) -> bool:
    """Merge signatures that the rules before told apart and newer ones do not; whether there were
    any.

    What a person decided last on one of them holds for all. What somebody split off stays apart.
    """
    if not (signatures.was_signed_by(session, signature.BEFORE) and _is_looked_up(session, now)):
        return False
    before = {name: signature.before(known[name]) for name in _in_turn(sorted(known), now)}
    ids = signatures.ids_of(session, [*before, *chain.from_iterable(before.values())])
    pairs = {(ids[name], ids[old]) for name, some in before.items() for old in some if old in ids}
    return sum(_join(session, *pair, now=now) for pair in sorted(pairs)) > 0


def _in_turn(names: Sequence[str], now: datetime) -> Sequence[str]:
    """As many fingerprints as are compared at once: others each minute, until all had their
    turn."""
    turns = -(-len(names) // COMPARED_AT_ONCE)
    first = int(now.timestamp()) // 60 % max(1, turns) * COMPARED_AT_ONCE
    return names[first : first + COMPARED_AT_ONCE]


def _is_looked_up(session: Session, now: datetime) -> bool:
    since = signatures.signed_since(session, signature.VERSION, now=now)
    is_recent = now - since <= CARRIED_OVER
    return is_recent and signatures.was_signed_by(session, signature.BEFORE)


def _join(session: Session, one: int, other: int, *, now: datetime) -> bool:
    roots = [merges.root(session, find.by_number(session, number)) for number in (one, other)]
    if roots[0] is roots[1] or any(_was_split_off(session, root) for root in roots):
        return False
    words = {root.id: _last_word(session, root) for root in roots}
    case, into = sorted(roots, key=lambda root: (_number(words[root.id]), -root.id))
    after = decision.merge(find.standing(session, case), into.short_id)
    reason = _reason(words[into.id])
    enact.apply(session, case, Decision.MERGE, after, by=PROGRAM, now=now, reason=reason)
    return True


def _last_word(session: Session, whose: Signature) -> tables.Decision | None:
    """The last decision of a person on a signature, if it still holds."""
    word = decisions.holding(session, whose.id, besides=PASSIVE)
    return word if word and word.by != PROGRAM else None


def _number(made: tables.Decision | None) -> int:
    return made.id if made else 0


def _reason(word: tables.Decision | None) -> str:
    stands = f"; what was decided last stands, {word.kind} {written(word.at)}" if word else ""
    return f"rules {signature.VERSION} take both for one{stands}"


def _was_split_off(session: Session, case: Signature) -> bool:
    return any(row.kind == Decision.SPLIT for row in decisions.of(session, case.id))
