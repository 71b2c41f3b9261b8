"""What people click happens once, is told to them and shown to all, and can be undone."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from slack_bolt import App

from bot.core.ownership.decision import State
from bot.core.ownership.scope import Breadth, Scope
from bot.flows import decide, look, review
from bot.slack import actions
from bot.slack.desk import Desk
from bot.slack.poster import Poster
from bot.slack.rendering import Wanted, render
from bot.workspace import Fault, FaultKind, Server, Workspace
from bot.workspace.state import ResponseUrl
from storage.database import Database
from tests.builders import NOON, no_link
from tests.slack.conftest import (
    ANA,
    CHANNEL,
    TOMAS,
    answered,
    clicked,
    explained_by_a_model,
    settle,
)
from tests.slack.people import at_home, everything, opened, state, told


def test_a_claim_is_one_click_and_can_be_undone(
    live: Workspace, card: str, database: Database, short_id: str
) -> None:
    assert live.click(ANA, CHANNEL, card, actions.CLAIM).ok
    done = told(live, ANA, "claimed it")
    assert state(database, short_id) is State.CLAIMED
    assert live.click(ANA, CHANNEL, done.ts, actions.UNDO).ok
    told(live, ANA, "undid claim")
    assert state(database, short_id) is State.OPEN


def test_whoever_claims_what_they_hold_is_told_so_and_may_release_it(
    live: Workspace, card: str, database: Database, short_id: str
) -> None:
    live.click(ANA, CHANNEL, card, actions.CLAIM)
    told(live, ANA, "claimed it")
    live.click(ANA, CHANNEL, card, actions.CLAIM)
    shown = told(live, ANA, "you hold it already")
    live.click(ANA, CHANNEL, shown.ts, actions.RELEASE)
    told(live, ANA, "released it")
    assert state(database, short_id) is State.OPEN


def test_whoever_decided_since_stands_in_the_way_of_an_undo_by_name(
    live: Workspace, card: str, database: Database, short_id: str
) -> None:
    live.click(ANA, CHANNEL, card, actions.CLAIM)
    done = told(live, ANA, "claimed it")
    decide.reroute(database, short_id, team="<!here>", by=TOMAS, now=NOON)
    live.click(ANA, CHANNEL, done.ts, actions.UNDO)
    told(live, ANA, f"decided since: <@{TOMAS}> rerouted it to &lt;!here&gt;.")


def test_whoever_takes_over_reads_what_was_noted_last(
    live: Workspace, card: str, database: Database, short_id: str
) -> None:
    assert card
    for words in ("the vendor knows", "a fix for <!here> comes at 18:00"):
        decide.note(database, short_id, words=words, by=TOMAS, now=NOON)
    for typed in (f"show {short_id}", "handover"):
        live.command(ANA, CHANNEL, "/triage", typed)
        said = told(live, ANA, "a fix for &lt;!here&gt; comes at 18:00").text
        assert f"📝 <@{TOMAS}> noted <!date^" in said
        assert "the vendor knows" not in said


def test_the_undo_of_a_wide_mute_says_before_what_else_wakes(
    live: Workspace, card: str, database: Database, short_id: str
) -> None:
    view = opened(live, card, actions.MUTE, short_id, actions.REASON)
    given = {actions.REASON: "a deploy", actions.SCOPE: "service"}
    assert live.submit(ANA, view, {f"{name}/{name}": said for name, said in given.items()}).ok
    done = told(live, ANA, "muted it and every error of service checkout")
    effect = "It ends for every error of service checkout: whatever was muted with it is awake"
    assert effect in json.dumps(done.blocks)
    live.command(ANA, CHANNEL, "/triage", "undo")
    told(live, ANA, effect)
    assert state(database, short_id) is State.MUTED


def test_a_wide_mute_is_ended_from_the_list_of_mutes_or_what_was_shared_of_it(
    live: Workspace, card: str, poster: Poster, database: Database, short_id: str
) -> None:
    assert card
    scope = Scope(Breadth.SERVICE, "checkout")
    decide.mute(database, short_id, by=ANA, now=NOON, reason="a deploy", until=None, scope=scope)
    decide.unmute(database, short_id, by=TOMAS, now=NOON)
    live.command(TOMAS, CHANNEL, "/triage", "muted")
    shown = told(live, TOMAS, "nothing of it yet")
    live.click(TOMAS, CHANNEL, shown.ts, actions.SHARE)
    told(live, TOMAS, "I post it here")
    poster.drain()
    shared = next(m for m in live.messages(CHANNEL) if "nothing of it yet" in m.text)
    live.click(TOMAS, CHANNEL, shared.ts, actions.END_WIDE)
    over = told(live, TOMAS, "The mute of every error of service checkout is over")
    assert look.wide_mutes(database) == ()
    live.click(TOMAS, CHANNEL, over.ts, actions.RESUME_WIDE)
    told(live, TOMAS, "The mute of every error of service checkout holds again")
    live.click(TOMAS, CHANNEL, shared.ts, actions.END_WIDE)
    told(live, TOMAS, "is over; nothing slept any more")
    live.click(TOMAS, CHANNEL, shown.ts, actions.END_WIDE)
    told(live, TOMAS, "That mute is over already")


def test_the_loser_of_a_race_may_take_over(
    live: Workspace, card: str, database: Database, short_id: str
) -> None:
    live.click(ANA, CHANNEL, card, actions.CLAIM)
    told(live, ANA, "claimed it")
    live.click(TOMAS, CHANNEL, card, actions.CLAIM)
    late = told(live, TOMAS, f"claimed by <@{ANA}> just now. Take over?")
    live.click(TOMAS, CHANNEL, late.ts, actions.TAKE_OVER)
    told(live, TOMAS, f"<@{TOMAS}> claimed it")
    assert look.card(database, short_id, now=NOON).assignee == TOMAS


def test_whoever_releases_what_is_not_theirs_may_take_it_over(
    live: Workspace, card: str, poster: Poster, database: Database, short_id: str
) -> None:
    decide.claim(database, short_id, by=ANA, now=NOON)
    poster.drain()
    release = actions.menu_value(actions.RELEASE, short_id)
    live.click(TOMAS, CHANNEL, card, actions.MORE, value=release)
    told(live, TOMAS, "Take over?")
    assert state(database, short_id) is State.CLAIMED
    live.click(ANA, CHANNEL, card, actions.MORE, value=release)
    told(live, ANA, "released it")
    assert state(database, short_id) is State.OPEN


def test_a_click_delivered_twice_decides_once(
    live: Workspace, card: str, database: Database, short_id: str
) -> None:
    live.faults.order(Fault(kind=FaultKind.DUPLICATE, method="interactive"))
    live.click(ANA, CHANNEL, card, actions.CLAIM)
    live.wait_until(lambda: len(live.ephemerals(ANA, CHANNEL)) == 2)
    assert len(look.history(database, short_id)) == 1
    assert all("claimed it" in m.text for m in live.ephemerals(ANA, CHANNEL))


def test_an_explanation_is_liked_with_one_click(
    live: Workspace, card: str, database: Database, short_id: str
) -> None:
    live.click(ANA, CHANNEL, card, actions.DETAILS)
    shown = told(live, ANA, "Explains it")
    explained_by_a_model(database, short_id)
    live.click(ANA, CHANNEL, shown.ts, actions.HELPS)
    told(live, ANA, f"*{short_id}*: noted that its explanation helps. `/triage report` counts it.")
    (opinion,) = review.of(database, until=NOON + timedelta(minutes=1)).week.opinions
    assert opinion.helps
    assert opinion.source.startswith("the rule"), "which was what they read"


def test_the_thread_asks_whether_the_explanation_helps(database: Database, short_id: str) -> None:
    wanted = Wanted({"signature": short_id}, version=1, now=NOON, link=no_link)
    shown = json.dumps(render(database, "details", wanted).blocks)
    assert actions.HELPS in shown
    assert actions.WRONG in shown


def test_details_are_shown_to_the_asker(live: Workspace, card: str) -> None:
    live.click(ANA, CHANNEL, card, actions.DETAILS)
    told(live, ANA, "first seen")


def test_sharing_posts_what_only_one_saw_and_keeps_it_current(
    live: Workspace, poster: Poster, database: Database, short_id: str
) -> None:
    live.command(ANA, CHANNEL, "/triage", "today")
    shown = told(live, ANA, "payment failed")
    live.click(ANA, CHANNEL, shown.ts, actions.SHARE)
    told(live, ANA, "I post it here")
    poster.drain()
    (posted,) = live.messages(CHANNEL)
    assert short_id in posted.text
    decide.claim(database, short_id, by=ANA, now=NOON)
    poster.drain()
    assert "🙋 claimed" in everything(live.messages(CHANNEL)[0])


@pytest.mark.parametrize(
    ("typed", "words"), [("why {id}", "_Counted again: the same"), ("handover", "*Claimed*: 1 ")]
)
def test_a_receipt_or_a_list_is_shared_and_kept_current(
    live: Workspace, poster: Poster, database: Database, short_id: str, typed: str, words: str
) -> None:
    decide.claim(database, short_id, by=ANA, now=NOON)
    live.command(ANA, CHANNEL, "/triage", typed.format(id=short_id))
    shown = told(live, ANA, words)
    live.click(ANA, CHANNEL, shown.ts, actions.SHARE)
    told(live, ANA, "I post it here")
    poster.drain()
    (posted,) = live.messages(CHANNEL)
    assert words in everything(posted)
    decide.mute(database, short_id, by=ANA, now=NOON, reason="a drill", until=None)
    poster.drain()
    assert "muted" in everything(live.messages(CHANNEL)[0])


def test_app_home_shows_my_queue_and_decides_from_there(
    live: Workspace, database: Database, short_id: str
) -> None:
    live.open_home(ANA)
    live.wait_until(lambda: live.home(ANA))
    home = live.home(ANA)
    assert home
    assert "Unclaimed · 1" in json.dumps(home.content, ensure_ascii=False)
    live.use(ANA, home.id, actions.CLAIM)
    live.wait_until(
        lambda: "Claimed by me · 1" in json.dumps(live.home(ANA).content, ensure_ascii=False)  # type: ignore[union-attr]
    )
    assert state(database, short_id) is State.CLAIMED


def test_in_app_home_nothing_is_offered_to_share(live: Workspace, short_id: str) -> None:
    live.open_home(ANA)
    live.wait_until(lambda: live.home(ANA))
    home = live.home(ANA)
    assert home
    why = actions.menu_value(actions.WHY, short_id)
    live.use(ANA, home.id, actions.MORE, value=why)
    live.wait_until(lambda: "Seeing it once is enough" in at_home(live, ANA))
    assert "Share" not in at_home(live, ANA)


@pytest.mark.promise(row="R8")
def test_of_forty_clicks_at_once_one_wins_and_all_are_told(
    app: App,
    desk: Desk,
    workspace: Workspace,
    server: Server,
    database: Database,
    short_id: str,
) -> None:
    people = [f"U{number:05}" for number in range(40)]
    workspace.state.responses |= {who: ResponseUrl(who, CHANNEL, NOON) for who in people}
    clicks = [
        {
            **clicked(actions.CLAIM, value=short_id),
            "user": {"id": who, "team_id": "T1"},
            "response_url": f"{server.url}/response/{who}",
        }
        for who in people
    ]
    with ThreadPoolExecutor(40) as threads:
        assert set(threads.map(lambda body: answered(app, body), clicks)) == {200}
    settle(desk)
    kinds = Counter(made.kind for made in look.history(database, short_id))
    assert kinds == {"claim": 1, "too late": 39}
    assert all(workspace.ephemerals(who, CHANNEL) for who in people)
