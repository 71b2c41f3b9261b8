from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import pytest

from bot.core.detection import baseline, season
from bot.core.detection.history import Silences
from bot.core.detection.usual import DAYS
from bot.core.hour import DAY, hour_of, start_of

MIDNIGHT = hour_of(datetime(2026, 11, 18, tzinfo=UTC))
"""Of a Wednesday."""
SATURDAY = hour_of(datetime(2026, 11, 21, 12, tzinfo=UTC))


def compared(
    seen: Mapping[int, int], now: int, *, days: int = DAYS, silent: Silences = ()
) -> tuple[str, int]:
    """In words what the two hours that end with one are compared with, of so many days before the
    last 24 hours, and how many of them that are."""
    before = {hour: count for hour, count in seen.items() if hour <= now - DAY}
    since = now - DAY + 1 - days * DAY
    usual = baseline.of(before, now, known_since=since, burst_hours=2, silent=silent)
    like, said = season.Season(usual, 2).like(now)
    return said, len(like.heard)


def at_hours(hours: Iterable[int]) -> dict[int, int]:
    """Day by day before yesterday's midnight, so many at an hour, and one eleven hours later."""
    seen = Counter[int]()
    for day, hour in enumerate(hours, 2):
        seen[MIDNIGHT - day * DAY + hour] += 50
        seen[MIDNIGHT - day * DAY + (hour + 11) % DAY] += 1
    return seen


@pytest.mark.parametrize(
    ("hours", "is_quiet"),
    [
        ([2] * 14, True),
        ([2] * 5, True),
        ([2] * 4, False),
        ([2] * 9 + [3] * 5, True),
        ([23, 0, 23, 0, 0, 1, 0], True),
        ([2] * 12 + [9, 15], True),
        ([2] * 11 + [9, 15, 20], False),
        ([*range(14)], False),
        ([], False),
    ],
)
def test_noon_is_quiet_where_on_nearly_all_days_another_time_is_far_busier(
    hours: list[int], is_quiet: bool
) -> None:
    said, _ = compared(at_hours(hours), MIDNIGHT - 12, days=len(hours))
    assert said == (season.AT_NIGHT if is_quiet else "")


@pytest.mark.parametrize(("time", "is_quiet"), [(8, True), (5, False), (11, False), (21, True)])
def test_two_jobs_a_day_leave_quiet_times_between_them(time: int, is_quiet: bool) -> None:
    jobs = {MIDNIGHT - day * DAY + at: 300 for day in range(1, 17) for at in (2, 14)}
    assert compared(jobs, MIDNIGHT + time)[0] == (season.AT_NIGHT if is_quiet else "")


def test_days_with_hardly_anything_have_no_say_in_which_time_is_quiet() -> None:
    hardly = {MIDNIGHT - day * DAY + 12: 3 for day in (7, 8, 14, 15)}
    nightly = {MIDNIGHT - day * DAY + 2: 50 for day in range(2, 16) if day not in (7, 8, 14, 15)}
    assert compared({**nightly, **hardly}, MIDNIGHT - 12)[0] == season.AT_NIGHT


def test_what_comes_evenly_has_no_quiet_time() -> None:
    assert compared(weeks(7, 7), SATURDAY)[0] == ""


def weeks(on_workdays: int, on_weekends: int) -> dict[int, int]:
    """So many in each hour of the weeks before a Saturday's noon."""
    hours = range(SATURDAY - 16 * DAY, SATURDAY + 3 * DAY)
    return {hour: on_workdays if start_of(hour).weekday() < 5 else on_weekends for hour in hours}


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (SATURDAY, (season.ON_A_WEEKEND, 4)),
        (SATURDAY + DAY, (season.ON_A_WEEKEND, 4)),
        (SATURDAY - DAY, ("", 14)),
        (SATURDAY + 2 * DAY, ("", 14)),
        (SATURDAY - 12, ("", 14)),
    ],
)
def test_a_weekend_is_compared_with_quiet_weekends_but_not_its_rim(
    now: int, expected: tuple[str, int]
) -> None:
    assert compared(weeks(50, 5), now) == expected


@pytest.mark.parametrize(
    ("on_workdays", "on_weekends", "days", "burst"),
    [
        pytest.param(50, 17, 14, 0, id="not a third as many"),
        pytest.param(50, 5, 9, 0, id="one weekend is known, and a day of another"),
        pytest.param(50, 5, 14, 40, id="one day off was busy"),
    ],
)
def test_a_weekend_is_compared_with_all_days_where_it_is_not_known_to_be_quiet(
    on_workdays: int, on_weekends: int, days: int, burst: int
) -> None:
    seen = weeks(on_workdays, on_weekends) | ({SATURDAY - 6 * DAY: burst} if burst else {})
    assert compared(seen, SATURDAY, days=days)[0] == ""


def test_a_weekend_on_which_nobody_listened_says_nothing() -> None:
    silent = [range(SATURDAY - 7 * DAY - 12, SATURDAY - 5 * DAY - 12)]
    assert compared(weeks(50, 5), SATURDAY)[0] == season.ON_A_WEEKEND
    assert compared(weeks(50, 5), SATURDAY, silent=silent)[0] == ""
