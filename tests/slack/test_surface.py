"""What people can count on wherever they meet the bot, whatever it shows."""

import json
from datetime import timedelta
from typing import Any

import pytest

from bot.core.detection.episode import Why
from bot.core.detection.finding import Kind
from bot.core.detection.threshold import Rules
from bot.core.ownership.decision import State
from bot.core.ownership.scope import THIS, Backtest
from bot.core.ownership.trail import Merged
from bot.core.telling.incident import Incident
from bot.flows import decide, look
from bot.flows.detect import detect
from bot.flows.record import record
from bot.slack import actions
from bot.slack.actions import Origin
from bot.slack.blocks import answer, card, digest, incident, modal
from bot.slack.blocks.elements import Block
from bot.slack.poster import Poster
from bot.workspace import Workspace
from storage.database import Database
from tests.builders import NOON, an_event
from tests.fakes import Clock
from tests.slack.builders import a_card, a_digest
from tests.slack.conftest import ANA, CHANNEL

ORIGIN = Origin("E-7K2", "C012AB3CD")
FORMS = [
    (
        modal.mute(a_card(), {THIS: Backtest(9, 2)}, ORIGIN),
        "Last 14 days: would have hidden 9 posts, 2 claimed",
    ),
    (modal.reroute(a_card(), ("dev", "platform"), ORIGIN), "no rule moves it again"),
    (modal.resolve(a_card(), ORIGIN), "reopened"),
    (modal.merge(a_card(), ORIGIN), "makes them two again"),
    (
        modal.split(a_card(merged=(Merged("E-9XM", 3, NOON, ANA, "one error", "Boom"),)), ORIGIN),
        "counts for itself",
    ),
]


def of_card(blocks: list[Block], short_id: str) -> list[Block]:
    return [block for block in blocks if str(block.get("block_id", "")).startswith(short_id)]


def test_the_replies_to_a_digest_stay_in_its_thread(
    poster: Poster, workspace: Workspace, digest_id: int
) -> None:
    assert digest_id
    poster.drain()
    first, *replies = workspace.calls.of("chat.postMessage")
    assert "thread_ts" not in first.arguments
    assert replies
    for reply in replies:
        assert reply.arguments["thread_ts"]
        assert "reply_broadcast" not in reply.arguments


def test_acting_on_one_card_leaves_the_others_as_they_stand() -> None:
    one, two, three = (a_card(short_id=f"E-{number}") for number in (2, 3, 4))
    held = a_card(short_id="E-3", state=State.CLAIMED, assignee=ANA, claimed_at=NOON)
    before = digest.message(a_digest(one, two, three)).blocks
    after = digest.message(a_digest(one, held, three)).blocks
    assert of_card(before, "E-3") != of_card(after, "E-3")
    for other in ("E-2", "E-4"):
        assert of_card(before, other) == of_card(after, other)


@pytest.mark.parametrize("state", State)
def test_a_card_has_at_most_three_things_to_click_and_none_is_dangerous(state: State) -> None:
    offered = card.controls(a_card(state=state))
    assert len(offered) <= 3
    assert "danger" not in json.dumps(offered)


def test_what_a_model_says_carries_its_name_and_is_never_in_the_headline() -> None:
    explained = a_card(analyst="claude:some-model", explained_at=NOON)
    said = card.cause(explained, room=90)
    assert "some-model" in said
    assert said.startswith("_Likely cause (by ")
    assert said.endswith("medium confidence)_: the gateway is down")
    what, whose, _ = card.blocks(explained, version=1)
    assert "gateway is down" not in json.dumps(what)
    assert "gateway is down" in json.dumps(whose)


@pytest.mark.parametrize(("form", "effect"), FORMS)
def test_a_form_says_what_it_will_do_and_nothing_asks_twice(form: Block, effect: str) -> None:
    assert effect in json.dumps(form["blocks"])
    assert "confirm" not in json.dumps([form, card.controls(a_card())])


def test_a_form_opens_at_once_and_is_filled_by_its_hash(
    live: Workspace, poster: Poster, digest_id: int, short_id: str
) -> None:
    assert digest_id
    poster.drain()
    ts = live.messages(CHANNEL)[0].ts
    live.click(ANA, CHANNEL, ts, actions.MORE, value=actions.menu_value(actions.MUTE, short_id))
    live.wait_until(lambda: live.calls.of("views.update"))
    (opened,), (filled,) = live.calls.of("views.open"), live.calls.of("views.update")
    assert "One moment" in json.dumps(opened.arguments, default=str)
    assert filled.arguments["hash"]


def test_a_button_on_an_old_message_still_works(
    live: Workspace,
    poster: Poster,
    database: Database,
    clock: Clock,
    digest_id: int,
    short_id: str,
) -> None:
    assert digest_id
    poster.drain()
    ts = live.messages(CHANNEL)[0].ts
    clock.move(to=NOON + timedelta(days=90))
    live.click(ANA, CHANNEL, ts, actions.CLAIM)
    live.wait_until(lambda: look.card(database, short_id, now=clock()).assignee == ANA)


def test_a_repeat_posts_nothing_new_and_a_decision_one_line_in_the_thread(
    poster: Poster, workspace: Workspace, database: Database, digest_id: int, short_id: str
) -> None:
    assert digest_id
    poster.drain()
    before = len(workspace.calls.of("chat.postMessage"))
    touched = record(database, [an_event(customer="acme")], now=NOON).signature_ids
    detect(database, touched, now=NOON, rules=Rules())
    poster.drain()
    assert len(workspace.calls.of("chat.postMessage")) == before
    decide.claim(database, short_id, by=ANA, now=NOON)
    poster.drain()
    (line,) = workspace.calls.of("chat.postMessage")[before:]
    assert line.arguments["thread_ts"] == workspace.messages(CHANNEL)[0].ts


@pytest.mark.parametrize(
    ("facts", "opening"),
    [
        ({}, "E-7K2 🆕 new · checkout · "),
        ({"state": State.RESOLVED}, "E-7K2 ✅ resolved · checkout · "),
        ({"whys": (Why(Kind.CRITICAL, "x", NOON),)}, "E-7K2 🚨 critical · checkout · "),
    ],
)
def test_the_first_forty_characters_say_which_what_and_where(
    facts: dict[str, Any], opening: str
) -> None:
    found = card.line(a_card(**facts)).replace("*", "")
    assert found.startswith(opening)
    assert len(opening) < 40


def test_counts_are_rounded_on_a_card_and_exact_in_its_details() -> None:
    many = a_card(last_day=54_321, total=1_234_567)
    assert "54k" in card.line(many)
    exact = answer.details(many, (), (), reader="U1").text
    assert "54,321" in exact
    assert "1,234,567 in all" in exact


def test_an_incident_says_so_before_the_card_that_leads_it() -> None:
    found = Incident((a_card(), a_card(short_id="E-9XM")), "the same release")
    first, *_ = incident.message(found, version=1).blocks
    assert first["text"]["text"].startswith("*1 incident: E-7K2 and 1 more*")
