from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.analysis import Level
from bot.core.detection.episode import Why
from bot.core.detection.finding import Kind
from bot.core.ownership.decision import State
from bot.core.ownership.owner import NOISE
from bot.core.rules import analyse
from bot.core.telling import priority
from bot.core.telling.digest import Card
from tests.builders import NOON
from tests.core.rules.test_rules import a_symptom
from tests.slack.builders import a_card, an_analysis


def at(*customers: int) -> tuple[tuple[str, int], ...]:
    return tuple((f"customer-{number}", number) for number in customers)


def of_kind(*kinds: Kind) -> tuple[Why, ...]:
    return tuple(Why(kind, "because", NOON) for kind in kinds)


LEAST: dict[str, Any] = {
    "whys": of_kind(Kind.SPIKE),
    "analysis": an_analysis(severity=Level.LOW, affects_critical_operation=False),
    "customers": (),
    "known_customers": 64,
    "last_day": 10,
    "usual_day": 10.0,
    "first_seen": NOON - timedelta(days=30),
}
MOST: dict[str, Any] = {
    "whys": of_kind(Kind.CRITICAL, Kind.NEW),
    "analysis": an_analysis(severity=Level.CRITICAL),
    "customers": at(*range(64)),
    "known_customers": 64,
    "last_day": 10_000,
    "usual_day": 0.0,
    "first_seen": NOON,
    "release": "checkout 4.19.1",
    "released_at": NOON,
}


def score(**facts: Any) -> int:
    return priority.of(a_card(**{**LEAST, **facts})).score


RISING: list[tuple[str, list[dict[str, Any]]]] = [
    (
        "kind",
        [{"whys": of_kind(*kinds)} for kinds in ((), (Kind.SPIKE,), (Kind.SPREAD,), tuple(Kind))],
    ),
    ("severity", [{"analysis": replace(LEAST["analysis"], severity=level)} for level in Level]),
    ("customers", [{"customers": at(*range(hit))} for hit in (0, 1, 2, 4, 8)]),
    (
        "share",
        [{"customers": at(1, 2), "known_customers": known} for known in (900, 16, 8, 2)],
    ),
    ("velocity", [{"last_day": count} for count in (10, 20, 40, 80, 160, 320)]),
    (
        "novelty",
        [
            {},
            {"first_seen": NOON - timedelta(hours=20)},
            {"first_seen": NOON - timedelta(hours=20), "released_at": NOON - timedelta(days=1)},
        ],
    ),
    ("operation", [{}, {"analysis": replace(LEAST["analysis"], affects_critical_operation=True)}]),
]


@pytest.mark.parametrize(("name", "cards"), RISING, ids=[name for name, _ in RISING])
def test_the_worse_each_part_is_the_higher_the_score(
    name: str, cards: list[dict[str, Any]]
) -> None:
    scores = [score(**facts) for facts in cards]
    assert all(lower < higher for lower, higher in pairwise(scores))
    found = priority.of(a_card(**{**LEAST, **cards[-1]}))
    assert name in {part.name for part in found.parts}


def test_no_score_is_above_the_highest_and_the_worst_card_has_it() -> None:
    assert score(**MOST) == priority.HIGHEST
    assert score(**{**MOST, "last_day": 10**9, "customers": at(*range(900))}) == priority.HIGHEST


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.floats(0, 10**6))
def test_more_of_an_error_never_makes_it_less_urgent(one: int, other: int, usual: float) -> None:
    fewer, more = sorted((one, other))
    assert score(last_day=fewer, usual_day=usual) <= score(last_day=more, usual_day=usual)


@given(st.integers(0, 200), st.integers(0, 200), st.integers(0, 200))
def test_more_customers_never_make_it_less_urgent(one: int, other: int, known: int) -> None:
    fewer, more = sorted((one, other))
    scores = [score(customers=at(*range(hit)), known_customers=known) for hit in (fewer, more)]
    assert scores[0] <= scores[1]


@pytest.mark.parametrize("facts", [LEAST, MOST])
def test_what_is_given_to_noise_counts_half(facts: dict[str, Any]) -> None:
    assert score(**{**facts, "owner": NOISE}) == -(-score(**facts) // 2)


def test_a_score_is_the_sum_of_the_parts_it_names() -> None:
    found = priority.of(a_card(known_customers=4, released_at=NOON - timedelta(hours=4)))
    assert [(part.name, part.points, part.reason) for part in found.parts] == [
        ("kind", 10, "new"),
        ("severity", 13, "high severity"),
        ("customers", 6, "2 customers"),
        ("share", 4, "50 % of all customers"),
        ("velocity", 8, "17× usual"),
        ("novelty", 10, "never seen before this release"),
        ("operation", 10, "a key operation is affected: checkout"),
    ]
    assert found.score == 61


@pytest.mark.parametrize(
    ("service", "title", "said"),
    [
        ("", "disk: No space left on device", ["all operations are affected: disk full"]),
        ("shop", "POST /v1/checkout: timed out", ["a key operation is affected: checkout"]),
        ("mailer", "POST /v1/mails: timed out", []),
    ],
)
def test_a_key_operation_is_named_where_one_is_affected(
    service: str, title: str, said: list[str]
) -> None:
    analysis = analyse(a_symptom(title, service=service))
    found = priority.of(a_card(service=service, title=title, analysis=analysis))
    assert [part.reason for part in found.parts if part.name == "operation"] == said


def test_a_key_operation_that_no_word_names_is_who_says_so() -> None:
    found = priority.of(a_card(service="mailer", title="timed out", analyst="claude-haiku-5-5"))
    assert found.parts[-1].reason == "a key operation is affected, by claude-haiku-5-5"


def test_what_a_fix_did_not_mend_is_news_again() -> None:
    found = priority.of(a_card(**{**LEAST, "whys": of_kind(Kind.BACK)}))
    assert [part.reason for part in found.parts] == ["back", "thought to be over"]


def ranked(*cards: Card) -> list[str]:
    return [card.short_id for card in priority.rank(reversed(cards))]


def test_a_failure_at_all_customers_comes_before_a_crash_at_one() -> None:
    everywhere = a_card(short_id="E-9", customers=at(*range(16)), known_customers=16)
    crash = a_card(
        short_id="E-2",
        whys=of_kind(Kind.CRITICAL, Kind.SPIKE),
        analysis=an_analysis(affects_critical_operation=False),
        customers=at(1),
        known_customers=16,
        first_seen=NOON - timedelta(days=9),
    )
    assert ranked(everywhere, crash) == ["E-9", "E-2"]


@pytest.mark.parametrize("state", [State.CLAIMED, State.MUTED, State.RESOLVED])
def test_what_still_needs_somebody_comes_before_what_has_somebody(state: State) -> None:
    worst = a_card(short_id="E-2", state=state, **MOST)
    assert ranked(a_card(short_id="E-9", **LEAST), worst) == ["E-9", "E-2"]


def test_of_equals_the_more_frequent_comes_first_and_else_the_order_stays() -> None:
    often = {"usual_day": 500.0, "last_day": 500}
    cards = (
        a_card(short_id="E-9", **{**LEAST, **often}),
        a_card(short_id="E-2", **LEAST),
        a_card(short_id="E-3", **LEAST),
    )
    assert ranked(*cards) == ["E-9", "E-2", "E-3"]


@pytest.mark.parametrize(
    ("usual", "against"),
    [(2.0, "20× usual"), (0.2, "40 a day, usually less than one"), (0.0, "40 a day, none before")],
)
def test_what_is_usually_seen_less_than_daily_is_no_multiple(usual: float, against: str) -> None:
    parts = priority.of(a_card(**{**LEAST, "last_day": 40, "usual_day": usual})).parts
    assert [part.reason for part in parts if part.name == "velocity"] == [against]
