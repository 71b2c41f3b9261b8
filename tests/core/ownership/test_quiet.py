from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from bot.core.ownership import quiet
from bot.core.ownership.quiet import Quiet

NIGHT = Quiet(time(22), time(7), ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(
    ("at", "is_quiet"),
    [("20:59", False), ("21:00", True), ("02:00", True), ("05:59", True), ("06:00", False)],
)
def test_a_night_is_quiet_past_midnight_by_the_clocks_of_its_place(
    at: str, *, is_quiet: bool
) -> None:
    moment = datetime.combine(datetime(2026, 11, 18), time.fromisoformat(at), UTC)  # noqa: DTZ001
    assert quiet.holds(NIGHT, moment) is is_quiet


def test_hours_of_one_day_end_the_same_day() -> None:
    lunch = Quiet(time(12), time(13), ZoneInfo("UTC"))
    assert quiet.holds(lunch, datetime(2026, 11, 18, 12, 30, tzinfo=UTC))
    assert not quiet.holds(lunch, datetime(2026, 11, 18, 13, tzinfo=UTC))
