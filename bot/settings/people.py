"""`[[teams]]`, `[roles]`, `[reminders]` and `[[owners]]`: who acts, and who owns what."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from bot.core.analysis import Level
from bot.core.ownership import role, team
from bot.core.ownership.owner import Rule
from bot.core.ownership.rota import Rota
from bot.core.telling import reminder
from bot.core.telling.reminder import Escalation
from bot.errors import SettingsError
from bot.settings.connection import PagerDutyId
from bot.settings.field import (
    ChannelIdOrNone,
    Hours,
    PersonId,
    Strict,
    TimeZone,
    quiet,
    shaped,
)

LONGEST_TEAM = 60
MOST_TEAMS = 100
"""Slack takes as many options in a list, each of 75 characters."""
MOST_MEMBERS = 20
"""So many at most are mentioned one by one; beyond that make a user group."""


def _team(given: str) -> str:
    if not 1 <= len(given.encode("utf-16-le", "surrogatepass")) // 2 <= LONGEST_TEAM:
        raise ValueError(f"the name of a team has 1 to {LONGEST_TEAM} characters")
    return given


TeamName = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_team)]


GroupId = Annotated[
    str,
    shaped(
        r"|S[A-Z0-9]{2,20}",
        "is no id of a user group; it looks like S0123ABC and stands at the end of the group's "
        "address on Slack",
    ),
]
_ANYBODY = r"[SUW][A-Z0-9]{2,20}"
_NOBODY = "is neither a person (U0123ABC) nor a user group (S0123ABC)"
AnyId = Annotated[str, shaped(_ANYBODY, _NOBODY)]
Whom = Annotated[str, shaped(rf"{reminder.ON_CALL}|{reminder.TEAM}|{_ANYBODY}", _NOBODY)]


class Turns(Strict):
    """People who take turns on call: since when, and for how many days each."""

    people: Annotated[
        tuple[PersonId, ...],
        Field(min_length=1, max_length=MOST_MEMBERS),
    ]
    since: date
    at: time = time(9)
    days: Annotated[int, Field(ge=1, le=90)] = 7


class Team(Strict):
    """A team, and how it is reached; its name alone is enough."""

    name: TeamName
    channel: ChannelIdOrNone = ""
    group: GroupId = ""
    members: Annotated[tuple[PersonId, ...], Field(max_length=MOST_MEMBERS)] = ()
    on_call: Annotated[str, shaped(rf"|{_ANYBODY}", _NOBODY)] = ""
    rota: Turns | None = None
    pagerduty: PagerDutyId = ""
    quiet_hours: Hours | None = None
    timezone: TimeZone = "UTC"

    @model_validator(mode="before")
    @classmethod
    def _named(cls, given: Any) -> Any:
        return {"name": given} if isinstance(given, str) else given

    @property
    def reached(self) -> team.Team:
        """The team as reminders take it."""
        silent = quiet(self.quiet_hours, self.timezone)
        named = self.name, self.channel, self.group, self.members, self.on_call
        return team.Team(*named, silent, self._turns)

    @property
    def people(self) -> frozenset[str]:
        """The people who are named as part of it."""
        turns = self.rota.people if self.rota else ()
        return frozenset((*self.members, self.on_call, *turns))

    @property
    def _turns(self) -> Rota | None:
        if self.rota is None:
            return None
        start = datetime.combine(self.rota.since, self.rota.at)
        return Rota(self.rota.people, start, self.rota.days, ZoneInfo(self.timezone))

    @model_validator(mode="after")
    def _asks_one(self) -> Self:
        said = [name for name in ("on_call", "rota", "pagerduty") if getattr(self, name)]
        if said[1:]:
            raise ValueError(f"{' and '.join(said)} both say who has duty: leave one out")
        return self


def _teams(given: tuple[Team, ...]) -> tuple[Team, ...]:
    if not 1 <= len(given) <= MOST_TEAMS:
        raise ValueError(f"name 1 to {MOST_TEAMS} teams, of which one is chosen on Slack")
    if len({one.name.casefold() for one in given}) < len(given):
        raise ValueError("a team is named twice; upper and lower case are the same")
    return given


Teams = Annotated[tuple[Team, ...], AfterValidator(_teams)]


class Roles(Strict):
    """Who may decide, mute and set switches: people and user groups; if none are named,
    everybody."""

    decide: Annotated[tuple[AnyId, ...], Field(max_length=50)] = ()
    mute: Annotated[tuple[AnyId, ...], Field(max_length=50)] = ()
    configure: Annotated[tuple[AnyId, ...], Field(max_length=50)] = ()

    @property
    def given(self) -> role.Roles:
        """The roles as clicks are checked against them."""
        return role.Roles(self.decide, self.mute, self.configure)


class Step(Strict):
    """After how long an unclaimed error calls whom."""

    after_minutes: Annotated[int, Field(ge=1, le=1_440)]
    whom: Whom


class Reminders(Strict):
    """The least severity for which unclaimed errors call people, and the steps; without steps
    nobody is called."""

    severity: Literal["medium", "high", "critical"] = "high"
    steps: Annotated[tuple[Step, ...], Field(max_length=10)] = (
        Step(after_minutes=10, whom=reminder.ON_CALL),
        Step(after_minutes=20, whom=reminder.TEAM),
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        minutes = [step.after_minutes for step in self.steps]
        if minutes != sorted(set(minutes)):
            raise ValueError("each step comes later than the one before it")
        return self

    @property
    def escalation(self) -> Escalation:
        """The steps as reminders take them."""
        steps = (
            reminder.Step(timedelta(minutes=step.after_minutes), step.whom) for step in self.steps
        )
        return Escalation(tuple(steps), Level(self.severity.capitalize()))


class Owner(Strict):
    """A site's rule: every field that is given must match; the first rule that does decides."""

    team: TeamName
    service: str = ""
    pattern: str = ""
    customer: str = ""
    path: str = ""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.service or self.pattern or self.customer or self.path):
            raise ValueError("give at least one of service, pattern, customer, path")
        try:
            Rule(**self.model_dump())
        except SettingsError as error:
            raise ValueError(str(error)) from error
        return self
