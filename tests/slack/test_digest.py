"""A digest as Slack shows it: what comes first, what there is room for, what is named."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.detection.episode import Why
from bot.core.detection.finding import Kind
from bot.core.ownership.decision import Mute, State
from bot.core.ownership.scope import THIS, Backtest
from bot.core.telling.digest import Card, Digest, Footer
from bot.slack import limits
from bot.slack.blocks import answer, card, digest, modal, thread
from tests.builders import NOON
from tests.slack.acceptance import ALIVE, OUR_OWN, accepted
from tests.slack.builders import (
    ORIGIN,
    a_card,
    a_digest,
    a_status,
    an_analysis,
    an_incident,
    numbered,
)
from tests.slack.test_text import HOSTILE


def test_the_cards_of_an_incident_stand_below_the_one_that_leads() -> None:
    alone = a_card(short_id="E-9")
    shown = digest.message(a_digest(*an_incident(3), alone))
    assert shown.text.split("\n")[0] == "*4 new · 214 quiet*", "each signature counts"
    (below,) = [one for one in shown.blocks if one.get("block_id", "").endswith("incident")]
    said = below["text"]["text"]
    assert said.startswith("*1 incident: E-002 and 2 more* · 1 service · 2 customers · since ")
    assert "because: pricing is in trouble\n*E-003*" in said
    assert "*E-004*" in said
    assert "◦ *E-004*" in shown.text
    leads = [one["block_id"] for one in shown.blocks if one.get("block_id", "").endswith(".do")]
    assert leads == ["E-002.1.do", "E-9.1.do"]


def test_each_card_of_a_digest_has_its_controls_in_it_or_in_the_thread() -> None:
    made = a_digest(*an_incident(3), *(a_card(short_id=f"E-{n}") for n in range(8)))
    both = json.dumps([digest.message(made).blocks, digest.remainder(made).blocks])
    assert all(f'"value": "{card.short_id}"' in both for card in made.cards)


def test_the_verdict_comes_first_in_text_and_blocks() -> None:
    shown = digest.message(a_digest(a_card()))
    first = "*1 new · 214 quiet*"
    assert shown.text.split("\n")[0] == first
    assert shown.blocks[0]["text"]["text"] == first


def test_nothing_unusual_is_one_quiet_line_and_the_footer() -> None:
    shown = digest.message(a_digest())
    assert [block["type"] for block in shown.blocks] == ["section", "context"]
    assert shown.text.startswith("*Nothing unusual · 214 quiet*")


def test_what_waits_since_earlier_days_can_be_opened_from_the_digest() -> None:
    shown = digest.message(a_digest(unclaimed=numbered([a_card()] * 5)))
    rows = [one for one in shown.blocks if one.get("accessory")]
    assert [one["accessory"]["value"] for one in rows] == ["E-002", "E-003", "E-004"]
    assert "… and 2 more, in the thread" in json.dumps(shown.blocks, ensure_ascii=False)
    assert "*Unclaimed from earlier days*\n• *E-002*" in shown.text


def test_six_cards_have_controls_and_the_rest_are_named() -> None:
    shown = digest.message(a_digest(*numbered([a_card()] * 8)))
    assert sum(block["type"] == "actions" for block in shown.blocks) == 6
    assert "E-009" in json.dumps(shown.blocks[-2])
    assert "E-009" in shown.text


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, "*E-008* 🆕 new · checkout · `Conn"),
        ({"state": State.CLAIMED}, "*E-008* 🆕 new · 🙋 claimed · checkout · `Conn"),
        ({"state": State.RESOLVED}, "*E-008* ✅ resolved · checkout · `Conn"),
        ({"state": State.MUTED}, "*E-008* 🔕 muted · checkout · `Conn"),
    ],
)
def test_what_is_also_unusual_says_where_and_whether_it_is_settled(
    facts: dict[str, Any], said: str
) -> None:
    cards = [*[a_card()] * 6, a_card(**facts)]
    also = digest.message(a_digest(*numbered(cards))).blocks[-2]["text"]["text"]
    assert also.startswith(f"*Also unusual*\n{said}")


SPIKING = "91 in 2 h, usually 1.6 (14 days, max 7): fires from 23"
DECIDED_SO: list[dict[str, Any]] = [
    {"state": State.CLAIMED, "assignee": "U012AB3CD", "claimed_at": NOON},
    {"state": State.RESOLVED, "resolved_at": NOON, "resolved_by": "U012AB3CD"},
    {"owner": "payments and billing", "owner_reason": "said so", "rerouted_by": "U012AB3CD"},
]


def a_long_card(number: int) -> Card:
    """One with more to say than a message has room for six times; each an incident by itself."""
    began = NOON - timedelta(hours=2 * number)
    words = (
        "a sentence of an explanation that goes on for longer than anybody reads on a phone " * 2
    )
    return a_card(
        short_id=f"E-{number}",
        title="OutOfMemoryError: command not allowed when used memory > 'maxmemory'.",
        whys=(Why(Kind.SPIKE, SPIKING, began, true_at=NOON, ended_at=NOON),),
        customers=tuple((f"customer-{n}", 20 - n) for n in range(14)),
        daily=(1,) * 14 + (365,),
        analysis=an_analysis(likely_cause=words, user_impact=words),
    )


def long_cards() -> list[Card]:
    """As many as have controls, and one more."""
    return [a_long_card(number) for number in range(7)]


def words_of(made: Digest, short_id: str) -> list[str]:
    return [
        str(one.get("text") or one["elements"])
        for one in digest.message(made).blocks
        if one.get("block_id", "").startswith(f"{short_id}.")
    ]


@pytest.mark.parametrize("facts", DECIDED_SO)
def test_a_decision_on_one_card_changes_the_words_of_no_other(facts: dict[str, Any]) -> None:
    """However full the message is: at some of these lengths there is no room for one line more."""
    for length in range(100, 160, 5):
        analysis = an_analysis(likely_cause="x" * length, user_impact="y" * length)
        shortened: dict[str, Any] = {
            "analysis": analysis,
            "daily": (1, 2, 3),
            "customers": (("acme", 1),),
        }
        first, *others = [replace(one, **shortened) for one in long_cards()[:6]]
        before, after = a_digest(first, *others), a_digest(replace(first, **facts), *others)
        assert words_of(before, first.short_id) != words_of(after, first.short_id)
        for one in others:
            assert words_of(before, one.short_id) == words_of(after, one.short_id)


def test_the_error_and_its_receipt_are_cut_after_all_that_details_says_too() -> None:
    made = [replace(one, **DECIDED_SO[0]) for one in long_cards()]
    shown = digest.message(a_digest(*made, unclaimed=(a_card(short_id="E-WAITS"),)))
    assert accepted(shown)
    said = json.dumps(shown.blocks)
    assert said.count("command not allowed when used memory &gt; 'maxmemory'.`") >= 6
    assert said.count(SPIKING) == 6
    assert said.count("Likely cause") < 6


def test_a_claimed_card_keeps_its_cause_at_every_place_of_a_full_digest() -> None:
    for place, one in enumerate(long_cards()[:6]):
        made = long_cards()
        made[place] = replace(one, **DECIDED_SO[0])
        said = "".join(words_of(a_digest(*made), one.short_id))
        assert "claimed by" in said
        assert "Likely cause" in said


def test_the_trend_and_the_customers_names_give_room_before_the_cause() -> None:
    made = a_long_card(0)
    whole = limits.size(card.within(made, 10_000, version=1))
    forms = [
        json.dumps(card.within(made, most, version=1), ensure_ascii=False)
        for most in range(whole, 0, -20)
    ]
    without = [one for one in forms if "Likely cause" not in one]
    assert 0 < len(without) < len(forms)
    assert not any("▂" in one or "customer-0" in one for one in without)


def test_no_card_of_a_full_digest_is_told_in_more_words_than_a_more_urgent_one() -> None:
    made = [replace(one, **DECIDED_SO[0]) for one in long_cards()]
    full = a_digest(*made, unclaimed=(a_card(short_id="E-WAITS"),))
    told = [len("".join(words_of(full, one.short_id))) for one in made[:6]]
    assert told == sorted(told, reverse=True)
    assert told[0] > told[1] > told[-1]


def test_a_card_has_all_its_words_where_there_is_room() -> None:
    said = json.dumps(digest.message(a_digest(long_cards()[0])).blocks)
    assert "(by rules, medium confidence)" in said
    assert "customer-2" in said


def test_a_silent_source_is_named_before_the_cards() -> None:
    since = NOON - timedelta(hours=9)
    footer = Footer(sources=(("datadog", since), ("web", NOON)), silent=(("datadog", since),))
    opening = digest.message(a_digest(footer=footer)).text.split("\n")[1]
    assert opening.startswith("⚠️ Incomplete: datadog silent since <!date^")
    assert "web" not in opening


def test_a_source_that_is_caught_up_with_is_told_of_in_a_digest_and_a_status() -> None:
    footer = Footer(behind=(("loki/eu", NOON - timedelta(hours=3)),))
    opening = digest.message(a_digest(footer=footer)).text.split("\n")[1]
    assert opening.startswith("⚠️ Incomplete: loki/eu is caught up with, read up to <!date^")
    said = answer.status(replace(a_status(""), footer=footer), now=NOON).text
    assert "Catching up: loki/eu 3 h behind" in said


def test_a_late_digest_says_so() -> None:
    assert "This digest is late." in digest.message(a_digest(late=True)).text


def test_an_update_has_new_block_ids() -> None:
    def ids(version: int) -> set[str]:
        blocks = digest.message(a_digest(a_card()), version=version).blocks
        return {block["block_id"] for block in blocks if "block_id" in block}

    assert not ids(1) & ids(2)


def test_what_was_mended_in_the_window_is_named() -> None:
    made = a_digest(resolved=(a_card(state=State.RESOLVED),))
    words = "✅ Resolved since: E-7K2 `ConnectionError: connection refused`"
    shown = digest.message(made)
    assert words in shown.text
    assert words in json.dumps(shown.blocks, ensure_ascii=False)


def test_a_digest_that_cannot_judge_yet_says_why_and_what_to_do() -> None:
    early = a_digest(footer=Footer(signatures=3, judges_from=NOON + timedelta(hours=9)))
    opening, *_ = digest.message(early).blocks
    assert "Cannot judge yet" in opening["text"]["text"]
    assert "triage ingest" in opening["text"]["text"]
    assert "triage ingest" in digest.message(early).text


def test_the_footer_says_when_older_events_came_in_too() -> None:
    read_late = a_digest(footer=Footer(events=820, arrived=54_000, signatures=41))
    counts, *_ = digest.footer(read_late)
    assert "820 events → 41 signatures · 53k events of earlier days came in too" in counts
    one = a_digest(footer=Footer(events=820, arrived=821, signatures=41))
    assert "· 1 event of earlier days came in too" in digest.footer(one)[0]
    assert "came in" not in digest.footer(a_digest())[0]


def test_nothing_is_counted_as_none_and_one_as_one() -> None:
    late = answer.taken("E-7K2", by="U0ANA", at=NOON, now=NOON).text
    assert late == "*E-7K2*: claimed by <@U0ANA> just now. Take over?"
    form = json.dumps(modal.mute(a_card(usual_day=0.0, last_day=0), {THIS: Backtest(0, 0)}, ORIGIN))
    assert "\\u00d7 its 1 a day" in form
    mute = Mute("known", "U0ANA", NOON, None, max_factor=2)
    assert "above 2 × 1 a day" in card.standing(a_card(state=State.MUTED, mute=mute))
    assert "usually 12 a day" in thread.exact(a_card(), room=90)
    footer = Footer(events=12, signatures=3, muted=1)
    assert "mutes hid nothing of 1 signature" in digest.message(a_digest(footer=footer)).text


def test_while_nothing_can_be_judged_a_digest_names_what_came_in() -> None:
    early = Footer(signatures=9, judges_from=NOON)
    nasty = tuple(a_card(short_id=f"E-{n}", title=HOSTILE[0] * 40, whys=()) for n in range(5))
    shown = digest.message(a_digest(footer=early, seen=nasty, also_seen=4))
    assert accepted(shown)
    for said in (shown.text, json.dumps(shown.blocks, ensure_ascii=False)):
        assert said.index("Seen so far") < said.index("*E-0* · checkout") < said.index("*E-4* · ")
        assert said.index("*E-4* · ") < said.index("… and 4 more")
        assert "214 in 24 h" in said
        assert not ALIVE.search(OUR_OWN.sub("", said))


def test_the_footer_says_of_each_source_how_fresh_it_is() -> None:
    sources = (("web", NOON), ("api", NOON - timedelta(hours=1)))
    said = digest.footer(a_digest(footer=Footer(sources=sources)))[0]
    assert re.search(r"newest event: api .*11:00.*, web .*12:00", said)
