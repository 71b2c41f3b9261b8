"""What people type and click reaches the database once, and they are told what came of it."""

import json
import logging
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
from slack_bolt import App, BoltContext, Respond
from slack_sdk import WebClient
from slack_sdk.webhook import WebhookResponse
from sqlmodel import select

from bot.core.ownership.decision import State
from bot.core.ownership.scope import Breadth, Scope
from bot.flows import decide, describe, find, look, review
from bot.flows.record import record
from bot.flows.triage import triage
from bot.slack import actions, rights
from bot.slack.asked import Asked
from bot.slack.blocks.elements import Rendering, preformatted, section
from bot.slack.commands import Meant, parse
from bot.slack.crew import Crew
from bot.slack.desk import Desk
from bot.slack.poster import Poster
from bot.slack.rendering import Wanted, render
from bot.workspace import Fault, FaultKind, Message, Server, Workspace
from bot.workspace.state import ResponseUrl
from storage import analyses, tables
from storage.database import Database
from tests.builders import NOON, an_event, no_link
from tests.slack.conftest import (
    ANA,
    CHANNEL,
    SETTLED_SECONDS,
    TEAM_CHANNEL,
    TOMAS,
    Direct,
    answered,
    clicked,
    in_the_inbox,
    settle,
    under_way,
)


def state(database: Database, short_id: str) -> State:
    return look.card(database, short_id, now=NOON).state


def told(workspace: Workspace, user: str, words: str) -> Message:
    """Wait for an answer only that person sees."""

    def seen() -> list[Message]:
        return [m for m in workspace.ephemerals(user, CHANNEL) if words in everything(m)]

    workspace.wait_until(seen)
    return seen()[-1]


def everything(message: Message) -> str:
    return message.text + json.dumps(message.blocks, ensure_ascii=False)


def at_home(workspace: Workspace, user: str) -> str:
    """What stands in the person's App Home, if anything."""
    home = workspace.home(user)
    return json.dumps(home.content, ensure_ascii=False) if home else ""


@pytest.fixture
def card(live: Workspace, poster: Poster, digest_id: int) -> str:
    """The ts of the digest, posted."""
    poster.drain()
    return live.messages(CHANNEL)[0].ts


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("", Meant("help")),
        ("  TODAY ", Meant("today")),
        ("show e-7k2", Meant("show", "e-7k2")),
        ("Show   `7K2`", Meant("show", "7K2")),
        ("e-7k2", Meant("show", "e-7k2")),
        ("7k2", Meant("show", "7k2")),
        ("why E-7K2 please", Meant("why", "E-7K2")),
        ("mine.", Meant("mine")),
        ("search connection refused", Meant("search", "connection refused")),
        ("Find `E-7K2`", Meant("search", "E-7K2")),
        ("team on-call web", Meant("owner", "on-call web")),
        ("search <b>x</b>", Meant("search", "<b>x</b>")),
        ("claim e-7k2", Meant("claim", "e-7k2")),
        ("hand-over", Meant("handover")),
        ("merge e-7k2 E-9XM please", Meant("merge", "e-7k2 E-9XM please")),
        ("merge E-7K2 into `E-9XM`", Meant("merge", "E-7K2 into E-9XM")),
        ("merge E-7K2", Meant("merge", "E-7K2")),
        ("split E-7K2", Meant("split", "E-7K2")),
    ],
)
def test_a_command_is_forgiven_its_spelling(typed: str, meant: Meant) -> None:
    assert parse(typed, command="/triage") == meant


@pytest.mark.parametrize("word", ["claim", "why", "mute"])
def test_what_takes_one_error_does_nothing_to_the_first_of_two(word: str) -> None:
    meant = parse(f"{word} E-7K2 E-9XM", command="/triage")
    assert (meant.word, meant.argument) == ("help", "")
    assert f"Send `/triage {word} E-7K2`, `/triage {word} E-9XM`." in meant.remark
    assert parse(f"{word} E-7K2 please", command="/triage") == Meant(word, "E-7K2")


@pytest.mark.parametrize(
    ("typed", "hint"), [("tody", "/errors today"), ("unclaimd", "/errors unclaimed")]
)
def test_an_unknown_word_gets_did_you_mean(typed: str, hint: str) -> None:
    assert f"Did you mean `{hint}`?" in parse(typed, command="/errors").remark


def test_a_word_that_is_like_nothing_is_only_repeated_dead() -> None:
    assert parse("<!channel>", command="/triage").remark.startswith("I do not know `channel`.")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Today so far: *1 new"),
        ("help", "`/triage why ID`"),
        ("tody", "Did you mean `/triage today`?"),
        ("today", "payment failed"),
        ("show {id}", "Share"),
        ("SHOW  {id} ", "payment failed"),
        ("why {id}", "Seeing it once is enough"),
        ("report", "*Owners*: nobody acted on anything"),
        ("report", "Share"),
        ("cost", "*Nothing is asked now: no model is set up"),
        ("cost", "Today: $0.00 of $5.00"),
        ("flags", "model on"),
        ("prompt {id}", "Nothing is sent now: no model is set up"),
        ("prompt {id}", "nothing below can change"),
        ("prompt", "/triage prompt E-7K2"),
        ("mine", "You hold no signature."),
        ("unclaimed", "{id}"),
        ("owner PLATFORM", "Owned by platform*: 1 signature"),
        ("owner dev", "Nothing of dev is claimed or unusual."),
        ("owner plattform", "Did you mean platform?"),
        ("owner", "Teams: dev, platform, review, noise."),
        ("search PAYMENT failed", "payment failed"),
        ("search 100%", "Nothing names “100%”, and no customer"),
        ("search x", "Search for what?"),
        ("muted", "No signature is muted."),
        ("handover", "Nothing is claimed."),
        ("handover", "*Unclaimed, unusual now or lately*: 1 signature"),
        ("status", "1 unusual at this moment; unclaimed, of now and lately: 1"),
        ("status", "Messages: all sent"),
        ("undo", "There is nothing of yours to undo."),
        ("show", "/triage show E-7K2"),
        ("resolve", "/triage resolve E-7K2"),
        ("mute", "/triage mute E-7K2"),
        ("release {id}", "there is nothing to release"),
        ("unmute {id}", "It is not muted."),
        ("reopen {id}", "It is not resolved."),
        ("claim E-ZZZZ", "There is no signature E-ZZZZ"),
        ("search <b>x</b>", "Nothing names “&lt;b&gt;x&lt;/b&gt;”, and no customer"),
        ("merge {id}", "Which ones?"),
        ("merge {id} {id}", "are one already"),
        ("split {id}", "merged into nothing"),
        ("show E-ZZZZ", "There is no signature E-ZZZZ"),
        ("show E-ZZZZ", "{id}"),
        ("show E-ZZZZ", "/triage search WORDS"),
    ],
)
def test_a_command_is_answered_to_the_asker_alone(
    live: Workspace, short_id: str, typed: str, words: str
) -> None:
    assert live.command(ANA, CHANNEL, "/triage", typed.format(id=short_id)).ok
    told(live, ANA, words.format(id=short_id))
    assert live.messages(CHANNEL) == []
    assert live.ephemerals(TOMAS, CHANNEL) == []


def test_a_misspelled_command_is_answered_in_one_line(live: Workspace) -> None:
    live.command(ANA, CHANNEL, "/triage", "tody")
    said = told(live, ANA, "Did you mean").text
    assert said == (
        "I do not know `tody`. Did you mean `/triage today`? `/triage help` says what I know."
    )


@pytest.mark.parametrize(
    ("verb", "said", "stands"),
    [
        ("claim", "claimed it", State.CLAIMED),
        ("release", "released it", State.OPEN),
        ("resolve", "resolved it", State.RESOLVED),
        ("reopen", "reopened it", State.CLAIMED),
        ("unmute", "ended the mute", State.CLAIMED),
    ],
)
def test_a_typed_verb_decides_as_its_button_does(
    live: Workspace, database: Database, short_id: str, verb: str, said: str, stands: State
) -> None:
    if verb != "claim":
        decide.claim(database, short_id, by=ANA, now=NOON)
    if verb == "reopen":
        decide.resolve(database, short_id, by=ANA, now=NOON)
    if verb == "unmute":
        decide.mute(database, short_id, by=ANA, now=NOON, reason="a drill", until=None)
    before = state(database, short_id)
    live.command(ANA, CHANNEL, "/triage", f"{verb} {short_id}")
    done = told(live, ANA, said)
    assert state(database, short_id) is stands
    live.click(ANA, CHANNEL, done.ts, actions.UNDO)
    told(live, ANA, "undid")
    assert state(database, short_id) is before


def test_whoever_types_claim_too_late_may_take_over(
    live: Workspace, database: Database, short_id: str
) -> None:
    decide.claim(database, short_id, by=ANA, now=NOON)
    live.command(TOMAS, CHANNEL, "/triage", f"claim {short_id}")
    told(live, TOMAS, f"claimed by <@{ANA}> just now. Take over?")


@pytest.mark.parametrize(("verb", "field"), [("mute", actions.REASON), ("reroute", actions.TEAM)])
def test_a_typed_verb_that_asks_opens_its_form(
    live: Workspace, short_id: str, verb: str, field: str
) -> None:
    live.command(ANA, CHANNEL, "/triage", f"{verb} {short_id}")
    live.wait_until(lambda: field in json.dumps((v := live.view(ANA)) and v.content))
    view = live.view(ANA)
    assert view
    assert short_id in json.dumps(view.content)


def test_today_names_whoever_claimed_as_everywhere_else(
    live: Workspace, database: Database, short_id: str
) -> None:
    decide.claim(database, short_id, by=TOMAS, now=NOON)
    live.command(ANA, CHANNEL, "/triage", "today")
    told(live, ANA, f"claimed by <@{TOMAS}>")


def test_two_errors_are_merged_and_split_by_command(
    live: Workspace, database: Database, short_id: str
) -> None:
    (number,) = record(database, [an_event(message="out of stock")], now=NOON).signature_ids
    with database.read() as session:
        other = find.by_number(session, number).short_id
    live.command(ANA, CHANNEL, "/triage", f"merge {other} {short_id}")
    told(live, ANA, f"merged {other} into {short_id}")
    assert look.card(database, other, now=NOON).short_id == short_id
    live.command(ANA, CHANNEL, "/triage", f"split {other}")
    told(live, ANA, "split it off")
    assert look.card(database, other, now=NOON).short_id == other


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


def test_what_was_split_off_by_the_time_its_form_is_sent_is_not_split_off_another(
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


def test_a_merge_wants_to_know_into_which(live: Workspace, card: str, short_id: str) -> None:
    live.click(ANA, CHANNEL, card, actions.DETAILS)
    chosen = actions.menu_value(actions.MERGE, short_id)
    live.click(ANA, CHANNEL, told(live, ANA, "Merge…").ts, actions.MORE, value=chosen)
    view = filled(live, actions.INTO)
    refused = live.submit(ANA, view, {f"{actions.INTO}/{actions.INTO}": " "})
    assert refused.errors == {actions.INTO: "Which one? Each card has its ID."}


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


def test_what_hits_others_by_the_time_a_form_is_sent_is_not_muted_as_that_of_one_customer(
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
def test_what_is_another_error_by_the_time_a_form_is_sent_is_decided_on_no_error(
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


def test_an_undo_that_is_typed_names_the_decision_before_it_is_taken_back(
    live: Workspace, card: str, database: Database, short_id: str
) -> None:
    assert card
    decide.claim(database, short_id, by=ANA, now=NOON - timedelta(days=1))
    live.command(ANA, CHANNEL, "/triage", "undo")
    asked = told(live, ANA, f"<@{ANA}> claimed it")
    assert "Your latest decision that holds" in asked.text
    assert state(database, short_id) is State.CLAIMED
    live.click(ANA, CHANNEL, asked.ts, actions.UNDO)
    told(live, ANA, "undid claim")
    assert state(database, short_id) is State.OPEN


def test_the_undo_of_a_mute_of_more_says_before_what_else_wakes(
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


def test_a_mute_of_more_is_ended_from_the_list_of_mutes_or_what_was_shared_of_it(
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


def explained_by_a_model(database: Database, short_id: str) -> None:
    with database.write() as session:
        signature = find.by_name(session, short_id)
        said = describe.explained(session, [signature])[signature.id].analysis
        proven = replace(said, evidence=("connection refused",), checked="1 of 1 quotes verified")
        content, prompt = {signature.id: proven.as_json()}, "analysis 1"
        analyses.keep(session, content, analyst="some-model", version=prompt, now=NOON)


def test_the_thread_asks_whether_the_explanation_helps(database: Database, short_id: str) -> None:
    wanted = Wanted({"signature": short_id}, version=1, now=NOON, link=no_link)
    shown = json.dumps(render(database, "details", wanted).blocks)
    assert actions.HELPS in shown
    assert actions.WRONG in shown


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


def test_details_are_shown_to_the_asker(live: Workspace, card: str) -> None:
    live.click(ANA, CHANNEL, card, actions.DETAILS)
    told(live, ANA, "first seen")


def test_why_shows_the_receipt(live: Workspace, card: str, short_id: str) -> None:
    live.click(ANA, CHANNEL, card, actions.MORE, value=actions.menu_value(actions.WHY, short_id))
    told(live, ANA, "Seeing it once is enough")


def opened(workspace: Workspace, card: str, verb: str, short_id: str, field: str) -> str:
    """Open a form from the menu and wait until it is filled; gives the view's id."""
    workspace.click(ANA, CHANNEL, card, actions.MORE, value=actions.menu_value(verb, short_id))
    return filled(workspace, field)


def filled(workspace: Workspace, field: str) -> str:
    """Wait until the form that was opened has its fields; gives the view's id."""
    workspace.wait_until(lambda: field in json.dumps((v := workspace.view(ANA)) and v.content))
    view = workspace.view(ANA)
    assert view
    return view.id


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


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("note {} it is `the` vendor", "noted"),
        ("note {} x", "Say in a few words what others should know"),
        ("note", "Which one?"),
    ],
)
def test_a_note_is_typed_too(live: Workspace, short_id: str, typed: str, words: str) -> None:
    live.command(ANA, CHANNEL, "/triage", typed.format(short_id))
    told(live, ANA, words)


def test_resolving_in_a_release_asks_for_it(
    live: Workspace, card: str, database: Database, short_id: str
) -> None:
    view = opened(live, card, actions.RESOLVE, short_id, actions.VERSION)
    when, version = (f"{name}/{name}" for name in (actions.WHEN, actions.VERSION))
    assert live.submit(ANA, view, {when: "release"}).errors.keys() == {actions.VERSION}
    assert live.submit(ANA, view, {when: "release", version: "4.19.2"}).ok
    told(live, ANA, "resolved it in 4.19.2")
    assert state(database, short_id) is State.RESOLVED


def test_each_part_of_a_long_handover_is_listed_alone_page_by_page(
    live: Workspace, database: Database
) -> None:
    letters = "abcdefghijklmnopqrst"
    events = [an_event(message=f"upload of {one * 9} failed", service=one) for one in letters]
    record(database, events, now=NOON)
    with database.read() as session:
        names = [row.short_id for row in session.exec(select(tables.Signature))]
    for name in names:
        decide.claim(database, name, by=ANA, now=NOON)
    live.command(ANA, CHANNEL, "/triage", "handover")
    whole = told(live, ANA, "*Claimed*: 22 signatures")
    assert "Nothing was resolved" in everything(whole)
    live.click(ANA, CHANNEL, whole.ts, actions.FIRST)
    first = told(live, ANA, "1 to 12 of 22")
    assert "Nothing was resolved" not in everything(first)
    live.click(ANA, CHANNEL, first.ts, actions.NEXT)
    assert "« First" in everything(told(live, ANA, "13 to 22 of 22"))


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


# ── without a network: what only an attacker or an old message sends ──────────────────────────


A_FORM = {"type": "modal", "id": "V1", "callback_id": "x"}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (clicked("old_button", value="x"), "older version"),
        (clicked(actions.CLAIM, value="E-ZZZZ"), "There is no signature E-ZZZZ"),
        (clicked(actions.CLAIM, value="'; DROP TABLE signatures; --"), "There is no signature"),
        (clicked(actions.CLAIM), "There is no signature"),
        (clicked(actions.UNDO, value="²"), "which decision that was"),
        (clicked(actions.UNDO, value="999999"), "to undo"),
        (clicked(actions.MORE, selected_option={"value": "drop E-7K2"}), "older version"),
        ({**clicked(actions.SHARE, value="today"), "channel": None}, "There is no channel here"),
        ({"type": "view_submission", "user": {"id": ANA}, "view": A_FORM}, "older version"),
        ({"type": "shortcut", "callback_id": "x", "user": {"id": ANA}}, "older version"),
        ({"command": "/other", "user_id": ANA, "text": ""}, "older version"),
    ],
)
def test_what_is_odd_is_acknowledged_explained_and_no_error(
    app: App,
    desk: Desk,
    workspace: Workspace,
    caplog: pytest.LogCaptureFixture,
    body: dict[str, Any],
    words: str,
) -> None:
    with caplog.at_level(logging.ERROR):
        assert answered(app, body) == 200
        settle(desk)
    home = workspace.home(ANA)
    assert home
    assert words in json.dumps(home.content, ensure_ascii=False)
    assert caplog.records == []


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ({"command": "/triage", "text": "today"}, "Work was given up: slack-tell"),
        (clicked(actions.MORE, value="mute"), "while handling block_actions"),
    ],
    ids=["from nobody", "with a trigger that Slack does not know"],
)
def test_what_slack_would_never_send_is_acknowledged_and_logged(
    app: App, desk: Desk, caplog: pytest.LogCaptureFixture, body: dict[str, Any], what: str
) -> None:
    with caplog.at_level(logging.ERROR):
        assert answered(app, body) == 200
        settle(desk)
    assert what in caplog.text


def test_a_decision_is_acknowledged_once_it_is_on_the_disk_without_what_stands_around_it(
    rebuilt: Callable[[Desk], App], desk: Desk, database: Database, short_id: str
) -> None:
    busy = replace(desk, work=Crew("busy", workers=1), commit_seconds=3_600.0)
    click = {**clicked(actions.CLAIM, value=short_id), "token": "t", "message": {"text": "secret"}}
    with under_way(busy.work):
        assert answered(rebuilt(busy), click) == 200
        assert state(database, short_id) is State.OPEN
        (kept,) = in_the_inbox(database)
        assert not kept.body.keys() & {"token", "message"}
    settle(busy)
    busy.inbox.finish(SETTLED_SECONDS)
    assert state(database, short_id) is State.CLAIMED
    assert in_the_inbox(database) == []


@pytest.mark.parametrize(
    ("body", "changes"),
    [
        (clicked(actions.CLAIM, value="E-7K2"), True),
        (clicked(actions.SHARE, value="today"), True),
        (clicked(actions.HELPS, value="E-7K2"), True),
        (clicked(actions.DETAILS, value="E-7K2"), False),
        (clicked(actions.MERGE, value="E-7K2"), False),
        (clicked(actions.MORE, value=actions.menu_value(actions.MUTE, "E-7K2")), False),
        ({"command": "/triage", "text": "claim E-7K2"}, True),
        ({"command": "/triage", "text": "today"}, False),
        ({"event": {"type": "app_mention", "text": "<@U0BOT> *Claim* E-7K2"}}, True),
        ({"event": {"type": "app_mention", "text": "<@U0BOT>"}}, False),
        ({"event": {"type": "app_mention", "text": "<@U0BOT> FATAL: claim of 12 failed"}}, False),
        ({"event": {"type": "app_home_opened"}}, False),
    ],
)
def test_what_changes_something_is_kept_and_no_pasted_error(
    body: dict[str, Any], changes: bool
) -> None:
    assert rights.changes(body) is changes


def test_what_only_asks_is_acknowledged_before_anything_is_looked_up(
    rebuilt: Callable[[Desk], App], desk: Desk, database: Database, short_id: str
) -> None:
    never = rebuilt(replace(desk, commit_seconds=3_600.0))
    with database.write():
        details = clicked(actions.DETAILS, value=short_id)
        assert answered(never, details) == 200
    settle(desk)


def test_a_decision_that_takes_longer_than_slack_waits_is_acknowledged_and_still_made(
    rebuilt: Callable[[Desk], App], desk: Desk, database: Database, short_id: str
) -> None:
    hasty = rebuilt(replace(desk, commit_seconds=0.0))
    with database.write():
        assert answered(hasty, clicked(actions.CLAIM, value=short_id)) == 200
        assert not desk.work.settle(0)
    settle(desk)
    assert state(database, short_id) is State.CLAIMED


def test_a_form_that_takes_too_long_closes_and_is_answered_later(
    rebuilt: Callable[[Desk], App],
    desk: Desk,
    live: Workspace,
    database: Database,
    card: str,
    short_id: str,
) -> None:
    view = opened(live, card, actions.RESOLVE, short_id, actions.VERSION)
    live.transport = Direct(rebuilt(replace(desk, commit_seconds=0.0)), desk, waits=False)
    with database.write():
        assert live.submit(ANA, view, {}).ok
        assert live.view(ANA) is None
    told(live, ANA, "resolved it")
    assert state(database, short_id) is State.RESOLVED


def test_what_was_entered_in_a_form_that_closed_in_vain_comes_back_with_the_reason(
    rebuilt: Callable[[Desk], App],
    desk: Desk,
    live: Workspace,
    database: Database,
    card: str,
    short_id: str,
) -> None:
    view = opened(live, card, actions.MUTE, short_id, actions.REASON)
    live.transport = Direct(rebuilt(replace(desk, commit_seconds=0.0)), desk, waits=False)
    with database.write():
        assert live.submit(ANA, view, {f"{actions.REASON}/{actions.REASON}": "  x"}).ok
    answer = told(live, ANA, "Not done")
    assert "Say in a few words why it is noise" in answer.text
    assert "You entered:" in answer.text
    assert state(database, short_id) is State.OPEN


def test_whom_there_is_no_room_for_is_told_and_nothing_is_done(
    rebuilt: Callable[[Desk], App],
    desk: Desk,
    live: Workspace,
    database: Database,
    card: str,
    short_id: str,
) -> None:
    full = replace(desk, work=Crew("full", workers=1, room=0))
    live.transport = Direct(rebuilt(full), desk)
    assert live.click(ANA, CHANNEL, card, actions.CLAIM).ok
    assert live.command(TOMAS, CHANNEL, "/triage", f"claim {short_id}").ok
    for person in (ANA, TOMAS):
        told(live, person, "this was not done. Try again in a minute")
    assert state(database, short_id) is State.OPEN


def test_what_is_asked_after_the_end_is_not_acknowledged_so_that_slack_says_so(
    app: App, desk: Desk, short_id: str
) -> None:
    desk.finish()
    assert answered(app, clicked(actions.CLAIM, value=short_id)) == 404


def test_in_app_home_nothing_is_offered_to_share(live: Workspace, short_id: str) -> None:
    live.open_home(ANA)
    live.wait_until(lambda: live.home(ANA))
    home = live.home(ANA)
    assert home
    why = actions.menu_value(actions.WHY, short_id)
    live.use(ANA, home.id, actions.MORE, value=why)
    live.wait_until(lambda: "Seeing it once is enough" in at_home(live, ANA))
    assert "Share" not in at_home(live, ANA)


def test_an_app_home_that_fails_names_an_error_id_at_the_next_attempt(
    live: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    refused = Fault(kind=FaultKind.ERROR, method="views.publish", error="internal_error")
    live.faults.order(refused)
    with caplog.at_level(logging.ERROR):
        live.open_home(ANA)
        live.wait_until(lambda: "error `" in at_home(live, ANA))
    assert at_home(live, ANA).split("error `")[1][:8] in caplog.text
    assert "KeyError" not in caplog.text


def test_an_answer_whose_address_is_worn_out_is_given_in_app_home(
    live: Workspace, app: App, server: Server, short_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    body = {**clicked(actions.DETAILS, value=short_id), "response_url": f"{server.url}/response/x"}
    with caplog.at_level(logging.WARNING):
        answered(app, body)
        live.wait_until(lambda: "first seen" in at_home(live, ANA))
    assert [record.getMessage() for record in caplog.records] == [
        "An answer was refused: expired_url"
    ]


@pytest.mark.parametrize(
    ("body", "forms"),
    [
        ('{"ok":false,"error":"invalid_blocks"}', [2, 1, 0]),
        ("invalid_blocks", [2, 1, 0]),
        ('{"ok":false,"error":"used_url"}', [2]),
        ("<html>", [2]),
    ],
)
def test_an_answer_that_is_refused_is_said_in_a_plainer_form(
    desk: Desk, client: WebClient, workspace: Workspace, body: str, forms: list[int]
) -> None:
    sent: list[int] = []

    def respond(_: str, *, blocks: list[Any], **__: Any) -> WebhookResponse:
        sent.append(len(blocks))
        done = 200 if not blocks else 400
        return WebhookResponse(url="", status_code=done, body=body, headers={})

    click = {"user": {"id": ANA}, "response_url": "u"}
    asked = Asked(desk, click, client, cast("Respond", respond), BoltContext())
    asked.answer(Rendering("words", [section("words"), preformatted("a line")]))
    settle(desk)
    assert sent == forms
    assert (workspace.home(ANA) is None) == (0 in forms)


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


def test_a_broken_listener_names_an_error_id_that_the_log_has(
    live: Workspace, card: str, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    database.engine.dispose()
    with database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE sightings RENAME TO hidden")
    with caplog.at_level(logging.ERROR):
        live.click(ANA, CHANNEL, card, actions.DETAILS)
        message = told(live, ANA, "error `")
    assert message.text.split("error `")[1][:8] in caplog.text


def test_the_next_page_of_a_search_comes_in_its_place(live: Workspace, database: Database) -> None:
    letters = "abcdefghijklmnopqrst"
    record(
        database,
        [an_event(message=f"upload of {letter * 9} failed", service=letter) for letter in letters],
        now=NOON,
    )
    live.command(ANA, CHANNEL, "/triage", "search upload")
    live.wait_until(lambda: live.ephemerals(ANA, CHANNEL))
    (first,) = live.ephemerals(ANA, CHANNEL)
    shown = [block["accessory"]["value"] for block in first.blocks if "accessory" in block]
    live.click(ANA, CHANNEL, first.ts, actions.NEXT)
    live.wait_until(lambda: live.ephemerals(ANA, CHANNEL)[-1].blocks != first.blocks)
    (second,) = live.ephemerals(ANA, CHANNEL)
    others = [block["accessory"]["value"] for block in second.blocks if "accessory" in block]
    assert not set(shown) & set(others)
    assert len(shown) + len(others) == len(letters)
    live.click(ANA, CHANNEL, second.ts, actions.FIRST)
    live.wait_until(lambda: live.ephemerals(ANA, CHANNEL)[-1].blocks != second.blocks)
    assert "1 to " in str(live.ephemerals(ANA, CHANNEL)[-1].blocks)


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


def test_a_digest_is_posted_at_once_where_digests_are_posted(
    live: Workspace, poster: Poster, short_id: str
) -> None:
    for asked in (1, 2):
        live.command(ANA, CHANNEL, "/triage", "digest now")
        live.wait_until(lambda asked=asked: len(live.ephemerals(ANA, CHANNEL)) == asked)
    assert "within this minute" in live.ephemerals(ANA, CHANNEL)[-1].text
    poster.drain()
    (posted,) = live.messages(CHANNEL)
    assert short_id in posted.text


@pytest.mark.parametrize(
    ("channel", "said", "answered"),
    [(TEAM_CHANNEL, "digest now", "gets no digests"), (CHANNEL, "digest", "digest now posts one")],
)
def test_elsewhere_and_by_mistake_no_digest_is_posted(
    live: Workspace, poster: Poster, channel: str, said: str, answered: str
) -> None:
    live.command(ANA, channel, "/triage", said)
    live.wait_until(lambda: live.ephemerals(ANA, channel))
    assert answered in live.ephemerals(ANA, channel)[0].text
    poster.drain()
    assert live.messages(channel) == []
