"""When a digest is due: local times on local days, each once, whatever the clocks do.

The identity of a slot is its local date and time: on the night an hour repeats it exists once,
and on the night an hour is missing it falls due as much later as the gap is long.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

LATE = timedelta(minutes=15)
"""A digest that leaves more than this after its slot says that it is late."""
LOOK_BACK_DAYS = 8
"""A weekly schedule has a slot within the last week, whatever the time of day."""


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
    today = now.astimezone(schedule.zone).date()
    slots = [
        _slot(schedule, datetime.combine(today - timedelta(days=back), at))
        for back in range(LOOK_BACK_DAYS)
        for at in schedule.times
        if (today - timedelta(days=back)).weekday() in schedule.weekdays
    ]
    due = [slot for slot in slots if slot.due_at <= now]
    return max(due, key=lambda slot: slot.due_at, default=None)


def is_late(slot: Slot, now: datetime) -> bool:
    """Whether a digest that leaves at `now` should say that it is late."""
    return now - slot.due_at > LATE


def _slot(schedule: Schedule, local: datetime) -> Slot:
    due_at = local.replace(tzinfo=schedule.zone).astimezone(UTC)
    return Slot(f"{local:%Y-%m-%d %H:%M}", due_at)
