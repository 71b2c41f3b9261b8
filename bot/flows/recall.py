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
"""So far back the rhythm is looked for of what is hardly ever seen. What claims to be older, of a
time at which we were not there, has a wrong date."""
LONGEST_LOOK = 31 * DAY
"""Who looked for so many hours knows what is usual; what lies before changes nothing."""
SILENCE = 7 * DAY
"""Hours without any error, after which older ones are another story: one stray line of an old year
does not mean that somebody watched ever since."""


def known_since(session: Session, hour: int) -> int:
    """The first hour from which on somebody looked, as seen from an hour.

    That is since the first event reached us, and before that as far back as what was read from
    files goes without a silent week.
    """
    since = min(hour, events.first_arrival(session) or hour)
    while since > hour - LONGEST_LOOK:
        earlier = sightings.first_hour(session, since=since - SILENCE, before=since)
        if earlier is None:
            break
        since = earlier
    return since


def judges_from(session: Session, now: datetime) -> datetime | None:
    """From when on anything can be called unusual; None when that is so already."""
    hour = hour_of(now)
    since = known_since(session, hour)
    can = baseline.can_judge(since, hour)
    return None if can else start_of(baseline.judges_from(since))


def silences(session: Session, hour: int) -> Silences:
    """The stretches up to an hour in which nothing at all came, as far back as anybody looks."""
    heard = sightings.heard(session, first=hour - LONGEST_MEMORY, last=hour - 1)
    return history.silences([*heard, hour])


def seen(
    session: Session, ids: Collection[int], *, since_hour: int
) -> dict[int, Sequence[Sighting]]:
    """The sightings of each of some signatures since an hour; none is an empty list."""
    rows: dict[int, Sequence[Sighting]] = {number: [] for number in ids}
    found: Any = sightings.of(session, ids, since_hour=since_hour)
    for number, ones in groupby(found, key=itemgetter(0)):
        rows[number] = list(ones)
    return rows
