"""Compose the digest that is due, and queue it: once for each slot of a channel's schedule.

It is composed on a snapshot, however long that takes. Then one short transaction takes the slot and
queues the messages, so that nobody waits for the lock and no slot is taken twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from bot.core.telling import incident
from bot.core.telling import slot as slots
from bot.core.telling.audience import EVERYTHING, Audience
from bot.core.telling.digest import CARDS_WITH_CONTROLS, Digest, figures
from bot.core.telling.slot import Schedule
from bot.flows import compose
from storage import anomalies, digests, outbox, signatures, tables
from storage.database import Database

FIRST_WINDOW = timedelta(days=1)
"""What the first digest of a channel covers."""
LONGEST_WINDOW = compose.NEWS_FOR
"""After a longer downtime a digest covers only this much."""
PAUSED = timedelta(hours=1)
"""A process may be paused for so long between its look at the clock and at the database: a digest
that others composed meanwhile was not made by a clock that is ahead."""


@dataclass(frozen=True, slots=True)
class _Draft:
    """A digest for a slot of a channel, and what it was composed from.

    `leads` are the cards that get controls, one per incident. `before` is the id of the previous
    digest; digests that end after `horizon` were made by a clock that was ahead, and are ignored.
    """

    channel: str
    slot: str
    digest: Digest
    leads: tuple[str, ...]
    newest_episode: int
    numbers: Mapping[str, int]
    before: int | None
    horizon: datetime


def report(
    database: Database,
    *,
    channel: str,
    schedule: Schedule,
    now: datetime,
    audience: Audience = EVERYTHING,
) -> int | None:
    """Compose the digest of the newest slot that is due, unless that was done; gives back its id.

    After a downtime there is one late digest that covers the whole gap, not one for each slot. A
    channel's first digest is never late: slots before the channel was set up do not count. A digest
    of a slot in the future, composed by a clock that was ahead, keeps none from being composed.
    """
    due, coming = slots.last_due(schedule, now), slots.next_due(schedule, now)
    if due is None or coming is None:
        return None
    with database.read() as session:
        horizon = max(coming.due_at, now + PAUSED)
        last = digests.last(session, channel, before=horizon)
        late = slots.is_late(due, now)
        if late if last is None else last.until >= due.due_at:
            return None
        since = _since(last.until if last else None, due.due_at)
        draft = _compose(
            session,
            channel,
            due.name,
            since=since,
            until=due.due_at,
            last=last,
            horizon=horizon,
            audience=audience,
        )
    return _keep(database, draft, now=now, late=late)


def report_now(
    database: Database, *, channel: str, now: datetime, audience: Audience = EVERYTHING
) -> int | None:
    """Compose a digest of the last day at once; its slot is the running minute.

    None where somebody asked for one within the same minute.
    """
    slot = f"{now:%Y-%m-%d %H:%M} asked for"
    with database.read() as session:
        last = digests.last(session, channel, before=now)
        draft = _compose(
            session,
            channel,
            slot,
            since=now - FIRST_WINDOW,
            until=now,
            last=last,
            horizon=now,
            audience=audience,
        )
    return _keep(database, draft, now=now, late=False)


def _since(last: datetime | None, due_at: datetime) -> datetime:
    return max(last, due_at - LONGEST_WINDOW) if last else due_at - FIRST_WINDOW


def _compose(
    session: Session,
    channel: str,
    slot: str,
    *,
    since: datetime,
    until: datetime,
    last: tables.Digest | None,
    horizon: datetime,
    audience: Audience = EVERYTHING,
) -> _Draft:
    after = last.content["newest_episode"] if last else None
    digest = compose.digest(session, since=since, until=until, after=after, audience=audience)
    incidents = incident.group(digest.cards)[:CARDS_WITH_CONTROLS]
    named = (*digest.cards, *digest.unclaimed, *digest.resolved, *digest.seen)
    return _Draft(
        channel=channel,
        slot=slot,
        digest=digest,
        leads=tuple(one.lead.short_id for one in incidents),
        newest_episode=anomalies.newest(session),
        numbers=signatures.numbers(session, [card.short_id for card in named]),
        before=last.id if last else None,
        horizon=horizon,
    )


def _keep(database: Database, draft: _Draft, *, now: datetime, late: bool) -> int | None:
    """Take the slot and queue the messages, unless the channel got another digest meanwhile.

    Gives back the digest's id, or None.
    """
    with database.write() as session:
        last = digests.last(session, draft.channel, before=draft.horizon)
        if (last.id if last else None) != draft.before:
            return None
        digest_id = digests.add(
            session,
            draft.channel,
            draft.slot,
            since=draft.digest.since,
            until=draft.digest.until,
            now=now,
            late=late,
            content=_content(draft),
        )
        if digest_id is not None:
            _post(session, draft, digest_id, now=now)
        return digest_id


def _post(session: Session, draft: _Draft, digest_id: int, *, now: datetime) -> None:
    """Queue a message with the cards, and for its thread the details of each and the rest."""
    digest, numbers = draft.digest, draft.numbers
    parent = outbox.add(
        session,
        f"digest:{digest_id}",
        channel=draft.channel,
        kind="digest",
        content={"digest": digest_id},
        now=now,
        shows=numbers.values(),
    )
    for short_id in draft.leads:
        outbox.add(
            session,
            f"digest:{digest_id}:{short_id}",
            channel=draft.channel,
            kind="details",
            content={"digest": digest_id, "signature": short_id},
            now=now,
            thread_of=parent,
            shows=[numbers[short_id]],
        )
    if len(digest.cards) > len(draft.leads) or digest.unclaimed:
        outbox.add(
            session,
            f"digest:{digest_id}:rest",
            channel=draft.channel,
            kind="rest",
            content={"digest": digest_id},
            now=now,
            thread_of=parent,
            shows=numbers.values(),
        )


def _content(draft: _Draft) -> dict[str, Any]:
    digest, numbers = draft.digest, draft.numbers
    return {
        "cards": [numbers[card.short_id] for card in digest.cards],
        "unclaimed": [numbers[card.short_id] for card in digest.unclaimed],
        "resolved": [numbers[card.short_id] for card in digest.resolved],
        "seen": [numbers[card.short_id] for card in digest.seen],
        "also_seen": digest.also_seen,
        "figures": {numbers[card.short_id]: figures(card) for card in digest.cards},
        "episodes": list(digest.episodes),
        "newest_episode": draft.newest_episode,
        "footer": digest.footer.as_json(),
        "audience": digest.audience,
        "left_out": digest.left_out,
    }
