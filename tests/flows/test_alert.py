from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from bot.core.detection.finding import Kind
from bot.core.detection.threshold import Rules
from bot.core.ownership.quiet import Quiet
from bot.core.telling.audience import Audience
from bot.core.telling.digest import caveat, verdict
from bot.core.telling.policy import Policy
from bot.flows import decide, look
from bot.flows.alert import AT_ONCE, alert
from bot.flows.record import record
from bot.flows.watch import Watch
from bot.slack.rendering import Wanted, render
from storage import anomalies, outbox
from storage.database import Database
from tests.builders import NOON, an_event, no_link
from tests.fakes import Clock

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
OUT_OF_MEMORY = "java.lang.OutOfMemoryError: Java heap space"


@pytest.fixture(autouse=True)
def fleet(database: Database) -> None:
    """Three days of usual errors: enough to judge by."""
    hours = [NOON - back * HOUR for back in range(1, 72)]
    record(database, [an_event(service="search", time=hour) for hour in hours], now=NOON)


def begun(
    database: Database,
    *services: str,
    at: datetime = NOON,
    message: str = OUT_OF_MEMORY,
    kind: Kind = Kind.CRITICAL,
) -> None:
    """Episodes that begin now, critical unless it is said, one a service."""
    for service in services:
        event = an_event(service=service, message=message, time=at)
        (number,) = record(database, [event], now=at).signature_ids
        with database.write() as session:
            anomalies.begin(session, number, kind=kind, now=at, reason="out of memory", receipt={})


def told(
    database: Database,
    *kinds: Kind,
    now: datetime = NOON,
    most: int = 6,
    quiet: Quiet | None = None,
) -> int:
    policy = Policy(most, frozenset(kinds or {Kind.CRITICAL}), quiet)
    return alert(database, channels={"C1": policy}, now=now)


REFUSED = "out of memory: upstream pricing: connection refused"


def contents(database: Database) -> list[Any]:
    with database.read() as session:
        found = outbox.wanted_since(session, NOON - HOUR, kinds=("alert", "alerts"))
        return [message.content for message in found]


def wanted(database: Database, kind: str) -> list[Any]:
    with database.read() as session:
        query = text("SELECT key, wanted FROM outbox WHERE kind = :kind ORDER BY id")
        return [tuple(row) for row in session.execute(query, {"kind": kind})]


def named(database: Database, service: str) -> str:
    waiting = look.unclaimed(database, now=NOON + 24 * HOUR)
    return next(card.short_id for card in waiting if card.service == service)


def test_what_is_critical_is_wanted_at_once_and_once(database: Database) -> None:
    begun(database, "checkout")
    assert told(database) == 1
    assert told(database) == told(database, now=NOON + 59 * MINUTE) == 0
    assert wanted(database, "alert") == [("alert:1:C1", 1)]
    assert wanted(database, "details") == [("alert:1:C1:details", 1)]


def test_each_channel_is_told(database: Database) -> None:
    begun(database, "checkout")
    assert (
        alert(database, channels={"C1": Policy(6), "C2": Policy(6), "C3": Policy(0)}, now=NOON) == 2
    )
    assert [key for key, _ in wanted(database, "alert")] == ["alert:1:C1", "alert:1:C2"]


def test_what_is_muted_or_over_or_of_another_kind_alerts_nobody(database: Database) -> None:
    begun(database, "muted", "over")
    decide.mute(database, named(database, "muted"), by="U1", now=NOON, reason="known", until=None)
    with database.write() as session:
        anomalies.end(session, [2], now=NOON, calm_since=NOON)
        anomalies.begin(session, 1, kind=Kind.SPIKE, now=NOON, reason="", receipt={})
    assert told(database) == 0


def test_what_began_more_than_an_hour_ago_waits_for_the_digest(database: Database) -> None:
    begun(database, "checkout", at=NOON - HOUR)
    assert told(database) == 0


def test_beyond_the_budget_one_message_lists_the_rest_and_grows(database: Database) -> None:
    begun(database, "a", "b", "c", "d")
    assert told(database, most=2) == 4
    assert len(wanted(database, "alert")) == 2
    ((_, shown),) = wanted(database, "alerts")
    assert shown == 1
    begun(database, "e", at=NOON + MINUTE)
    assert told(database, now=NOON + MINUTE, most=2) == 1
    ((_, shown),) = wanted(database, "alerts")
    assert shown == 2
    assert told(database, now=NOON + 2 * MINUTE, most=2) == 0


def test_the_list_knows_what_was_posted_one_by_one_and_shows_what_becomes_of_it(
    database: Database,
) -> None:
    begun(database, "a", "b", "c")
    told(database, most=2)
    (listed,) = (one for one in contents(database) if "posted" in one)
    posted = {named(database, service) for service in ("a", "b")}
    assert (set(listed["posted"]), listed["signatures"]) == (posted, [named(database, "c")])
    decide.claim(database, named(database, "a"), by="U1", now=NOON)
    ((_, shown),) = wanted(database, "alerts")
    assert shown == 2


def test_when_the_list_was_deleted_the_rest_is_listed_anew(database: Database) -> None:
    begun(database, "a", "b")
    told(database, most=1)
    with database.write() as session:
        (listed,) = outbox.wanted_since(session, NOON - HOUR, kinds=("alerts",))
        listed.failed_at, listed.last_error = NOON, "message_not_found"
    begun(database, "c", at=NOON + MINUTE)
    assert told(database, now=NOON + MINUTE, most=1) == 1
    assert [shown for _, shown in wanted(database, "alerts")] == [1, 1]


def test_what_is_listed_is_shown_in_its_state_of_now(database: Database) -> None:
    begun(database, "a", "b")
    told(database, most=1)
    decide.claim(database, named(database, "b"), by="U1", now=NOON)
    ((_, shown),) = wanted(database, "alerts")
    assert shown == 2


def test_an_hour_later_there_is_room_again(database: Database) -> None:
    begun(database, "a", "b")
    told(database, most=1)
    later = NOON + HOUR
    begun(database, "c", "d", at=later)
    assert told(database, now=later, most=1) == 2
    assert (len(wanted(database, "alert")), len(wanted(database, "alerts"))) == (2, 2)


@pytest.mark.promise(row="R6")
def test_what_was_posted_while_the_clock_was_ahead_takes_no_room_once_it_is_right(
    database: Database,
) -> None:
    ahead = NOON + 365 * 24 * HOUR
    begun(database, "a", "b", at=ahead)
    told(database, now=ahead, most=2)
    begun(database, "c", "d")
    told(database, most=2)
    assert (len(wanted(database, "alert")), len(wanted(database, "alerts"))) == (4, 0)


def test_an_alert_goes_on_counting_each_time_it_doubled(database: Database) -> None:
    begun(database, "checkout")
    told(database)
    shown = []
    for _ in range(8):
        event = an_event(service="checkout", message=OUT_OF_MEMORY)
        record(database, [event], now=NOON)
        told(database)
        shown.append(wanted(database, "alert")[0][1])
    assert shown == [2, 2, 3, 3, 3, 3, 4, 4], "at 2, 4 and 8"


def test_an_alarm_posts_what_came_in_since_with_its_owner(database: Database) -> None:
    clock = Clock()
    watch = Watch(database, clock, rules=Rules(), site_rules=())
    watch.alarm({"C1": Policy(6)})
    assert wanted(database, "alert") == []
    fresh = [an_event(service="checkout", message=OUT_OF_MEMORY), an_event(service="other")]
    record(database, fresh, now=NOON)
    clock.move(seconds=3)
    for _ in range(3):
        watch.alarm({"C1": Policy(6)})
    assert len(wanted(database, "alert")) == 1
    (card,) = look.unclaimed(database, now=clock())
    assert card.kinds == (Kind.CRITICAL, Kind.NEW)
    assert card.owner == "dev"


def test_an_alarm_goes_off_in_the_first_minute_after_install(other: Database) -> None:
    clock = Clock()
    watch = Watch(other, clock, rules=Rules(), site_rules=())
    record(other, [an_event(message=OUT_OF_MEMORY), an_event(service="search")], now=NOON)
    clock.move(seconds=3)
    watch.alarm({"C1": Policy(6)})
    assert len(wanted(other, "alert")) == 1
    digest = look.today(other, now=clock())
    assert verdict(digest) == "1 critical · cannot judge yet · 2 seen"
    assert "only what is critical" in caveat(digest)


def test_an_alarm_of_a_restarted_process_does_not_go_off_again(database: Database) -> None:
    record(database, [an_event(message=OUT_OF_MEMORY)], now=NOON)
    for _ in range(2):
        Watch(database, Clock(), rules=Rules(), site_rules=()).alarm({"C1": Policy(6)})
    assert len(wanted(database, "alert")) == 1


def test_what_is_part_of_an_incident_that_has_a_message_is_shown_in_that(
    database: Database,
) -> None:
    begun(database, "gateway", message=REFUSED)
    told(database)
    begun(database, "web", "shop", message=REFUSED, at=NOON + MINUTE)
    begun(database, "search")
    assert told(database, now=NOON + MINUTE, most=2) == 3
    incident, alone = contents(database)
    assert incident["signature"] == named(database, "gateway")
    assert incident["siblings"] == [named(database, "web"), named(database, "shop")]
    assert incident["because"] == "pricing is in trouble"
    assert alone["signature"] == named(database, "search")
    assert len(wanted(database, "details")) == 4, "each is explained in the thread"
    assert told(database, now=NOON + 2 * MINUTE, most=2) == 0


def test_what_is_part_of_a_muted_incident_has_a_message_of_its_own(database: Database) -> None:
    begun(database, "gateway", message=REFUSED)
    told(database)
    decide.mute(database, named(database, "gateway"), by="U1", now=NOON, reason="known", until=None)
    begun(database, "web", message=REFUSED, at=NOON + MINUTE)
    told(database, now=NOON + MINUTE)
    assert [content["signature"] for content in contents(database)][1] == named(database, "web")


def test_an_alert_of_an_incident_shows_the_siblings_of_now(database: Database) -> None:
    begun(database, "gateway", "web", message=REFUSED)
    told(database)
    (content,) = contents(database)
    decide.claim(database, named(database, "web"), by="U1", now=NOON)
    shown = render(database, "alert", Wanted(content, version=1, now=NOON, link=no_link))
    said = str(shown.blocks)
    assert "2 services" in said
    assert "because: pricing is in trouble" in said
    assert "claimed by U1" in said
    buttons = [block["accessory"]["value"] for block in shown.blocks if "accessory" in block]
    assert buttons == content["siblings"]


@pytest.mark.parametrize("kind", [Kind.SPIKE, Kind.SPREAD, Kind.NEW, Kind.BACK])
def test_a_channel_is_told_at_once_of_what_it_asked_for(database: Database, kind: Kind) -> None:
    begun(database, "checkout", message="slow", kind=kind)
    assert told(database) == 0, "only of what is critical, unless it asked"
    assert told(database, kind) == 1
    assert told(database, kind) == 0


def test_the_most_urgent_takes_the_room_there_is(database: Database) -> None:
    begun(database, "search", message="slow", kind=Kind.SPIKE)
    begun(database, "checkout")
    assert told(database, Kind.CRITICAL, Kind.SPIKE, most=1) == 2
    assert contents(database)[0]["signature"] == named(database, "checkout")


def test_in_quiet_hours_only_what_is_critical_is_told(database: Database) -> None:
    begun(database, "search", message="slow", kind=Kind.SPIKE)
    begun(database, "checkout")
    quiet = Quiet(time(11), time(13), ZoneInfo("UTC"))
    assert told(database, Kind.CRITICAL, Kind.SPIKE, quiet=quiet) == 1
    assert contents(database)[0]["signature"] == named(database, "checkout")


def test_what_begins_again_within_a_day_only_updates_its_message(database: Database) -> None:
    begun(database, "checkout", message="slow", kind=Kind.SPIKE)
    told(database, Kind.SPIKE, Kind.SPREAD)
    later = NOON + 9 * HOUR
    with database.write() as session:
        anomalies.end(session, [1], now=NOON + HOUR, calm_since=NOON + HOUR)
    begun(database, "checkout", message="slow", kind=Kind.SPIKE, at=later)
    begun(database, "checkout", message="slow", kind=Kind.SPREAD, at=later)
    assert told(database, Kind.SPIKE, Kind.SPREAD, now=later) == 2
    ((_, shown),) = wanted(database, "alert")
    assert shown > 1
    assert told(database, Kind.SPIKE, Kind.SPREAD, now=later) == 0


def test_what_becomes_critical_gets_a_message_of_its_own(database: Database) -> None:
    begun(database, "checkout", kind=Kind.SPIKE)
    told(database, Kind.CRITICAL, Kind.SPIKE)
    begun(database, "checkout", at=NOON + MINUTE)
    assert told(database, Kind.CRITICAL, Kind.SPIKE, now=NOON + MINUTE) == 1
    assert len(wanted(database, "alert")) == 2
    begun(database, "checkout", kind=Kind.SPREAD, at=NOON + 2 * MINUTE)
    told(database, Kind.CRITICAL, Kind.SPREAD, now=NOON + 2 * MINUTE)
    assert len(wanted(database, "alert")) == 2


def test_of_a_storm_some_are_told_in_each_round_and_all_in_the_end(database: Database) -> None:
    """So that no round holds the database for long."""
    begun(database, *(f"service-{number}" for number in range(AT_ONCE + 5)))
    assert told(database, most=2) == AT_ONCE
    assert told(database, most=2) == 5
    assert told(database, most=2) == 0
    assert (len(wanted(database, "alert")), len(wanted(database, "alerts"))) == (2, 1)


def test_a_channel_is_alerted_of_what_it_is_there_for(database: Database) -> None:
    begun(database, "checkout", "cart")
    policies = {
        "C1": Policy(6, audience=Audience(services=("cart",))),
        "C2": Policy(6, audience=Audience(customers=("globex",))),
        "C3": Policy(6, audience=Audience(customers=("acme",), kinds=(Kind.CRITICAL,))),
    }
    assert alert(database, channels=policies, now=NOON) == 3
    keys = [key for key, _ in wanted(database, "alert")]
    assert sorted(key.rpartition(":")[2] for key in keys) == ["C1", "C3", "C3"]
