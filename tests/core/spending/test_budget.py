"""Every cap holds: before a call is made, what it may cost has to fit all of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from bot.core.spending.budget import Caps, Forecast, Room, Span, accounts, forecast, judge, warning

CENT = 10_000
DAY = timedelta(days=1)
CAPS = Caps(
    hour=100 * CENT,
    day=500 * CENT,
    month=5_000 * CENT,
    teams={"dev": {Span.DAY: 50 * CENT}},
    features={"shadow": {Span.DAY: 10 * CENT}},
)
AT = datetime(2026, 11, 21, 10, 40, 7, tzinfo=UTC)


def spent(amounts: list[int], *, team: str = "platform", feature: str = "analysis"):
    known = accounts(CAPS, team=team, feature=feature)
    return list(zip(known, amounts, strict=True))


@pytest.mark.parametrize(
    ("span", "start"),
    [
        (Span.HOUR, datetime(2026, 11, 21, 10, tzinfo=UTC)),
        (Span.DAY, datetime(2026, 11, 21, tzinfo=UTC)),
        (Span.MONTH, datetime(2026, 11, 1, tzinfo=UTC)),
    ],
)
def test_a_span_begins_with_its_hour_day_or_month(span: Span, start: datetime) -> None:
    assert span.start(AT) == start


def test_there_is_room_below_four_fifths() -> None:
    verdict = judge(spent([79 * CENT, 79 * CENT, 79 * CENT]), estimate=CENT)
    assert (verdict.room, verdict.reason) == (Room.OPEN, "")


@pytest.mark.parametrize(
    ("amounts", "reason"),
    [
        ([80 * CENT, 80 * CENT, 80 * CENT], "budget of this hour at 80 %"),
        ([0, 400 * CENT, 400 * CENT], "budget of today at 80 %"),
        ([0, 0, 4_000 * CENT], "budget of this month at 80 %"),
    ],
)
def test_room_is_short_from_four_fifths_on(amounts: list[int], reason: str) -> None:
    verdict = judge(spent(amounts), estimate=CENT)
    assert (verdict.room, verdict.reason) == (Room.SHORT, reason)


@pytest.mark.parametrize(
    ("amounts", "reason"),
    [
        ([100 * CENT, 100 * CENT, 100 * CENT], "budget of this hour used up"),
        ([0, 500 * CENT, 500 * CENT], "budget of today used up"),
        ([0, 0, 5_000 * CENT], "budget of this month used up"),
    ],
)
def test_no_cap_is_ever_passed(amounts: list[int], reason: str) -> None:
    verdict = judge(spent(amounts), estimate=1)
    assert (verdict.room, verdict.reason) == (Room.NONE, reason)


def test_a_call_that_fits_to_the_last_micro_dollar_is_made() -> None:
    assert judge(spent([99 * CENT, 0, 0]), estimate=CENT).room is Room.SHORT
    assert judge(spent([99 * CENT, 0, 0]), estimate=CENT + 1).room is Room.NONE


def test_a_cap_of_nothing_lets_nothing_through_but_what_is_free() -> None:
    known = accounts(Caps(hour=0, day=0, month=0), team="", feature="")
    nothing = [(account, 0) for account in known]
    assert judge(nothing, estimate=1).room is Room.NONE
    assert judge(nothing, estimate=0).room is Room.SHORT


def test_a_team_and_a_feature_have_caps_of_their_own() -> None:
    verdict = judge(spent([0, 0, 0, 50 * CENT], team="dev"), estimate=1)
    assert verdict.reason == "budget of dev today used up"
    verdict = judge(spent([0, 0, 0, 10 * CENT], feature="shadow"), estimate=1)
    assert verdict.reason == "budget of shadow today used up"
    assert len(accounts(CAPS, team="dev", feature="shadow")) == 5


def test_a_team_may_have_a_cap_of_each_span() -> None:
    caps = replace(CAPS, teams={"dev": {Span.HOUR: CENT, Span.MONTH: 20 * CENT}})
    known = accounts(caps, team="dev", feature="analysis")
    amounts = [0, 0, 0, 0, 20 * CENT]
    verdict = judge(list(zip(known, amounts, strict=True)), estimate=1)
    assert verdict.reason == "budget of dev this month used up"


def test_a_warning_says_how_much_is_left_for_what() -> None:
    (hour, *_) = accounts(CAPS, team="", feature="")
    said = warning(hour, 83 * CENT)
    assert said.startswith("The budget of this hour is at 83 %: $0.83 of $1.00.")
    assert "new or critical" not in warning(hour, 100 * CENT)


def test_a_budget_says_where_it_is_set() -> None:
    caps = replace(CAPS, teams={"dev": {Span.DAY: CENT}})
    (_, _, month, of_team) = accounts(caps, team="dev", feature="")
    assert month.setting == "month_usd in [llm.budget]"
    assert of_team.setting == "day in [llm.budget.teams.dev]"


def test_a_forecast_goes_on_at_the_pace_of_late() -> None:
    now, end = datetime(2026, 11, 21, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    goes_on = partial(forecast, 30 * CENT, lately=14 * CENT, since=now - 7 * DAY, caps=CAPS)
    assert goes_on(now=now, end=end) == Forecast(50 * CENT)
    assert goes_on(now=end, end=end) == Forecast(30 * CENT)


def test_a_forecast_of_the_first_minute_is_no_multiple_of_thousands() -> None:
    now, end = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    foretold = forecast(CENT, lately=CENT, since=now, now=now, end=end, caps=CAPS)
    assert foretold == Forecast(31 * CENT)


@pytest.mark.parametrize(
    ("caps", "cost"),
    [
        (Caps(hour=1_000, day=5, month=1_000), 70),
        (Caps(hour=1, day=1_000, month=1_000), 260),
        (Caps(hour=1_000, day=5, month=60), 60),
        (Caps(hour=1_000, day=5, month=10), 20),
    ],
    ids=["day", "hour", "month", "lowered"],
)
def test_no_forecast_passes_a_cap(caps: Caps, cost: int) -> None:
    now, end = datetime(2026, 11, 21, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    foretold = forecast(20, lately=1_000, since=now - DAY, now=now, end=end, caps=caps)
    assert foretold == Forecast(cost, is_capped=True)
