"""A card and its details: what they say of an error, and what they offer to do about it."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.core.detection.episode import Episode, Why
from bot.core.detection.finding import Kind
from bot.core.ownership.decision import PROGRAM, Mute, State
from bot.core.ownership.scope import Breadth, Scope
from bot.core.ownership.trail import Merged
from bot.core.telling.digest import Card, Footer
from bot.core.telling.incident import Incident
from bot.core.wording.moment import written
from bot.flows.recount import Reasons, Recount
from bot.slack import actions, text
from bot.slack.blocks import answer, card, digest, home, incident, thread
from bot.slack.blocks.elements import unmentioned
from tests.builders import NOON
from tests.slack.acceptance import OUR_OWN, accepted, mrkdwn_of
from tests.slack.builders import MUTING, a_card, a_digest, an_analysis


def reasons(one: Card, episodes: Sequence[Episode]) -> Reasons:
    """What is told of some episodes, none of which comes out as it was."""
    return Reasons(one, (), tuple(Recount(told, None) for told in episodes))


def test_what_makes_a_priority_is_said_where_people_ask_why_and_not_on_the_card() -> None:
    shown = a_card(known_customers=4)
    said = "Priority *58* of 100: new +10 · high severity +13 · 2 customers +6"
    assert said in answer.details(shown, (), (), reader="U1").text
    assert said in answer.receipts(reasons(shown, ())).text
    assert "Priority" not in json.dumps(card.message(shown).blocks)


def test_a_likely_cause_is_cut_between_words() -> None:
    analysis = an_analysis(likely_cause="The database credentials are wrong, rotated or revoked.")
    shown = json.dumps(card.blocks(a_card(analysis=analysis), version=1, room=42))
    assert "The database credentials are wrong\\u2026" in shown


@pytest.mark.parametrize(
    ("facts", "label"),
    [
        ({}, "_Likely cause (by rules, medium confidence)_"),
        (
            {"unexplained": "budget of today used up"},
            "_Likely cause (by rules: budget of today used up; the rules' confidence is medium)_",
        ),
        (
            {"analyst": "claude-haiku-5-5", "explained_at": NOON},
            f"Claude (claude-haiku-5-5), <!date^{NOON.timestamp():.0f}^{{ago}}|2026-11-18 12:00",
        ),
        (
            {"analyst": "<!here> `qwen3`", "explained_at": NOON},
            "_Likely cause (by AI (&lt;!here&gt; ",
        ),
    ],
)
def test_an_explanation_says_whose_it_is_and_how_old(facts: dict[str, Any], label: str) -> None:
    assert label in json.dumps(card.message(a_card(**facts)).blocks, ensure_ascii=False)


def test_a_card_says_state_kind_id_counts_customers_owner_and_cause() -> None:
    said = json.dumps(card.message(a_card()).blocks, ensure_ascii=False)
    for words in (
        "🆕 new · ⚪ open · *E-7K2* · checkout / production",
        "`ConnectionError: connection refused`",
        "*214* in 24 h, usually 12 a day ▁▂▂▂█",
        "2 customers: acme 70\N{NO-BREAK SPACE}%, globex 30\N{NO-BREAK SPACE}%",
        f"new: first seen {text.date(NOON - timedelta(hours=3))}, 214 since",
        "*High severity*: Customers cannot pay.",
        "_Likely cause (by rules, medium confidence)_: the gateway is down",
        "Owner: *platform* (network error)",
    ):
        assert words in said


def test_a_spread_names_its_customers_beside_a_more_urgent_kind() -> None:
    spread = Why(Kind.SPREAD, "+3 customers in 1 h: acme 61 %", NOON)
    said = card.why(a_card(whys=(spread, Why(Kind.SPIKE, "214 in 2 h", NOON))), room=90)
    assert said == "spiking: 214 in 2 h\nspreading: +3 customers in 1 h: acme 61 %"


def test_numbers_of_another_time_say_of_which() -> None:
    nine, noon = NOON - timedelta(hours=3), NOON
    over = Why(Kind.SPIKE, "212 in 24 h", nine, true_at=nine, ended_at=noon)
    assert card.why(a_card(whys=(over,)), room=90) == (
        f"spiking: 212 in 24 h (counted {text.date(nine)}); over since {text.date(noon)}"
    )


@pytest.mark.parametrize(("hours", "said"), [(3, ""), (25, "*day 2, unclaimed*")])
def test_what_nobody_took_says_since_how_many_days(hours: int, said: str) -> None:
    began = Why(Kind.NEW, "first seen", NOON - timedelta(hours=hours))
    assert card.standing(a_card(whys=(began,))) == said


def test_a_claim_says_by_whom_and_how_long_ago() -> None:
    held = a_card(state=State.CLAIMED, assignee="U0ASSIGNEE", claimed_at=NOON)
    said = card.standing(held)
    assert said.startswith("claimed by <@U0ASSIGNEE> <!date^")
    assert "({ago})" in said


def test_what_was_never_seen_before_is_not_compared_with_nought() -> None:
    assert "214 in 24 h, none before" in card.line(a_card(usual_day=0.0))


def test_details_do_not_repeat_what_the_receipt_spells_out() -> None:
    numbers = {"observed": 214, "window_hours": 24, "fires_from": 43, "version": "d1"}
    episode = Episode(Kind.SPIKE, "214 in 24 h: fires from 43", NOON, None, numbers, NOON)
    assert "Below" not in thread.details(a_card(), [episode]).text
    assert (
        "Below 43 it would not have fired._" in answer.receipts(reasons(a_card(), [episode])).text
    )


def test_a_critical_spike_says_its_numbers_once_and_how_its_threshold_came_about() -> None:
    numbers = {"fires_from": 95, "formula": "2 × the busiest usual (29) + 3 × its swing (12)"}
    spike = Episode(Kind.SPIKE, "120 in 24 h", NOON, None, numbers, NOON)
    critical = Episode(Kind.CRITICAL, "a full disk: 120 in 24 h", NOON, None, numbers, NOON)
    shown = answer.receipts(reasons(a_card(), [critical, spike])).text
    assert shown.count("120 in 24 h") == shown.count("Below 95") == 1
    assert "not have fired: above 2 × the busiest usual (29) + 3 × its swing (12)" in shown
    assert thread.details(a_card(), [critical, spike]).text.count("120 in 24 h") == 1


@pytest.mark.parametrize(
    ("days", "held", "said"),
    [
        (3, 10.0, "; hid nothing since {}, *up to 90 a day*, 10 when it was muted"),
        (2, 10.0, "; hid nothing since {}"),
        (3, 46.0, "; hid nothing since {}"),
        (0, 10.0, "; hid nothing since {}"),
    ],
)
def test_a_mute_says_how_far_what_it_hides_has_risen(days: int, held: float, said: str) -> None:
    begun = NOON - timedelta(days=days, hours=1)
    mute = Mute("known", "U1", begun, None, daily_at_start=held, total_at_start=999)
    hidden = a_card(state=State.MUTED, mute=mute, daily=(500, 90, 12, 9))
    assert card.standing(hidden).endswith(said.format(text.date(begun)))


@pytest.mark.parametrize(
    ("closed_at", "said"),
    [
        (None, f"still so {text.date(NOON - timedelta(hours=1))}\n"),
        (NOON, f"over since {text.date(NOON)}\n"),
    ],
)
def test_an_episode_says_until_when_it_was_so_which_stays_true(
    closed_at: datetime | None, said: str
) -> None:
    begun, confirmed = NOON - timedelta(hours=9), NOON - timedelta(hours=1)
    episode = Episode(Kind.NEW, "first seen", begun, closed_at, {}, confirmed)
    opening = f"🆕 new · called out {text.date(begun)}, {said}first seen"
    assert opening in answer.receipts(reasons(a_card(), [episode])).text
    assert opening in thread.details(a_card(), [episode]).text


def test_details_do_not_compare_what_is_new_with_nought() -> None:
    said = thread.details(a_card(usual_day=0.0), ()).text
    assert "214* in 24 h, none before" in said
    assert f" in all, as of {text.date(NOON)}" in said


def test_a_receipt_names_the_override_its_thresholds_are_from() -> None:
    numbers = {"version": "d1", "override": "service = batch-*: min_count = 50"}
    episode = Episode(Kind.SPIKE, "60 in 2 h: fires from 50", NOON, None, numbers, NOON)
    shown = answer.receipts(reasons(a_card(), [episode])).text
    assert "(with your thresholds for service = batch-" in shown
    assert "min_count = 50" in shown


def test_what_a_model_rests_on_is_quoted_dead() -> None:
    quotes = ("connect ECONNREFUSED <!here>", "see https://x.example")
    card = a_card(analysis=an_analysis(evidence=quotes), analyst="claude-haiku-5-5")
    said = thread.explanation(card, room=90)
    assert "*It goes by* `connect ECONNREFUSED" in said
    assert "<!here>" not in said
    assert "https://" not in said
    assert "It goes by" not in thread.explanation(a_card(), room=90)


@pytest.mark.parametrize(
    ("one", "buttons", "menu"),
    [
        (
            a_card(),
            ["Claim", "Open in logs", "Note…"],
            ["Reroute…", "Mute…", "Resolve…", "Why?", "Merge…"],
        ),
        (
            a_card(state=State.CLAIMED, assignee="U1", claimed_at=NOON),
            ["Release", "Open in logs", "Note…"],
            ["Reroute…", "Mute…", "Resolve…", "Why?", "Merge…"],
        ),
        (
            a_card(state=State.CLAIMED, assignee="U2", claimed_at=NOON),
            ["Take over…", "Open in logs", "Note…"],
            ["Reroute…", "Mute…", "Resolve…", "Why?", "Merge…"],
        ),
        (
            a_card(
                state=State.MUTED,
                mute=Mute("x", "U1", NOON, None, scope=Scope(Breadth.SERVICE, "web")),
            ),
            ["Open in logs", "Note…", "Merge…"],
            ["Reroute…", "End mute", "End mute of every error of service web", "Resolve…", "Why?"],
        ),
    ],
)
def test_details_end_with_what_one_can_do_first_what_is_wanted_at_night(
    one: Card, buttons: list[str], menu: list[str]
) -> None:
    shown = answer.details(one, (), (), reader="U1", logs="https://logs.example")
    *first, more = shown.blocks[-1]["elements"]
    assert [each["text"]["text"] for each in first] == buttons
    assert [each["text"]["text"] for each in more["options"]] == menu
    assert "https://logs.example" in [each.get("url") for each in first]
    assert accepted(shown)


def labels(one: Card) -> list[str]:
    buttons = [element for element in card.controls(one) if element["type"] == "button"]
    menu = next(element for element in card.controls(one) if element["type"] == "overflow")
    return [
        *(button["text"]["text"] for button in buttons),
        *(option["text"]["text"] for option in menu["options"]),
    ]


@pytest.mark.parametrize(
    ("one", "offered"),
    [
        (a_card(), ["Claim", "Details", "Reroute…", "Mute…", "Resolve…", "Why?"]),
        (
            a_card(state=State.CLAIMED, assignee="U1", claimed_at=NOON),
            [
                "Take over / release…",
                "Details",
                "Release",
                "Reroute…",
                "Mute…",
                "Resolve…",
                "Why?",
            ],
        ),
        (
            a_card(state=State.MUTED, mute=MUTING),
            ["Details", "Reroute…", "End mute", "Resolve…", "Why?"],
        ),
        (
            a_card(state=State.RESOLVED, resolved_at=NOON),
            ["Details", "Reroute…", "Mute…", "Reopen", "Why?"],
        ),
    ],
)
def test_a_card_offers_what_its_state_allows(one: Card, offered: list[str]) -> None:
    assert labels(one) == offered


def test_claim_is_the_only_primary_button() -> None:
    styled = [element for element in card.controls(a_card()) if "style" in element]
    assert [element["action_id"] for element in styled] == [actions.CLAIM]


def test_a_first_post_names_whoever_claimed_it_without_waking_them() -> None:
    held = a_card(state=State.CLAIMED, assignee="U0ASSIGNEE", claimed_at=NOON)
    named = digest.message(a_digest(held))
    assert "claimed by <@U0ASSIGNEE> " in json.dumps(named.blocks)
    quiet = unmentioned(named, {"U0ASSIGNEE": "Ana <@U1> Ribeiro"}.__getitem__)
    for said in (quiet.text, json.dumps(quiet.blocks, ensure_ascii=False)):
        assert f"claimed by Ana &lt;@{text.JOINER}U1&gt; Ribeiro " in said


def test_a_mute_says_who_why_until_when_and_what_ends_it_early() -> None:
    mute = Mute(
        "known noise", "U0ASSIGNEE", NOON, None, max_events=500, max_customers=3, total_at_start=200
    )
    said = card.standing(a_card(state=State.MUTED, mute=mute))
    assert said == (
        "muted, only this signature, by <@U0ASSIGNEE> until somebody ends it, or above 500 "
        "occurrences"
        f" or 3 customers: known noise; hid 14 since {text.date(NOON)}"
    )


@pytest.mark.parametrize("state", [State.RESOLVED, State.MUTED])
def test_what_is_settled_leads_with_its_state(state: State) -> None:
    settled = a_card(state=state, resolved_at=NOON, mute=MUTING)
    assert card.headline(settled).startswith(text.STATES[state])
    assert card.line(settled).startswith(f"*E-7K2* {text.STATES[state]} ·")


def test_a_resolution_and_a_reroute_say_by_whom() -> None:
    mended = a_card(state=State.RESOLVED, resolved_at=NOON, resolved_by="U0ANA")
    assert card.standing(mended).startswith("resolved by <@U0ANA> ")
    hostile = replace(mended, resolved_in="4.19.2 <!channel>")
    said = card.standing(hostile)
    assert said.startswith("resolved in 4.19.2 &lt;!")
    assert "<!channel>" not in said
    rerouted = a_card(owner_reason="rerouted on 19 Nov", rerouted_by="U0ANA")
    assert card.owner(rerouted, room=90) == ("Owner: *platform* (rerouted on 19 Nov, by <@U0ANA>)")


def test_details_say_how_much_of_an_event_they_show_and_where_the_rest_is() -> None:
    whole = "An event of it has 40 lines: on a terminal, `triage show E-7K2` has all"
    long = answer.details(a_card(sample="a line\n" * 40), (), (), reader="U1")
    assert "… 31 more lines …" in json.dumps(long.blocks, ensure_ascii=False)
    assert whole in json.dumps(long.blocks)
    short = answer.details(a_card(sample="a line"), (), (), reader="U1")
    assert "has all" not in json.dumps(short.blocks)


def offered(one: Card, *, reader: str) -> list[str]:
    *buttons, menu = card.controls(one, reader=reader)
    return [entry["text"]["text"] for entry in (*buttons, *menu["options"])]


def test_only_whoever_alone_sees_a_card_they_hold_is_offered_to_release_it_first() -> None:
    held = a_card(state=State.CLAIMED, assignee="U0ANA", claimed_at=NOON)
    assert offered(held, reader="U0ANA") == [
        "Release",
        "Details",
        "Reroute…",
        "Mute…",
        "Resolve…",
        "Why?",
    ]
    assert offered(held, reader="U0TOMAS")[:3] == ["Take over…", "Details", "Release"]
    assert offered(held, reader="")[:3] == ["Take over / release…", "Details", "Release"]
    assert offered(a_card(), reader="U0ANA")[0] == "Claim"
    shown = [
        answer.show(held, reader="U0ANA").blocks,
        answer.today(a_digest(held), command="/triage", reader="U0ANA").blocks,
        home.view(home.Queue((held,), ()), a_digest(), now=NOON)["blocks"],
    ]
    assert "Take over" not in json.dumps(shown)


def test_a_card_that_is_shown_says_what_is_merged_into_it() -> None:
    merged = Merged("E-AB2", 31, NOON, "U123", "one error <!channel>", "Boom <!here>")
    moved = Merged("E-9QX", 4, NOON, PROGRAM, "the same exception", "Boom")
    for shown in (
        answer.show(a_card(merged=(merged, moved)), reader="U1"),
        thread.details(a_card(merged=(merged, moved)), ()),
    ):
        said = json.dumps([shown.text, shown.blocks], ensure_ascii=False)
        assert "*Counts for 2 other signatures*, merged into it" in said
        assert f"*E-AB2* (31 in all) since {text.date(NOON)} by <@U123>: one error &lt;!" in said
        assert "by Triage: the same exception" in said
        assert "<!channel>" not in said
        assert "by <@U123>: one error &lt;!channel&gt; · `Boom &lt;!here&gt;`" in said
        (split,) = [block["accessory"] for block in shown.blocks if "accessory" in block]
        assert (split["text"]["text"], split["value"]) == ("Split…", "E-7K2")


def test_of_many_that_are_merged_the_latest_are_named() -> None:
    many = tuple(Merged(f"E-{n}", 1, NOON, "U1", "one error", "Boom") for n in range(222, 1_229))
    assert "… and 1,002 more" in answer.show(a_card(merged=many), reader="U1").text
    assert "merged" not in answer.show(a_card(), reader="U1").text


def test_a_card_of_no_service_says_so() -> None:
    nowhere = a_card(service="")
    assert "(no service) / production" in card.headline(nowhere)
    for said in (card.line(nowhere), card.name(nowhere, room=80)):
        assert " · (no service) · " in said


def test_everybody_reads_each_moment_in_their_own_time() -> None:
    when = f"{written(NOON - timedelta(hours=3))}, 214 since"
    why = Why(Kind.NEW, f"first seen {when}", NOON)
    one = a_card(whys=(why,), owner_reason=f"rerouted {written(NOON)}")
    episode = Episode(Kind.NEW, why.reason, NOON, None, {"observed": 214}, NOON)
    footer = Footer(judges_from=NOON, silences=((NOON - timedelta(days=1), NOON),))
    for shown in (
        digest.message(a_digest(one, footer=footer)),
        card.message(one),
        answer.details(one, [episode], (), reader="U1"),
        answer.receipts(reasons(one, [episode])),
        answer.why(Reasons(one, (), (), judges_from=NOON)),
        incident.message(Incident((one, one), f"the deploy of {written(NOON)}"), version=1),
    ):
        assert accepted(shown)
        words = "\n".join([shown.text, *mrkdwn_of(shown.blocks)])
        assert "<!date^" in words
        assert "UTC" not in OUR_OWN.sub("", words)
