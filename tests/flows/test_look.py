from datetime import datetime, timedelta

import pytest

from bot.core.detection.finding import Kind
from bot.core.detection.receipt import VERSION
from bot.core.detection.threshold import Rules
from bot.core.ownership.decision import State
from bot.core.telling.digest import Card
from bot.errors import NotFound
from bot.flows import decide, find, look
from bot.flows.deploy import deploy
from bot.flows.detect import detect
from bot.flows.record import record
from bot.flows.triage import triage
from bot.flows.watch import Watch
from storage import signatures
from storage.database import Database
from storage.deploys import Version
from tests.builders import NOON, an_event, statements

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def busy(database: Database) -> str:
    """A checkout error of three days, four an hour until an hour ago, and its id."""
    events = [
        an_event(time=NOON - hours * HOUR, received=NOON, version="4.19.0", customer=customer)
        for hours in range(1, 96)
        for customer in ("acme", "acme", "acme", "globex")
    ]
    (number,) = record(database, events, now=NOON).signature_ids
    with database.read() as session:
        return find.by_number(session, number).short_id


def test_a_card_counts_the_last_day_against_the_usual_one(database: Database, busy: str) -> None:
    card = look.card(database, busy, now=NOON)
    assert (card.last_day, card.total) == (24 * 4, 95 * 4)
    assert card.usual_day == 96
    assert card.daily == (*[0] * 12, 96, 96, 96)
    assert card.customers == (("acme", 72), ("globex", 24))
    assert card.state is State.OPEN


@pytest.mark.parametrize("written", ["{}", " {} ", "`{}`", "*{}*", "<{}>"])
def test_an_id_is_understood_however_it_is_written(
    database: Database, busy: str, written: str
) -> None:
    for name in (busy, busy.lower(), busy.removeprefix("E-"), busy.replace("-", "")):
        assert look.card(database, written.format(name), now=NOON).short_id == busy


def test_an_id_that_begins_with_an_e_is_understood_without_its_prefix(database: Database) -> None:
    many = [an_event(service=f"service-{number}") for number in range(200)]
    record(database, many, now=NOON)
    with database.read() as session:
        names = signatures.short_ids(session)
    name = next(name for name in names if name.startswith("E-E"))
    assert look.card(database, name.removeprefix("E-"), now=NOON).short_id == name


@pytest.mark.parametrize("asked", ["", "E-", "E-000", "'; DROP TABLE", "E-" + "X" * 10_000, "\x00"])
def test_what_is_no_id_is_not_found_and_not_repeated_at_length(
    database: Database, busy: str, asked: str
) -> None:
    with pytest.raises(NotFound) as refusal:
        look.card(database, asked, now=NOON)
    assert len(str(refusal.value)) < 200


def test_a_card_is_explained_before_anybody_triaged_it(database: Database, busy: str) -> None:
    before = look.card(database, busy, now=NOON)
    assert triage(database, now=NOON, site_rules=()) == 1
    after = look.card(database, busy, now=NOON)
    assert before.analysis == after.analysis
    assert (before.owner, bool(after.owner), bool(after.owner_reason)) == ("", True, True)
    assert triage(database, now=NOON, site_rules=()) == 0


def test_what_a_person_decided_triage_leaves_alone(database: Database, busy: str) -> None:
    decide.reroute(database, busy, team="payments", by="U1", now=NOON)
    triage(database, now=NOON, site_rules=())
    assert look.card(database, busy, now=NOON).owner == "payments"


def test_many_cards_take_no_more_queries_than_few(database: Database) -> None:
    asked = []
    for count in (3, 60):
        fresh = [an_event(service=f"service-{n}", version=f"1.{n}") for n in range(count)]
        recorded = record(database, fresh, now=NOON)
        detect(database, recorded.signature_ids, now=NOON, rules=Rules())
        with statements(database) as heard:
            look.today(database, now=NOON)
        asked.append(len(heard))
    assert asked[0] == asked[1]


def test_a_new_error_names_the_release_it_came_after(database: Database, busy: str) -> None:
    released = NOON - 22 * timedelta(minutes=1)
    record(database, [an_event(time=released, version="4.19.1")], now=NOON)
    fresh = an_event(message="cart is empty", version="4.19.1")
    (number,) = record(database, [fresh], now=NOON).signature_ids
    with database.read() as session:
        name = find.by_number(session, number).short_id
    assert look.card(database, name, now=NOON).after_deploy == "22 min after checkout 4.19.1"
    assert look.card(database, busy, now=NOON).after_deploy == ""


def test_a_release_that_another_one_followed_is_not_named(database: Database, busy: str) -> None:
    for minutes, version in ((30, "4.19.1"), (20, "4.19.2")):
        at = NOON - timedelta(minutes=minutes)
        record(database, [an_event(time=at, version=version)], now=NOON)
    (number,) = record(
        database, [an_event(message="cart is empty", version="4.19.1")], now=NOON
    ).signature_ids
    with database.read() as session:
        name = find.by_number(session, number).short_id
    assert look.card(database, name, now=NOON).after_deploy == ""


def card_of_a_new_error(database: Database, *, version: str = "") -> Card:
    fresh = an_event(message="cart is empty", version=version)
    (number,) = record(database, [fresh], now=NOON).signature_ids
    with database.read() as session:
        name = find.by_number(session, number).short_id
    return look.card(database, name, now=NOON)


def told(database: Database, version: str, *, minutes: int, environment: str = "") -> datetime:
    at = NOON - timedelta(minutes=minutes)
    return deploy(database, Version("checkout", environment, version), at=at, now=NOON)


def test_a_release_begins_when_it_was_deployed_or_seen_whichever_is_earlier(
    database: Database, busy: str
) -> None:
    told(database, "4.19.1", minutes=22)
    record(database, [an_event(time=NOON - timedelta(minutes=9), version="4.19.1")], now=NOON)
    told(database, "4.19.1", minutes=3)
    card = card_of_a_new_error(database, version="4.19.1")
    assert card.after_deploy == "22 min after checkout 4.19.1"


def test_a_release_that_was_seen_before_it_was_told_of_began_when_it_was_seen(
    database: Database, busy: str
) -> None:
    record(database, [an_event(time=NOON - timedelta(minutes=9), version="4.19.1")], now=NOON)
    assert told(database, "4.19.1", minutes=3) == NOON - timedelta(minutes=9)
    card = card_of_a_new_error(database, version="4.19.1")
    assert card.after_deploy == "9 min after checkout 4.19.1"


def test_errors_that_name_no_version_came_after_what_was_deployed_last(
    database: Database, busy: str
) -> None:
    told(database, "4.19.1", minutes=40)
    told(database, "4.19.2", minutes=22)
    told(database, "4.20.0", minutes=-5)
    assert card_of_a_new_error(database).after_deploy == "22 min after checkout 4.19.2"


def test_a_deploy_to_another_environment_is_not_named(database: Database, busy: str) -> None:
    told(database, "4.19.2", minutes=22, environment="staging")
    assert card_of_a_new_error(database).after_deploy == ""
    told(database, "4.19.2", minutes=20, environment="production")
    assert card_of_a_new_error(database).after_deploy == "20 min after checkout 4.19.2"


def test_today_and_the_queue_show_what_is_unusual_until_somebody_has_it(
    database: Database, busy: str
) -> None:
    fresh = an_event(message="cart is empty")
    recorded = record(database, [fresh], now=NOON)
    detect(database, recorded.signature_ids, now=NOON, rules=Rules())
    (card,) = look.today(database, now=NOON).cards
    assert card.kinds == (Kind.NEW,)
    assert [one.short_id for one in look.unclaimed(database, now=NOON)] == [card.short_id]
    decide.claim(database, card.short_id, by="U1", now=NOON)
    assert look.unclaimed(database, now=NOON) == ()
    assert [one.short_id for one in look.mine(database, "U1", now=NOON)] == [card.short_id]
    assert look.mine(database, "U2", now=NOON) == ()


def test_what_began_after_the_moment_asked_about_does_not_wait_for_anybody_then(
    database: Database, busy: str
) -> None:
    recorded = record(database, [an_event(message="cart is empty")], now=NOON)
    detect(database, recorded.signature_ids, now=NOON, rules=Rules())
    before, on = NOON - timedelta(minutes=1), NOON + DAY
    assert look.today(database, now=before).unclaimed == look.unclaimed(database, now=before) == ()
    assert look.handover(database, now=before).unclaimed == ()
    assert look.status(database, now=before).unusual == 0
    assert [card.title for card in look.today(database, now=on).unclaimed] == ["cart is empty"]


@pytest.mark.parametrize("minute", [0, 1, 59])
def test_a_card_counts_the_running_hour_and_the_23_before(database: Database, minute: int) -> None:
    hourly = [an_event(time=NOON - (n + 0.5) * HOUR, received=NOON) for n in range(40)]
    record(database, hourly, now=NOON)
    with database.read() as session:
        (name,) = signatures.short_ids(session)
    now = NOON - HOUR + timedelta(minutes=minute)
    assert look.card(database, name, now=now).last_day == 24


def test_why_keeps_the_receipt_of_each_episode(database: Database, busy: str) -> None:
    recorded = record(database, [an_event() for _ in range(200)], now=NOON)
    detect(database, recorded.signature_ids, now=NOON, rules=Rules())
    (episode,) = look.receipts(database, busy)
    assert episode.kind is Kind.SPIKE
    assert episode.receipt["observed"] >= episode.receipt["fires_from"]
    assert episode.receipt["version"] == VERSION
    assert str(episode.receipt["fires_from"]) in episode.reason


def test_an_empty_database_has_an_answer_to_everything(database: Database) -> None:
    today = look.today(database, now=NOON)
    assert (today.cards, today.unclaimed, today.footer.events) == ((), (), 0)
    assert look.unclaimed(database, now=NOON) == look.mine(database, "U1", now=NOON) == ()


def test_a_search_reads_text_service_and_id_in_any_case_and_takes_no_pattern(
    database: Database, busy: str
) -> None:
    record(database, [an_event(service="50%", message="the index is gone")], now=NOON)

    def found(words: str) -> list[str]:
        return [card.service for card in look.search(database, words, now=NOON, most=5).cards]

    assert found("PAYMENT failed") == found(busy.lower()) == found("checkout") == ["checkout"]
    assert found("%") == found("the INDEX") == ["50%"]
    assert found("_ndex") == []


@pytest.mark.both_engines
def test_a_search_for_a_customer_finds_what_hit_it_within_a_day(database: Database) -> None:
    seen = (("web", "acme", NOON), ("shop", "acme-eu", NOON), ("cart", "acme", NOON - 24 * HOUR))
    record(database, [an_event(service=s, customer=c, time=t) for s, c, t in seen], now=NOON)
    found = look.search(database, "ACME", now=NOON, most=5).cards
    assert [card.service for card in found] == ["web"]


def test_a_search_counts_what_it_does_not_show(database: Database) -> None:
    record(database, [an_event(service=f"web-{number}") for number in range(4)], now=NOON)
    found = look.search(database, "web-", now=NOON, most=3)
    assert (len(found.cards), found.total) == (3, 4)


def test_a_handover_has_what_is_held_what_waits_what_ends_and_what_is_mended(
    database: Database,
) -> None:
    usual = [an_event(service="usual", time=NOON - hours * HOUR) for hours in range(60)]
    fresh = [an_event(service=service) for service in ("held", "waits", "ends", "stays", "mended")]
    numbers = record(database, [*usual, *fresh], now=NOON).signature_ids
    detect(
        database,
        numbers,
        now=NOON,
        rules=Rules(),
    )
    with database.read() as session:
        names = {row.service: row.short_id for row in signatures.get(session, numbers).values()}
    decide.claim(database, names["held"], by="U1", now=NOON)
    decide.resolve(database, names["mended"], by="U1", now=NOON)
    for service, days in (("ends", 1), ("stays", 2)):
        until = NOON + days * DAY
        decide.mute(database, names[service], by="U1", now=NOON, reason="known", until=until)
    found = look.handover(database, now=NOON)
    assert [card.service for card in found.claimed] == ["held"]
    assert [card.service for card in found.unclaimed] == ["waits"]
    assert [card.service for card in found.muted] == ["ends"]
    assert [card.service for card in found.resolved] == ["mended"]
    assert [card.service for card in look.muted(database, now=NOON)] == ["ends", "stays"]


@pytest.mark.parametrize(
    ("message", "days"), [("it broke", 1), ("java.lang.OutOfMemoryError: Java heap space", 7)]
)
def test_what_is_over_waits_a_day_for_somebody_and_what_was_critical_a_week(
    database: Database, message: str, days: int
) -> None:
    usual = [an_event(service="usual", time=NOON - hours * HOUR) for hours in range(60)]
    numbers = record(database, [*usual, an_event(message=message)], now=NOON).signature_ids
    detect(database, numbers, now=NOON, rules=Rules())
    (short_id,) = [card.short_id for card in look.unclaimed(database, now=NOON)]
    over = NOON + 2 * DAY
    detect(database, (), now=over, rules=Rules())
    assert look.status(database, now=over).unusual == 0, "it is new for a day"

    def waits(now: datetime) -> list[str]:
        return [card.short_id for card in look.handover(database, now=now).unclaimed]

    last = over + days * DAY - MINUTE
    assert waits(over) == waits(last) == [short_id]
    assert look.unclaimed(database, now=last)[0].over_since == over
    assert waits(last + MINUTE) == []
    decide.claim(database, short_id, by="U1", now=over)
    assert waits(over) == []


def test_a_handover_asks_after_30_days_whether_what_is_muted_without_an_end_is_noise_still(
    database: Database, busy: str
) -> None:
    decide.mute(database, busy, by="U1", now=NOON, reason="known", until=None)
    assert look.handover(database, now=NOON + 29 * DAY).muted == ()
    assert [card.short_id for card in look.handover(database, now=NOON + 30 * DAY).muted] == [busy]


def test_a_team_is_shown_what_it_has_to_act_on(database: Database, busy: str) -> None:
    triage(database, now=NOON, site_rules=())
    assert look.owned(database, "platform", now=NOON) == ()
    decide.claim(database, busy, by="U1", now=NOON)
    assert [card.short_id for card in look.owned(database, "platform", now=NOON)] == [busy]
    assert look.owned(database, "dev", now=NOON) == ()


def test_a_mute_says_what_it_hid(database: Database, busy: str) -> None:
    decide.mute(database, busy, by="U1", now=NOON, reason="known", until=None)
    record(database, [an_event(time=NOON, received=NOON + HOUR)], now=NOON + HOUR)
    (card,) = look.muted(database, now=NOON + HOUR)
    assert card.hidden == 1
    assert look.today(database, now=NOON + HOUR).footer.hidden_events == 1


def test_a_card_names_who_resolved_and_who_rerouted_it(database: Database, busy: str) -> None:
    decide.reroute(database, busy, team="platform", by="U1", now=NOON)
    decide.reroute(database, busy, team="dev", by="U2", now=NOON)
    assert look.card(database, busy, now=NOON).rerouted_by == "U2"
    decide.undo(database, by="U2", now=NOON)
    decide.resolve(database, busy, by="U3", now=NOON)
    card = look.card(database, busy, now=NOON)
    assert (card.rerouted_by, card.resolved_by) == ("U1", "U3")


def test_a_card_lists_what_is_merged_into_it_by_whom_and_why(database: Database, busy: str) -> None:
    names = []
    for service in ("cart", "search"):
        (number,) = record(database, [an_event(service=service)], now=NOON).signature_ids
        with database.read() as session:
            names.append(find.by_number(session, number).short_id)
        decide.merge(database, names[-1], into=busy, by="U1", now=NOON)
    first, second = names
    shown = look.card(database, busy, now=NOON).merged
    assert [(one.short_id, one.total, one.by, one.reason, one.at) for one in shown] == [
        (second, 1, "U1", "one error", NOON),
        (first, 1, "U1", "one error", NOON),
    ]
    decide.split(database, second, by="U2", now=NOON)
    assert [one.short_id for one in look.card(database, busy, now=NOON).merged] == [first]
    decide.undo(database, by="U2", now=NOON)
    assert len(look.card(database, first, now=NOON).merged) == 2


def test_a_source_is_told_by_what_came_how_fresh_it_is_and_whether_it_is_silent(
    database: Database,
) -> None:
    for hours, name in ((30, "sentry/shop"), (29, "sentry/shop"), (28, "sentry/shop"), (1, "file")):
        at = NOON - timedelta(hours=hours)
        old = an_event(source=name, time=at - timedelta(minutes=5), received=at)
        record(database, [old, an_event(source=name, time=old.time, received=at)], now=at)
    file, sentry = look.sources(database, now=NOON)
    assert (file.name, file.events, file.lag) == ("file", 2, timedelta(minutes=5))
    assert (file.hearing.is_silent, sentry.hearing.is_silent) == (False, True)
    assert (sentry.events, sentry.received) == (0, NOON - timedelta(hours=28))
    status = look.status(database, now=NOON)
    assert status.footer.silent == (("sentry/shop", NOON - timedelta(hours=28)),)


def test_what_came_and_is_not_judged_yet_is_told(database: Database) -> None:
    record(database, [an_event(), an_event(message="a second one")], now=NOON)
    assert look.waiting(database, now=NOON) == 2
    assert look.waiting(database, now=NOON - timedelta(hours=2)) == 0, "it had not come then"
    Watch(database, lambda: NOON, rules=Rules(), site_rules=()).look()
    assert look.waiting(database, now=NOON) == 0
