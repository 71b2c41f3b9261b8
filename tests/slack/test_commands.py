"""What people type is forgiven its spelling, answered to them alone, and decides as buttons do."""

import json
from datetime import timedelta

import pytest
from sqlmodel import select

from bot.core.ownership.decision import State
from bot.flows import decide, find, look
from bot.flows.record import record
from bot.slack import actions
from bot.slack.commands import Meant, parse
from bot.slack.poster import Poster
from bot.workspace import Workspace
from storage import tables
from storage.database import Database
from tests.builders import NOON, an_event
from tests.slack.conftest import (
    ANA,
    CHANNEL,
    TEAM_CHANNEL,
    TOMAS,
)
from tests.slack.people import everything, filled, state, told


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
        ("show {id}Z", "Did you mean {id}?"),
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


def test_a_merge_wants_to_know_into_which(live: Workspace, card: str, short_id: str) -> None:
    live.click(ANA, CHANNEL, card, actions.DETAILS)
    chosen = actions.menu_value(actions.MERGE, short_id)
    live.click(ANA, CHANNEL, told(live, ANA, "Merge…").ts, actions.MORE, value=chosen)
    view = filled(live, actions.INTO)
    refused = live.submit(ANA, view, {f"{actions.INTO}/{actions.INTO}": " "})
    assert refused.errors == {actions.INTO: "Which one? Each card has its ID."}


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


def test_why_shows_the_receipt(live: Workspace, card: str, short_id: str) -> None:
    live.click(ANA, CHANNEL, card, actions.MORE, value=actions.menu_value(actions.WHY, short_id))
    told(live, ANA, "Seeing it once is enough")


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
