from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.analysis import Category
from bot.core.detection.episode import Why
from bot.core.detection.finding import Kind
from bot.core.telling import incident
from bot.core.telling.digest import Card
from tests.builders import NOON
from tests.slack.builders import a_card, an_analysis

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ALL = (("acme", 5), ("globex", 3), ("initech", 2))
TOO_MANY = "psycopg.OperationalError: FATAL: sorry, too many clients already"
LOCKED = "postgres: canceling statement due to lock timeout"
REFUSED = "upstream pricing: dial tcp <ip>: connect: connection refused"


def spiking(short_id: str, title: str, *, at: datetime = NOON, **facts: Any) -> Card:
    """A card that began to spike, at three customers; each of its own service."""
    given: dict[str, Any] = {
        "service": f"service of {short_id}",
        "analysis": an_analysis(category=Category.DATABASE),
        "customers": ALL,
    }
    return a_card(
        short_id=short_id,
        title=title,
        template=title,
        whys=(Why(Kind.SPIKE, "because", at),),
        **{**given, **facts},
    )


def new(short_id: str, *, at: datetime = NOON, **facts: Any) -> Card:
    """A card that was first seen at a moment."""
    whys = (Why(Kind.NEW, "first seen", at + MINUTE),)
    title = f"ValueError: {short_id}"
    return a_card(short_id=short_id, title=title, template=title, whys=whys, first_seen=at, **facts)


def ids(cards: Sequence[Card]) -> list[list[str]]:
    return [[card.short_id for card in found.cards] for found in incident.group(cards)]


def released(short_id: str, *, minutes: int, release: str = "checkout 4.19.1") -> Card:
    """A new card so long after a release at noon."""
    at = NOON + minutes * MINUTE
    return new(short_id, at=at, release=release, released_at=NOON, customers=())


ONE: list[tuple[str, list[Card]]] = [
    (
        "new right after checkout 4.19.1",
        [released("E-2", minutes=2), released("E-3", minutes=40)],
    ),
    (
        "pricing is in trouble",
        [
            spiking("E-2", REFUSED, customers=()),
            spiking("E-3", "connect ECONNREFUSED pricing:<num>", at=NOON + HOUR, customers=()),
        ],
    ),
    (
        "PostgreSQL is in trouble, for the same customers",
        [spiking("E-2", TOO_MANY), spiking("E-3", LOCKED, at=NOON - 50 * MINUTE)],
    ),
    (
        "the same failure in checkout: timeout (timed out)",
        [
            spiking(
                name,
                f"{what} timed out",
                service="checkout",
                customers=(),
                analysis=an_analysis(rule="timeout (timed out)"),
            )
            for name, what in (("E-2", "tax"), ("E-3", "delivery"))
        ],
    ),
    (
        "new in the same minute, for the same customers",
        [
            new("E-2", customers=ALL, service="web"),
            new("E-3", at=NOON + MINUTE, customers=ALL[::-1], service="api"),
        ],
    ),
]
APPLICATION = an_analysis(category=Category.APPLICATION)
SEVERAL: list[tuple[str, list[Card]]] = [
    ("nothing in common", [spiking("E-2", "x"), spiking("E-3", "y")]),
    ("as usual both", [a_card(short_id="E-2", whys=()), a_card(short_id="E-3", whys=())]),
    ("long apart", [spiking("E-2", REFUSED), spiking("E-3", REFUSED, at=NOON + 61 * MINUTE)]),
    (
        "other environments",
        [spiking("E-2", REFUSED), spiking("E-3", REFUSED, environment="staging")],
    ),
    (
        "other releases",
        [released("E-2", minutes=2), released("E-3", minutes=3, release="checkout 4.19.2")],
    ),
    ("long after the release", [released("E-2", minutes=50), released("E-3", minutes=62)]),
    (
        "other upstreams",
        [spiking("E-2", REFUSED), spiking("E-3", REFUSED.replace("pricing", "tax"))],
    ),
    (
        "two databases of other customers",
        [spiking("E-2", TOO_MANY), spiking("E-3", LOCKED, customers=(("wayne", 9), ("stark", 9)))],
    ),
    (
        "two customers are the same by chance",
        [spiking("E-2", TOO_MANY, customers=ALL[:2]), spiking("E-3", LOCKED, customers=ALL[:2])],
    ),
    (
        "two databases that are named",
        [
            spiking("E-2", 'postgres: connection to server at "orders-db" timed out'),
            spiking("E-3", 'postgres: connection to server at "users-db" timed out'),
        ],
    ),
    (
        "a wrong statement at a slow database",
        [
            spiking("E-2", LOCKED),
            spiking("E-3", 'psycopg.errors.UndefinedColumn: column "x" does not exist'),
        ],
    ),
    (
        "the name of a product in an error of the application",
        [spiking("E-2", LOCKED), spiking("E-3", "postgres timeout is None", analysis=APPLICATION)],
    ),
    (
        "the same exception in two services",
        [
            spiking("E-2", "timed out", customers=(), analysis=an_analysis(rule="timeout")),
            spiking("E-3", "timed out", customers=(), analysis=an_analysis(rule="timeout")),
        ],
    ),
    (
        "the same mistake in two places of a service",
        [
            spiking(
                name,
                "NullPointerException",
                service="checkout",
                analysis=an_analysis(category=Category.APPLICATION, rule="missing value"),
            )
            for name in ("E-2", "E-3")
        ],
    ),
]


@pytest.mark.parametrize(("reason", "cards"), ONE, ids=[reason for reason, _ in ONE])
def test_what_shares_a_cause_is_one_incident_and_says_why(reason: str, cards: list[Card]) -> None:
    (found,) = incident.group(cards)
    assert found.reason == reason
    assert found.cards == tuple(cards)


@pytest.mark.parametrize(("_", "cards"), SEVERAL, ids=[name for name, _ in SEVERAL])
def test_what_only_looks_alike_stays_apart(_: str, cards: list[Card]) -> None:
    assert ids(cards) == [["E-2"], ["E-3"]]
    assert {found.reason for found in incident.group(cards)} == {""}


def test_an_incident_says_where_whom_and_since_when() -> None:
    (found,) = incident.group(
        [
            spiking("E-2", REFUSED, service="gateway", customers=ALL),
            spiking("E-3", REFUSED, service="web", customers=(("wayne", 1),), at=NOON - MINUTE),
        ]
    )
    assert (found.lead.short_id, len(found.siblings)) == ("E-2", 1)
    assert found.services == {"gateway", "web"}
    assert found.customers == {"acme", "globex", "initech", "wayne"}
    assert found.since == NOON - MINUTE


def test_each_sibling_is_close_to_the_first_so_that_no_chain_ties_a_whole_day() -> None:
    cards = [spiking(f"E-{n}", REFUSED, at=NOON + n * 40 * MINUTE) for n in range(4)]
    assert ids(cards) == [["E-0", "E-1"], ["E-2", "E-3"]]


def test_a_signature_with_two_episodes_is_close_by_either() -> None:
    both = (Why(Kind.SPREAD, "now", NOON), Why(Kind.SPIKE, "before", NOON - 9 * HOUR))
    cards = [spiking("E-2", REFUSED), spiking("E-3", REFUSED)]
    twice = a_card(**{name: getattr(cards[0], name) for name in ("title", "template")}, whys=both)
    analysed = [twice, cards[1]]
    assert ids(analysed) == [["E-7K2", "E-3"]]


def test_the_cause_that_most_share_counts() -> None:
    first = spiking("E-2", REFUSED, release="web 2", released_at=NOON)
    rest = [spiking(f"E-{n}", REFUSED, at=NOON + n * MINUTE) for n in (3, 4)]
    assert incident.group([first, *rest])[0].reason == "pricing is in trouble"


TITLES = st.sampled_from([REFUSED, TOO_MANY, LOCKED, "x", "redis: maxmemory", "timed out"])
CARDS = st.lists(
    st.builds(
        spiking,
        st.just("E-2"),
        TITLES,
        at=st.integers(0, 180).map(lambda minutes: NOON + minutes * MINUTE),
        customers=st.lists(st.sampled_from(ALL), unique=True).map(tuple),
        environment=st.sampled_from(["production", "staging"]),
        service=st.sampled_from(["web", "api"]),
    ),
    max_size=12,
).map(lambda cards: [replace(card, short_id=f"E-{n}") for n, card in enumerate(cards)])


@given(CARDS, st.randoms(use_true_random=False))
def test_each_card_is_in_one_incident_whatever_came_first(cards: list[Card], chance: Any) -> None:
    found = incident.group(cards)
    assert sorted(card.short_id for one in found for card in one.cards) == sorted(
        card.short_id for card in cards
    )
    shuffled = list(cards)
    chance.shuffle(shuffled)
    again = {frozenset(one.cards): one.reason for one in incident.group(shuffled)}
    assert again == {frozenset(one.cards): one.reason for one in found}
    assert all(bool(one.reason) == (len(one.cards) > 1) for one in found)


@given(CARDS)
def test_incidents_and_their_cards_stay_in_the_order_they_were_given(cards: list[Card]) -> None:
    position = {card.short_id: number for number, card in enumerate(cards)}
    found = [[position[card.short_id] for card in one.cards] for one in incident.group(cards)]
    assert all(numbers == sorted(numbers) for numbers in found)
    assert [numbers[0] for numbers in found] == sorted(numbers[0] for numbers in found)
