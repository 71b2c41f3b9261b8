"""Compose the digest that is due and want it posted: both in one transaction, so each slot once."""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from bot.core import slot as slots
from bot.core.digest import CARDS_WITH_CONTROLS, Digest, Footer
from bot.core.slot import Schedule
from bot.flows import look
from storage import digests, outbox, signatures
from storage.database import Database

FIRST_WINDOW = timedelta(days=1)
"""What the first digest of a channel covers."""
LONGEST_WINDOW = timedelta(days=7)
"""After a longer downtime a digest covers only this much: older news is none."""


def report(database: Database, *, channel: str, schedule: Schedule, now: datetime) -> int | None:
    """Compose the digest of the newest slot that is due, unless it was; gives back its id.

    After a downtime there is one late digest that covers the whole gap, not one for each slot. A
    channel's first digest is never late: slots before it was set up are none of its own.
    """
    due = slots.last_due(schedule, now)
    if due is None:
        return None
    with database.write() as session:
        last = digests.last(session, channel)
        late = slots.is_late(due, now)
        if late if last is None else last.until >= due.due_at:
            return None
        return _compose(
            session,
            channel,
            due.name,
            since=_since(last.until if last else None, due.due_at),
            until=due.due_at,
            now=now,
            late=late,
        )


def report_now(database: Database, *, channel: str, now: datetime) -> int | None:
    """Compose a digest of the last day without waiting for a slot; its slot is this minute."""
    with database.write() as session:
        return _compose(
            session,
            channel,
            f"{now:%Y-%m-%d %H:%M} asked for",
            since=now - FIRST_WINDOW,
            until=now,
            now=now,
            late=False,
        )


def _since(last: datetime | None, due_at: datetime) -> datetime:
    return max(last, due_at - LONGEST_WINDOW) if last else due_at - FIRST_WINDOW


def _compose(
    session: Session,
    channel: str,
    slot: str,
    *,
    since: datetime,
    until: datetime,
    now: datetime,
    late: bool,
) -> int | None:
    digest = look.compose(session, since=since, until=until, now=until)
    numbers = signatures.numbers(session, _names(digest))
    digest_id = digests.add(
        session,
        channel,
        slot,
        since=since,
        until=until,
        now=now,
        late=late,
        content=_content(digest, numbers),
    )
    if digest_id is not None:
        _post(session, channel, digest_id, digest, numbers=numbers, now=now)
    return digest_id


def _post(
    session: Session,
    channel: str,
    digest_id: int,
    digest: Digest,
    *,
    numbers: dict[str, int],
    now: datetime,
) -> None:
    """One message with the cards; in its thread the details of each, and whatever had no room."""
    parent = outbox.add(
        session,
        f"digest:{digest_id}",
        channel=channel,
        kind="digest",
        content={"digest": digest_id},
        now=now,
        shows=numbers.values(),
    )
    for card in digest.cards[:CARDS_WITH_CONTROLS]:
        outbox.add(
            session,
            f"digest:{digest_id}:{card.short_id}",
            channel=channel,
            kind="details",
            content={"digest": digest_id, "signature": card.short_id},
            now=now,
            thread_of=parent,
            shows=[numbers[card.short_id]],
        )
    if len(digest.cards) > CARDS_WITH_CONTROLS or digest.unclaimed:
        outbox.add(
            session,
            f"digest:{digest_id}:rest",
            channel=channel,
            kind="rest",
            content={"digest": digest_id},
            now=now,
            thread_of=parent,
            shows=numbers.values(),
        )


def _names(digest: Digest) -> list[str]:
    return [card.short_id for card in (*digest.cards, *digest.unclaimed)]


def _content(digest: Digest, numbers: dict[str, int]) -> dict[str, Any]:
    return {
        "cards": [numbers[card.short_id] for card in digest.cards],
        "unclaimed": [numbers[card.short_id] for card in digest.unclaimed],
        "footer": _footer(digest.footer),
    }


def _footer(footer: Footer) -> dict[str, Any]:
    return {
        "events": footer.events,
        "signatures": footer.signatures,
        "quiet": footer.quiet,
        "muted": footer.muted,
        "hidden_events": footer.hidden_events,
        "sources": [[source, at.isoformat()] for source, at in footer.sources],
    }
