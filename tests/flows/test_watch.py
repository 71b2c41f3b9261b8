from datetime import datetime, timedelta

from bot.core.detection.threshold import Rules
from bot.flows.find import by_number
from bot.flows.look import card
from bot.flows.record import record
from bot.flows.watch import INTERVAL, Watch
from storage import anomalies, unjudged_hours
from storage.database import Database
from tests.builders import NOON, an_event
from tests.fakes import Clock

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def kinds(database: Database) -> list[str]:
    with database.read() as session:
        return [episode.kind for episode in anomalies.still_open(session)]


def a_fleet(database: Database) -> None:
    """An error of the search every hour of the last three days."""
    hours = [NOON - timedelta(hours=back) for back in range(1, 72)]
    record(database, [an_event(service="search", time=hour) for hour in hours], now=NOON)


def test_what_arrived_is_judged_and_given_an_owner(database: Database) -> None:
    a_fleet(database)
    (number,) = record(database, [an_event()], now=NOON).signature_ids
    Watch(database, Clock(), rules=Rules(), site_rules=()).look()
    assert kinds(database) == ["new"]
    with database.read() as session:
        short_id = by_number(session, number).short_id
    assert card(database, short_id, now=NOON).owner == "platform"


def test_it_looks_when_the_last_look_is_an_interval_ago(database: Database) -> None:
    a_fleet(database)
    clock = Clock()
    watch = Watch(database, clock, rules=Rules(), site_rules=())
    record(database, [an_event()], now=NOON)
    clock.move(seconds=INTERVAL.total_seconds() - 1)
    watch.look_if_due()
    assert kinds(database) == []
    clock.move(seconds=1)
    watch.look_if_due()
    assert kinds(database) == ["new"]


def test_what_its_sender_says_to_have_come_an_hour_ago_is_judged_and_alarmed_of(
    database: Database,
) -> None:
    """As a collector does that batches, or whose clock is behind."""
    a_fleet(database)
    clock = Clock()
    watch = Watch(database, clock, rules=Rules(), site_rules=())
    watch.look()
    watch.alarm({})
    clock.move(minutes=20)
    an_hour_ago = clock() - timedelta(hours=1)
    for service, message in (("cart", "it broke"), ("pay", "java.lang.OutOfMemoryError: heap")):
        late = an_event(service=service, message=message, time=an_hour_ago, received=an_hour_ago)
        record(database, [late], now=clock())
    clock.move(seconds=3)
    watch.alarm({})
    assert kinds(database) == ["critical", "new"]
    watch.look()
    assert kinds(database) == ["critical", "new", "new"]


def spikes(database: Database) -> list[str]:
    with database.read() as session:
        told = anomalies.news(session, since=NOON - HOUR, until=NOON + 99 * HOUR)
        return [episode.reason for episode in told if episode.kind == "spike"]


def a_watched_fleet(database: Database) -> Watch:
    """The same, of nine days, looked at ever since; its clock stands at noon."""
    for back in (9 * 24, 1):
        hours = range(back, 9 * 24 + 1) if back == 1 else (back,)
        events = [an_event(service="search", time=NOON - hour * HOUR) for hour in hours]
        record(database, events, now=NOON - back * HOUR)
    clock = Clock()
    watch = Watch(database, clock, rules=Rules(), site_rules=())
    watch.look()
    return watch


def a_burst(database: Database, at: datetime) -> None:
    events = [an_event(service="search", time=at + n % 4 * MINUTE) for n in range(100)]
    record(database, events, now=at + 4 * MINUTE)


def test_what_nobody_looked_at_in_time_is_told_at_the_next_look(database: Database) -> None:
    """The watch fails for hours while events go on to be recorded, or is not started again."""
    a_watched_fleet(database)
    a_burst(database, NOON)
    clock = Clock()
    clock.move(hours=4)
    Watch(database, clock, rules=Rules(), site_rules=()).look()
    (reason,) = spikes(database)
    assert reason.endswith(
        "; happened 2026-11-18 12:00 UTC, but nobody looked until 2026-11-18 16:00 UTC"
    )


def test_a_new_error_is_told_though_nobody_looked_for_more_than_a_day(database: Database) -> None:
    a_watched_fleet(database)
    record(database, [an_event()], now=NOON)
    clock = Clock()
    clock.move(hours=30)
    Watch(database, clock, rules=Rules(), site_rules=()).look()
    assert kinds(database) == ["new"]


def test_what_was_seen_in_time_is_not_told_again_by_a_look_that_comes_late(
    database: Database,
) -> None:
    a_watched_fleet(database)
    clock = Clock()
    clock.move(minutes=5)
    watch = Watch(database, clock, rules=Rules(), site_rules=())
    a_burst(database, NOON)
    watch.look()
    a_burst(database, NOON + 6 * MINUTE)
    clock.move(hours=5)
    watch.look()
    assert len(spikes(database)) == 1


def test_what_is_committed_long_after_it_came_is_looked_at(database: Database) -> None:
    """A batch waits for a lock, or its process for its turn: its clock was read before that."""
    watch = a_watched_fleet(database)
    record(database, [an_event()], now=NOON - 10 * MINUTE)
    watch.look()
    assert kinds(database) == ["new"]


def test_an_alarm_sees_what_is_committed_long_after_it_came(database: Database) -> None:
    watch = a_watched_fleet(database)
    watch.alarm({})
    record(database, [an_event(message="java.lang.OutOfMemoryError")], now=NOON - 10 * MINUTE)
    watch.alarm({})
    assert kinds(database) == ["critical", "new"]


def test_what_comes_while_it_is_looked_at_is_looked_at_again(database: Database) -> None:
    (number,) = record(database, [an_event()], now=NOON).signature_ids
    with database.read() as session:
        seen = unjudged_hours.since(session, 0)
    record(database, [an_event()], now=NOON + MINUTE)
    with database.write() as session:
        unjudged_hours.done(session, seen)
    with database.read() as session:
        (again,) = unjudged_hours.since(session, 0)
    assert (again.signature_id, again.arrived_at) == (number, NOON + MINUTE)


def test_nothing_is_looked_at_twice(database: Database) -> None:
    a_watched_fleet(database)
    with database.read() as session:
        assert unjudged_hours.since(session, 0) == []
