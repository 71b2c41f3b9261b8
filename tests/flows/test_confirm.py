from datetime import datetime

from bot.core.event import Event
from bot.core.ownership.decision import PROGRAM
from bot.flows import decide, look
from bot.flows.confirm import confirm
from bot.flows.deploy import deploy
from bot.flows.record import record
from storage import traffic
from storage.database import Database
from storage.deploys import Version
from storage.traffic import Row
from tests.builders import NOON, an_event
from tests.flows.builders import DAY, HOUR, standing, trail

HOURS_BEFORE = 48


def broken(database: Database, *, each_hour: int = 2) -> str:
    """An error of the checkout for two days until noon, beside one that goes on for ever."""
    own = [
        an_event(time=NOON - hour * HOUR)
        for hour in range(1, HOURS_BEFORE + 1)
        for _ in range(each_hour)
    ]
    record(database, own, now=NOON)
    end = NOON + 3 * DAY
    record(database, others(NOON - 2 * DAY, end), now=end)
    found = look.search(database, "payment failed", now=NOON, most=5).cards
    return found[0].short_id


def others(since: datetime, until: datetime) -> list[Event]:
    hours = int((until - since) / HOUR)
    return [
        an_event(message="search timed out", service="search", time=since + hour * HOUR)
        for hour in range(hours)
    ]


def test_what_stays_quiet_for_a_day_after_it_was_resolved_is_confirmed_once(
    database: Database,
) -> None:
    name = broken(database)
    decide.resolve(database, name, by="U1", now=NOON)
    assert confirm(database, now=NOON + DAY) == 0
    later = NOON + DAY + HOUR
    assert confirm(database, now=later) == 1
    assert confirm(database, now=later + HOUR) == 0
    assert trail(database, name)[0] == f"{PROGRAM} confirm"
    card = look.card(database, name, now=later)
    assert card.stayed_quiet == "quiet for 24 h, expected about 48"
    assert standing(database, name).state == "resolved"


def test_what_is_seen_since_is_not_confirmed(database: Database) -> None:
    name = broken(database)
    decide.resolve(database, name, by="U1", now=NOON)
    record(database, [an_event(time=NOON + 2 * HOUR)], now=NOON + 2 * HOUR)
    assert confirm(database, now=NOON + 2 * DAY) == 0


def test_where_nothing_at_all_comes_in_nothing_is_confirmed(database: Database) -> None:
    name = broken(database)
    decide.resolve(database, name, by="U1", now=NOON + 3 * DAY)
    assert confirm(database, now=NOON + 10 * DAY) == 0


def test_a_service_without_traffic_proves_nothing(database: Database) -> None:
    name = broken(database)
    noon = int(NOON.timestamp()) // 3600
    with database.write() as session:
        before = [Row("checkout", noon - hour, 1_000, b"") for hour in range(1, 49)]
        traffic.put(session, [*before, Row("checkout", noon + 1, 10, b"")])
    decide.resolve(database, name, by="U1", now=NOON)
    assert confirm(database, now=NOON + DAY + HOUR) == 0


def test_what_is_mended_in_a_release_is_watched_from_its_deploy_on(database: Database) -> None:
    name = broken(database)
    decide.resolve(database, name, by="U1", now=NOON, version="4.19.2")
    assert confirm(database, now=NOON + 2 * DAY) == 0
    release = Version("checkout", "production", "4.19.2")
    deploy(database, release, at=NOON + DAY, now=NOON + DAY)
    assert confirm(database, now=NOON + 2 * DAY) == 0
    assert confirm(database, now=NOON + 2 * DAY + HOUR) == 1


def test_a_resolution_that_was_confirmed_can_still_be_undone(database: Database) -> None:
    name = broken(database)
    decide.resolve(database, name, by="U1", now=NOON)
    confirm(database, now=NOON + DAY + HOUR)
    decide.undo(database, by="U1", now=NOON + 2 * DAY)
    assert standing(database, name).state == "open"


def test_a_second_resolution_is_watched_anew(database: Database) -> None:
    name = broken(database)
    decide.resolve(database, name, by="U1", now=NOON)
    confirm(database, now=NOON + DAY + HOUR)
    decide.reopen(database, name, by="U1", now=NOON + 2 * DAY - HOUR)
    decide.resolve(database, name, by="U1", now=NOON + 2 * DAY - HOUR)
    assert look.card(database, name, now=NOON + 2 * DAY).stayed_quiet == ""
    assert confirm(database, now=NOON + 3 * DAY) == 1
