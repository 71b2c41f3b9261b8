from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.telling.slot import Schedule, Slot, is_late, last_due, next_due

EVERY_DAY = frozenset(range(7))
WORKDAYS = frozenset(range(5))
NINE = time(9)
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe")


def daily(zone: str, *times: time, weekdays: frozenset[int] = EVERY_DAY) -> Schedule:
    return Schedule(times or (NINE,), weekdays, ZoneInfo(zone))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def slots_between(schedule: Schedule, first: datetime, last: datetime) -> list[Slot]:
    """What somebody who looks every five minutes sees come due, each as often as it changes."""
    seen: list[Slot] = []
    now = first
    while now <= last:
        due = last_due(schedule, now)
        if due and (not seen or seen[-1] != due):
            seen.append(due)
        now += timedelta(minutes=5)
    return seen


@pytest.mark.parametrize(
    ("now", "name"),
    [
        ("2026-11-18T07:59:59", "2026-11-17 18:00"),
        ("2026-11-18T08:00:00", "2026-11-18 09:00"),
        ("2026-11-18T16:59:59", "2026-11-18 09:00"),
        ("2026-11-18T17:00:00", "2026-11-18 18:00"),
    ],
)
def test_a_slot_is_due_from_its_local_time_on(now: str, name: str) -> None:
    due = last_due(daily("Europe/Berlin", NINE, time(18)), utc(now))
    assert due
    assert due.name == name


def test_on_a_weekend_the_last_slot_is_fridays() -> None:
    due = last_due(daily("Europe/Berlin", weekdays=WORKDAYS), utc("2026-11-22T12:00"))
    assert due == Slot("2026-11-20 09:00", utc("2026-11-20T08:00"))


def test_a_weekly_slot_is_found_up_to_the_minute_before_the_next() -> None:
    weekly = daily("Europe/Berlin", weekdays=frozenset([0]))
    before, after = utc("2026-11-23T07:59"), utc("2026-11-23T08:00")
    names = [due.name for now in (before, after) if (due := last_due(weekly, now))]
    assert names == ["2026-11-16 09:00", "2026-11-23 09:00"]


def test_a_schedule_without_days_or_times_has_no_slot() -> None:
    now = utc("2026-11-18T12:00")
    assert last_due(daily("UTC", weekdays=frozenset()), now) is None
    assert last_due(Schedule((), EVERY_DAY, ZoneInfo("UTC")), now) is None


@pytest.mark.promise(row="R6")
@pytest.mark.parametrize(
    ("zone", "night", "at"),
    [
        pytest.param("Europe/Berlin", "2026-10-25", time(2, 30), id="Berlin: 02:30 twice"),
        pytest.param("America/New_York", "2026-11-01", time(1, 30), id="New York: 01:30 twice"),
        pytest.param("Australia/Lord_Howe", "2026-04-05", time(1, 45), id="Lord Howe: half an h"),
        pytest.param("Europe/Berlin", "2026-03-29", time(2, 30), id="Berlin: no 02:30"),
        pytest.param("America/New_York", "2026-03-08", time(2, 30), id="New York: no 02:30"),
        pytest.param("Australia/Lord_Howe", "2026-10-04", time(2, 15), id="Lord Howe: no 02:15"),
    ],
)
def test_each_local_slot_comes_due_once_whatever_the_clocks_do(
    zone: str, night: str, at: time
) -> None:
    midnight = datetime.fromisoformat(night).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    seen = slots_between(
        daily(zone, at), midnight - timedelta(days=1), midnight + timedelta(days=2)
    )
    names = [slot.name for slot in seen]
    assert names[-3:] == sorted(set(names[-3:]))
    assert names.count(f"{night} {at:%H:%M}") == 1
    assert len(names) == len(set(names))


@pytest.mark.promise(row="R6")
@pytest.mark.parametrize(
    ("zone", "night", "at", "due_at"),
    [
        ("Europe/Berlin", "2026-10-25", time(2, 30), "2026-10-25T00:30"),
        ("Europe/Berlin", "2026-03-29", time(2, 30), "2026-03-29T01:30"),
        ("Australia/Lord_Howe", "2026-10-04", time(2, 15), "2026-10-03T15:45"),
    ],
)
def test_of_a_repeated_hour_the_first_counts_and_a_missing_one_is_made_up_for(
    zone: str, night: str, at: time, due_at: str
) -> None:
    due = last_due(daily(zone, at), utc(due_at))
    assert due == Slot(f"{night} {at:%H:%M}", utc(due_at))


@pytest.mark.promise(row="R6")
@given(
    st.sampled_from(ZONES),
    st.times(),
    st.timedeltas(timedelta(0), timedelta(days=365)).map(utc("2026-01-01").__add__),
    st.timedeltas(timedelta(0), timedelta(days=3)),
)
def test_as_time_goes_on_no_earlier_slot_comes_due(
    zone: str, at: time, now: datetime, later: timedelta
) -> None:
    schedule = daily(zone, at.replace(second=0, microsecond=0))
    first, second = last_due(schedule, now), last_due(schedule, now + later)
    assert first
    assert second
    assert first.due_at <= now
    assert first.due_at <= second.due_at
    assert (first.name < second.name) == (first.due_at < second.due_at)
    assert now - first.due_at < timedelta(hours=26)


@given(
    st.sampled_from(ZONES),
    st.times(),
    st.timedeltas(timedelta(0), timedelta(days=365)).map(utc("2026-01-01").__add__),
)
def test_the_next_slot_is_the_one_that_falls_due_next(zone: str, at: time, now: datetime) -> None:
    schedule = daily(zone, at.replace(second=0, microsecond=0))
    coming = next_due(schedule, now)
    assert coming
    assert last_due(schedule, coming.due_at) == coming
    assert last_due(schedule, coming.due_at - timedelta(microseconds=1)) == last_due(schedule, now)


def test_a_schedule_without_times_has_no_next_slot() -> None:
    assert next_due(Schedule((), frozenset(range(7)), ZoneInfo("UTC")), utc("2026-01-01")) is None


def test_a_digest_is_late_after_a_quarter_of_an_hour() -> None:
    slot = Slot("2026-11-18 09:00", utc("2026-11-18T08:00"))
    assert not is_late(slot, utc("2026-11-18T08:15:00"))
    assert is_late(slot, utc("2026-11-18T08:15:01"))
