"""Recall what was seen of signatures, and since when anybody looked."""

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlmodel import Session

from bot.core.detection import baseline, history
from bot.core.detection.history import Sighting, Silences
from bot.core.hour import DAY, hour_of, start_of
from storage import events, sightings

LONGEST_MEMORY = 180 * DAY
"""The rhythm of a rare signature is looked for so far back. An event that claims to be older, from
before the bot ran, has a wrong date."""
LONGEST_LOOK = 31 * DAY
"""Once so many hours are known, what is usual is known; what lies before changes nothing."""
SILENCE = 7 * DAY
"""Where no error came for so many hours, nothing before that counts as known: one stray line of an
old year does not mean that somebody watched ever since."""


def known_since(session: Session, hour: int) -> int:
    """The first hour for which we know what happened, as seen from an hour.

    That is when the first event reached us; or earlier, as far as events read from files go back
    without a week of silence.
    """
    since = min(hour, events.first_arrival(session) or hour)
    while since > hour - LONGEST_LOOK:
        earlier = sightings.first_hour(session, since=since - SILENCE, before=since)
        if earlier is None:
            break
        since = earlier
    return since


def judges_from(session: Session, now: datetime) -> datetime | None:
    """From when on anything can be called unusual; None if that is so already."""
    hour = hour_of(now)
    since = known_since(session, hour)
    can = baseline.can_judge(since, hour)
    return None if can else start_of(baseline.judges_from(since))


def silences(session: Session, hour: int) -> Silences:
    """The times before an hour in which no event at all came, back to `LONGEST_MEMORY`."""
    heard = sightings.heard(session, first=hour - LONGEST_MEMORY, last=hour - 1)
    return history.silences([*heard, hour])


def seen(
    session: Session, ids: Collection[int], *, since_hour: int
) -> dict[int, Sequence[Sighting]]:
    """The sightings of each signature since an hour; an empty list where there are none."""
    rows: dict[int, Sequence[Sighting]] = {number: [] for number in ids}
    found: Any = sightings.of(session, ids, since_hour=since_hour)
    for number, ones in groupby(found, key=itemgetter(0)):
        rows[number] = list(ones)
    return rows
