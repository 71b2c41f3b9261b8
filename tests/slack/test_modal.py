"""The forms: what they ask, what they say before anything is decided, what comes back from them."""

import json
from datetime import timedelta
from typing import Any

import pytest

from bot.core.ownership.decision import Mute, State
from bot.core.ownership.scope import THIS, Backtest, Breadth, Scope
from bot.core.ownership.trail import Merged
from bot.slack import actions, limits
from bot.slack.blocks import answer, card, modal
from bot.slack.blocks.elements import Rendering
from tests.builders import NOON
from tests.slack.acceptance import accepted
from tests.slack.builders import ORIGIN, a_card


def test_the_form_for_rerouting_has_no_team_chosen() -> None:
    form = modal.reroute(a_card(owner="dev"), ("dev", "platform"), ORIGIN)
    select = next(b for b in form["blocks"] if b.get("block_id") == actions.TEAM)["element"]
    assert "initial_option" not in select


def test_a_wide_mute_says_of_what_it_is_and_at_how_much_it_ends() -> None:
    mute = Mute(
        reason="a deploy",
        by="U0ASSIGNEE",
        at=NOON,
        until=None,
        max_factor=3,
        daily_at_start=214.0,
        scope=Scope(Breadth.SERVICE, "checkout"),
        wide=1,
    )
    said = card.standing(a_card(state=State.MUTED, mute=mute))
    assert said.startswith(
        "muted, every error of service checkout, by <@U0ASSIGNEE> until somebody ends it, or above "
        "3 × 214 a day: a deploy"
    )
    menu = card.controls(a_card(state=State.MUTED, mute=mute))[-1]["options"]
    assert [one["text"]["text"] for one in menu] == [
        "Reroute…",
        "End mute",
        "End mute of every error of service checkout",
        "Resolve…",
        "Why?",
    ]


def test_the_form_of_a_mute_begins_with_its_fields_and_explains_each_of_them_beside_it() -> None:
    one = a_card(service="checkout")
    hidden = {
        THIS: Backtest(9, 2),
        Scope(Breadth.SERVICE, "checkout"): Backtest(31, 0, 12),
        Scope(Breadth.CUSTOMER, "acme"): Backtest(0, 0),
    }
    which, *fields = modal.mute(one, hidden, ORIGIN)["blocks"]
    assert len(which["text"]["text"].splitlines()) == 2
    assert {field["type"] for field in fields} == {"input"}
    of = {field["block_id"]: field for field in fields}
    assert "customers that never had it, or turns critical" in of[actions.UNTIL]["hint"]["text"]
    scopes = of[actions.SCOPE]["element"]["options"]
    assert [one["text"]["text"] for one in scopes] == [
        "Only this signature",
        "Every error of service checkout",
        "Every error that only acme has",
    ]
    assert [one["description"]["text"] for one in scopes] == [
        "Last 14 days: would have hidden 9 posts, 2 claimed",
        "Last 14 days: would have hidden 31 posts of 12 signatures, none claimed",
        "Last 14 days: would have hidden no post",
    ]


@pytest.mark.parametrize(
    ("hit", "offered"),
    [
        ([], ["signature", "service"]),
        (["acme"], ["signature", "service", "customer:acme"]),
        (["acme", "globex"], ["signature", "service"]),
        (["x" * 51], ["signature", "service"]),
    ],
)
def test_all_that_only_a_customer_has_is_muted_from_what_only_they_have(
    hit: list[str], offered: list[str]
) -> None:
    """A mute covers what it is begun on: from an error of nine customers it would hide that from
    all of them."""
    scopes = modal.scopes(a_card(), hit)
    assert [*scopes] == offered
    assert all(one == THIS or one.covers("checkout", hit) for one in scopes.values())


@pytest.mark.parametrize(
    "form",
    [
        modal.mute(a_card(), {THIS: Backtest(9, 2)}, ORIGIN),
        modal.wrong(a_card(), ORIGIN),
        modal.note(a_card(), ORIGIN),
        modal.flags((), (), ORIGIN),
    ],
)
def test_too_few_words_are_told_with_whatever_else_is_wrong_with_a_form(
    form: dict[str, Any],
) -> None:
    (reason,) = [one for one in form["blocks"] if one.get("block_id") == actions.REASON]
    assert reason["element"]["min_length"] == modal.MIN_REASON


def test_a_mute_ends_in_seven_days_unless_said_otherwise() -> None:
    form = modal.mute(a_card(), {THIS: Backtest(9, 2)}, ORIGIN)
    select = next(b for b in form["blocks"] if b.get("block_id") == actions.UNTIL)["element"]
    assert select["initial_option"]["value"] == modal.WEEK
    assert modal.until(modal.WEEK, now=NOON) == NOON + timedelta(days=7)
    assert modal.until(modal.FOREVER, now=NOON) is None


@pytest.mark.parametrize("words", ["x" * modal.MAX_REASON, "🔥" * (modal.MAX_REASON // 2)])
def test_what_was_entered_in_vain_comes_back_whole_in_blocks_and_in_the_text(words: str) -> None:
    made = answer.unsaved(["Choose when it ends. " * 20] * 4, [words, "7d", "signature", "9"])
    sent = Rendering(*limits.fitting(made.text, made.blocks))
    assert accepted(sent)
    assert words in sent.text
    assert words in json.dumps(sent.blocks, ensure_ascii=False)


def test_a_form_to_split_names_what_is_merged_and_chooses_the_only_one() -> None:
    one, other = (Merged(name, 31, NOON, "U1", "one", "x" * 99) for name in ("E-AB2", "E-9QX"))
    form = modal.split(a_card(merged=(one, other)), ORIGIN)
    select = form["blocks"][-1]["element"]
    assert [each["value"] for each in select["options"]] == ["E-AB2", "E-9QX"]
    assert "initial_option" not in select
    alone = modal.split(a_card(merged=(one,)), ORIGIN)
    assert alone["blocks"][-1]["element"]["initial_option"] == select["options"][0]
    assert "Nothing is merged into E-7K2" in json.dumps(modal.split(a_card(), ORIGIN))
