"""Delete what is old: hourly sightings are first added up by the day, and deleted later.

Decisions, mutes and switches are kept, and so are signatures, their totals and their episodes: they
are what people did and saw, and they are few. A clock that is set years ahead does not delete
everything at once: cleaning follows it at a pace.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from time import monotonic
from typing import NamedTuple

from bot.core.hour import DAY, hour_of, start_of
from bot.core.intake import retention
from bot.core.intake.retention import BEHIND, Bounds, Retention, RowBudget, Rows
from storage import (
    analyses,
    calls,
    cleanings,
    digests,
    events,
    outbox,
    reminders,
    samples,
    sightings,
)
from storage.database import Database

log = logging.getLogger(__name__)

AT_ONCE = 2_000
"""So many rows are deleted in a transaction: nobody else writes for some hundredths of a second."""
MOST_PARTS = 500
"""So many transactions a round for one kind of data; what is left waits for the next round."""


class Pace:
    """The moment as of which to clean. It follows the clock, but no faster than at a fixed pace.

    `elapsed` tells seconds by a clock that nobody sets. Several replicas together are no faster
    than one: only time in which no other replica cleaned counts.
    """

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        *,
        elapsed: Callable[[], float] = monotonic,
    ) -> None:
        self._database = database
        self._clock = clock
        self._elapsed = elapsed
        self._looked = elapsed()
        self._last: datetime | None = None
        self._is_behind = False

    def as_of(self) -> datetime:
        """The moment as of which to clean; the log says once where that is far behind the clock.

        What is stored of it may be ahead of the clock, where that was set back.
        """
        now, looked = self._clock(), self._elapsed()
        passed, self._looked = timedelta(seconds=looked - self._looked), looked
        with self._database.write() as session:
            last = cleanings.last(session) or min(events.newest(session) or now, now)
            forth = passed if last == self._last else timedelta()
            self._last = retention.followed(last, now, forth=forth, back=passed)
            cleanings.put(session, self._last)
        as_of = min(now, self._last)
        was_behind, self._is_behind = self._is_behind, now - as_of > BEHIND
        if self._is_behind and not was_behind:
            log.warning(
                "It is %s by the clock. %s",
                f"{now:%Y-%m-%d}",
                retention.behind(f"{as_of:%Y-%m-%d}"),
            )
        return as_of


@dataclass(frozen=True, slots=True)
class Round:
    """How many rows were deleted or added up, and how the budgets stood before."""

    gone: int
    budgets: tuple[RowBudget, ...]


class _Held(NamedTuple):
    """How many events are remembered in each hour, and how many sightings there are; the latter by
    hour only where they are more than their budget."""

    events: Rows
    sightings: int
    by_hour: Rows


def clean(
    database: Database,
    kept: Retention,
    *,
    now: datetime,
    rest: Callable[[], object] = lambda: None,
) -> Round:
    """Delete and add up what is old, once. If interrupted, the next round goes on from there.

    `rest` is called after each transaction, so that others can write. The log tells what was
    deleted because of a budget.
    """
    held = _held(database, kept, now=now)
    by_age = retention.bounds(kept, hour_of(now) // DAY)
    within = _within(kept, held, now=now)
    gone = sum(_rested(_aged(database, by_age), rest))
    events_gone = sum(_rested(_events(database, within), rest)) if within != by_age else 0
    sightings_gone = sum(_rested(_sightings(database, within), rest)) if within != by_age else 0
    number = sum(count for _, count in held.events)
    budgets = (
        RowBudget("most_events", kept.most_events, number, events_gone),
        RowBudget("most_sightings", kept.most_sightings, held.sightings, sightings_gone),
    )
    for budget in budgets:
        if budget.gone:
            log.warning("%s", _said(budget))
    return Round(gone + events_gone + sightings_gone, budgets)


def _said(budget: RowBudget) -> str:
    what = {
        "most_events": "events are forgotten, and would count again if they were sent again,",
        "most_sightings": "sightings of an hour became part of their day, or of a day are gone,",
    }
    return (
        f"{budget.setting} = {budget.most:,} is exceeded by {budget.held - budget.most:,}: "
        f"{budget.gone:,} {what[budget.setting]} sooner than by their age"
    )


def bounds(database: Database, kept: Retention, *, now: datetime) -> Bounds:
    """The hours from which on each kind of data is kept, by its days and by its budget."""
    return _within(kept, _held(database, kept, now=now), now=now)


def _held(database: Database, kept: Retention, *, now: datetime) -> _Held:
    first = (hour_of(now) // DAY - kept.event_days) * DAY
    with database.read() as session:
        came = events.hourly(session, first=first)
        number = sightings.number(session)
        is_much = number > kept.most_sightings
        return _Held(came, number, sightings.rows_by_hour(session) if is_much else ())


def _within(kept: Retention, held: _Held, *, now: datetime) -> Bounds:
    today = hour_of(now) // DAY
    return retention.bounds(kept, today, events=held.events, sightings=held.by_hour)


def _rested(parts: Iterable[int], rest: Callable[[], object]) -> Iterator[int]:
    for part in parts:
        yield part
        rest()


def _aged(database: Database, kept: Bounds) -> Iterator[int]:
    """Delete what is too old; yields how many rows each transaction deleted."""
    evidence, messages, asked = map(start_of, (kept.evidence, kept.messages, kept.calls))
    yield from _events(database, kept)
    for some in (
        partial(samples.forget, unseen_since=evidence),
        partial(analyses.forget, unseen_since=evidence),
        partial(outbox.forget, before=messages),
        partial(digests.forget, before=messages),
        partial(reminders.forget, before=messages),
        partial(calls.forget, before=asked),
    ):
        yield from islice(_all(database, some), MOST_PARTS)
    yield from _sightings(database, kept)


def _events(database: Database, kept: Bounds) -> Iterator[int]:
    some = partial(events.forget, before=kept.events)
    yield from islice(_all(database, some), MOST_PARTS)


def _sightings(database: Database, kept: Bounds) -> Iterator[int]:
    some = partial(sightings.forget, before=kept.daily)
    yield from islice(_all(database, some), MOST_PARTS)
    yield from islice(_rolled_up(database, before=kept.hourly), MOST_PARTS)


def _rolled_up(database: Database, *, before: int) -> Iterator[int]:
    with database.read() as session:
        hours = sightings.hours_of_days(session, before=before)
    for hour in hours:
        yield from _all(database, partial(sightings.roll_up, hour=hour))


def _all(database: Database, some: Callable[..., int]) -> Iterator[int]:
    """Run one transaction after the other, until one finds fewer rows than it would delete."""
    gone = AT_ONCE
    while gone == AT_ONCE:
        with database.write() as session:
            gone = some(session, limit=AT_ONCE)
        yield gone
