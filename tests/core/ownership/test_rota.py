from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.core.ownership import rota
from bot.core.ownership.rota import Rota

WEEKS = Rota(
    ("U0ANA", "U0LI"),
    datetime(2026, 10, 19, 9),  # noqa: DTZ001  (by the clocks of its zone)
    days=7,
    zone=ZoneInfo("Europe/Berlin"),
)


@pytest.mark.parametrize(
    ("at", "who"),
    [
        ("2026-10-19T06:59", ""),
        ("2026-10-19T07:00", "U0ANA"),
        ("2026-10-26T07:59", "U0ANA"),
        ("2026-10-26T08:00", "U0LI"),
        ("2026-11-02T08:00", "U0ANA"),
    ],
)
def test_turns_change_at_the_same_hour_in_summer_and_winter(at: str, who: str) -> None:
    assert rota.whose_turn(WEEKS, datetime.fromisoformat(at).replace(tzinfo=UTC)) == who
