from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from bot.core.detection.finding import Kind
from bot.core.detection.threshold import Rules
from bot.core.telling.audience import Audience
from bot.core.telling.digest import Footer, deafness, figures, limits, verdict
from bot.core.telling.slot import Schedule
from bot.errors import NotFound
from bot.flows import compose, decide, look
from bot.flows.detect import detect
from bot.flows.record import record
from bot.flows.report import report, report_now
from bot.slack.rendering import Wanted, render
from storage import anomalies
from storage.database import Database, open_database
from tests.builders import NOON, an_event, no_link, statements
from tests.forked import FORKED

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DAILY = Schedule((time(9),), frozenset(range(7)), ZoneInfo("UTC"))
NINE = NOON - 3 * HOUR


def at_nine(database: Database, now: datetime, channel: str = "C1") -> int | None:
    return report(database, channel=channel, schedule=DAILY, now=now)


def digests(database: Database) -> list[tuple[str, str, bool]]:
    with database.read() as session:
        query = "SELECT channel, slot, late FROM digests ORDER BY id"
        return [(row[0], row[1], bool(row[2])) for row in session.execute(text(query))]


def wanted(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.execute(text("SELECT key FROM outbox ORDER BY id")).scalars())


def with_news(database: Database, count: int) -> None:
    """Two days of known errors, and this morning so many new ones."""
    usual = [an_event(service="search", time=NINE - hours * HOUR) for hours in range(1, 60)]
    fresh = [an_event(service=f"service-{n}", time=NINE - HOUR) for n in range(count)]
    recorded = record(database, [*usual, *fresh], now=NINE - HOUR)
    detect(database, recorded.signature_ids, now=NINE - HOUR, rules=Rules())


def test_a_digest_is_composed_once_a_slot(database: Database) -> None:
    assert at_nine(database, NINE)
    for minutes in (0, 1, 5, 600, 24 * 60 - 1):
        assert at_nine(database, NINE + minutes * MINUTE) is None
    assert at_nine(database, NINE + DAY)
    assert digests(database) == [
        ("C1", "2026-11-18 09:00", False),
        ("C1", "2026-11-19 09:00", False),
    ]


def test_each_channel_has_its_own(database: Database) -> None:
    assert at_nine(database, NINE, "C1")
    assert at_nine(database, NINE, "C2")


@pytest.mark.both_engines
@pytest.mark.promise(row="R4")
def test_of_many_who_compose_at_once_one_does(database: Database) -> None:
    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(lambda _: at_nine(database, NINE), range(64)))
    assert len([one for one in made if one]) == 1
    assert wanted(database) == ["digest:1"]


def _compose(url: str) -> int | None:
    database = open_database(url)
    try:
        return at_nine(database, NINE)
    finally:
        database.close()


@pytest.mark.both_engines
@pytest.mark.promise(row="R4")
@pytest.mark.promise(row="R23")
def test_of_several_processes_one_composes_it(url: str) -> None:
    with FORKED.Pool(2) as pool:
        made = pool.map(_compose, [url] * 8, chunksize=1)
    assert len([one for one in made if one]) == 1


@pytest.mark.promise(row="R5")
def test_after_a_downtime_it_leaves_late_and_says_so(database: Database) -> None:
    at_nine(database, NINE - DAY)
    assert at_nine(database, NINE + 4 * HOUR)
    assert digests(database)[-1] == ("C1", "2026-11-18 09:00", True)
    assert at_nine(database, NINE + 5 * HOUR) is None


@pytest.mark.promise(row="R5")
def test_a_week_down_gives_one_late_digest_that_covers_the_week(database: Database) -> None:
    at_nine(database, NINE - 7 * DAY)
    made = at_nine(database, NINE + HOUR)
    assert made
    assert at_nine(database, NINE + 2 * HOUR) is None
    assert len(digests(database)) == 2
    digest = look.digest(database, made)
    assert (digest.since, digest.until, digest.late) == (NINE - 7 * DAY, NINE, True)


@pytest.mark.promise(row="R5")
def test_after_a_month_down_it_covers_the_last_week(database: Database) -> None:
    at_nine(database, NINE - 30 * DAY)
    made = at_nine(database, NINE)
    assert made
    assert look.digest(database, made).since == NINE - 7 * DAY


@pytest.mark.promise(row="R6")
@pytest.mark.parametrize(
    ("zone", "night", "at"),
    [
        ("Europe/Berlin", "2026-10-25", time(2, 30)),
        ("Europe/Berlin", "2026-03-29", time(2, 30)),
        ("America/New_York", "2026-11-01", time(1, 30)),
        ("America/New_York", "2026-03-08", time(2, 30)),
        ("Australia/Lord_Howe", "2026-04-05", time(1, 45)),
        ("Australia/Lord_Howe", "2026-10-04", time(2, 15)),
    ],
)
def test_on_the_nights_the_clocks_change_there_is_one_each(
    database: Database, zone: str, night: str, at: time
) -> None:
    schedule = Schedule((at,), frozenset(range(7)), ZoneInfo(zone))
    start = datetime.fromisoformat(f"{night}T12:00").replace(tzinfo=UTC) - 2 * DAY
    for minutes in range(0, 3 * 24 * 60, 30):
        report(database, channel="C1", schedule=schedule, now=start + minutes * MINUTE)
    slots = [slot for _, slot, _ in digests(database)]
    assert slots.count(f"{night} {at:%H:%M}") == 1
    assert len(slots) == len(set(slots)) == 3, "three nights"


def test_a_channel_that_was_set_up_after_its_slot_waits_for_the_next(database: Database) -> None:
    schedule = Schedule((time(9),), frozenset(range(7)), ZoneInfo("UTC"))
    noon = datetime(2026, 11, 18, 12, tzinfo=UTC)
    assert report(database, channel="C1", schedule=schedule, now=noon) is None
    assert report(database, channel="C1", schedule=schedule, now=noon + 21 * HOUR) is not None


@pytest.mark.promise(row="R6")
@pytest.mark.parametrize("jump", [-DAY, -HOUR, HOUR])
def test_a_clock_that_jumps_repeats_none(database: Database, jump: timedelta) -> None:
    at_nine(database, NINE - DAY)
    at_nine(database, NINE)
    assert at_nine(database, NINE + 10 * MINUTE + jump) is None


@pytest.mark.promise(row="R6")
@pytest.mark.parametrize("days", [3, 365])
def test_one_that_left_while_the_clock_was_ahead_silences_none_once_it_is_right(
    database: Database, days: int
) -> None:
    at_nine(database, NINE)
    assert at_nine(database, NINE + days * DAY)
    for day in range(1, 3):
        made = at_nine(database, NINE + day * DAY)
        assert made
        digest = look.digest(database, made)
        assert (digest.since, digest.until) == (NINE + (day - 1) * DAY, NINE + day * DAY)
        assert at_nine(database, NINE + day * DAY + MINUTE) is None
    then = NINE + 2 * DAY
    assert look.posted_until(database, now=then + MINUTE) == (("C1", then),)


@pytest.mark.promise(row="R23")
def test_who_was_paused_after_its_look_at_the_clock_composes_nothing_between(
    database: Database,
) -> None:
    slots = Schedule(tuple(time(9, n) for n in (0, 2, 4)), frozenset(range(7)), ZoneInfo("UTC"))
    nine = datetime(2026, 11, 18, 9, tzinfo=UTC)
    made = [
        report(database, channel="C1", schedule=slots, now=nine + minutes * MINUTE)
        for minutes in (0, 4, 2)
    ]
    assert [bool(one) for one in made] == [True, True, False]


def test_a_schedule_without_slots_composes_nothing(database: Database) -> None:
    never = Schedule((), frozenset(), ZoneInfo("UTC"))
    assert report(database, channel="C1", schedule=never, now=NOON) is None


def test_one_that_is_asked_for_is_composed_once_a_minute(database: Database) -> None:
    assert report_now(database, channel="C1", now=NOON)
    assert report_now(database, channel="C1", now=NOON) is None
    assert report_now(database, channel="C1", now=NOON + MINUTE)


def test_a_digest_of_many_signatures_holds_the_lock_no_longer_than_one_of_few(
    database: Database,
) -> None:
    asked = []
    for days, count in enumerate((8, 60)):
        now = NINE + days * DAY
        with_news(database, count)
        with statements(database, written=True) as heard:
            assert at_nine(database, now)
        asked.append(len(heard))
    assert asked[0] == asked[1]


def test_six_cards_have_details_and_the_rest_shares_one_message(database: Database) -> None:
    with_news(database, 8)
    made = at_nine(database, NINE)
    assert made
    cards = look.digest(database, made).cards
    assert len(cards) == 8
    names = [f"digest:{made}:{card.short_id}" for card in cards[:6]]
    assert wanted(database) == [f"digest:{made}", *names, f"digest:{made}:rest"]


def test_siblings_of_an_incident_have_their_controls_in_the_thread(database: Database) -> None:
    refused = "upstream pricing: connection refused"
    with_news(database, 0)
    fresh = [an_event(service=name, message=refused, time=NINE - HOUR) for name in ("web", "shop")]
    recorded = record(database, fresh, now=NINE - HOUR)
    detect(database, recorded.signature_ids, now=NINE - HOUR, rules=Rules())
    made = at_nine(database, NINE)
    lead, sibling = look.digest(database, made or 0).cards
    rest = f"digest:{made}:rest"
    assert wanted(database) == [f"digest:{made}", f"digest:{made}:{lead.short_id}", rest]
    shown = render(database, "rest", Wanted({"digest": made}, version=1, now=NINE, link=no_link))
    assert f"*{sibling.short_id}*" in shown.text
    assert lead.short_id not in shown.text


def test_what_a_digest_showed_it_goes_on_showing_in_its_state_of_now(database: Database) -> None:
    with_news(database, 2)
    made = at_nine(database, NINE)
    assert made
    before = look.digest(database, made)
    decide.claim(database, before.cards[0].short_id, by="U1", now=NOON)
    after = look.digest(database, made)
    assert [card.short_id for card in after.cards] == [card.short_id for card in before.cards]
    assert after.cards[0].assignee == "U1"
    assert after.footer == before.footer


def test_the_numbers_of_a_digest_stay_those_of_its_window_whatever_comes_later(
    database: Database,
) -> None:
    with_news(database, 2)
    asked = NINE + 10 * MINUTE
    made = report_now(database, channel="C1", now=asked)
    assert made
    before = look.digest(database, made)
    more = [an_event(service="service-0", time=asked + n * MINUTE) for n in range(30)]
    late = an_event(service="service-1", time=NINE - 2 * HOUR)
    recorded = record(database, [*more, late], now=asked + 40 * MINUTE)
    detect(database, recorded.signature_ids, now=asked + 40 * MINUTE, rules=Rules())
    assert [figures(card) for card in look.digest(database, made).cards] == [
        figures(card) for card in before.cards
    ]


def test_each_episode_is_news_once(database: Database) -> None:
    with_news(database, 2)
    first = at_nine(database, NINE)
    second = at_nine(database, NINE + DAY)
    assert first
    assert second
    assert len(look.digest(database, first).cards) == 2
    later = look.digest(database, second)
    assert not later.cards
    assert len(later.unclaimed) == 2, "what still waits is said again, apart"


def test_what_was_resolved_since_is_named_as_long_as_it_is(database: Database) -> None:
    with_news(database, 2)
    at_nine(database, NINE)
    mended = look.unclaimed(database, now=NINE)[0].short_id
    decide.resolve(database, mended, by="U1", now=NINE + HOUR)
    made = at_nine(database, NINE + DAY)
    assert made
    assert [card.short_id for card in look.digest(database, made).resolved] == [mended]
    assert not look.digest(database, made).cards
    decide.reopen(database, mended, by="U1", now=NINE + DAY)
    assert not look.digest(database, made).resolved


def test_numbers_of_an_episode_that_is_over_say_of_when_they_are(database: Database) -> None:
    begun(database, "late", NINE - 3 * HOUR)
    with database.write() as session:
        anomalies.end_all(session, 1, now=NINE - 2 * HOUR)
    made = at_nine(database, NINE)
    assert made
    (card,) = look.digest(database, made).cards
    (why,) = card.whys
    assert (why.true_at, why.ended_at) == (NINE - 3 * HOUR, NINE - 2 * HOUR)


def begun(database: Database, service: str, opened_at: datetime) -> None:
    """An episode that is stored now, of whatever time it is."""
    recorded = record(database, [an_event(service=service, time=opened_at)], now=opened_at)
    (number,) = recorded.signature_ids
    with database.write() as session:
        anomalies.begin(
            session, number, kind=Kind.NEW, now=opened_at, reason=f"new in {service}", receipt={}
        )


def told(database: Database, digest_id: int | None) -> list[tuple[str, list[str]]]:
    """The cards of a digest: the service of each, and why it is there."""
    assert digest_id
    cards = look.digest(database, digest_id).cards
    return [(card.service, [why.reason for why in card.whys]) for card in cards]


def test_what_was_stored_after_a_digest_is_in_the_next_however_early_it_began(
    database: Database,
) -> None:
    at_nine(database, NINE)
    begun(database, "late", NINE - 3 * HOUR)
    second = at_nine(database, NINE + DAY)
    assert told(database, second) == [("late", ["new in late"])]
    assert told(database, at_nine(database, NINE + 2 * DAY)) == []


def test_what_was_stored_late_and_is_over_tells_why_it_is_there(database: Database) -> None:
    at_nine(database, NINE)
    begun(database, "late", NINE - 3 * HOUR)
    with database.write() as session:
        anomalies.end_all(session, 1, now=NINE - 2 * HOUR)
    assert told(database, at_nine(database, NINE + DAY)) == [("late", ["new in late"])]


def test_what_began_after_the_slot_of_a_late_digest_is_in_the_next_one(database: Database) -> None:
    at_nine(database, NINE - DAY)
    begun(database, "afterwards", NINE + HOUR)
    assert told(database, at_nine(database, NINE + 2 * HOUR)) == []
    assert [service for service, _ in told(database, at_nine(database, NINE + DAY))] == [
        "afterwards"
    ]


def test_what_is_older_than_a_week_is_no_news_however_late_it_was_stored(
    database: Database,
) -> None:
    at_nine(database, NINE - DAY)
    begun(database, "old", NINE - 7 * DAY)
    begun(database, "recent", NINE - 7 * DAY + MINUTE)
    assert [service for service, _ in told(database, at_nine(database, NINE))] == ["recent"]


def test_one_that_is_asked_for_in_between_loses_no_news(database: Database) -> None:
    at_nine(database, NINE - DAY)
    begun(database, "late", NINE - 3 * DAY)
    asked = report_now(database, channel="C1", now=NINE - HOUR)
    assert [service for service, _ in told(database, asked)] == ["late"]
    assert told(database, at_nine(database, NINE)) == []


def test_the_first_digest_of_a_channel_tells_of_its_day(database: Database) -> None:
    begun(database, "old", NINE - 2 * DAY)
    begun(database, "today", NINE - HOUR)
    assert [service for service, _ in told(database, at_nine(database, NINE))] == ["today"]
    assert told(database, at_nine(database, NINE + DAY)) == []


def test_what_is_muted_is_not_shown_but_counted(database: Database) -> None:
    with_news(database, 2)
    hidden = look.unclaimed(database, now=NINE)[0].short_id
    decide.mute(database, hidden, by="U1", now=NINE, reason="known", until=None)
    made = at_nine(database, NINE)
    assert made
    digest = look.digest(database, made)
    assert hidden not in [card.short_id for card in (*digest.cards, *digest.unclaimed)]
    assert (digest.footer.muted, digest.footer.hidden_events) == (1, 0)


def test_the_footer_says_what_stands_behind_it(database: Database) -> None:
    with_news(database, 3)
    made = at_nine(database, NINE)
    assert made
    footer: Any = look.digest(database, made).footer
    assert footer.signatures == 4
    assert footer.quiet == 1
    assert footer.sources == (("test", NINE - HOUR),)


def test_it_says_in_which_days_nothing_at_all_came(database: Database) -> None:
    hours = [*range(1, 20), *range(60, 200)]
    record(database, [an_event(time=NOON - n * HOUR, received=NOON) for n in hours], now=NOON)
    with database.read() as session:
        over = compose.digest(session, since=NOON - 30 * HOUR, until=NOON)
        later = compose.digest(session, since=NOON - 10 * HOUR, until=NOON)
    assert over.footer.silences == ((NOON - 59 * HOUR, NOON - 19 * HOUR),)
    assert Footer.from_json(over.footer.as_json()) == over.footer
    assert deafness(over).startswith(
        "Nothing at all came in from 2026-11-16 01:00 UTC to 2026-11-17 17:00 UTC, as when nobody "
    )
    assert deafness(later) == ""


def test_events_count_in_the_window_they_happened_in_whenever_they_came(
    database: Database,
) -> None:
    old = [an_event(time=NINE - days * DAY - HOUR, received=NINE - HOUR) for days in range(10)]
    record(database, old, now=NINE - HOUR)
    made = at_nine(database, NINE)
    assert made
    footer = look.digest(database, made).footer
    assert (footer.events, footer.signatures, footer.arrived) == (1, 1, 10)


def test_each_event_is_of_one_digest(database: Database) -> None:
    times = [NINE - MINUTE, NINE, NINE + MINUTE, NINE + DAY - MINUTE]
    record(database, [an_event(time=at) for at in times], now=NINE + DAY)
    counts = []
    for now in (NINE, NINE + DAY):
        made = at_nine(database, now)
        assert made
        counts.append(look.digest(database, made).footer.events)
    assert counts == [1, 3]


@pytest.mark.parametrize("hours", [0, 1, 30, 46])
def test_on_the_first_days_it_says_that_it_cannot_judge_yet_and_from_when_on(
    database: Database, hours: int
) -> None:
    record(database, [an_event(time=NINE - hours * HOUR)], now=NINE)
    digest = look.today(database, now=NINE)
    assert digest.footer.judges_from == NINE + (47 - hours) * HOUR
    assert verdict(digest).startswith("Cannot judge yet")


def test_while_it_cannot_judge_it_names_what_came_in_most(database: Database) -> None:
    came = [an_event(service=f"s{n}", time=NINE - HOUR) for n in range(1, 9) for _ in range(n)]
    record(database, came, now=NINE)
    hide = look.today(database, now=NINE).seen[0].short_id
    decide.mute(database, hide, by="U1", reason="known", now=NINE, until=NINE + DAY)
    made = at_nine(database, NINE)
    assert made
    for digest in (look.today(database, now=NINE), look.digest(database, made)):
        assert [card.service for card in digest.seen] == ["s7", "s6", "s5", "s4", "s3"]
        assert [card.last_day for card in digest.seen] == [7, 6, 5, 4, 3]
        assert digest.also_seen == 2


def test_what_hits_customers_is_named_before_what_came_more_often(database: Database) -> None:
    noisy = [an_event(service=f"s{n}", time=NINE - HOUR) for n in range(6) for _ in range(20)]
    hit = [an_event(service="pay", customer=f"c{n}", time=NINE - HOUR) for n in range(12)]
    record(database, [*noisy, *hit], now=NINE)
    digest = look.today(database, now=NINE)
    assert [card.service for card in digest.seen][:1] == ["pay"]
    assert digest.also_seen == 2


def test_what_is_called_out_already_is_not_named_as_seen_too(database: Database) -> None:
    crash = an_event(service="db", message="FATAL: out of memory", time=NINE - HOUR)
    touched = record(database, [crash, an_event(time=NINE)], now=NINE).signature_ids
    detect(database, touched, now=NINE - HOUR, rules=Rules())
    digest = look.today(database, now=NINE)
    assert [card.service for card in digest.cards] == ["db"]
    assert "db" not in [card.service for card in digest.seen]
    later = look.today(database, now=NINE + 25 * HOUR)
    assert [card.service for card in later.unclaimed] == ["db"]


def test_once_it_can_judge_nothing_is_named_as_only_seen(database: Database) -> None:
    with_news(database, 2)
    assert look.today(database, now=NINE).seen == ()


def test_from_that_hour_on_a_new_error_is_called_new(database: Database) -> None:
    record(database, [an_event(time=NINE - 47 * HOUR)], now=NINE)
    assert look.today(database, now=NINE).footer.judges_from is None
    for now, kinds in ((NINE - HOUR, 0), (NINE, 1)):
        fresh = an_event(service=f"service-{now:%H}", time=now)
        touched = record(database, [fresh], now=now).signature_ids
        assert len(detect(database, touched, now=now, rules=Rules())) == kinds


def test_old_logs_that_were_read_let_it_judge_at_once(database: Database) -> None:
    record(database, [an_event(time=NINE)], now=NINE)
    made = at_nine(database, NINE)
    assert made
    record(database, [an_event(time=NINE - days * DAY) for days in range(1, 15)], now=NINE)
    assert look.today(database, now=NINE).footer.judges_from is None
    assert look.digest(database, made).footer.judges_from, "as it was composed"


def test_an_empty_database_cannot_judge_either(database: Database) -> None:
    assert look.today(database, now=NINE).footer.judges_from == NINE + 47 * HOUR


def test_a_digest_that_never_was_is_not_found(database: Database) -> None:
    with pytest.raises(NotFound):
        look.digest(database, 4_711)


def test_a_channel_is_told_of_what_it_is_there_for_and_how_much_that_leaves_out(
    database: Database,
) -> None:
    with_news(database, 3)
    only = Audience(services=("*-0", "service-1"))
    number = report(database, channel="C1", schedule=DAILY, now=NINE, audience=only)
    assert number
    told = look.digest(database, number)
    assert {card.service for card in told.cards} == {"service-0", "service-1"}
    said = "Only service *-0 or service-1; 1 more is unusual."
    assert limits(told) == said
    shown = render(database, "digest", Wanted({"digest": number}, 1, NINE, no_link))
    assert said in shown.text
    everything = at_nine(database, NINE, "C2")
    assert everything
    assert limits(look.digest(database, everything)) == ""
