"""Whom to mention for an error that nobody takes, and when: one step after the other.

People are mentioned only for what is new and severe, or was just rerouted to them, and once a day
for each signature. Quiet hours hold for everybody but whoever is on call, and for that person too
unless the error is critical.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.analysis import Level
from bot.core.ownership import quiet
from bot.core.ownership.team import Team

ON_CALL, TEAM = "on-call", "team"
"""Whom of the owning team a step calls, where it names nobody."""
DAY = timedelta(days=1)
"""What began longer ago calls nobody, and nobody is mentioned twice for the same within this."""
GRACE = timedelta(seconds=30)
"""A reroute that is undone within this calls nobody."""
REROUTED = 0
"""The step number of a mention for a reroute; the steps of the settings count from 1."""


@dataclass(frozen=True, slots=True)
class Step:
    """Whom to mention for an error that was unclaimed for so long: on-call, team, or a person or
    user group."""

    after: timedelta
    whom: str


@dataclass(frozen=True, slots=True)
class Escalation:
    """The steps, in the order of their times, and the least severity for which they hold."""

    steps: tuple[Step, ...]
    severity: Level = Level.HIGH


@dataclass(frozen=True, slots=True)
class Told:
    """A mention that was made for a signature: in which step, of whom, when."""

    step: int
    whom: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """An unclaimed error: when its unusual behaviour `began`, and `since` when it waits for
    somebody.

    It waits since people were first shown it, or last decided on it. `rerouted` says that the last
    decision was a reroute; `told` are the mentions of the last day and since it waits.
    """

    began: datetime
    since: datetime
    severity: Level
    critical: bool = False
    rerouted: bool = False
    told: tuple[Told, ...] = ()


@dataclass(frozen=True, slots=True)
class Mention:
    """Whom to mention now, in which step, and why."""

    step: int
    whom: tuple[str, ...]
    reason: str


def due(waiting: Waiting, team: Team, escalation: Escalation, *, now: datetime) -> Mention | None:
    """The mention that is due for an error of a team's, if one is.

    A step is skipped if nobody is known for it, or only people who were mentioned today. Each step
    waits after the one before as long as the settings say, however late that one was.
    """
    told = [one for one in waiting.told if one.at >= waiting.since]
    theirs = _fresh(team.everybody, waiting, now)
    if theirs and not told and _is_rerouted(waiting, now) and not _is_quiet(team, now):
        return Mention(REROUTED, theirs, "rerouted to you")
    if not _is_worth_it(waiting, escalation, now):
        return None
    done = max((one.step for one in told), default=REROUTED)
    for number, step in enumerate(escalation.steps[done:], done + 1):
        whom = _fresh(_meant(step, team, now), waiting, now)
        if whom:
            return _when_due(Mention(number, whom, _reason(step)), waiting, team, escalation, now)
    return None


def _is_rerouted(waiting: Waiting, now: datetime) -> bool:
    return waiting.rerouted and GRACE <= now - waiting.since < DAY


def _is_worth_it(waiting: Waiting, escalation: Escalation, now: datetime) -> bool:
    severe = waiting.critical or waiting.severity.rank >= escalation.severity.rank
    return severe and now - waiting.began < DAY


def _meant(step: Step, team: Team, now: datetime) -> tuple[str, ...]:
    if step.whom == ON_CALL:
        return team.on_duty(now)
    return team.everybody if step.whom == TEAM else (step.whom,)


def _fresh(whom: Collection[str], waiting: Waiting, now: datetime) -> tuple[str, ...]:
    """Those of `whom` who were not mentioned for it within a day."""
    lately = {name for one in waiting.told if now - one.at < DAY for name in one.whom}
    return tuple(dict.fromkeys(name for name in whom if name not in lately))


def _when_due(
    call: Mention, waiting: Waiting, team: Team, escalation: Escalation, now: datetime
) -> Mention | None:
    step = escalation.steps[call.step - 1]
    if now < _due_at(step, waiting, escalation):
        return None
    if _is_quiet(team, now) and not (waiting.critical and step.whom == ON_CALL):
        return None
    return call


def _due_at(step: Step, waiting: Waiting, escalation: Escalation) -> datetime:
    told = [one for one in waiting.told if one.at >= waiting.since and one.step != REROUTED]
    if not told:
        return waiting.since + step.after
    last = max(told, key=lambda one: one.at)
    between = step.after - escalation.steps[last.step - 1].after
    return max(waiting.since + step.after, last.at + between)


def _is_quiet(team: Team, now: datetime) -> bool:
    return team.quiet is not None and quiet.holds(team.quiet, now)


def _reason(step: Step) -> str:
    minutes = int(step.after.total_seconds() // 60)
    return f"unclaimed after {minutes} min"
