"""A week is looked back on once for each channel, and what it says is true."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from bot.core.detection.finding import Kind
from bot.core.detection.threshold import Rules
from bot.core.ownership.owner import Rule
from bot.core.telling import quality
from bot.core.telling.quality import Called
from bot.core.telling.slot import Schedule
from bot.flows import decide, find, look, review
from bot.flows.detect import detect
from bot.flows.rate import rate
from bot.flows.record import record
from bot.flows.report import report_now
from bot.flows.triage import triage
from bot.slack.rendering import Wanted, render
from storage import analyses, calls
from storage.database import Database
from storage.tables import Call
from tests.builders import NOON, an_event, no_link

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
BERLIN = Schedule((time(9, 30),), frozenset({0}), ZoneInfo("Europe/Berlin"))
MONDAY = datetime(2026, 11, 16, 8, 30, tzinfo=UTC)
"""Half past nine in Berlin."""
LATER = NOON + HOUR


def post(
    database: Database, now: datetime, *, channel: str = "C1", schedule: Schedule = BERLIN
) -> int | None:
    return review.post(database, channel=channel, schedule=schedule, now=now)


def wanted(database: Database) -> list[str]:
    with database.read() as session:
        query = "SELECT key FROM outbox WHERE kind = 'review' ORDER BY id"
        return list(session.execute(text(query)).scalars())


def test_it_names_what_rose_and_fell_once_two_weeks_are_known(database: Database) -> None:
    def seen(number: int, at: datetime, service: str) -> None:
        record(database, [an_event(service=service, time=at) for _ in range(number)], now=at)

    seen(40, NOON - 8 * DAY, "was")
    seen(12, NOON - DAY, "is")
    assert review.of(database, until=NOON).moved == ()
    seen(1, NOON - 14 * DAY + 2 * HOUR, "search")
    moved = review.of(database, until=NOON).moved
    assert [(one.events, one.before) for one in moved] == [(12, 0), (0, 40)]


# when


def test_each_channel_gets_one_a_week(database: Database) -> None:
    for hours in range(-30, 24 * 8):
        post(database, MONDAY + hours * HOUR)
    post(database, MONDAY, channel="C2")
    assert wanted(database) == [
        "review:C1:2026-W47",
        "review:C1:2026-W48",
        "review:C2:2026-W47",
    ]


def test_of_many_who_want_it_at_once_one_does(database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: post(database, MONDAY), range(32)))
    assert len([one for one in made if one]) == 1


def test_after_weeks_of_downtime_it_is_late_and_there_is_one(database: Database) -> None:
    post(database, MONDAY - 2 * WEEK)
    made = post(database, MONDAY + 2 * DAY)
    assert made
    assert post(database, MONDAY + 3 * DAY) is None
    assert wanted(database) == ["review:C1:2026-W45", "review:C1:2026-W47"]
    content = {"until": MONDAY.isoformat(), "late": True}
    shown = render(database, "review", Wanted(content, version=1, now=NOON, link=no_link))
    assert "This report is late." in shown.text


def test_the_first_of_a_channel_waits_for_its_time(database: Database) -> None:
    assert post(database, MONDAY + HOUR) is None
    assert post(database, MONDAY + WEEK + timedelta(minutes=14))


def test_another_day_gives_no_second_one_in_the_same_week(database: Database) -> None:
    post(database, MONDAY)
    friday = Schedule((time(9, 30),), frozenset({4}), ZoneInfo("Europe/Berlin"))
    assert post(database, MONDAY + 5 * DAY, schedule=friday) is None
    assert post(database, MONDAY + 11 * DAY, schedule=friday)


@pytest.mark.parametrize("jump", [-DAY, -HOUR, HOUR])
def test_a_clock_that_jumps_repeats_none(database: Database, jump: timedelta) -> None:
    post(database, MONDAY - WEEK)
    post(database, MONDAY)
    assert post(database, MONDAY + jump) is None


@pytest.mark.promise(row="R6")
def test_one_that_was_posted_while_the_clock_was_ahead_silences_none(database: Database) -> None:
    post(database, MONDAY)
    assert post(database, MONDAY + 60 * WEEK)
    assert post(database, MONDAY + WEEK)
    assert post(database, MONDAY + WEEK + HOUR) is None
    assert post(database, MONDAY + 2 * WEEK)


def test_one_that_is_switched_off_is_not_posted(database: Database) -> None:
    never = Schedule((), frozenset(), ZoneInfo("UTC"))
    assert post(database, MONDAY, schedule=never) is None


# owners and explanations


@pytest.fixture
def explained(database: Database, short_id: str) -> str:
    """The one error, explained by the rules."""
    triage(database, now=NOON, site_rules=())
    return short_id


def test_a_reroute_counts_as_a_wrong_owner_and_names_the_rule(
    database: Database, explained: str
) -> None:
    decide.claim(database, explained, by="U1", now=NOON)
    decide.reroute(database, explained, team="dev", by="U1", now=NOON)
    (routed,) = review.of(database, until=LATER).week.routed
    assert (routed.short_id, routed.owner, routed.moved_to) == (explained, "platform", "dev")
    assert routed.source == "the rule “connection refused”"


def test_an_owner_that_a_rule_of_the_site_gave_is_that_rules(
    database: Database, short_id: str
) -> None:
    triage(database, now=NOON, site_rules=(Rule("dev", service="checkout"),))
    decide.reroute(database, short_id, team="platform", by="U1", now=NOON)
    (routed,) = review.of(database, until=LATER).week.routed
    assert routed.source == "the site's own rule “service = checkout”"
    assert (routed.owner, routed.moved_to) == ("dev", "platform")


def test_an_owner_that_a_person_gave_is_no_rules_mistake(
    database: Database, explained: str
) -> None:
    decide.reroute(database, explained, team="dev", by="U1", now=NOON - 8 * DAY)
    decide.reroute(database, explained, team="review", by="U2", now=NOON)
    assert review.of(database, until=LATER).week.routed == ()


def test_an_error_that_comes_back_to_its_first_owner_was_right(
    database: Database, explained: str
) -> None:
    decide.reroute(database, explained, team="dev", by="U1", now=NOON)
    decide.reroute(database, explained, team="platform", by="U2", now=NOON + HOUR / 2)
    (routed,) = review.of(database, until=LATER).week.routed
    assert (routed.owner, routed.moved_to) == ("platform", "")


def test_an_error_that_was_moved_on_was_the_last_ones(database: Database, explained: str) -> None:
    decide.reroute(database, explained, team="dev", by="U1", now=NOON)
    decide.reroute(database, explained, team="review", by="U2", now=NOON + HOUR / 2)
    (routed,) = review.of(database, until=LATER).week.routed
    assert (routed.owner, routed.moved_to) == ("platform", "review")


def test_an_owner_that_somebody_acted_under_was_right(database: Database, explained: str) -> None:
    decide.claim(database, explained, by="U1", now=NOON)
    (routed,) = review.of(database, until=LATER).week.routed
    assert routed.moved_to == ""


def test_a_reroute_that_was_undone_is_none(database: Database, explained: str) -> None:
    decide.reroute(database, explained, team="dev", by="U1", now=NOON)
    decide.undo(database, by="U1", now=NOON)
    assert review.of(database, until=LATER).week.routed == ()


def test_what_is_older_than_a_week_is_of_the_week_before(
    database: Database, explained: str
) -> None:
    decide.reroute(database, explained, team="dev", by="U1", now=NOON)
    rate(database, explained, helps=True, by="U1", now=NOON)
    found = review.of(database, until=NOON + 8 * DAY)
    assert (found.week.routed, found.week.opinions) == ((), ())
    assert found.before
    assert len(found.before.routed) == len(found.before.opinions) == 1


# what came in, and what was posted


def test_the_prompts_of_a_week_are_compared_with_what_people_said(
    database: Database, short_id: str
) -> None:
    triage(database, now=NOON, site_rules=())
    with database.write() as session:
        number = find.by_name(session, short_id).id
        for version in ("analysis 1", "analysis 2"):
            asked = {"feature": "analysis", "team": "dev", "provider": "anthropic"}
            asked |= {"tier": "strong", "asked": "sonnet", "prompt": version, "outcome": "ok"}
            calls.reserve(session, Call(at=NOON, reserved=1, cost=15_000, **asked))
        by_rules = analyses.of(session, [number])[number].content
        said = {**by_rules, "evidence": ["connection refused"]}
        given = {"analyst": "sonnet", "version": "analysis 2", "now": NOON}
        analyses.keep(session, {number: said}, **given)
    rate(database, short_id, by="ana", helps=True, now=NOON)
    (models,) = (
        one for one in quality.parts(review.of(database, until=LATER)) if one.title == "Models"
    )
    came_to = "with sonnet: 1 of 1 answered, 1 proven, 0.0 s each, $15.00 a thousand"
    assert models.below == (
        f"analysis 1 {came_to}",
        f"analysis 2 {came_to}, 1 helped, 0 wrong",
    )


def test_events_are_of_one_week_and_before_the_first_there_was_none(database: Database) -> None:
    times = (NOON - 8 * DAY, NOON - WEEK, NOON - HOUR, NOON)
    record(database, [an_event(time=at) for at in times], now=NOON)
    found = review.of(database, until=NOON)
    assert found.before
    assert (found.week.events, found.before.events) == (2, 1)
    assert review.of(database, until=NOON - 8 * DAY + HOUR).before is None


def judged(database: Database, services: Iterable[str], now: datetime) -> None:
    """New errors of some services, on top of two days of a known one."""
    usual = [an_event(service="search", time=now - hours * HOUR) for hours in range(60)]
    fresh = [an_event(service=name, time=now - HOUR) for name in services]
    recorded = record(database, [*usual, *fresh], now=now)
    detect(database, recorded.signature_ids, now=now, rules=Rules())


def names(database: Database) -> list[str]:
    return [card.short_id for card in look.unclaimed(database, now=NOON)]


def called(database: Database, until: datetime = LATER) -> tuple[Called, ...]:
    return review.of(database, until=until).week.called


def test_of_what_was_posted_it_counts_what_people_claimed_or_resolved(database: Database) -> None:
    judged(database, "abcd", NOON)
    one, two, three, _ = names(database)
    report_now(database, channel="C1", now=NOON)
    decide.claim(database, one, by="U1", now=NOON)
    decide.resolve(database, two, by="U1", now=NOON)
    decide.reroute(database, three, team="dev", by="U1", now=NOON)
    assert called(database) == (Called(Kind.NEW, posted=4, claimed=2),)


def test_what_nobody_was_shown_counts_for_nothing(database: Database) -> None:
    judged(database, "ab", NOON)
    decide.mute(database, names(database)[0], by="U1", now=NOON, reason="known", until=None)
    assert called(database) == ()
    report_now(database, channel="C1", now=NOON)
    assert called(database) == (Called(Kind.NEW, posted=1, claimed=0),)


def test_each_is_of_the_week_in_which_it_was_posted_first(database: Database) -> None:
    judged(database, "a", NOON)
    report_now(database, channel="C1", now=NOON)
    report_now(database, channel="C2", now=NOON + DAY)
    assert called(database, NOON + HOUR) == (Called(Kind.NEW, 1, 0),)
    assert called(database, NOON + WEEK + HOUR) == ()


# what mutes hid


def test_the_ledger_has_what_a_mute_hid_and_its_biggest_day(database: Database) -> None:
    before = [an_event(time=NOON - day * DAY) for day in range(1, 8)]
    number = record(database, before, now=NOON).signature_ids
    name = look.search(database, "refused", now=NOON, most=1).cards[0].short_id
    decide.mute(database, name, by="U1", now=NOON, reason="known <!here>", until=None)
    ramp = [an_event(time=NOON + day * DAY + HOUR) for day in range(6) for _ in range(4 * day + 1)]
    assert record(database, ramp, now=NOON + 6 * DAY).signature_ids == number
    (hidden,) = review.of(database, until=NOON + WEEK).week.hidden
    assert (hidden.events, hidden.busiest, hidden.usual) == (66, 21, 1.0)
    assert "21 times as many" in str(hidden)
    decide.unmute(database, name, by="U1", now=NOON + WEEK)
    (hidden,) = review.of(database, until=NOON + WEEK).week.hidden
    assert (hidden.events, hidden.is_over) == (66, True)


def test_what_was_seen_before_the_mute_or_after_it_is_not_hidden(
    database: Database, short_id: str
) -> None:
    decide.mute(database, short_id, by="U1", now=NOON + HOUR, reason="known", until=None)
    record(database, [an_event(time=NOON + 2 * HOUR)], now=NOON + 2 * HOUR)
    decide.unmute(database, short_id, by="U1", now=NOON + 3 * HOUR)
    record(database, [an_event(time=NOON + 5 * HOUR)], now=NOON + 5 * HOUR)
    (hidden,) = review.of(database, until=NOON + DAY).week.hidden
    assert hidden.events == 1


def test_a_decision_on_what_it_lists_is_shown_on_it(database: Database, short_id: str) -> None:
    decide.mute(database, short_id, by="U1", now=NOON, reason="known", until=None)
    record(database, [an_event(time=NOON + HOUR)], now=NOON + HOUR)
    post(database, MONDAY)
    made = post(database, MONDAY + WEEK)
    decide.unmute(database, short_id, by="U1", now=MONDAY + WEEK)
    with database.read() as session:
        query = f"SELECT wanted FROM outbox WHERE id = {made}"
        assert session.execute(text(query)).scalar_one() == 2


# what models cost


def test_it_says_what_models_cost(database: Database) -> None:
    with database.write() as session:
        for at in (NOON - HOUR, NOON - 8 * DAY):
            call = Call(
                at=at,
                feature="analysis",
                team="dev",
                provider="anthropic",
                tier="strong",
                asked="sonnet",
                prompt="analysis 1",
                reserved=50_000,
                cost=20_000,
            )
            calls.reserve(session, call)
    week = review.of(database, until=NOON).week
    assert (week.calls, week.cost) == (1, 20_000)
