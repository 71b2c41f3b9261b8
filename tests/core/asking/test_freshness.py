"""Nothing is asked again while nothing changed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.core.asking.freshness import Kept, Mark, Wanted, judge, mark
from bot.core.detection.finding import Kind
from bot.core.spending.routing import Tier

NOW = datetime(2026, 11, 21, 10, 40, tzinfo=UTC)
MARK = mark(events=1_000, customers=3, release="1.0", kinds=[Kind.SPIKE])
WANTED = Wanted(MARK, prompt="analysis 2", tier=Tier.CHEAP)


def kept(**ago: float) -> Kept:
    return Kept(NOW - timedelta(**ago), MARK, WANTED.prompt, Tier.CHEAP)


def test_what_nobody_explained_is_asked() -> None:
    assert judge(None, WANTED, now=NOW).ask


@pytest.mark.parametrize("hours", [0, 5.9, 6, 24, 24 * 29.9])
def test_nothing_is_asked_again_while_nothing_changed(hours: float) -> None:
    assert not judge(kept(hours=hours), WANTED, now=NOW).ask


def test_what_is_known_is_asked_about_again_after_a_month() -> None:
    assert judge(kept(days=30), WANTED, now=NOW).reason == "30 days old"


def test_what_matters_is_asked_about_again_after_a_week() -> None:
    strong, wanted = (replace(one, tier=Tier.STRONG) for one in (kept(days=7), WANTED))
    assert judge(strong, wanted, now=NOW).reason == "7 days old"
    assert not judge(replace(strong, at=NOW - timedelta(days=6.9)), wanted, now=NOW).ask


def test_evidence_that_changed_is_asked_about_after_six_hours() -> None:
    changed = replace(WANTED, mark=replace(MARK, size=9))
    assert not judge(kept(hours=5.9), changed, now=NOW).ask
    assert judge(kept(hours=6), changed, now=NOW).reason == "the evidence changed"


@pytest.mark.parametrize("prompt", ["analysis 3", "analysis 10"])
def test_a_newer_prompt_is_asked_after_six_hours(prompt: str) -> None:
    newer = replace(WANTED, prompt=prompt)
    assert not judge(kept(hours=5.9), newer, now=NOW).ask
    assert judge(kept(hours=6), newer, now=NOW).reason == "a newer prompt"


def test_an_older_prompt_is_content_with_what_a_newer_one_gave() -> None:
    older = replace(WANTED, prompt="analysis 1")
    assert not judge(kept(hours=7), older, now=NOW).ask
    assert judge(kept(days=30), older, now=NOW).ask


def test_what_turned_critical_gets_the_strong_model_at_once() -> None:
    assert judge(kept(minutes=1), replace(WANTED, tier=Tier.STRONG), now=NOW).ask


def test_what_the_strong_model_said_is_good_enough_for_what_matters_less() -> None:
    strong = replace(kept(hours=1), tier=Tier.STRONG)
    assert not judge(strong, WANTED, now=NOW).ask


def test_evidence_is_coarse() -> None:
    usual = mark(events=110, customers=2, release="1.0", kinds=[Kind.SPIKE])
    assert mark(events=990, customers=9, release="1.0", kinds=[Kind.SPIKE]) == usual


USUAL: dict[str, Any] = {"events": 99, "customers": 2, "release": "1.0", "kinds": [Kind.SPIKE]}


@pytest.mark.parametrize(
    "changed",
    [
        {"events": 100},
        {"customers": 10},
        {"release": "1.1"},
        {"kinds": [Kind.SPIKE, Kind.SPREAD]},
        {"kinds": [Kind.BACK]},
    ],
)
def test_a_jump_a_release_or_another_way_to_be_unusual_is_news_once(
    changed: dict[str, Any],
) -> None:
    before, after = mark(**USUAL), mark(**USUAL | changed)
    known = before.joined(after)
    assert known != before
    assert known.joined(before) == known
    assert known.joined(after) == known, "what comes back is no news"


@pytest.mark.parametrize(("kind", "is_news"), [(Kind.SPIKE, False), (Kind.CRITICAL, True)])
def test_that_what_is_new_comes_often_is_no_news_of_it(kind: Kind, is_news: bool) -> None:
    new, both = (mark(**USUAL | {"kinds": kinds}) for kinds in ([Kind.NEW], [Kind.NEW, kind]))
    assert (new.joined(both) != new) == is_news


@pytest.mark.parametrize("grown", [{"events": 9_000}, {"customers": 10}])
def test_that_what_is_new_grows_is_news_where_nothing_explained_it_yet(
    grown: dict[str, int],
) -> None:
    new = {"kinds": [Kind.NEW]}
    before, after = mark(**USUAL | new), mark(**USUAL | new | grown)
    explained = replace(kept(hours=7), mark=before)
    wanted = replace(WANTED, mark=after)
    assert not judge(explained, wanted, now=NOW).ask
    assert judge(replace(explained, proven=False), wanted, now=NOW).ask


def test_a_mark_is_stored_as_text() -> None:
    known = mark(**USUAL)
    assert Mark.from_text(known.as_text()) == known


@pytest.mark.parametrize(
    "text", ["", "5.2|1.0|spike", "[]", "[1]", '{"a": 1}', "null", "[1,2,3,4]"]
)
def test_what_is_no_mark_knows_nothing(text: str) -> None:
    assert Mark.from_text(text) == Mark()
