"""Whether there is money for one more call: no cap may be passed, whatever the call costs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bot.core.spending.price import dollars

WARN_AT = 80
"""Per cent of a cap: from here on only what matters most is asked, and of the cheap model."""


_DAY = timedelta(days=1)


class Span(StrEnum):
    """The span of time that a cap is for."""

    HOUR = "hour"
    DAY = "day"
    MONTH = "month"

    def told(self, now: datetime) -> datetime:
        """The beginning of the time in which people are told at most once: for hours that is the
        day."""
        return max(Span.DAY, self, key=list(Span).index).start(now)

    def start(self, now: datetime) -> datetime:
        """When the running span began, in UTC."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        if self is Span.HOUR:
            return hour
        day = hour.replace(hour=0)
        return day if self is Span.DAY else day.replace(day=1)


class Feature(StrEnum):
    """What a model is asked for: the ledger tells calls apart by it, and each may have a cap."""

    ANALYSIS = "analysis"
    SHADOW = "shadow"
    """A second opinion on an error, which is compared and shown to nobody."""
    EVALUATION = "evaluation"
    """Judged errors, by which a model is examined."""


_RUNNING = {Span.HOUR: "this hour", Span.DAY: "today", Span.MONTH: "this month"}


@dataclass(frozen=True, slots=True)
class Caps:
    """What may be spent per hour, day and month, in micro-dollars; and by single teams and
    features, for each span for which they have a cap."""

    hour: int
    day: int
    month: int
    teams: Mapping[str, Mapping[Span, int]] = field(default_factory=dict)
    features: Mapping[str, Mapping[Span, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Account:
    """What counts against one cap: all calls of the running span, or those of one team or
    feature."""

    span: Span
    cap: int
    team: str = ""
    feature: str = ""

    @property
    def name(self) -> str:
        """ "budget of today", "budget of dev today"."""
        whose = self.team or self.feature
        return (
            f"budget of {whose} {_RUNNING[self.span]}"
            if whose
            else f"budget of {_RUNNING[self.span]}"
        )

    @property
    def setting(self) -> str:
        """Where its cap is set: "month_usd in [llm.budget]", "day in [llm.budget.teams.dev]"."""
        if self.team or self.feature:
            of = f"teams.{self.team}" if self.team else f"features.{self.feature}"
            return f"{self.span} in [llm.budget.{of}]"
        return f"{self.span}_usd in [llm.budget]"


class Room(StrEnum):
    """How much may still be asked."""

    OPEN = "open"
    SHORT = "short"
    """Only what is new or critical, and of the cheap model."""
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much room there is for another call, and the account that limits it, if any."""

    room: Room
    account: Account | None = None

    @property
    def reason(self) -> str:
        """ "budget of today used up", or nothing where there is room."""
        if self.account is None:
            return ""
        used = "used up" if self.room is Room.NONE else f"at {WARN_AT} %"
        return f"{self.account.name} {used}"


def accounts(caps: Caps, *, team: str, feature: str) -> tuple[Account, ...]:
    """The accounts that a call for a team and a feature is charged to."""
    of_team = caps.teams.get(team, {}).items()
    of_feature = caps.features.get(feature, {}).items()
    return (
        Account(Span.HOUR, caps.hour),
        Account(Span.DAY, caps.day),
        Account(Span.MONTH, caps.month),
        *(Account(span, cap, team=team) for span, cap in of_team),
        *(Account(span, cap, feature=feature) for span, cap in of_feature),
    )


def judge(spent: Iterable[tuple[Account, int]], *, estimate: int) -> Allowance:
    """Whether a call that may cost `estimate` micro-dollars fits every account, given what each has
    spent; reservations count as spent.

    Of the accounts that are used up the one with the longest span decides; if none is, the first at
    80 %.
    """
    known = list(spent)
    used = [
        account
        for account, amount in known
        if amount + estimate > account.cap or amount >= account.cap > 0
    ]
    if used:
        return Allowance(Room.NONE, max(used, key=lambda one: list(Span).index(one.span)))
    for account, amount in known:
        if 100 * amount >= WARN_AT * account.cap:
            return Allowance(Room.SHORT, account)
    return Allowance(Room.OPEN)


def warning(account: Account, spent: int) -> str:
    """What people are told once an account is at 80 %, and once it is used up."""
    of_all = f"{dollars(spent)} of {dollars(account.cap)}"
    if spent >= account.cap:
        return (
            f"The {account.name} is used up: {of_all}. Until it is over, rules "
            f"explain, unless you raise {account.setting}."
        )
    return (
        f"The {account.name} is at {100 * spent // account.cap} %: {of_all}. Only what is new or "
        "critical is still explained by a model, the cheap one; at 100 % rules explain."
    )


def too_small(account: Account, model: str, estimate: int) -> str:
    """What people are told of a cap that no call fits."""
    return (
        f"{model} is not asked: one call may cost {dollars(estimate)}, and the {account.name} is "
        f"{dollars(account.cap)}. Raise {account.setting}, or name a cheaper model in [llm]."
    )


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a month will have cost by its end; `is_capped` where it would be more without the
    caps."""

    cost: int
    is_capped: bool = False


def forecast(
    spent: int, *, lately: int, since: datetime, now: datetime, end: datetime, caps: Caps
) -> Forecast:
    """What a month will have cost by its end, if spending goes on at the pace of `lately` spent
    `since` a moment, as far as the caps let it. Less than a day counts as a whole one."""
    left, gone = end - now, max(now - since, _DAY)
    freely = spent + round(lately * (left / gone))
    allowed = spent + round(min(caps.day, 24 * caps.hour) * (left / _DAY))
    capped = max(spent, min(freely, allowed, caps.month))
    return Forecast(capped, is_capped=capped < freely)
