"""Where a rule of detection goes wrong first: each edge as it is quiet, and as it is called out."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from bot.core.detection.finding import Kind
from bot.core.detection.threshold import Rules
from bot.core.hour import hour_of
from bot.flows.judge import judged
from bot.flows.record import record
from bot.flows.remember import Memory
from storage import sightings
from storage.database import Database
from storage.sightings import Row
from tests.builders import NOON, an_event

HOUR, DAY = timedelta(hours=1), 24
NOW = hour_of(NOON)
ALL = (1 << 60) - 1
"""It came in every minute of its hours."""
Counts = Mapping[int, int]
"""How many there were in the hour so many hours before this one."""

JOB = {day * DAY: 300 for day in range(1, 15)}
DAYTIME = {ago: 40 for ago in range(DAY, 15 * DAY) if 8 <= (12 - ago) % DAY < 20}
OLD_BURST = {day * DAY + 1: 30 for day in range(1, 15)} | {5 * DAY: 4_000}


def ramp(factor: float) -> Counts:
    """So many times as many on each of ten days as on the one before; a hundred on those before."""
    rise = {10 - day: round(100 * factor**day) for day in range(1, 11)}
    return {ago * DAY + 1: rise.get(ago, 100) for ago in range(15)}


def seen(database: Database, counts: Counts, *, known: int = 20 * DAY) -> int:
    """A signature that was so, beside one that comes every hour, known for so many hours."""
    first = NOON - known * HOUR
    (other,) = record(database, [an_event(service="other", time=first)], now=first).signature_ids
    (number,) = record(database, [an_event(time=first)], now=first).signature_ids
    add(database, other, dict.fromkeys(range(known), 1))
    add(database, number, counts)
    return number


def add(database: Database, number: int, counts: Counts) -> None:
    rows = [Row(number, NOW - ago, "acme", n, ALL) for ago, n in counts.items()]
    with database.write() as session:
        sightings.add(session, rows)


def told(database: Database, number: int, memory: Memory, *, hours: int = 0) -> set[Kind]:
    """In which ways it is unusual, so many hours after noon."""
    with database.read() as session:
        now = NOON + hours * HOUR
        found = judged(session, [number], {}, now=now, rules=Rules(), memory=memory)
    return {finding.kind for finding in found[number][1]} if found else set()


@pytest.mark.parametrize(
    ("counts", "is_spike"),
    [
        pytest.param({72: 1, 144: 1, 216: 1, 0: 9}, False, id="sparse series"),
        pytest.param({72: 1, 144: 1, 216: 1, 0: 10}, True, id="sparse series, and ten"),
        pytest.param(dict.fromkeys(range(169, 337, 24), 38) | {0: 76}, False, id="all-zero week"),
        pytest.param(dict.fromkeys(range(169, 337, 24), 38) | {0: 77}, True, id="and more"),
        pytest.param(OLD_BURST | {0: 78}, False, id="one old burst"),
        pytest.param(OLD_BURST | {0: 79}, True, id="one old burst, which does not deafen"),
        pytest.param(ramp(1.1), False, id="slow ramp, of a tenth"),
        pytest.param(ramp(1.25), True, id="slow ramp, of a quarter"),
        pytest.param(dict.fromkeys(range(1, 400), 50) | {0: 250}, False, id="zero variance"),
        pytest.param(dict.fromkeys(range(1, 400), 50) | {0: 251}, True, id="above thrice that"),
        pytest.param(DAYTIME | {0: 40, 1: 40}, False, id="day and night, by day"),
        pytest.param(JOB | {1: 300}, False, id="DST: an hour early"),
        pytest.param({ago - 6: n for ago, n in JOB.items()} | {0: 300}, True, id="six hours late"),
    ],
)
def test_an_edge_is_called_out_where_it_should_be(
    database: Database, counts: Counts, is_spike: bool
) -> None:
    found = told(database, seen(database, counts), Memory())
    assert found == ({Kind.SPIKE} if is_spike else set())


def test_what_is_busy_by_day_is_a_spike_at_night(database: Database) -> None:
    number = seen(database, {ago + 12: n for ago, n in DAYTIME.items()} | {0: 40})
    assert told(database, number, Memory()) == {Kind.SPIKE}


@pytest.mark.parametrize(("known", "kinds"), [(0, set()), (46, set()), (47, {Kind.NEW})])
def test_nothing_is_new_in_the_first_hours_after_install(
    database: Database, known: int, kinds: set[Kind]
) -> None:
    seen(database, {}, known=known)
    (fresh,) = record(database, [an_event(service="new", time=NOON)], now=NOON).signature_ids
    assert told(database, fresh, Memory()) == kinds


@pytest.mark.parametrize("minutes", [-50, -1, 1, 50, 70])
def test_a_clock_that_is_off_by_an_hour_hides_nothing_new(database: Database, minutes: int) -> None:
    seen(database, {})
    skewed = an_event(service="new", time=NOON + timedelta(minutes=minutes), received=NOON)
    (fresh,) = record(database, [skewed], now=NOON).signature_ids
    assert told(database, fresh, Memory()) == {Kind.NEW}


def test_late_events_that_change_a_closed_hour_count_from_the_next_hour_on(
    database: Database,
) -> None:
    number, memory = seen(database, OLD_BURST | {0: 79}), Memory()
    assert told(database, number, memory) == {Kind.SPIKE}
    times = [NOON - (day * DAY + 1) * HOUR for day in (2, 3, 4) for _ in range(20)]
    late = [an_event(customer="acme", time=time, received=NOON) for time in times]
    assert record(database, late, now=NOON).signature_ids == {number}
    assert told(database, number, memory) == {Kind.SPIKE}, "what is usual holds for an hour"
    assert told(database, number, memory, hours=1) == set()
