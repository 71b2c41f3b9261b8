"""`[[channels]]`: who gets a digest, of what, and when."""

import re
from datetime import time
from typing import Annotated, Literal, cast
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, StringConstraints

from bot.core.detection.finding import Kind
from bot.core.telling.audience import Audience
from bot.core.telling.policy import Policy
from bot.core.telling.slot import Schedule
from bot.settings.field import ChannelId, Hours, Strict, TimeZone, quiet

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
NEVER = "off"
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Filter = Annotated[
    tuple[Annotated[str, StringConstraints(min_length=1, max_length=200)], ...],
    Field(max_length=50),
]


def _weekly(given: str) -> str:
    """A weekday and a time of day, as "mon 09:30", or "off". Raises ValueError."""
    said = " ".join(given.lower().split())
    if said != NEVER and not re.fullmatch(rf"({'|'.join(WEEKDAYS)}) ([01]\d|2[0-3]):[0-5]\d", said):
        raise ValueError(
            f"{given[:40]!r} is no time of a week; an example is mon 09:30, and off means none"
        )
    return said


class Channel(Strict):
    """A channel that gets a digest, of what, and when: local times on some weekdays.

    Also which alerts it gets, how many, and when only critical ones; when it gets a report of the
    week; and whether decisions and reminders are shown outside of their threads, too.
    """

    id: ChannelId
    digest: tuple[time, ...] = (time(9),)
    weekdays: tuple[Weekday, ...] = WEEKDAYS
    timezone: TimeZone = "UTC"
    alerts: tuple[Kind, ...] = (Kind.CRITICAL,)
    alerts_per_hour: Annotated[int, Field(ge=0, le=60)] = 6
    quiet_hours: Hours | None = None
    report: Annotated[str, AfterValidator(_weekly)] = "mon 09:30"
    replies_in_channel: bool = False
    services: Filter = ()
    teams: Filter = ()
    customers: Filter = ()
    kinds: tuple[Kind, ...] = ()

    @property
    def schedule(self) -> Schedule:
        """When the digests of the channel are due."""
        days = frozenset(WEEKDAYS.index(day) for day in self.weekdays)
        return Schedule(self.digest, days, ZoneInfo(self.timezone))

    @property
    def policy(self) -> Policy:
        """Which alerts the channel gets."""
        silent = quiet(self.quiet_hours, self.timezone)
        return Policy(self.alerts_per_hour, frozenset(self.alerts), silent, self.audience)

    @property
    def audience(self) -> Audience:
        """Which errors the channel is told of."""
        return Audience(self.services, self.teams, self.customers, self.kinds)

    @property
    def weekly(self) -> Schedule:
        """When the weekly report of the channel is due, if it gets one."""
        day, _, at = self.report.partition(" ")
        if not at:
            return Schedule((), frozenset(), ZoneInfo(self.timezone))
        days = frozenset({WEEKDAYS.index(cast("Weekday", day))})
        return Schedule((time.fromisoformat(at),), days, ZoneInfo(self.timezone))
