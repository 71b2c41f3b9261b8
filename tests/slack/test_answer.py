"""What people read who asked: receipts, prompts, help, the status, lists page by page, App Home."""

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.asking.prompt import Prompt
from bot.core.detection.episode import Episode
from bot.core.detection.finding import Kind
from bot.core.ownership.decision import State
from bot.core.ownership.scope import Breadth, Scope, Wide
from bot.core.telling.digest import Digest, verdict
from bot.flows.preview import Preview
from bot.flows.recount import Reasons, Recount, Unusual
from bot.slack import actions, limits
from bot.slack.blocks import answer, doubt, home, listing
from bot.slack.blocks.elements import Block, Rendering
from bot.slack.blocks.listing import Section
from storage.outbox import Backlog
from tests.builders import NOON
from tests.slack.acceptance import accepted
from tests.slack.builders import MUTING, a_card, a_digest, a_status


def test_receipts_that_are_asked_for_say_what_comes_of_counting_again() -> None:
    stored = Episode(Kind.SPIKE, "40 in 2 h", NOON, None, {"observed": 40}, NOON)
    card_, later = a_card(), a_card(short_id="E-MPX")
    why = Reasons(card_, (), (Recount(stored, None),))
    assert "\n_Counted again: as usual._" in answer.why(why).text
    first = Unusual((why, Reasons(later, (), ())), 7)
    shown = answer.unusual(first, command="/errors")
    assert (
        shown.text.index("E-7K2") < shown.text.index("_Counted again") < shown.text.index("E-MPX")
    )
    assert "2 of 7 that are unusual, or were lately. Of another: `/errors why ID`" in json.dumps(
        shown.blocks
    )


def test_what_is_not_judged_yet_is_not_said_to_be_usual() -> None:
    early = answer.why(Reasons(a_card(), (), (), judges_from=NOON)).text
    assert "It was never called unusual. What is unusual shows only against a whole day" in early
    nothing = answer.unusual(Unusual((), 0, NOON), command="/triage").text
    assert nothing.startswith("Nothing is unusual now. What is unusual shows only against a whole")


def texts_of(shown: Rendering) -> str:
    """What stands in the blocks that are not formatted."""
    return "\n".join(
        one["elements"][0]["elements"][0]["text"]
        for one in shown.blocks
        if one["type"] == "rich_text"
    )


def test_of_a_long_prompt_what_is_said_of_the_error_comes_first_and_whole() -> None:
    evidence = "\n".join(f"line {number} of the evidence" for number in range(250))
    asked = Prompt("analysis", "3", "the limits\n" * 2_000, evidence, "nonce", ())
    shown = answer.preview(Preview("E-7K2", asked, ""))
    assert accepted(shown)
    assert texts_of(shown).startswith(evidence)


def test_a_long_prompt_is_cut_between_words() -> None:
    words = "\n".join(f"line {number} of the evidence" for number in range(2_000))
    asked = Prompt("analysis", "3", "the limits", words, "nonce", ())
    shown = answer.preview(Preview("E-7K2", asked, ""))
    *said, left_out = texts_of(shown).splitlines()
    assert accepted(shown)
    assert {*said} - {""} < {*words.splitlines()}
    assert re.fullmatch(r"… [0-9,]+ characters are left out …", left_out)


def test_each_line_of_a_list_of_mutes_ends_one() -> None:
    one = a_card(state=State.MUTED, mute=MUTING)
    shown = listing.message([Section("Muted", [one], "Nothing.", is_of_mutes=True)])
    assert shown.blocks[-1]["accessory"]["action_id"] == actions.UNMUTE
    assert shown.blocks[-1]["accessory"]["value"] == one.short_id


def test_no_line_is_hidden_to_say_that_there_is_one_more() -> None:
    sections = [Section(title, [a_card()] * 7, "None.") for title in ("Claimed", "Unclaimed")]
    assert "more" not in json.dumps(answer.listed(sections, asked="handover").blocks)


def test_a_list_says_how_many_there_are_beyond_what_it_shows() -> None:
    shown = answer.listed([Section("Muted", [a_card()], "None.", further=7)], asked="muted")
    assert shown.text.startswith("*Muted*: 8 signatures\n*E-7K2* 🆕 new · checkout · `Conn")
    assert "… and 7 more" in json.dumps(shown.blocks, ensure_ascii=False)


def test_the_command_is_called_as_it_is_set() -> None:
    shown = answer.helping(a_digest(), command="/errors")
    assert "`/errors owner TEAM`" in shown.text
    assert "/triage" not in shown.text


@pytest.mark.parametrize(
    ("made", "example"),
    [(a_digest(), "why E-7K2"), (a_digest(a_card(short_id="E-MPX")), "why E-MPX")],
)
def test_help_begins_with_todays_counts_and_ends_with_what_can_be_tried(
    made: Digest, example: str
) -> None:
    first, *_, last = answer.helping(made, command="/triage").blocks
    assert first["text"]["text"] == f"Today so far: *{verdict(made)}*"
    assert last["text"]["text"].endswith(f"`/triage {example}`")


def test_a_status_names_what_was_not_sent() -> None:
    said = answer.status(a_status("not_in_channel"), spooled=12, now=NOON).text
    assert "cannot be written to: 12 events in the spool" in said
    assert "1 event of 1 signature" in said
    assert "2 to be sent, 1 given up in 24 h\non-call not_in_channel" in said
    assert "What is old" not in said


def test_a_status_says_by_when_what_is_old_goes_where_that_is_not_now() -> None:
    behind = replace(a_status(""), cleaned_by=NOON - timedelta(days=365))
    assert "What is old goes as of " in answer.status(behind, now=NOON).text


def test_a_wide_mute_is_ended_where_mutes_are_listed_though_it_mutes_nothing_now() -> None:
    scope = Scope(Breadth.SERVICE, "checkout")
    one = Wide(7, scope, "U0ANA", NOON, None, "a deploy", ())
    two = replace(one, number=8, muted=("E-7K2", "E-9XM"))
    muted = Section("Muted", (), "No signature is muted.", wide=(one, two))
    for shown in (listing.message([muted]), listing.page(muted, "muted")):
        assert accepted(shown)
        buttons = [block["accessory"] for block in shown.blocks if "accessory" in block]
        assert [(b["action_id"], b["value"]) for b in buttons] == [
            (actions.END_WIDE, "7"),
            (actions.END_WIDE, "8"),
        ]
        which = "🔕 *Muted: every error of service checkout*, by <@U0ANA> until somebody ends it"
        assert shown.text.splitlines()[:2] == [
            f"{which}: a deploy · nothing of it yet",
            f"{which}: a deploy · E-7K2, E-9XM by now",
        ]


def test_what_asks_about_a_mute_ends_it_with_a_click() -> None:
    shown = doubt.message([a_card(state=State.MUTED, mute=MUTING), a_card()])
    assert shown.text.startswith("🔕 *Still noise?* 2 signatures muted without an end")
    assert not limits.check({"text": shown.text, "blocks": shown.blocks})
    buttons = [block["accessory"] for block in shown.blocks if "accessory" in block]
    assert [(one["action_id"], one["value"]) for one in buttons] == [(actions.UNMUTE, "E-7K2")]


def test_app_home_says_what_keeps_messages_from_a_channel_and_is_quiet_otherwise() -> None:
    reason = "not_in_channel: invite me there: /invite @triage"
    behind = Backlog(waiting=2, failed=0, reasons={"C000001": reason})
    view = home.view(home.Queue((), ()), a_digest(), now=NOON, backlog=behind)
    assert "<#C000001> not_in_channel: invite me there" in json.dumps(view)
    calm = Backlog(waiting=1, failed=0, reasons={})
    assert "to be sent" not in json.dumps(
        home.view(home.Queue((), ()), a_digest(), now=NOON, backlog=calm)
    )


def some(count: int) -> Section:
    cards = tuple(a_card(short_id=f"E-{number}") for number in range(count))
    return Section("Unclaimed", cards, "Nothing.")


def turned(blocks: list[Block]) -> dict[str, str]:
    """Where the buttons for other pages lead."""
    rows = [block["elements"] for block in blocks if block.get("block_id") == "turn"]
    return {one["action_id"]: one["value"] for row in rows for one in row}


def ids_on(blocks: list[Block]) -> list[str]:
    return [block["accessory"]["value"] for block in blocks if "accessory" in block]


def test_the_pages_of_a_list_have_each_signature_once() -> None:
    seen, start = [], 0
    for _ in range(9):
        shown = listing.page(some(30), "owner dev", start=start)
        assert limits.check({"text": shown.text, "blocks": shown.blocks}) == []
        seen += ids_on(shown.blocks)
        following = turned(shown.blocks).get(actions.NEXT)
        if following is None:
            break
        number, _, asked = following.partition(" ")
        assert asked == "owner dev"
        start = int(number)
    assert seen == [f"E-{number}" for number in range(30)]


def test_what_fits_on_a_page_has_no_buttons_to_turn_it() -> None:
    assert turned(listing.page(some(3), "mine").blocks) == {}
    assert ids_on(listing.page(some(0), "mine").blocks) == []


def test_from_a_later_page_there_is_a_way_back() -> None:
    shown = listing.page(some(30), "muted", start=24)
    assert turned(shown.blocks)[actions.FIRST] == "0 muted"
    assert "of 30" in str(shown.blocks)


def test_a_page_that_is_gone_is_the_first() -> None:
    assert ids_on(listing.page(some(3), "mine", start=24).blocks) == ["E-0", "E-1", "E-2"]


def test_app_home_sorts_what_waits_for_my_team_from_what_waits_for_others() -> None:
    ours, theirs = a_card(short_id="E-2US", owner="dev"), a_card(short_id="E-3TH", owner="platform")
    muted = a_card(short_id="E-4MU", state=State.MUTED)
    queue = home.Queue((), (ours, theirs), teams=("dev",), mutes=(muted,))
    shown = home.view(queue, a_digest(), now=NOON, digests_until=(("C000001", NOON),))
    said = json.dumps(shown["blocks"], ensure_ascii=False)
    order = [
        said.index(part)
        for part in (
            "Waiting for dev · 1",
            "E-2US",
            "Unclaimed · 1",
            "E-3TH",
            "Mutes that",
            "E-4MU",
        )
    ]
    assert order == sorted(order)
    assert "newest digest: <#C000001>" in said
    assert "newest event" in said
    alone = json.dumps(home.view(home.Queue((), (ours,)), a_digest(), now=NOON))
    assert "Waiting for" not in alone
