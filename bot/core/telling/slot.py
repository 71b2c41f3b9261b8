"""When a digest is due: local times on local days, each once, whatever the clocks do.

The identity of a slot is its local date and time: on the night an hour repeats it exists once,
and on the night an hour is missing it falls due as much later as the gap is long.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

LATE = timedelta(minutes=15)
"""A digest that leaves more than this after its slot says that it is late."""
REACH_DAYS = 8
"""A weekly schedule has a slot within the last week, and the next, whatever the time of day."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Local times of day on some weekdays (Monday is 0) in a time zone."""

    times: tuple[time, ...]
    weekdays: frozenset[int]
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Slot:
    """One local date and time, and the moment it falls due, in UTC."""

    name: str
    due_at: datetime


def last_due(schedule: Schedule, now: datetime) -> Slot | None:
    """The newest slot that is due at `now`; None where the schedule has none."""
    due = [slot for slot in _slots(schedule, now, range(1 - REACH_DAYS, 1)) if slot.due_at <= now]
    return max(due, key=lambda slot: slot.due_at, default=None)


def next_due(schedule: Schedule, now: datetime) -> Slot | None:
    """The first slot that falls due after `now`; None where the schedule has none."""
    to_come = [slot for slot in _slots(schedule, now, range(REACH_DAYS)) if slot.due_at > now]
    return min(to_come, key=lambda slot: slot.due_at, default=None)


def is_late(slot: Slot, now: datetime) -> bool:
    """Whether a digest that leaves at `now` should say that it is late."""
    return now - slot.due_at > LATE


def _slots(schedule: Schedule, now: datetime, days: Iterable[int]) -> list[Slot]:
    """The slots of some local days, counted from today."""
    today = now.astimezone(schedule.zone).date()
    return [
        _slot(schedule, datetime.combine(today + timedelta(days=day), at))
        for day in days
        for at in schedule.times
        if (today + timedelta(days=day)).weekday() in schedule.weekdays
    ]


def _slot(schedule: Schedule, local: datetime) -> Slot:
    due_at = local.replace(tzinfo=schedule.zone).astimezone(UTC)
    return Slot(f"{local:%Y-%m-%d %H:%M}", due_at)
