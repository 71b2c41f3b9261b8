"""The chart of a signature: how often it was seen lately, and from which count on it would be a
spike."""

from datetime import datetime, timedelta
from functools import partial

from sqlmodel import Session

from bot.core.detection import baseline, bound
from bot.core.detection.threshold import Rules
from bot.core.detection.usual import DAYS, Usual
from bot.core.hour import DAY, hour_of, last_hour, start_of
from bot.core.telling.chart import Chart, Deploy
from bot.flows import find, recall
from storage import deploys, sightings
from storage.database import Database

_FORTNIGHT = timedelta(days=DAYS + 1)
"""The 24 hours that are looked at, and the days before them."""


def plot(database: Database, short_id: str, *, now: datetime, rules: Rules) -> Chart:
    """The last 24 hours and the fortnight before them. Raises NotFound."""
    hour = last_hour(now)
    until = start_of(hour + 1)
    with database.read() as session:
        signature = find.by_name(session, short_id)
        thresholds = rules.of(signature.service, signature.short_id)
        by_hour = _by_hour(session, signature.id, hour)
        silent = recall.silences(session, hour)
        known_since = recall.known_since(session, hour)
        began = deploys.between(session, signature, since=until - _FORTNIGHT, until=until)
    burst = thresholds.burst_hours
    usual = partial(baseline.of, by_hour, hour, burst_hours=burst, silent=silent)
    whole, own = usual(known_since=known_since), usual(known_since=hour_of(signature.first_seen))
    last_day = sum(by_hour.get(one, 0) for one in range(hour - DAY + 1, hour + 1))
    return Chart(
        short_id=signature.short_id,
        counts=(*_days(whole.day), last_day),
        until=until,
        unheard=_unheard(whole.day),
        fires_from=bound.of(own.day, thresholds).fires_from if own.days else None,
        deploys=tuple(Deploy(version, at) for version, at in began),
    )


def _by_hour(session: Session, number: int, hour: int) -> dict[int, int]:
    first = hour - (DAYS + 1) * DAY + 1
    return sightings.hourly(session, [number], first=first, last=hour)[number]


def _days(usual: Usual) -> tuple[int, ...]:
    """The counts of a fortnight, oldest first."""
    return (*[0] * (DAYS - len(usual.peaks)), *reversed(usual.peaks))


def _unheard(usual: Usual) -> frozenset[int]:
    """Which days of the chart are before anything is known, or days on which nobody listened; by
    place."""
    before = range(DAYS - len(usual.peaks))
    return frozenset((*before, *(DAYS - 1 - day for day in usual.deaf)))
