"""The weekly report fits, is dead, and its mutes can be ended where they are read."""

import json
from datetime import timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.detection.finding import Kind
from bot.core.telling.quality import Called, Hidden, Opinion, Review, Routed, Week
from bot.core.telling.slot import Schedule
from bot.flows import decide, look, review
from bot.flows.record import record
from bot.slack import actions
from bot.slack.blocks import answer, week
from bot.slack.poster import Poster
from bot.workspace import Workspace
from storage.database import Database
from tests.builders import NOON, an_event
from tests.fakes import Clock
from tests.slack.acceptance import accepted, alive
from tests.slack.conftest import ANA, CHANNEL
from tests.slack.strategies import COUNTS
from tests.slack.test_text import ANY_TEXT

WEEKS = st.builds(
    Week,
    since=st.just(NOON - timedelta(days=7)),
    until=st.just(NOON),
    routed=st.lists(
        st.builds(Routed, ANY_TEXT, ANY_TEXT, ANY_TEXT, moved_to=ANY_TEXT),
        max_size=12,
    ).map(tuple),
    opinions=st.lists(
        st.builds(Opinion, ANY_TEXT, ANY_TEXT, helps=st.booleans(), reason=ANY_TEXT), max_size=12
    ).map(tuple),
    events=COUNTS,
    signatures=COUNTS,
    called=st.just(tuple(Called(kind, 10**6, 10**3) for kind in Kind)),
    hidden=st.lists(
        st.builds(
            Hidden,
            st.integers(2, 999).map("E-{:03}".format),
            title=ANY_TEXT,
            reason=ANY_TEXT,
            events=COUNTS,
            busiest=COUNTS,
            usual=st.sampled_from([0.0, 2.5, 1e9]),
            is_over=st.booleans(),
        ),
        max_size=9,
    ).map(tuple),
    calls=COUNTS,
    cost=COUNTS,
)


@settings(max_examples=30, deadline=None)
@given(WEEKS, st.none() | WEEKS, st.booleans())
def test_any_week_is_accepted_and_dead(found: Week, before: Week | None, late: bool) -> None:
    told = Review(found, before, late=late)
    for shown in (week.message(told), answer.review(told)):
        assert accepted(shown)
        assert not alive(shown)


def test_the_text_alone_says_all_that_the_blocks_say() -> None:
    hidden = Hidden("E-7K2", "timeout", "known", 9, 9, 1.0)
    found = Review(Week(NOON - timedelta(days=7), NOON, hidden=(hidden,), events=12))
    shown = week.message(found)
    for said in ("12 events", "nobody acted on anything", "E-7K2 timeout", "none was asked"):
        assert said in shown.text
        assert said in json.dumps(shown.blocks)


def test_a_mute_is_ended_where_the_report_lists_it(
    live: Workspace, poster: Poster, database: Database, short_id: str, clock: Clock
) -> None:
    daily = Schedule((NOON.time(),), frozenset(range(7)), ZoneInfo("UTC"))
    review.post(database, channel=CHANNEL, schedule=daily, now=NOON - timedelta(days=7))
    decide.mute(database, short_id, by=ANA, now=NOON, reason="known", until=None)
    clock.move(days=7)
    record(database, [an_event(time=NOON + timedelta(hours=2))], now=clock())
    assert review.post(database, channel=CHANNEL, schedule=daily, now=clock())
    poster.drain()
    *_, posted = live.messages(CHANNEL)
    assert "End this mute" in json.dumps(posted.blocks)
    live.click(ANA, CHANNEL, posted.ts, actions.UNMUTE)
    live.wait_until(lambda: not look.muted(database, now=clock()))
    poster.drain()
    shown = next(one for one in live.messages(CHANNEL) if one.ts == posted.ts)
    assert "the mute is over" in json.dumps(shown.blocks)
    assert "End this mute" not in json.dumps(shown.blocks)


def test_the_report_is_shared_as_it_was_asked_for(
    live: Workspace, poster: Poster, database: Database
) -> None:
    assert live.command(ANA, CHANNEL, "/triage", "report").ok
    live.wait_until(lambda: live.ephemerals(ANA, CHANNEL))
    live.click(ANA, CHANNEL, live.ephemerals(ANA, CHANNEL)[0].ts, actions.SHARE)
    live.wait_until(poster.drain)
    (posted,) = live.messages(CHANNEL)
    assert posted.text.startswith("*The week* <!date^")
