"""Who is called because nobody takes an error, and what they find."""

import json
from datetime import timedelta

import pytest

from bot.core.ownership.decision import State
from bot.core.ownership.team import Team
from bot.core.telling.reminder import ON_CALL, TEAM, Escalation, Step
from bot.flows import decide, look
from bot.flows.remind import remind
from bot.slack import actions, limits
from bot.slack.blocks import reminder
from bot.slack.poster import Poster
from bot.workspace import Message, Workspace
from storage.database import Database
from tests.builders import NOON
from tests.fakes import Clock
from tests.slack.builders import a_card
from tests.slack.conftest import ANA, CHANNEL, TOMAS

STEPS = Escalation(
    (Step(timedelta(minutes=10), ON_CALL), Step(timedelta(minutes=20), TEAM)),
)
PLATFORM = Team("platform", group="S0PLATFORM", on_call=TOMAS)


def call(database: Database, poster: Poster, clock: Clock, *, minutes: int) -> None:
    clock.move(to=NOON + timedelta(minutes=minutes))
    remind(database, teams=(PLATFORM,), escalation=STEPS, now=clock())
    poster.drain()


def last_reply(workspace: Workspace) -> Message:
    return workspace.thread(CHANNEL, workspace.messages(CHANNEL)[0].ts)[-1]


@pytest.mark.usefixtures("digest_id")
def test_a_reminder_wakes_whom_it_calls_below_the_digest_and_is_claimed_with_a_click(
    live: Workspace, poster: Poster, database: Database, clock: Clock, short_id: str
) -> None:
    poster.drain()
    call(database, poster, clock, minutes=10)
    posted = live.calls.of("chat.postMessage")[-1].arguments
    assert str(posted["text"]).startswith(f"⏰ <@{TOMAS}> unclaimed after 10 min\n")
    assert "reply_broadcast" not in posted
    reply = last_reply(live)
    assert short_id in reply.text

    assert live.click(TOMAS, CHANNEL, reply.ts, actions.CLAIM).ok
    live.wait_until(lambda: look.card(database, short_id, now=clock()).assignee == TOMAS)
    poster.drain()
    taken = live.state.channel(CHANNEL).messages[reply.ts]
    assert taken.text.startswith("⏰ Nobody is needed any more")
    assert f"claimed by <@{TOMAS}>" in taken.text
    assert "Claim" not in json.dumps([block.get("accessory") for block in taken.blocks])


@pytest.mark.usefixtures("digest_id")
def test_a_user_group_is_called_by_its_id(
    workspace: Workspace, poster: Poster, database: Database, clock: Clock
) -> None:
    poster.drain()
    for minutes in (10, 20):
        call(database, poster, clock, minutes=minutes)
    posted = workspace.calls.of("chat.postMessage")[-1].arguments
    assert str(posted["text"]).startswith("⏰ <!subteam^S0PLATFORM> unclaimed after 20 min")


@pytest.mark.usefixtures("digest_id")
def test_whoever_else_a_reminder_names_sleeps_on(
    workspace: Workspace, poster: Poster, database: Database, clock: Clock, short_id: str
) -> None:
    poster.drain()
    clock.move(to=NOON + timedelta(minutes=10))
    remind(database, teams=(PLATFORM,), escalation=STEPS, now=clock())
    decide.claim(database, short_id, by=ANA, now=clock())
    poster.drain()
    posts = [str(one.arguments["text"]) for one in workspace.calls.of("chat.postMessage")]
    assert not [said for said in posts if f"<@{ANA}>" in said]


def test_what_a_log_says_in_a_reminder_is_dead_and_what_is_beyond_its_room_is_counted() -> None:
    hostile = a_card(title="<!channel> <@U000EVIL> https://evil.example " * 40)
    shown = reminder.message([hostile] * 40, ["U000ANA", "<!here>"], "<!channel>")
    assert not limits.check({"text": shown.text, "blocks": shown.blocks})
    said = json.dumps([shown.text, shown.blocks])
    assert said.count("<@") == said.count("<@U000ANA>") == 2
    assert "<!" not in said
    assert "and 28 more" in said


def test_once_all_is_taken_nobody_is_called() -> None:
    held = a_card(state=State.CLAIMED, assignee=ANA, claimed_at=NOON)
    assert "U000TOMAS" not in json.dumps(reminder.message([held], [TOMAS], "late").blocks)
