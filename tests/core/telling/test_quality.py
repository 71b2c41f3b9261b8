from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.detection.finding import Kind
from bot.core.telling import quality
from bot.core.telling.quality import Called, Hidden, Moved, Opinion, Review, Routed, Week
from tests.builders import NOON

NOTHING = [
    "The week from 2026-11-11 12:00 UTC to 2026-11-18 12:00 UTC",
    "What came in: 0 events of 0 signatures",
    "Posted: nothing unusual",
    "Owners: nobody acted on anything",
    "Explanations: none was rated",
    "  Details of a card ask whether its explanation helps",
    "Mutes: hid nothing",
    "Models: none was asked",
]


def a_week(*routed: Routed, **facts: Any) -> Week:
    return Week(NOON - timedelta(days=7), NOON, routed, **facts)


def lines(*routed: Routed, **facts: Any) -> list[str]:
    return quality.lines(Review(a_week(*routed, **facts)))


def a_routed(
    name: str, *, moved_to: str = "", owner: str = "platform", category: str = "Database"
) -> Routed:
    return Routed(name, category, "the rule “database timeout”", owner, moved_to)


def a_hidden(**facts: Any) -> Hidden:
    usual: dict[str, Any] = {
        "short_id": "E-7K2",
        "title": "timeout",
        "reason": "known",
        "events": 1_300,
        "busiest": 900,
        "usual": 60.0,
    }
    return Hidden(**{**usual, **facts})


def test_an_empty_week_says_so() -> None:
    assert lines() == NOTHING


@pytest.mark.parametrize(
    ("week", "before", "moved"),
    [
        ({1: 30}, {1: 15}, [1]),
        ({1: 29}, {1: 15}, []),
        ({1: 15}, {1: 30}, [1]),
        ({1: 9}, {}, []),
        ({1: 10}, {}, [1]),
        ({}, {1: 10}, [1]),
        ({1: 10, 2: 900, 3: 40, 4: 50}, {5: 20, 6: 10}, [2, 4, 3, 5, 6]),
        ({}, {}, []),
    ],
)
def test_what_doubled_or_halved_moved_and_the_farthest_is_first(
    week: dict[int, int], before: dict[int, int], moved: list[int]
) -> None:
    assert quality.movers(week, before) == moved


def test_what_moved_stands_below_what_came_in() -> None:
    moved = (Moved("E-7K2", "timeout", 1_200, 40), Moved("E-9XM", "refused", 0, 90))
    assert quality.lines(Review(a_week(), a_week(), moved=moved))[2:4] == [
        "  More often: E-7K2 timeout: 1,200, the week before 40",
        "  Less often: E-9XM refused: 0, the week before 90",
    ]


def test_what_was_unusual_and_not_posted_is_not_nothing() -> None:
    assert "Posted: none of 5 alerts" in lines(begun=5)


def test_the_week_says_how_many_owners_were_kept_by_owner_and_by_category() -> None:
    said = lines(
        a_routed("E-1"),
        a_routed("E-2"),
        a_routed("E-3", moved_to="dev"),
        a_routed("E-4", owner="dev", category="Application"),
    )
    assert said[3:8] == [
        "Owners: 3 kept, 1 rerouted (75 % right)",
        "  platform: 2 kept, 1 rerouted (66 % right)",
        "  dev: 1 kept, 0 rerouted (100 % right)",
        "  taken for Database: 2 kept, 1 rerouted (66 % right)",
        "  taken for Application: 1 kept, 0 rerouted (100 % right)",
    ]


def test_the_rule_to_mend_is_named_with_whose_the_errors_were() -> None:
    said = lines(a_routed("E-1", moved_to="dev"), a_routed("E-2", moved_to="dev"))
    assert (
        "  To mend: the rule “database timeout” gave platform what was dev's, 2 times: E-1, E-2"
        in said
    )


def test_wrong_explanations_are_named_with_what_people_said() -> None:
    opinions = (
        Opinion("E-1", "the prompt analysis 1 with some-model", helps=False, reason="wrong host"),
        Opinion("E-1", "the prompt analysis 1 with some-model", helps=False, reason="wrong host"),
        Opinion("E-2", "the rule “timeout”", helps=True),
    )
    said = lines(opinions=opinions)
    assert "Explanations: 1 helped, 2 wrong" in said
    assert (
        "  To mend: the prompt analysis 1 with some-model explained wrongly, 2 times (wrong host): "
        "E-1"
    ) in said


def test_a_long_list_is_cut_and_says_so() -> None:
    said = lines(*(a_routed(f"E-{n}", moved_to="dev") for n in range(9)))
    assert any(line.endswith("E-0, E-1, E-2, E-3, E-4 and 4 more") for line in said)


def test_of_each_kind_it_says_how_much_of_what_was_posted_anybody_took_up() -> None:
    said = lines(called=(Called(Kind.CRITICAL, 2, 2), Called(Kind.NEW, 8, 3)))
    assert said[2:5] == [
        "Posted: 10 alerts, 5 of them taken up (50 %)",
        "  critical: 2 of 2 taken up (100 %)",
        "  new: 3 of 8 taken up (37 %)",
    ]


def test_each_sum_stands_beside_that_of_the_week_before() -> None:
    before = a_week(events=4, signatures=2, called=(Called(Kind.NEW, 4, 1),), calls=1, cost=20_000)
    week = replace(
        before, events=5, signatures=1, called=(Called(Kind.NEW, 4, 3),), calls=3, cost=60_000
    )
    said = quality.lines(Review(week, before))
    assert said[1:4] == [
        "What came in: 5 events of 1 signature; the week before: 4 events of 2 signatures",
        (
            "Posted: 4 alerts, 3 of them taken up (75 %); the week before: "
            "4 alerts, 1 of them taken up (25 %)"
        ),
        "  new: 3 of 4 taken up (75 %); the week before: 1 of 4 taken up (25 %)",
    ]
    assert said[-1] == "Models: 3 calls, $0.06; the week before: 1 call, $0.02"


def test_what_a_mute_hid_is_held_against_what_was_muted() -> None:
    said = lines(hidden=(a_hidden(), a_hidden(short_id="E-9XM", events=1, busiest=1, usual=0.4)))
    assert said[6] == "Mutes: hid 1,301 events of 2 signatures"
    assert said[7] == (
        "  E-7K2 timeout: 1,300 events, 900 on its busiest day, 60 a day before it was muted: "
        "15 times as many; muted as “known”"
    )
    assert said[8] == (
        "  E-9XM timeout: 1 event, 1 on its busiest day, 0.4 a day before it was muted; "
        "muted as “known”"
    )


@pytest.mark.parametrize(
    ("busiest", "usual", "told"),
    [
        (119, 60.0, "60 a day before it was muted; "),
        (120, 60.0, "60 a day before it was muted: 2 times as many; "),
        (9, 0.3, "0.3 a day before it was muted; "),
        (10, 0.5, "0.5 a day before it was muted: 20 times as many; "),
        (900, 0.0, "none in the week before it was muted; "),
    ],
)
def test_a_ramp_is_told_where_a_day_stands_well_above_what_was_muted(
    busiest: int, usual: float, told: str
) -> None:
    assert told in str(a_hidden(busiest=busiest, usual=usual))


def test_a_mute_that_is_over_says_so() -> None:
    assert "; the mute is over; " in str(a_hidden(is_over=True))


def test_of_many_mutes_the_worst_are_named() -> None:
    said = lines(hidden=tuple(a_hidden(short_id=f"E-{n}") for n in range(9)))
    assert said[6] == "Mutes: hid 11,700 events of 9 signatures"
    assert sum(line.startswith("  E-") for line in said) == quality.WORST
