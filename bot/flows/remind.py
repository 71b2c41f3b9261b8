"""Call people for unclaimed errors: in a reply below the newest message that shows each."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlmodel import Session

from bot.core.detection.finding import Kind
from bot.core.intake.order import SKEW
from bot.core.ownership.decision import PASSIVE, Decision, State
from bot.core.ownership.team import Team
from bot.core.telling import reminder
from bot.core.telling.reminder import Escalation, Mention, Told, Waiting
from bot.flows import describe
from bot.flows.enact import POSTS
from storage import anomalies, decisions, outbox, reminders, signatures, tables
from storage.database import Database
from storage.tables import Message, Signature

REMINDER = "reminder"
"""The kind of message that mentions people."""
_SHOWING = (*POSTS, "rerouted")
"""The kinds of message that show people, unasked, what happened."""

One = TypeVar("One")


@dataclass(frozen=True, slots=True)
class _Due:
    """A mention that is due for a signature, and the message below which it is posted."""

    signature: Signature
    call: Mention
    below: Message


def remind(
    database: Database,
    *,
    teams: Collection[Team],
    escalation: Escalation,
    now: datetime,
) -> int:
    """Queue replies that mention people for the errors that are due; gives back for how many
    errors.

    Errors that are due below the same message for the same people are told in one reply. An error
    that was never posted waits for the digest.
    """
    known = {team.name: team for team in teams}

    def due(session: Session) -> list[_Due]:
        return list(_due(session, known, escalation, now=now))

    with database.read() as session:
        if not due(session):
            return 0
    with database.write() as session:
        found = due(session)
        for together in _together(found):
            _post(session, together, now=now)
        return len(found)


def _due(
    session: Session,
    teams: Mapping[str, Team],
    escalation: Escalation,
    *,
    now: datetime,
) -> Iterator[_Due]:
    episodes = [one for one in anomalies.still_open(session) if one.opened_at <= now]
    rows = signatures.get(session, {one.signature_id for one in episodes})
    nobodys = [row.id for row in rows.values() if row.state == State.OPEN and row.owner in teams]
    since = now - reminder.DAY
    shown = _grouped(outbox.shown_since(session, nobodys, since, until=now + SKEW, kinds=_SHOWING))
    waiting = _waiting(session, [rows[number] for number in shown], episodes, shown, now=now)
    for number, one in waiting.items():
        team = teams[rows[number].owner]
        call = reminder.due(one, team, escalation, now=now)
        if call:
            yield _Due(rows[number], call, shown[number][-1])


def _waiting(
    session: Session,
    rows: Sequence[Signature],
    episodes: Iterable[tables.Anomaly],
    shown: Mapping[int, Sequence[Message]],
    *,
    now: datetime,
) -> dict[int, Waiting]:
    numbers = [row.id for row in rows]
    explained = describe.explained(session, rows)
    running = _grouped((one.signature_id, one) for one in episodes)
    mentions = reminders.between(session, now - 2 * reminder.DAY, now + SKEW, numbers)
    told = _grouped((one.signature_id, _told(one)) for one in mentions)
    decided = decisions.newest_on(session, numbers, besides=PASSIVE)
    return {
        number: Waiting(
            began=max(one.opened_at for one in running[number]),
            since=_since(shown[number], decided.get(number)),
            severity=explained[number].analysis.severity,
            critical=any(one.kind == Kind.CRITICAL for one in running[number]),
            rerouted=number in decided and decided[number].kind == Decision.REROUTE,
            told=tuple(told[number]),
        )
        for number in numbers
    }


def _since(shown: Sequence[Message], decided: tables.Decision | None) -> datetime:
    first = shown[0].created_at
    return max(first, decided.at) if decided else first


def _told(row: tables.Reminder) -> Told:
    return Told(row.step, tuple(row.whom), row.at)


def _grouped(pairs: Iterable[tuple[int, One]]) -> defaultdict[int, list[One]]:
    found: defaultdict[int, list[One]] = defaultdict(list)
    for number, one in pairs:
        found[number].append(one)
    return found


def _together(found: Iterable[_Due]) -> Iterator[list[_Due]]:
    """What one reply tells of: the same message, people and reason."""
    groups: dict[tuple[int, Mention], list[_Due]] = defaultdict(list)
    for one in found:
        groups[one.below.id, one.call].append(one)
    yield from groups.values()


def _post(session: Session, together: Sequence[_Due], *, now: datetime) -> None:
    call, below = together[0].call, together[0].below
    numbers = [one.signature.id for one in together]
    for number in numbers:
        reminders.add(
            session,
            tables.Reminder(signature_id=number, step=call.step, whom=list(call.whom), at=now),
        )
    outbox.add(
        session,
        f"{REMINDER}:{below.id}:{numbers[0]}:{call.step}:{now:%Y%m%d%H%M%S}",
        channel=below.channel,
        kind=REMINDER,
        content={
            "signatures": [one.signature.short_id for one in together],
            "whom": list(call.whom),
            "reason": call.reason,
        },
        now=now,
        thread_of=below.id,
        shows=numbers,
    )
