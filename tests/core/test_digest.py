import json
from datetime import timedelta
from typing import Any

import pytest

from bot.core.analysis import Level
from bot.core.anomaly import Kind
from bot.core.decision import State
from bot.core.digest import Card, Footer, Why, caveat, rank, share, verdict
from tests.builders import NOON
from tests.slack.builders import a_card, a_digest, an_analysis


def with_kinds(*kinds: Kind, **facts: object) -> Card:
    return a_card(whys=tuple(Why(kind, "because", NOON) for kind in kinds), **facts)


def test_the_first_line_counts_each_kind_the_most_urgent_first() -> None:
    digest = a_digest(
        with_kinds(Kind.SPREAD, Kind.SPIKE),
        with_kinds(Kind.SPIKE),
        with_kinds(Kind.NEW, Kind.CRITICAL),
        with_kinds(Kind.BACK),
    )
    said = "1 critical · 1 new · 2 spiking · 1 spreading · 1 back · 214 quiet"
    assert verdict(digest) == said


def test_a_calm_day_says_so() -> None:
    assert verdict(a_digest(footer=Footer(quiet=9))) == "Nothing unusual · 9 quiet"


def test_what_cannot_be_judged_yet_is_not_called_calm() -> None:
    early = Footer(signatures=12, judges_from=NOON + timedelta(hours=30))
    assert verdict(a_digest(footer=early)) == "Cannot judge yet · 12 seen"
    assert verdict(a_digest(with_kinds(Kind.BACK), footer=early)) == (
        "1 back · cannot judge yet · 12 seen"
    )
    said = caveat(a_digest(footer=early))
    assert "from 19 Nov 18:00 UTC on" in said
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


def test_a_share_is_rounded_and_never_nothing() -> None:
    assert [share(part, 1000) for part in (1000, 299, 4, 0)] == ["100 %", "30 %", "<1 %", "0 %"]


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


def named(*cards: Card) -> list[str]:
    return [card.short_id for card in rank(reversed(cards))]


def test_the_most_urgent_comes_first() -> None:
    cards = (
        with_kinds(
            Kind.CRITICAL, Kind.NEW, short_id="E-1", analysis=an_analysis(severity=Level.LOW)
        ),
        a_card(short_id="E-2", analysis=an_analysis(severity=Level.CRITICAL)),
        a_card(short_id="E-3", customers=(("a", 1), ("b", 1), ("c", 1))),
        a_card(short_id="E-4", last_day=900),
        a_card(short_id="E-5"),
        a_card(short_id="E-6"),
        with_kinds(Kind.CRITICAL, short_id="E-7", state=State.CLAIMED),
    )
    assert named(*cards) == [card.short_id for card in cards]


@pytest.mark.parametrize("state", [State.CLAIMED, State.MUTED, State.RESOLVED])
def test_what_still_needs_somebody_comes_before_what_has_somebody(state: State) -> None:
    assert named(a_card(short_id="E-9"), a_card(short_id="E-2", state=state)) == ["E-9", "E-2"]


def test_what_was_never_seen_before_ranks_without_dividing_by_its_usual() -> None:
    assert named(a_card(short_id="E-9", usual_day=0.0), a_card(short_id="E-2")) == ["E-9", "E-2"]
