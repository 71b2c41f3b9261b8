"""Nothing is asked again while nothing changed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.freshness import Kept, Wanted, evidence, judge
from bot.core.routing import Tier

NOW = datetime(2026, 11, 21, 10, 40, tzinfo=UTC)
WANTED = Wanted(evidence="5.2|1.0|spike", prompt="analysis 1", tier=Tier.CHEAP)


def kept(**ago: float) -> Kept:
    return Kept(NOW - timedelta(**ago), WANTED.evidence, WANTED.prompt, Tier.CHEAP)


def test_what_nobody_explained_is_asked() -> None:
    assert judge(None, WANTED, now=NOW).ask


@pytest.mark.parametrize("hours", [0, 5.9, 6, 24, 24 * 6.9])
def test_nothing_is_asked_again_while_nothing_changed(hours: float) -> None:
    assert not judge(kept(hours=hours), WANTED, now=NOW).ask


def test_after_a_week_it_is_asked_again() -> None:
    assert judge(kept(days=7), WANTED, now=NOW).reason == "a week old"


def test_evidence_that_changed_is_asked_about_after_six_hours() -> None:
    changed = replace(WANTED, evidence="9.4|1.0|spike")
    assert not judge(kept(hours=5.9), changed, now=NOW).ask
    assert judge(kept(hours=6), changed, now=NOW).reason == "the evidence changed"


def test_another_prompt_is_asked_at_once() -> None:
    assert judge(kept(minutes=1), replace(WANTED, prompt="analysis 2"), now=NOW).ask


def test_what_turned_critical_gets_the_strong_model_at_once() -> None:
    assert judge(kept(minutes=1), replace(WANTED, tier=Tier.STRONG), now=NOW).ask


def test_what_the_strong_model_said_is_good_enough_for_what_matters_less() -> None:
    strong = replace(kept(hours=1), tier=Tier.STRONG)
    assert not judge(strong, WANTED, now=NOW).ask


def test_evidence_is_coarse() -> None:
    usual = evidence(events=10, customers=2, version="1.0", kinds=["spike"])
    assert evidence(events=30, customers=3, version="1.0", kinds=["spike"]) == usual


@pytest.mark.parametrize(
    "changed",
    [
        {"events": 80},
        {"customers": 4},
        {"version": "1.1"},
        {"kinds": ["spike", "spread"]},
        {"kinds": ["back"]},
    ],
)
def test_evidence_changes_with_a_jump_a_release_or_another_way_to_be_unusual(
    changed: dict[str, object],
) -> None:
    usual: dict[str, object] = {"events": 10, "customers": 2, "version": "1.0", "kinds": ["spike"]}
    assert evidence(**usual | changed) != evidence(**usual)  # type: ignore[arg-type]


def test_the_order_of_kinds_does_not_matter() -> None:
    both = (
        evidence(events=1, customers=1, version="", kinds=kinds)
        for kinds in (["new", "spread"], ["spread", "new"])
    )
    assert len({*both}) == 1
