from datetime import time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.core.analysis import Level
from bot.core.ownership.quiet import Quiet
from bot.core.ownership.rota import Rota
from bot.core.ownership.team import Team
from bot.core.telling import reminder
from bot.core.telling.reminder import ON_CALL, TEAM, Escalation, Mention, Step, Told, Waiting
from tests.builders import NOON

MINUTE = timedelta(minutes=1)
STEPS = Escalation(
    (Step(10 * MINUTE, ON_CALL), Step(20 * MINUTE, TEAM), Step(60 * MINUTE, "U0LEAD"))
)
DEV = Team("dev", group="S0DEV", on_call="U0ANA")
ALL_DAY = Quiet(time(0), time(23, 59), ZoneInfo("UTC"))


def waiting(**facts: Any) -> Waiting:
    """Something severe that waits since noon."""
    return Waiting(**{"began": NOON, "since": NOON, "severity": Level.HIGH, **facts})


def due(minutes: float, found: Waiting, team: Team = DEV) -> Mention | None:
    return reminder.due(found, team, STEPS, now=NOON + minutes * MINUTE)


def whom(minutes: float, found: Waiting, team: Team = DEV) -> tuple[str, ...]:
    call = due(minutes, found, team)
    return call.whom if call else ()


def test_nobody_is_told_before_the_first_step() -> None:
    assert due(9, waiting()) is None
    assert due(10, waiting()) == Mention(1, ("U0ANA",), "unclaimed after 10 min")


def test_each_step_is_taken_once_and_then_the_next() -> None:
    first = Told(1, ("U0ANA",), NOON + 10 * MINUTE)
    assert whom(19, waiting(told=(first,))) == ()
    assert whom(20, waiting(told=(first,))) == ("S0DEV",)
    second = Told(2, ("S0DEV",), NOON + 20 * MINUTE)
    assert whom(60, waiting(told=(first, second))) == ("U0LEAD",)
    third = Told(3, ("U0LEAD",), NOON + 60 * MINUTE)
    assert whom(600, waiting(told=(first, second, third))) == ()


def test_a_step_that_came_late_leaves_the_next_ones_as_much_time_as_ever() -> None:
    late = Told(1, ("U0ANA",), NOON + 50 * MINUTE)
    assert whom(59, waiting(told=(late,))) == ()
    assert whom(60, waiting(told=(late,))) == ("S0DEV",)


def test_a_step_for_whom_nobody_is_known_is_left_out() -> None:
    assert whom(20, waiting(), Team("dev", group="S0DEV")) == ("S0DEV",)
    assert whom(60, waiting(), Team("dev")) == ("U0LEAD",)


def test_a_team_without_a_group_is_called_by_its_members() -> None:
    small = Team("dev", members=("U0ANA", "U0LI"))
    assert whom(20, waiting(), small) == ("U0ANA", "U0LI")


def test_whose_turn_it_is_has_duty() -> None:
    noon = NOON.replace(tzinfo=None)
    turns = Rota(("U0LI", "U0ANA"), noon - timedelta(days=1), 1, ZoneInfo("UTC"))
    assert whom(10, waiting(), Team("dev", rota=turns)) == ("U0ANA",)


def test_nobody_is_mentioned_twice_a_day_for_the_same() -> None:
    earlier = Told(1, ("U0ANA",), NOON - 60 * MINUTE)
    assert whom(10, waiting(told=(earlier,))) == ()
    assert whom(20, waiting(told=(earlier,))) == ("S0DEV",)
    yesterday = Told(1, ("U0ANA",), NOON - timedelta(hours=25))
    assert whom(10, waiting(told=(yesterday,))) == ("U0ANA",)


@pytest.mark.parametrize("severity", [Level.LOW, Level.MEDIUM])
def test_what_is_not_severe_calls_nobody_unless_it_is_critical(severity: Level) -> None:
    assert whom(600, waiting(severity=severity)) == ()
    assert whom(10, waiting(severity=severity, critical=True)) == ("U0ANA",)


def test_what_began_more_than_a_day_ago_is_no_news() -> None:
    assert whom(10, waiting(began=NOON - timedelta(days=1))) == ()


def test_in_quiet_hours_only_whoever_is_on_call_is_told_and_only_of_what_is_critical() -> None:
    asleep = Team("dev", group="S0DEV", on_call="U0ANA", quiet=ALL_DAY)
    assert whom(30, waiting(), asleep) == ()
    assert whom(10, waiting(critical=True), asleep) == ("U0ANA",)
    first = Told(1, ("U0ANA",), NOON + 10 * MINUTE)
    assert whom(600, waiting(critical=True, told=(first,)), asleep) == ()


def test_what_was_held_back_is_told_when_quiet_hours_end() -> None:
    until_one = Team("dev", group="S0DEV", quiet=Quiet(time(12), time(13), ZoneInfo("UTC")))
    assert whom(59, waiting(), until_one) == ()
    assert whom(60, waiting(), until_one) == ("S0DEV",)


def test_a_team_is_told_once_of_what_was_rerouted_to_it_however_severe() -> None:
    moved = waiting(rerouted=True, severity=Level.LOW)
    assert whom(0.25, moved) == ()
    call = due(0.5, moved)
    assert call
    assert (call.step, call.whom) == (reminder.REROUTED, ("S0DEV",))
    told = Told(reminder.REROUTED, ("S0DEV",), NOON + MINUTE)
    assert whom(600, waiting(rerouted=True, severity=Level.LOW, told=(told,))) == ()


def test_after_a_reroute_the_steps_go_on_for_what_is_severe() -> None:
    told = Told(reminder.REROUTED, ("S0DEV",), NOON + MINUTE)
    moved = waiting(rerouted=True, told=(told,))
    assert whom(10, moved) == ("U0ANA",)
    assert whom(20, moved, Team("dev", group="S0DEV")) == (), "the team was told of it today"
