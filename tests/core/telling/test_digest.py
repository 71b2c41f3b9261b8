import json
from datetime import timedelta
from typing import Any

import pytest

from bot.core.detection.episode import Why
from bot.core.detection.finding import Kind
from bot.core.ownership.decision import State
from bot.core.telling.digest import Card, Footer, caveat, share, verdict
from tests.builders import NOON
from tests.slack.builders import a_card, a_digest


def with_kinds(*kinds: Kind, **facts: object) -> Card:
    return a_card(whys=tuple(Why(kind, "because", NOON) for kind in kinds), **facts)


def test_the_first_line_counts_each_signature_once_the_most_urgent_first() -> None:
    digest = a_digest(
        with_kinds(Kind.SPREAD, Kind.SPIKE),
        with_kinds(Kind.SPIKE),
        with_kinds(Kind.NEW, Kind.CRITICAL),
        with_kinds(Kind.BACK),
    )
    said = "1 critical · 2 spiking · 1 back · 214 quiet"
    assert verdict(digest) == said


def test_the_first_line_counts_what_waits_since_earlier_days() -> None:
    waiting = (with_kinds(Kind.NEW), with_kinds(Kind.SPIKE))
    assert verdict(a_digest(with_kinds(Kind.BACK), unclaimed=waiting)) == (
        "1 back · 2 of earlier days · 214 quiet"
    )
    assert verdict(a_digest(unclaimed=waiting)) == "Nothing new · 2 of earlier days · 214 quiet"


def test_a_calm_day_says_so() -> None:
    assert verdict(a_digest(footer=Footer(quiet=9))) == "Nothing unusual · 9 quiet"


def test_what_cannot_be_judged_yet_is_not_called_calm() -> None:
    early = Footer(signatures=12, judges_from=NOON + timedelta(hours=30))
    assert verdict(a_digest(footer=early)) == "Cannot judge yet · 12 seen"
    assert verdict(a_digest(with_kinds(Kind.BACK), footer=early)) == (
        "1 back · cannot judge yet · 12 seen"
    )
    said = caveat(a_digest(footer=early))
    assert "from 2026-11-19 18:00 UTC on" in said
    assert "triage ingest" in said
    assert caveat(a_digest()) == ""


@pytest.mark.parametrize(
    "footer", [Footer(), Footer(events=3, arrived=9, judges_from=NOON, sources=(("web", NOON),))]
)
def test_a_footer_is_kept_as_it_was(footer: Footer) -> None:
    assert Footer.from_json(json.loads(json.dumps(footer.as_json()))) == footer


def test_a_kind_counts_once_a_card_however_often_it_began() -> None:
    again = (Why(Kind.SPIKE, "b", NOON), Why(Kind.SPIKE, "a", NOON - timedelta(hours=9)))
    assert a_card(whys=again).kinds == (Kind.SPIKE,)


def test_reasons_are_ranked_and_what_a_critical_one_tells_is_not_told_twice() -> None:
    spread, spike = Why(Kind.SPREAD, "+3 customers", NOON), Why(Kind.SPIKE, "40 in 2 h", NOON)
    critical = Why(Kind.CRITICAL, "a crash: 40 in 2 h", NOON)
    assert a_card(whys=(spread, spike, critical)).reasons == (critical, spread)


def test_what_happened_before_the_window_and_came_in_during_it_is_counted() -> None:
    assert Footer(events=820, arrived=54_000).older == 53_180
    assert Footer(events=820, arrived=3).older == 0


def test_a_share_is_rounded_and_never_nothing() -> None:
    assert [share(part, 1000) for part in (1000, 299, 4, 0)] == ["100 %", "30 %", "<1 %", "0 %"]


def test_the_share_of_a_customer_is_of_all_that_came_also_of_what_names_nobody() -> None:
    shown = a_card(last_day=3, customers=(("acme-corp", 1),))
    assert shown.share_of(1) == "33 %"
    assert a_card(last_day=0, customers=(("acme", 3), ("globex", 1))).share_of(3) == "75 %"


@pytest.mark.parametrize(
    ("facts", "day"),
    [
        ({}, 3),
        ({"state": State.CLAIMED}, 0),
        ({"whys": ()}, 0),
        ({"whys": (Why(Kind.NEW, "x", NOON - timedelta(days=2), ended_at=NOON),)}, 0),
    ],
)
def test_days_are_counted_while_it_is_unusual_and_nobodys(facts: dict[str, Any], day: int) -> None:
    began = NOON - timedelta(days=2, hours=1)
    assert a_card(**{"whys": (Why(Kind.NEW, "x", began),), **facts}).unclaimed_day == day
