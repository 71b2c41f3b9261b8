"""Ask people whether what was muted without an end is still noise."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from bot.core.ownership.decision import LONG
from storage import decisions, outbox, signatures
from storage.database import Database

ASKED = "asked"
"""The kind of message that asks."""


def doubt(database: Database, *, channels: Sequence[str], now: datetime) -> int:
    """Queue a message in each channel about mutes without an end that have stood for another 30
    days; gives back how many mutes are asked about.

    The channel is the one that showed the signature last, or else the first of `channels`.
    """
    with database.read() as session:
        if not _doubtful(session, channels, now=now):
            return 0
    with database.write() as session:
        found = _doubtful(session, channels, now=now)
        for channel, mutes in found.items():
            _ask(session, channel, mutes, now=now)
        return sum(map(len, found.values()))


def _doubtful(
    session: Session, channels: Sequence[str], *, now: datetime
) -> dict[str, dict[int, int]]:
    """The mutes to ask about, by channel and signature number."""
    asked = {
        number
        for message in outbox.wanted_since(session, now - LONG, kinds=(ASKED,))
        for number in message.content["mutes"]
    }
    found: dict[str, dict[int, int]] = defaultdict(dict)
    for signature_id, mute in decisions.mutes(session).items():
        if mute.until is None and mute.at <= now - LONG and mute.id not in asked:
            shown = [message.channel for message in outbox.parents(session, signature_id)[:1]]
            for channel in (*shown, *channels)[:1]:
                found[channel][signature_id] = mute.id
    return found


def _ask(session: Session, channel: str, mutes: dict[int, int], *, now: datetime) -> None:
    rows = signatures.get(session, mutes)
    outbox.add(
        session,
        f"{ASKED}:{channel}:{min(mutes.values())}:{now:%Y-%m-%d}",
        channel=channel,
        kind=ASKED,
        content={
            "signatures": [row.short_id for row in rows.values()],
            "mutes": sorted(mutes.values()),
        },
        now=now,
        shows=mutes,
    )
