import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.core.detection import episode
from bot.core.detection.episode import AS_OF, Episode, Why
from bot.core.detection.finding import Finding, Kind
from bot.core.detection.receipt import Receipt
from tests.builders import NOON

HOUR = timedelta(hours=1)


def an_episode(kind: Kind, *, began: int, counted: float = 0, ended: int | None = None) -> Episode:
    """One that began, was counted, and maybe ended so many hours before noon."""
    closed_at = None if ended is None else NOON - ended * HOUR
    return Episode(kind, "why", NOON - began * HOUR, closed_at, {}, NOON - counted * HOUR)


@pytest.mark.parametrize(("calm", "over"), [(0, False), (5.99, False), (6, True), (100, True)])
def test_an_episode_is_over_after_six_calm_hours(calm: float, over: bool) -> None:
    assert episode.is_over(NOON, NOON + calm * HOUR) == over


def a_burst(observed: int, *, earlier: int | None) -> Finding:
    receipt = Receipt(
        observed=observed,
        usual=1,
        usual_max=3,
        fires_from=10,
        window_hours=2 if earlier is not None else 24,
        days=14,
        unit="occurrences",
        since=(NOON - HOUR).isoformat(),
        earlier=earlier,
    )
    return Finding(Kind.SPIKE, "so many", receipt)


@pytest.mark.parametrize(
    ("confirmed", "window", "earlier", "another"),
    [
        pytest.param(0, 2, 10, False, id="it goes on, and grows"),
        pytest.param(1, 2, 10, False, id="it was there as these hours began"),
        pytest.param(1.1, 2, 19, True, id="after a pause, more than twice as high"),
        pytest.param(1.1, 2, 20, False, id="after a pause, twice as high"),
        pytest.param(0, 24, 19, True, id="amid a busy day"),
        pytest.param(0, 24, 20, False, id="amid a busy day that had as much before"),
        pytest.param(3, 2, None, False, id="a busy day goes on"),
    ],
)
def test_a_burst_is_one_of_its_own_after_a_pause_or_amid_a_busy_day(
    confirmed: float, window: int, earlier: int | None, another: bool
) -> None:
    last, found = NOON - confirmed * HOUR, a_burst(40, earlier=earlier)
    assert episode.is_another({"window_hours": window}, last, found) is another


def test_a_card_tells_of_each_kind_the_newest_episode() -> None:
    newest_first = [
        an_episode(Kind.SPREAD, began=1),
        an_episode(Kind.SPIKE, began=2),
        an_episode(Kind.SPIKE, began=9),
    ]
    told = episode.whys(newest_first, until=NOON)
    assert [(why.kind, NOON - why.opened_at) for why in told] == [
        (Kind.SPREAD, HOUR),
        (Kind.SPIKE, 2 * HOUR),
    ]


def test_a_card_tells_of_what_runs_and_not_of_what_was_told_beside_it() -> None:
    beside = Episode(Kind.SPIKE, "why", NOON, NOON, {AS_OF: NOON.isoformat()}, NOON)
    (why,) = episode.whys([beside, an_episode(Kind.SPIKE, began=2)], until=NOON)
    assert NOON - why.opened_at == 2 * HOUR


def found_as_of(hours: float) -> tuple[Finding, datetime]:
    """A burst of two hours that ended so many hours before noon, and its end."""
    at = NOON - hours * HOUR
    receipt = Receipt(
        observed=90,
        usual=1,
        usual_max=2,
        fires_from=10,
        window_hours=2,
        days=14,
        unit="occurrences",
        since=(at - 2 * HOUR).isoformat(),
    )
    return Finding(Kind.SPIKE, "90 in 2 h", receipt), at


@pytest.mark.parametrize(
    ("ended", "told"),
    [
        (24, False),
        (17, False),
        (15, True),
        (8, True),
        (5, True),
        (3.5, True),
        (-0.5, True),
        (-8, False),
    ],
)
def test_an_episode_tells_of_what_is_found_later_if_no_six_calm_hours_lie_between(
    ended: float, told: bool
) -> None:
    """It went on from ten to five hours before noon."""
    one = an_episode(Kind.SPIKE, began=10, counted=5)
    one = replace(one, receipt={"observed": 45})
    assert (episode.telling([one], *found_as_of(ended)) is one) == told
    smaller = replace(one, receipt={"observed": 44})
    assert episode.telling([smaller], *found_as_of(ended)) is None, "90 are more than twice as many"


def test_what_came_late_tells_of_its_own_hours_and_not_of_when_it_was_told() -> None:
    finding, at = found_as_of(20)
    late = Episode(
        Kind.SPIKE, "why", NOON, None, {**finding.receipt.as_json(), AS_OF: at.isoformat()}, NOON
    )
    assert episode.telling([late], *found_as_of(19)) is late
    assert episode.telling([late], *found_as_of(2)) is None


def test_what_began_or_ended_after_the_moment_did_not_by_then() -> None:
    later = an_episode(Kind.NEW, began=-1)
    ends_later = an_episode(Kind.SPIKE, began=3, ended=-1)
    (why,) = episode.whys([later, ends_later], until=NOON)
    assert (why.kind, why.ended_at) == (Kind.SPIKE, None)


@pytest.mark.parametrize(
    ("counted", "ended", "told"),
    [(0.1, None, False), (1, None, False), (1.1, None, True), (-0.1, None, True), (0.1, 0, True)],
)
def test_numbers_of_another_hour_or_of_an_episode_that_is_over_are_told_with_their_time(
    counted: float, ended: int | None, told: bool
) -> None:
    (why,) = episode.whys(
        [an_episode(Kind.SPIKE, began=5, counted=counted, ended=ended)], until=NOON
    )
    assert (why.true_at is not None) == told


@pytest.mark.parametrize("ended_at", [None, NOON])
def test_what_a_digest_said_is_kept_as_it_was(ended_at: datetime | None) -> None:
    why = Why(Kind.SPIKE, "40 in 2 h", NOON - HOUR, ended_at=ended_at, formula="2 × 10")
    assert Why.from_json(json.loads(json.dumps(why.as_json()))) == why
