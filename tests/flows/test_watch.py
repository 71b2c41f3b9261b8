from datetime import timedelta

from bot.core.threshold import Rules
from bot.flows.find import by_number
from bot.flows.look import card
from bot.flows.record import record
from bot.flows.watch import INTERVAL, Watch
from storage import anomalies
from storage.database import Database
from tests.builders import NOON, an_event
from tests.fakes import Clock


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
