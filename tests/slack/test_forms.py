"""What people enter in a form is decided once, on what they saw, and told where it is seen."""

import json
from datetime import timedelta

import pytest
from slack_sdk import WebClient

from bot.core.ownership.decision import State
from bot.core.ownership.scope import Breadth, Scope
from bot.flows import decide, find, look, review
from bot.flows.record import record
from bot.flows.triage import triage
from bot.slack import actions
from bot.slack.poster import Poster
from bot.workspace import Workspace
from storage.database import Database
from tests.builders import NOON, an_event
from tests.slack.conftest import (
    ANA,
    CHANNEL,
    TEAM_CHANNEL,
    TOMAS,
    explained_by_a_model,
)
from tests.slack.people import everything, filled, opened, state, told


def test_what_is_merged_is_split_by_a_form_in_details_and_undone(
    live: Workspace, card: str, database: Database, short_id: str
) -> None:
    (number,) = record(database, [an_event(message="out of stock")], now=NOON).signature_ids
    with database.read() as session:
        other = find.by_number(session, number).short_id
    decide.merge(database, other, into=short_id, by=TOMAS, now=NOON)
    live.click(ANA, CHANNEL, card, actions.DETAILS)
    live.click(ANA, CHANNEL, told(live, ANA, "merged into it").ts, actions.SPLIT)
    view = filled(live, actions.CASE)
    chosen = f"{actions.CASE}/{actions.CASE}"
    assert live.submit(ANA, view, {chosen: other}).ok
    done = told(live, ANA, "split it off")
    assert look.card(database, other, now=NOON).short_id == other
    live.click(ANA, CHANNEL, done.ts, actions.UNDO)
    told(live, ANA, "undid split")
    assert look.card(database, other, now=NOON).short_id == short_id


def test_a_form_to_split_does_nothing_once_the_error_was_split_off(
    live: Workspace, card: str, database: Database, short_id: str
) -> None:
    events = [an_event(message=message) for message in ("out of stock", "no route")]
    record(database, events, now=NOON)
    one, other = (
        look.search(database, words, now=NOON, most=1).cards[0].short_id
        for words in ("out of stock", "no route")
    )
    decide.merge(database, one, into=short_id, by=TOMAS, now=NOON)
    live.click(ANA, CHANNEL, card, actions.DETAILS)
    live.click(ANA, CHANNEL, told(live, ANA, "merged into it").ts, actions.SPLIT)
    view = filled(live, actions.CASE)
    decide.split(database, one, by=TOMAS, now=NOON)
    decide.merge(database, one, into=other, by=TOMAS, now=NOON)
    refused = live.submit(ANA, view, {f"{actions.CASE}/{actions.CASE}": one})
    assert refused.errors == {actions.CASE: f"{one} is not merged into {short_id} any more."}


def test_a_mute_for_one_customer_is_refused_once_the_error_hits_others(
    live: Workspace, card: str, database: Database
) -> None:
    assert card
    record(database, [an_event(message="quota of a tenant", customer="acme")], now=NOON)
    (found,) = look.search(database, "quota", now=NOON, most=1).cards
    live.command(ANA, CHANNEL, "/triage", f"mute {found.short_id}")
    live.wait_until(lambda: "Every error that only acme has" in str(live.view(ANA)))
    shown = live.view(ANA)
    assert shown
    record(database, [an_event(message="quota of a tenant", customer="globex")], now=NOON)
    chosen = {actions.REASON: "a test tenant", actions.SCOPE: "customer:acme"}
    typed = {f"{name}/{name}": value for name, value in chosen.items()}
    refused = live.submit(ANA, shown.id, typed)
    assert refused.errors == {actions.SCOPE: "By now it hits others too: choose again."}
    assert state(database, found.short_id) is State.OPEN


@pytest.mark.parametrize(
    ("verb", "field", "given"),
    [
        (actions.MUTE, actions.REASON, {actions.REASON: "known noise"}),
        (actions.MUTE, actions.REASON, {actions.REASON: "a deploy", actions.SCOPE: "service"}),
        (actions.REROUTE, actions.TEAM, {actions.TEAM: "dev"}),
        (actions.RESOLVE, actions.VERSION, {}),
        (actions.MERGE, actions.INTO, {actions.INTO: "E-ZZZZ"}),
    ],
)
def test_a_form_about_an_error_that_was_merged_meanwhile_decides_nothing(
    live: Workspace,
    card: str,
    database: Database,
    short_id: str,
    verb: str,
    field: str,
    given: dict[str, str],
) -> None:
    live.click(ANA, CHANNEL, card, actions.DETAILS)
    view = opened(live, told(live, ANA, "Merge…").ts, verb, short_id, field)
    record(database, [an_event(message="no route to the bank", service="payments")], now=NOON)
    (found,) = look.search(database, "bank", now=NOON, most=1).cards
    decide.merge(database, short_id, into=found.short_id, by=TOMAS, now=NOON)
    refused = live.submit(ANA, view, {f"{name}/{name}": said for name, said in given.items()})
    assert refused.errors == {
        field: f"{short_id} is merged into {found.short_id} by now, and nothing was done. "
        f"Open the form again for {found.short_id}."
    }
    assert [one.kind for one in look.history(database, found.short_id)] == ["merge"]
    assert look.wide_mutes(database) == ()


def test_a_wrong_explanation_needs_a_reason_which_the_report_names(
    live: Workspace, card: str, database: Database, short_id: str
) -> None:
    live.click(ANA, CHANNEL, card, actions.DETAILS)
    shown = told(live, ANA, "Explains it")
    live.click(ANA, CHANNEL, shown.ts, actions.WRONG)
    live.wait_until(lambda: "What is wrong" in json.dumps((v := live.view(ANA)) and v.content))
    view = live.view(ANA)
    assert view
    explained_by_a_model(database, short_id)
    reason = f"{actions.REASON}/{actions.REASON}"
    assert live.submit(ANA, view.id, {reason: " x "}).errors.keys() == {actions.REASON}
    assert live.submit(ANA, view.id, {reason: "it was the firewall <!channel>"}).ok
    told(live, ANA, f"*{short_id}*: noted that its explanation is wrong")
    (opinion,) = review.of(database, until=NOON + timedelta(minutes=1)).week.opinions
    assert opinion.source.startswith("the rule"), "which was what they read"


def test_a_mute_needs_a_reason_and_keeps_what_was_typed(
    live: Workspace, card: str, database: Database, short_id: str
) -> None:
    view = opened(live, card, actions.MUTE, short_id, actions.REASON)
    customers = f"{actions.MAX_CUSTOMERS}/{actions.MAX_CUSTOMERS}"
    reason = f"{actions.REASON}/{actions.REASON}"
    refused = live.submit(ANA, view, {reason: "  x ", customers: "3"})
    assert refused.errors.keys() == {actions.REASON}
    assert state(database, short_id) is State.OPEN
    assert live.submit(ANA, view, {reason: "known noise", customers: "3"}).ok
    told(live, ANA, "muted it")
    mute = look.card(database, short_id, now=NOON).mute
    assert mute
    assert (mute.reason, mute.max_customers) == ("known noise", 3)
    assert mute.until == NOON + timedelta(days=7)


def test_a_mute_of_a_whole_service_is_chosen_in_the_form_and_ended_from_the_menu(
    live: Workspace, card: str, database: Database, short_id: str, poster: Poster
) -> None:
    view = opened(live, card, actions.MUTE, short_id, actions.REASON)
    shown = live.view(ANA)
    assert shown
    said = json.dumps(shown.content, ensure_ascii=False)
    assert "Last 14 days: would have hidden 1 post, none claimed" in said
    assert "Every error of service checkout" in said
    given = {actions.REASON: "a deploy", actions.SCOPE: "service", actions.MAX_FACTOR: "3"}
    typed = {f"{name}/{name}": value for name, value in given.items()}
    assert live.submit(ANA, view, typed).ok
    told(live, ANA, "muted it and every error of service checkout")
    mute = look.card(database, short_id, now=NOON).mute
    assert mute
    assert (mute.scope, mute.max_factor) == (Scope(Breadth.SERVICE, "checkout"), 3)

    poster.drain()
    value = actions.menu_value(actions.END_ALL, short_id)
    assert live.click(ANA, CHANNEL, card, actions.MORE, value=value).ok
    over = "The mute of every error of service checkout is over; as they stood before"
    told(live, ANA, f"{over}: {short_id}")
    assert state(database, short_id) is State.OPEN


def test_a_reroute_goes_to_the_chosen_team_and_into_its_channel(
    live: Workspace, card: str, poster: Poster, database: Database, short_id: str
) -> None:
    view = opened(live, card, actions.REROUTE, short_id, actions.TEAM)
    owner = look.card(database, short_id, now=NOON).owner
    refused = live.submit(ANA, view, {f"{actions.TEAM}/{actions.TEAM}": owner})
    assert refused.errors == {actions.TEAM: f"It is {owner}'s already."}
    assert live.submit(ANA, view, {f"{actions.TEAM}/{actions.TEAM}": "dev"}).ok
    told(live, ANA, "rerouted it to dev")
    assert look.card(database, short_id, now=NOON).owner == "dev"
    poster.drain()
    assert short_id in live.messages(TEAM_CHANNEL)[0].text


def test_what_is_rerouted_is_posted_in_the_channel_of_its_team_once(
    live: Workspace,
    client: WebClient,
    card: str,
    poster: Poster,
    database: Database,
    short_id: str,
) -> None:
    for _ in range(2):
        decide.reroute(
            database, short_id, team="dev", by=ANA, now=NOON, key="k", channel=TEAM_CHANNEL
        )
    poster.drain()
    (posted,) = live.messages(TEAM_CHANNEL)
    there = client.chat_getPermalink(channel=CHANNEL, message_ts=card)["permalink"]
    assert posted.text.startswith(
        f"➡️ <@{ANA}> rerouted it to dev · from <#{CHANNEL}> (<{there}|the message there>)"
    )
    decide.claim(database, short_id, by=TOMAS, now=NOON)
    poster.drain()
    assert "🙋 claimed" in everything(live.messages(TEAM_CHANNEL)[0])
    assert card in [message.ts for message in live.messages(CHANNEL)]


def test_what_stands_in_the_channel_of_its_team_is_not_posted_there_again(
    live: Workspace, card: str, poster: Poster, database: Database, short_id: str
) -> None:
    decide.reroute(database, short_id, team="dev", by=ANA, now=NOON, channel=CHANNEL)
    poster.drain()
    top = [message for message in live.messages(CHANNEL) if not message.is_reply]
    assert [message.ts for message in top] == [card]


def test_a_note_is_written_in_a_form_and_told_in_the_thread(
    live: Workspace, poster: Poster, card: str, short_id: str
) -> None:
    live.click(ANA, CHANNEL, card, actions.DETAILS)
    details = told(live, ANA, "Note…")
    live.click(ANA, CHANNEL, details.ts, actions.NOTE)
    view = live.view(ANA)
    assert view
    reason = f"{actions.REASON}/{actions.REASON}"
    assert live.submit(ANA, view.id, {reason: "x"}).errors.keys() == {actions.REASON}
    assert live.submit(ANA, view.id, {reason: "the <!channel> vendor knows"}).ok
    told(live, ANA, "It stands in Details and in the thread")
    poster.drain()
    lines = [reply.text for reply in live.thread(CHANNEL, card)]
    assert lines[-1].startswith(f"*{short_id}*: ")
    assert lines[-1].endswith("noted: the &lt;!channel&gt; vendor knows")


def test_resolving_in_a_release_asks_for_it(
    live: Workspace, card: str, database: Database, short_id: str
) -> None:
    view = opened(live, card, actions.RESOLVE, short_id, actions.VERSION)
    when, version = (f"{name}/{name}" for name in (actions.WHEN, actions.VERSION))
    assert live.submit(ANA, view, {when: "release"}).errors.keys() == {actions.VERSION}
    assert live.submit(ANA, view, {when: "release", version: "4.19.2"}).ok
    told(live, ANA, "resolved it in 4.19.2")
    assert state(database, short_id) is State.RESOLVED


def test_the_second_equal_reroute_offers_the_rule(
    live: Workspace, card: str, database: Database, short_id: str
) -> None:
    event = an_event(message="pricing lost: connection refused", time=NOON - timedelta(hours=1))
    (number,) = record(database, [event], now=NOON).signature_ids
    triage(database, now=NOON, site_rules=())
    with database.read() as session:
        other = find.by_number(session, number).short_id
    assert look.card(database, other, now=NOON).owner == "platform"
    decide.reroute(database, other, team="dev", by=TOMAS, now=NOON)
    view = opened(live, card, actions.REROUTE, short_id, actions.TEAM)
    assert live.submit(ANA, view, {f"{actions.TEAM}/{actions.TEAM}": "dev"}).ok
    said = everything(told(live, ANA, "A rule (service = checkout → dev) does it"))
    assert "would have given 2 of 2 errors to dev by itself" in said
    assert "[[owners]]" in said
