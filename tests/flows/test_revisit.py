from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.core.detection.finding import Kind
from bot.core.detection.threshold import Rules
from bot.core.event import Event
from bot.core.telling.policy import Policy
from bot.flows import look, recount
from bot.flows.alert import alert
from bot.flows.detect import catch_up, detect, unjudged
from bot.flows.record import record
from bot.flows.revisit import revisit
from bot.flows.watch import Watch
from storage import signatures
from storage.database import Database
from tests.builders import NOON, an_event
from tests.conftest import Copied
from tests.fakes import Clock

HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
RULES = Rules()
LATE = 5 * HOUR


@pytest.fixture
def known(copied: Copied) -> Database:
    """A fleet that was watched for nine days, with three errors of the search an hour."""
    return copied("nine-days", nine_days)


def nine_days(database: Database) -> None:
    record(database, usual(), now=NOON - 9 * DAY)
    hours = [NOON - back * HOUR for back in range(1, 9 * 24)]
    record(database, [event for at in hours for event in usual(at)], now=NOON - HOUR)
    assert round_at(database, NOON - HOUR, ()) == [], "a backlog that is as usual is no news"


def usual(at: datetime = NOON - 9 * DAY) -> list[Event]:
    return [
        an_event(service="search", customer=customer, time=at)
        for customer in ("acme", "globex", "initech")
    ]


def burst(at: datetime, count: int = 100, **facts: str) -> list[Event]:
    facts = {"service": "search", **facts}
    return [an_event(time=at + n % 4 * MINUTE, **facts) for n in range(count)]


def round_at(database: Database, now: datetime, events: Iterable[Event]) -> list[tuple[Kind, str]]:
    """What a look finds, of what arrived and of hours that are over."""
    record(database, list(events), now=now)
    came = unjudged(database, now=now)
    began = (
        *detect(database, {one.signature_id for one in came}, now=now, rules=RULES),
        *revisit(database, came, now=now, rules=RULES),
    )
    return [(one.finding.kind, one.service) for one in began]


def reasons(database: Database) -> list[str]:
    with database.read() as session:
        (short_id,) = signatures.short_ids(session)
    return [one.reason for one in look.receipts(database, short_id)]


@pytest.mark.parametrize("hours", [2, 5, 30, 71])
def test_a_burst_that_reaches_us_hours_later_is_called_out_when_it_does(
    known: Database, hours: int
) -> None:
    happened = NOON - hours * HOUR
    assert round_at(known, NOON, burst(happened)) == [(Kind.SPIKE, "search")]
    (reason,) = reasons(known)
    when = f"happened {happened:%Y-%m-%d %H:%M} UTC, but reached us only 2026-11-18 12:00 UTC"
    assert reason.endswith(when)


def test_it_is_told_once_however_it_trickles_in(known: Database) -> None:
    began = [
        found
        for later in range(20)
        for found in round_at(known, NOON + later * MINUTE, burst(NOON - LATE, 5))
    ]
    began += round_at(known, NOON + 9 * HOUR, ())
    began += round_at(known, NOON + 10 * HOUR, burst(NOON - LATE, 1))
    assert began == [(Kind.SPIKE, "search")]


def test_a_host_that_is_hours_behind_has_its_bursts_as_long_as_they_last(known: Database) -> None:
    began = []
    for hours in range(12):
        now = NOON + hours * HOUR + 30 * MINUTE
        began += round_at(known, now, burst(now - LATE, 60 if hours < 9 else 3))
    assert began == [(Kind.SPIKE, "search")]


def test_what_was_called_out_as_it_happened_is_not_told_again_for_a_straggler(
    known: Database,
) -> None:
    assert round_at(known, NOON, burst(NOON)) == [(Kind.SPIKE, "search")]
    for hours in range(1, 40):
        assert round_at(known, NOON + hours * HOUR, usual(NOON + hours * HOUR)) == []
    assert round_at(known, NOON + 40 * HOUR, burst(NOON, 1)) == []


def steady(database: Database, hours: Iterable[int]) -> list[tuple[Kind, str]]:
    """What is found while it goes on as usual."""
    times = (NOON + later * HOUR for later in hours)
    return [found for at in times for found in round_at(database, at, usual(at))]


@pytest.mark.parametrize("hours", [10, 15, 22])
def test_an_outage_that_comes_late_is_told_though_another_was_hours_before(
    known: Database, hours: int
) -> None:
    assert round_at(known, NOON, burst(NOON)) == [(Kind.SPIKE, "search")]
    assert steady(known, range(1, 28)) == []
    late = burst(NOON + hours * HOUR, 300)
    assert round_at(known, NOON + 28 * HOUR, late) == [(Kind.SPIKE, "search")]


def test_an_outage_that_comes_late_is_told_while_another_goes_on(known: Database) -> None:
    assert round_at(known, NOON, burst(NOON)) == [(Kind.SPIKE, "search")]
    late = burst(NOON - 20 * HOUR, 300)
    assert round_at(known, NOON + MINUTE, late) == [(Kind.SPIKE, "search")]
    told, running = reasons(known)
    assert told.endswith("happened 2026-11-17 16:00 UTC, but reached us only 2026-11-18 12:01 UTC")
    assert "happened" not in running
    assert round_at(known, NOON + 2 * MINUTE, burst(NOON - 20 * HOUR, 5)) == [], "told already"


def test_two_outages_of_one_backlog_are_two(known: Database) -> None:
    late = [*burst(NOON - 40 * HOUR), *burst(NOON - 39 * HOUR), *burst(NOON - 9 * HOUR, 300)]
    assert round_at(known, NOON, late) == [(Kind.SPIKE, "search")] * 2
    happened = [reason.partition("happened ")[2] for reason in reasons(known)]
    assert [when[:16] for when in happened] == ["2026-11-16 21:00", "2026-11-18 03:00"]


def test_what_was_read_from_a_file_is_called_out_once(known: Database) -> None:
    touched = record(known, burst(NOON - LATE), now=NOON).signature_ids
    (began,) = catch_up(known, touched, until=NOON - HOUR, rules=RULES)
    assert began.finding.kind is Kind.SPIKE
    assert revisit(known, unjudged(known, now=NOON), now=NOON, rules=RULES) == ()


def test_a_new_error_that_comes_late_is_new_and_nothing_else(known: Database) -> None:
    late = burst(NOON - LATE, service="cart")
    assert round_at(known, NOON, late) == [(Kind.NEW, "cart")]


def test_what_is_new_by_its_arrival_is_nothing_else(known: Database) -> None:
    hours = [NOON - back * HOUR for back in range(1, 9 * 24)]
    backlog = [an_event(service="cart", time=at) for at in hours]
    late = [*backlog, *burst(NOON - LATE, service="cart")]
    assert round_at(known, NOON, late) == [(Kind.NEW, "cart")]


def test_an_outage_that_comes_late_of_what_is_new_is_told(known: Database) -> None:
    began = NOON - LATE - 2 * HOUR
    few = [an_event(service="cart", time=began + number * MINUTE) for number in range(3)]
    assert round_at(known, began + 5 * MINUTE, few) == [(Kind.NEW, "cart")]
    late = burst(NOON - LATE, 300, service="cart")
    assert round_at(known, NOON, late) == [(Kind.SPIKE, "cart")]


def test_an_outage_that_comes_late_is_no_part_of_a_small_one_that_was_told(known: Database) -> None:
    assert round_at(known, NOON, burst(NOON, 40)) == [(Kind.SPIKE, "search")]
    late = burst(NOON - 5 * HOUR, 300)
    assert round_at(known, NOON + MINUTE, late) == [(Kind.SPIKE, "search")]
    rest = burst(NOON - 5 * HOUR, 900)
    assert round_at(known, NOON + 2 * MINUTE, rest) == [], "the rest of what came late"


def test_what_happened_before_anybody_watched_is_history(known: Database) -> None:
    assert round_at(known, NOON, burst(NOON - 10 * DAY)) == []


def test_a_first_log_that_is_read_whole_is_history(database: Database) -> None:
    hours = [NOON - back * HOUR for back in range(1, 9 * 24)]
    events = [event for at in hours for event in usual(at)]
    record(database, [*events, *burst(NOON - 30 * HOUR)], now=NOON)
    assert revisit(database, unjudged(database, now=NOON), now=NOON, rules=RULES) == ()


def test_it_is_counted_again_for_the_hour_it_happened_in(known: Database) -> None:
    round_at(known, NOON, burst(NOON - LATE))
    with known.read() as session:
        (short_id,) = signatures.short_ids(session)
    (one,) = recount.why(known, short_id, now=NOON + DAY, rules=RULES).recounts
    assert (one.is_same, f"{one.at:%H:%M}") == (True, "07:59")


def test_it_is_over_after_six_calm_hours(known: Database) -> None:
    round_at(known, NOON, burst(NOON - LATE))
    for hours in range(1, 8):
        round_at(known, NOON + hours * HOUR, usual(NOON + hours * HOUR))
    with known.read() as session:
        (short_id,) = signatures.short_ids(session)
    (episode,) = look.receipts(known, short_id)
    assert (episode.opened_at, episode.closed_at) == (NOON, NOON + 6 * HOUR)


def test_a_look_of_the_watch_finds_it(known: Database) -> None:
    clock = Clock()
    watch = Watch(known, clock, rules=RULES, site_rules=())
    record(known, burst(NOON - LATE), now=NOON)
    watch.look()
    assert len(reasons(known)) == 1


def test_what_is_critical_is_posted_when_it_comes(known: Database) -> None:
    text = "java.lang.OutOfMemoryError: Java heap space"
    for back in (9 * 24, *range(8 * 24, 0, -1)):
        at = NOON - back * HOUR
        record(known, [replace(one, message=text) for one in usual(at)], now=at)
    later = NOON + HOUR
    began = round_at(known, later, burst(NOON - LATE, message=text))
    assert began == [(Kind.CRITICAL, "search"), (Kind.SPIKE, "search")]
    assert alert(known, channels={"C1": Policy(6)}, now=later + MINUTE) == 1
