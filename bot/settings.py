"""Every setting, typed and checked once at start: `triage.toml`, the environment for secrets."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, Self, cast, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    SerializeAsAny,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails

from bot.core import reminder, role, team, threshold
from bot.core.analysis import Level
from bot.core.anomaly import Kind
from bot.core.audience import Audience
from bot.core.budget import Caps, Feature, Span
from bot.core.owner import DEV, NOISE, PLATFORM, REVIEW, Rule
from bot.core.policy import Policy
from bot.core.price import Price, Prices, prices
from bot.core.quiet import Quiet
from bot.core.redaction import Redactor, SiteRule, redactor_with
from bot.core.reminder import Escalation
from bot.core.rota import Rota
from bot.core.slot import Schedule
from bot.core.threshold import Rules
from bot.errors import SettingsError
from bot.sources import pulled

FILE = Path("triage.toml")
DEFAULT_DATABASE = "sqlite:///triage.db"
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NEVER = "off"
SHORTEST_KEY = 32
"""Characters: 128 bits where they are hexadecimal."""
LONGEST_TEAM = 60
MOST_TEAMS = 100
"""Slack takes as many options in a list, each of 75 characters."""
MOST_MEMBERS = 20
"""So many at most are mentioned one by one; beyond that make a user group."""
_USUAL = Rules()

_FROM_ENVIRONMENT = {
    "SLACK_BOT_TOKEN": ("slack", "bot_token"),
    "SLACK_APP_TOKEN": ("slack", "app_token"),
    "SLACK_SIGNING_SECRET": ("slack", "signing_secret"),
    "SLACK_API_URL": ("slack", "api_url"),
    "TRIAGE_HOST": ("http", "host"),
    "TRIAGE_PORT": ("http", "port"),
    "TRIAGE_API_KEY": ("http", "api_key"),
    "TRIAGE_GITHUB_SECRET": ("http", "github_secret"),
    "ANTHROPIC_API_KEY": ("llm", "anthropic_key"),
    "TRIAGE_LLM_KEY": ("llm", "server_key"),
    "PAGERDUTY_TOKEN": ("pagerduty", "token"),
    "DATABASE_URL": ("database_url",),
}
_SECRETS = (
    "bot_token",
    "app_token",
    "signing_secret",
    "api_key",
    "github_secret",
    "anthropic_key",
    "server_key",
    "app_key",
    "token",
)
_SECRET_PREFIXES = ("xoxb-", "xoxp-", "xoxe.", "xapp-", "sk-ant-")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no time zone; an example is Europe/Berlin") from error
    return name


def _channel_id(given: str) -> str:
    if not re.fullmatch(r"[CG][A-Z0-9]{2,}", given):
        raise ValueError(
            f"{given[:40]!r} is no channel id; it looks like C0123ABC and stands at the end of the "
            "channel's details on Slack"
        )
    return given


def _optional_channel(given: str) -> str:
    return given and _channel_id(given)


def _weekly(given: str) -> str:
    """A weekday and a time of day, or "off"."""
    said = " ".join(given.lower().split())
    if said != NEVER and not re.fullmatch(rf"({'|'.join(WEEKDAYS)}) ([01]\d|2[0-3]):[0-5]\d", said):
        raise ValueError(
            f"{given[:40]!r} is no time of a week; an example is mon 09:30, and off means none"
        )
    return said


def _address(given: str) -> str:
    if not given.startswith(("https://", "http://")):
        raise ValueError("an address begins with https:// or http://")
    return given


_ID = r"(?i)E-[0-9A-Z]{3,24}"


def _signature_id(given: str) -> str:
    if given and not re.fullmatch(_ID, given):
        raise ValueError(f"{given[:40]!r} is no id of a signature; one looks like E-7K2")
    return given.upper()


def _equations(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in values.items())


def _keys(given: SecretStr) -> tuple[str, ...]:
    keys = (key.strip() for key in given.get_secret_value().split(","))
    return tuple(key for key in keys if key)


def _hard_to_guess(given: SecretStr) -> SecretStr:
    if any(len(key) < SHORTEST_KEY or not key.isascii() for key in _keys(given)):
        raise ValueError("a key is 32 letters or more; make one with: openssl rand -hex 32")
    return given


def _hours(given: str) -> str:
    said = given.replace(" ", "")
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d", said):
        raise ValueError(f"{given[:40]!r} are no hours of a day; an example is 22:00-07:00")
    start, _, end = said.partition("-")
    if start == end:
        raise ValueError("quiet hours end at another time than they begin")
    return said


def _quiet(hours: str | None, zone: str) -> Quiet | None:
    """Some hours of the day, if any are given, in a time zone."""
    if hours is None:
        return None
    start, end = map(time.fromisoformat, hours.split("-"))
    return Quiet(start, end, ZoneInfo(zone))


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Filter = Annotated[
    tuple[Annotated[str, StringConstraints(min_length=1, max_length=200)], ...],
    Field(max_length=50),
]


class Channel(_Strict):
    """A channel that gets a digest, of what, and when: local times on some weekdays; which alerts,
    how many, and when only what is critical; on which weekday, at which time, a report of the week;
    whether it sees replies on decisions and calls beside their threads, too.
    """

    id: Annotated[str, AfterValidator(_channel_id)]
    digest: tuple[time, ...] = (time(9),)
    weekdays: tuple[Weekday, ...] = WEEKDAYS
    timezone: Annotated[str, AfterValidator(_zone)] = "UTC"
    alerts: tuple[Kind, ...] = (Kind.CRITICAL,)
    alerts_per_hour: Annotated[int, Field(ge=0, le=60)] = 6
    quiet_hours: Annotated[str, AfterValidator(_hours)] | None = None
    report: Annotated[str, AfterValidator(_weekly)] = "mon 09:30"
    replies_in_channel: bool = False
    services: Filter = ()
    teams: Filter = ()
    customers: Filter = ()
    kinds: tuple[Kind, ...] = ()

    @property
    def schedule(self) -> Schedule:
        """When its digests are due."""
        days = frozenset(WEEKDAYS.index(day) for day in self.weekdays)
        return Schedule(self.digest, days, ZoneInfo(self.timezone))

    @property
    def policy(self) -> Policy:
        """What it is told at once."""
        quiet = _quiet(self.quiet_hours, self.timezone)
        return Policy(self.alerts_per_hour, frozenset(self.alerts), quiet, self.audience)

    @property
    def audience(self) -> Audience:
        """What it is there for."""
        return Audience(self.services, self.teams, self.customers, self.kinds)

    @property
    def weekly(self) -> Schedule:
        """When its report of the week is due, if it gets one."""
        day, _, at = self.report.partition(" ")
        if not at:
            return Schedule((), frozenset(), ZoneInfo(self.timezone))
        days = frozenset({WEEKDAYS.index(cast("Weekday", day))})
        return Schedule((time.fromisoformat(at),), days, ZoneInfo(self.timezone))


class Slack(_Strict):
    """How to reach Slack. The tokens come from the environment alone."""

    mode: Literal["socket", "http"] = "socket"
    command: Annotated[str, Field(pattern=r"^/[a-z0-9_-]{1,31}$")] = "/triage"
    charts: Literal["picture", "native", "off"] = "picture"
    api_url: Annotated[str, AfterValidator(_address)] = "https://slack.com/api/"
    bot_token: SecretStr = SecretStr("")
    app_token: SecretStr = SecretStr("")
    signing_secret: SecretStr = SecretStr("")


class Http(_Strict):
    """Where the program listens: health, hooks, and Slack's requests in HTTP mode.

    `api_key` and `github_secret` come from the environment alone; of each, two with a comma between
    both hold.
    """

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8080
    api_key: Annotated[SecretStr, AfterValidator(_hard_to_guess)] = SecretStr("")
    github_secret: Annotated[SecretStr, AfterValidator(_hard_to_guess)] = SecretStr("")

    @property
    def keys(self) -> tuple[str, ...]:
        """Those that hold."""
        return _keys(self.api_key)

    @property
    def github_secrets(self) -> tuple[str, ...]:
        """What GitHub may sign with."""
        return _keys(self.github_secret)


MOST = 1_000_000
"""A factor as large means never; more would be more than a float can be counted with."""
Factor = Annotated[float, Field(gt=0, le=MOST)]
Least = Annotated[int, Field(gt=0, le=1_000_000_000)]


class Thresholds(_Strict):
    """What may differ from one signature to another; `threshold.Rules` says what each is."""

    min_count: Least = _USUAL.min_count
    peak_factor: Factor = _USUAL.peak_factor
    swing_factor: Annotated[float, Field(ge=0, le=MOST)] = _USUAL.swing_factor
    mean_factor: Factor = _USUAL.mean_factor
    min_minutes: Annotated[int, Field(ge=1, le=60)] = _USUAL.min_minutes
    min_day_minutes: Annotated[int, Field(ge=1, le=1_440)] = _USUAL.min_day_minutes
    most_traffic: Annotated[float, Field(ge=1, le=100)] = _USUAL.most_traffic
    burst_hours: Annotated[int, Field(ge=2, le=12)] = _USUAL.burst_hours
    new_customers: Least = _USUAL.new_customers
    spread_customers: Least = _USUAL.spread_customers
    chance_factor: Factor = _USUAL.chance_factor
    quiet_days: Annotated[float, Field(ge=0, le=10_000)] = _USUAL.quiet_days
    gap_factor: Factor = _USUAL.gap_factor
    min_earlier: Least = _USUAL.min_earlier


class Override(Thresholds):
    """Thresholds for some signatures; what it does not give is as in [detection]."""

    service: Annotated[str, Field(max_length=200)] = ""
    signature: Annotated[str, AfterValidator(_signature_id)] = ""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.service or self.signature):
            raise ValueError(
                'say which signatures are meant: service = "batch-*", or signature = "E-7K2"'
            )
        if not self.changes:
            raise ValueError("give at least one threshold, e.g. min_count = 50")
        return self

    @property
    def changes(self) -> dict[str, Any]:
        """The thresholds it gives."""
        return self.model_dump(include=self.model_fields_set - {"service", "signature"})

    def over(self, usual: Thresholds) -> threshold.Override:
        """The same, as detection takes it, over what is usual."""
        whom = {"service": self.service, "signature": self.signature}
        chosen = _equations({name: one for name, one in whom.items() if one})
        thresholds = {**usual.model_dump(exclude={"overrides"}), **self.changes}
        rules = Rules(**thresholds, override=f"{chosen}: {_equations(self.changes)}")
        return threshold.Override(rules, **whom)


class Detection(Thresholds):
    """The thresholds of detection, and others for some signatures: the first that covers one."""

    established_days: Annotated[int, Field(ge=0, le=30)] = _USUAL.established_days
    overrides: tuple[Override, ...] = ()

    def but(self, given: Sequence[str]) -> "Detection":
        """The same with some thresholds set otherwise, each as in `spike.min_count=20`, or for some
        signatures as in `batch-*:spike.min_count=20` or `E-7K2:spike.min_count=20`.

        What is set for some holds before any other override of theirs. Raises SettingsError that
        names each wrong one.
        """
        own: dict[str, dict[str, Any]] = defaultdict(dict)
        for whose, name, value in map(_threshold, given):
            own[whose][name] = value
        as_set = self.model_dump(exclude_unset=True)
        overrides = list(as_set.get("overrides", ()))
        for whose, thresholds in own.items():
            if whose:
                same = next((one for one in overrides if _is_of(one, whose)), _selector(whose))
                overrides = [{**same, **thresholds}, *(one for one in overrides if one is not same)]
        try:
            return Detection.model_validate({**as_set, **own[""], "overrides": overrides})
        except ValidationError as error:
            problems = error.errors(include_url=False)
            placed = [{**one, "loc": ("detection", *one["loc"])} for one in problems]
            raise SettingsError(_explain(cast("list[ErrorDetails]", placed), {})) from None

    @property
    def rules(self) -> Rules:
        """The same, as detection takes them."""
        overrides = tuple(override.over(self) for override in self.overrides)
        return Rules(**self.model_dump(exclude={"overrides"}), overrides=overrides)


_OF_KIND = {
    "spike.min_count": "min_count",
    "spike.peak_factor": "peak_factor",
    "spike.swing_factor": "swing_factor",
    "spike.mean_factor": "mean_factor",
    "spike.min_minutes": "min_minutes",
    "spike.min_day_minutes": "min_day_minutes",
    "spike.most_traffic": "most_traffic",
    "spike.burst_hours": "burst_hours",
    "spread.customers": "spread_customers",
    "spread.new_customers": "new_customers",
    "spread.chance_factor": "chance_factor",
    "spread.established_days": "established_days",
    "back.quiet_days": "quiet_days",
    "back.gap_factor": "gap_factor",
    "back.min_earlier": "min_earlier",
}
"""The thresholds by the kind of anomaly they are of, as `triage replay --set` names them."""


def _threshold(given: str) -> tuple[str, str, str]:
    """Whose it is, the setting and the value of `batch-*:spike.min_count=20`, or of `min_count=20`,
    as in the file, which is everybody's."""
    left, equals, value = (part.strip() for part in given.rpartition("="))
    whose, _, name = (part.strip() for part in left.rpartition(":"))
    name = name.removeprefix("detection.")
    if not equals:
        raise SettingsError(f"{given[:60]!r} sets nothing; an example: spike.min_count=20")
    setting = name if name in _OF_KIND.values() else _OF_KIND.get(name)
    if setting is None:
        raise SettingsError(f"There is no threshold {name[:60]!r}{_near_threshold(name)}")
    if whose and setting not in Thresholds.model_fields:
        raise SettingsError(f"{setting} is about customers: set it without {whose[:60]!r}")
    return whose, setting, value


def _selector(whose: str) -> dict[str, Any]:
    """Whom an override is for that is named so: a signature by its id, else a service."""
    return {"signature": whose} if re.fullmatch(_ID, whose) else {"service": whose}


def _is_of(override: Mapping[str, Any], whose: str) -> bool:
    selected = {name: override[name] for name in ("service", "signature") if override.get(name)}
    named = {name: one.casefold() for name, one in _selector(whose).items()}
    return {name: one.casefold() for name, one in selected.items()} == named


def _near_threshold(name: str) -> str:
    """The likeliest of the thresholds, and all of them with what they usually are."""
    bare = name.rpartition(".")[2]
    near = get_close_matches(bare, _OF_KIND.values(), n=1)
    meant = [known for known, setting in _OF_KIND.items() if setting in near]
    hint = f": did you mean {meant[0]}?" if meant else "."
    every = ", ".join(f"{known}={getattr(_USUAL, one):g}" for known, one in _OF_KIND.items())
    return f"{hint} There are, with their defaults, {every}."


def _team(given: str) -> str:
    if not 1 <= len(given.encode("utf-16-le", "surrogatepass")) // 2 <= LONGEST_TEAM:
        raise ValueError(f"the name of a team has 1 to {LONGEST_TEAM} characters")
    return given


TeamName = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_team)]


def _group_id(given: str) -> str:
    if given and not re.fullmatch(r"S[A-Z0-9]{2,20}", given):
        raise ValueError(
            f"{given[:40]!r} is no id of a user group; it looks like S0123ABC and stands at the "
            "end of the group's address on Slack"
        )
    return given


def _person_id(given: str) -> str:
    if not re.fullmatch(r"[UW][A-Z0-9]{2,20}", given):
        raise ValueError(
            f"{given[:40]!r} is no id of a person; it looks like U0123ABC and is copied from the "
            "person's profile on Slack (⋮ → Copy member ID)"
        )
    return given


def _anybody(given: str) -> str:
    if given and not re.fullmatch(r"[SUW][A-Z0-9]{2,20}", given):
        raise ValueError(
            f"{given[:40]!r} is neither a person (U0123ABC) nor a user group (S0123ABC)"
        )
    return given


def _pagerduty_id(given: str) -> str:
    if given and not re.fullmatch(r"[PQ][A-Z0-9]{5,20}", given):
        raise ValueError(
            f"{given[:40]!r} is no id of PagerDuty's; it looks like PI7DH85 and stands at the end "
            "of the address of a schedule or a person there"
        )
    return given


PagerDutyId = Annotated[str, AfterValidator(_pagerduty_id)]


class PagerDuty(_Strict):
    """Where schedules say who has duty. The token comes from the environment alone.

    `people` are the ids on Slack by those at PagerDuty.
    """

    url: Annotated[str, AfterValidator(_address)] = "https://api.pagerduty.com"
    token: SecretStr = SecretStr("")
    people: dict[PagerDutyId, Annotated[str, AfterValidator(_person_id)]] = {}

    @model_validator(mode="after")
    def _keeps_its_token_to_itself(self) -> Self:
        if self.url.startswith("http://") and not _is_here(self.url):
            raise ValueError("url begins with https://: the token would be read on its way")
        return self


class Turns(_Strict):
    """People who take turns on call: from when on, and for how many days each."""

    people: Annotated[
        tuple[Annotated[str, AfterValidator(_person_id)], ...],
        Field(min_length=1, max_length=MOST_MEMBERS),
    ]
    since: date
    at: time = time(9)
    days: Annotated[int, Field(ge=1, le=90)] = 7


class Team(_Strict):
    """Who acts together, and how they are reached; its name alone will do."""

    name: TeamName
    channel: Annotated[str, AfterValidator(_optional_channel)] = ""
    group: Annotated[str, AfterValidator(_group_id)] = ""
    members: Annotated[
        tuple[Annotated[str, AfterValidator(_person_id)], ...], Field(max_length=MOST_MEMBERS)
    ] = ()
    on_call: Annotated[str, AfterValidator(_anybody)] = ""
    rota: Turns | None = None
    pagerduty: PagerDutyId = ""
    quiet_hours: Annotated[str, AfterValidator(_hours)] | None = None
    timezone: Annotated[str, AfterValidator(_zone)] = "UTC"

    @model_validator(mode="before")
    @classmethod
    def _named(cls, given: Any) -> Any:
        return {"name": given} if isinstance(given, str) else given

    @property
    def reached(self) -> team.Team:
        """The same, as reminders take it."""
        quiet = _quiet(self.quiet_hours, self.timezone)
        named = self.name, self.channel, self.group, self.members, self.on_call
        return team.Team(*named, quiet, self._turns)

    @property
    def people(self) -> frozenset[str]:
        """Whoever is named as part of it."""
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


AnyId = Annotated[str, StringConstraints(min_length=1), AfterValidator(_anybody)]


class Roles(_Strict):
    """Who may decide, mute and set switches: people and user groups; nobody named is everybody."""

    decide: Annotated[tuple[AnyId, ...], Field(max_length=50)] = ()
    mute: Annotated[tuple[AnyId, ...], Field(max_length=50)] = ()
    configure: Annotated[tuple[AnyId, ...], Field(max_length=50)] = ()

    @property
    def given(self) -> role.Roles:
        """The same, as each click is held against it."""
        return role.Roles(self.decide, self.mute, self.configure)


def _whom(given: str) -> str:
    return given if given in (reminder.ON_CALL, reminder.TEAM) else _anybody(given)


class Step(_Strict):
    """Whom to tell after how long that nobody takes something."""

    after_minutes: Annotated[int, Field(ge=1, le=1_440)]
    whom: Annotated[str, StringConstraints(min_length=1), AfterValidator(_whom)]


class Reminders(_Strict):
    """What people are reminded of that nobody takes, and the steps; without any, of nothing."""

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
        """The same, as reminders take it."""
        steps = (
            reminder.Step(timedelta(minutes=step.after_minutes), step.whom) for step in self.steps
        )
        return Escalation(tuple(steps), Level(self.severity.capitalize()))


class Owner(_Strict):
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


class Hidden(_Strict):
    """A site's rule of redaction: what `pattern` finds is stored and shown as `<name>`."""

    name: str
    pattern: str

    @model_validator(mode="after")
    def _can_be_used(self) -> Self:
        try:
            SiteRule(self.name, self.pattern)
        except SettingsError as error:
            raise ValueError(str(error)) from error
        return self


class Redaction(_Strict):
    """What is hidden beside secrets and people's data."""

    rules: Annotated[tuple[Hidden, ...], Field(max_length=100)] = ()


def _sendable(given: SecretStr) -> SecretStr:
    key = given.get_secret_value()
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ValueError("a key is letters, digits and signs without a space: copy it again")
    return given


Dollars = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
Key = Annotated[SecretStr, AfterValidator(_sendable)]
Named = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
ANTHROPIC = "https://api.anthropic.com"


class Share(_Strict):
    """What a single team or feature may cost: a number is dollars a day."""

    hour: Dollars | None = None
    day: Dollars | None = None
    month: Dollars | None = None

    @model_validator(mode="before")
    @classmethod
    def _of_a_day(cls, given: Any) -> Any:
        return {"day": given} if isinstance(given, int | float) else given

    @property
    def caps(self) -> dict[Span, int]:
        """The same, as the ledger takes it."""
        given = {Span.HOUR: self.hour, Span.DAY: self.day, Span.MONTH: self.month}
        return {span: _micros(usd) for span, usd in given.items() if usd is not None}


class Budget(_Strict):
    """What models may cost: in all, and single teams and features."""

    hour_usd: Dollars = 1.0
    day_usd: Dollars = 5.0
    month_usd: Dollars = 100.0
    teams: dict[str, Share] = {}
    features: dict[Feature, Share] = {}

    @property
    def caps(self) -> Caps:
        """The same, as the ledger takes it."""
        return Caps(
            hour=_micros(self.hour_usd),
            day=_micros(self.day_usd),
            month=_micros(self.month_usd),
            teams={team: share.caps for team, share in self.teams.items()},
            features={str(name): share.caps for name, share in self.features.items()},
        )


def _micros(usd: float) -> int:
    return round(usd * 1_000_000)


class OnTrial(_Strict):
    """Models that are tried in the place of those in use, together with the version of the prompt
    that is on trial, if any is; and how much of all signatures is given to them."""

    cheap: Annotated[str, Field(max_length=100)] = ""
    strong: Annotated[str, Field(max_length=100)] = ""
    share: Annotated[float, Field(ge=0, le=1)] = 0.0
    shadow_share: Annotated[float, Field(ge=0, le=1)] = 0.0


class Llm(_Strict):
    """Which models explain errors. The keys come from the environment alone.

    Without a key, or for `openai_compatible` without an address, none does: the rules explain all.
    """

    provider: Literal["anthropic", "openai_compatible"] = "anthropic"
    base_url: Annotated[str, AfterValidator(_address)] = ""
    api_version: Annotated[str, Field(pattern=r"^(\d{4}-\d{2}-\d{2})?$")] = ""
    cheap: Named = "claude-haiku-5-5"
    strong: Named = "claude-sonnet-5-5"
    deadline_seconds: Annotated[float, Field(ge=1, le=120)] = 30.0
    trial: OnTrial = OnTrial()
    canary: bool = True
    budget: Budget = Budget()
    prices: dict[Named, tuple[Dollars, Dollars]] = {}
    anthropic_key: Key = SecretStr("")
    server_key: Key = SecretStr("")

    @model_validator(mode="after")
    def _keeps_its_key_to_itself(self) -> Self:
        is_open = self.base_url.startswith("http://") and not _is_here(self.base_url)
        if self.provider == "anthropic" and is_open:
            raise ValueError("base_url begins with https://: the key would be read on its way")
        return self

    @model_validator(mode="after")
    def _names_its_server(self) -> Self:
        if self.provider != "openai_compatible":
            return self
        if not {"cheap", "strong"} <= self.model_fields_set:
            raise ValueError("name the models of your server as cheap and strong, or one as both")
        if not self.base_url:
            raise ValueError(
                'base_url is missing: the address of your server, as in "http://127.0.0.1:8080"'
            )
        return self

    @model_validator(mode="after")
    def _prices_whom_it_asks(self) -> Self:
        strange = [name for name in self.prices if name not in self.names]
        unpriced = [name for name in self.names if not self.known_prices.knows(name)]
        if strange and unpriced:
            near = get_close_matches(strange[0], unpriced, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise ValueError(
                f"prices has {strange[0]!r}, which is no model of [llm], and none for "
                f"{', '.join(unpriced)}{hint}"
            )
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The models that are asked, each once."""
        named = (self.cheap, self.strong, self.trial.cheap, self.trial.strong)
        return tuple(dict.fromkeys(one for one in named if one))

    @property
    def known_prices(self) -> Prices:
        """What models cost: the list, and what the site pays."""
        return prices(self.own_prices)

    @property
    def unfinished(self) -> str:
        """What is missing where models were meant to be asked and none can be, or nothing."""
        if self.provider != "anthropic" or self.key or not self.base_url:
            return ""
        return (
            "[llm]: base_url is set, but provider is anthropic and ANTHROPIC_API_KEY is not: set "
            'that, or for a server of yours provider = "openai_compatible".'
        )

    @property
    def key(self) -> str:
        """That of its provider: one is never sent to another."""
        secret = self.anthropic_key if self.provider == "anthropic" else self.server_key
        return secret.get_secret_value()

    @property
    def key_name(self) -> str:
        """Where it comes from, and whether it is there."""
        name = "ANTHROPIC_API_KEY" if self.provider == "anthropic" else "TRIAGE_LLM_KEY"
        return name if self.key else f"{name} is not set"

    @property
    def address(self) -> str:
        """Where its provider is asked."""
        return self.base_url or (ANTHROPIC if self.provider == "anthropic" else "")

    @property
    def is_on(self) -> bool:
        """Whether a model is to be asked at all."""
        return bool(self.key if self.provider == "anthropic" else self.base_url)

    @property
    def own_prices(self) -> dict[str, Price]:
        """What the site pays: in micro-dollars per million tokens."""
        return {
            name: Price(_micros(usd_in), _micros(usd_out))
            for name, (usd_in, usd_out) in self.prices.items()
        }


def _is_here(url: str) -> bool:
    return urlsplit(url).hostname in {"localhost", "127.0.0.1", "::1"}


def _strangers(where: str, named: Iterable[str], teams: Sequence[str]) -> Iterator[str]:
    """What to say of each team that is named there and is none of the site's."""
    for name in dict.fromkeys(named):
        if name not in teams:
            near = get_close_matches(name, teams, n=1)
            hint = f"did you mean {near[0]}?" if near else "add it there, or check its spelling"
            yield f"{where} names the team {name!r}, which is not one of `teams`: {hint}"


def _source(given: Any) -> Any:
    """A table as the settings of its kind."""
    if not isinstance(given, dict):
        return given
    try:
        return pulled.kind(str(given.get("kind", ""))).model_validate(given)
    except ValidationError as error:
        model = pulled.kind(str(given["kind"]))
        said = [f"{_where(one['loc'])}: {_plain(one, model)}" for one in error.errors()]
        raise ValueError("; ".join(said)) from None


def _sources(given: tuple[pulled.Source, ...]) -> tuple[pulled.Source, ...]:
    names = [one.name for one in given]
    if len(set(names)) < len(names):
        raise ValueError("two sources have the same name")
    return given


class Settings(_Strict):
    """Everything that can be set."""

    database_url: str = DEFAULT_DATABASE
    slack: Slack = Slack()
    http: Http = Http()
    channels: tuple[Channel, ...] = ()
    teams: Annotated[tuple[Team, ...], AfterValidator(_teams)] = tuple(
        Team(name=name) for name in (DEV, PLATFORM, REVIEW)
    )
    reminders: Reminders = Reminders()
    roles: Roles = Roles()
    detection: Detection = Detection()
    owners: tuple[Owner, ...] = ()
    redaction: Redaction = Redaction()
    pagerduty: PagerDuty = PagerDuty()
    llm: Llm = Llm()
    sources: Annotated[
        tuple[Annotated[SerializeAsAny[pulled.Source], BeforeValidator(_source)], ...],
        Field(max_length=50),
        AfterValidator(_sources),
    ] = ()

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        ids = [channel.id for channel in self.channels]
        twice = len(set(ids)) < len(ids)
        named = self.team_names
        owners = (*named, NOISE)
        unfit = [
            *(["a channel stands in [[channels]] twice: give it several digest times"] * twice),
            *_strangers("[llm.budget.teams]", self.llm.budget.teams, named),
            *_strangers(
                "[[channels]]", [one for each in self.channels for one in each.teams], owners
            ),
            *_strangers("[[owners]]", [one.team for one in self.owners], owners),
        ]
        if unfit:
            raise ValueError("\n  ".join(unfit))
        return self

    @property
    def team_names(self) -> tuple[str, ...]:
        """What one can reroute to."""
        return tuple(one.name for one in self.teams)

    @property
    def named(self) -> dict[str, str]:
        """The people and user groups that are named by id, each with the setting that names it."""
        roles, steps = self.roles, (step.whom for step in self.reminders.steps)
        whom = {
            "[roles]": (*roles.decide, *roles.mute, *roles.configure),
            "[[reminders.steps]]": [
                one for one in steps if one not in (reminder.ON_CALL, reminder.TEAM)
            ],
            "[[teams]]": [
                one for team in self.teams for one in (team.group, *sorted(team.people)) if one
            ],
            "[pagerduty.people]": self.pagerduty.people.values(),
        }
        return {one: where for where, ids in whom.items() for one in ids}

    @property
    def schedules(self) -> dict[str, str]:
        """PagerDuty's schedules that say who has duty, each with its team."""
        return {one.pagerduty: one.name for one in self.teams if one.pagerduty}

    def reached(self, whom: Callable[[str], str]) -> tuple[team.Team, ...]:
        """The teams, as reminders take them; `whom` says who has duty in a schedule of
        PagerDuty's."""
        return tuple(
            replace(one.reached, on_call=whom(one.pagerduty)) if one.pagerduty else one.reached
            for one in self.teams
        )

    def redactor(self) -> Redactor:
        """What redacts by our rules and the site's; to be built once."""
        return redactor_with([SiteRule(one.name, one.pattern) for one in self.redaction.rules])

    @property
    def owner_rules(self) -> tuple[Rule, ...]:
        """The site's rules, as the choice of an owner takes them."""
        return tuple(Rule(**owner.model_dump()) for owner in self.owners)


def load(environ: Mapping[str, str], file: Path | None = None) -> Settings:
    """The settings of a file (`triage.toml` in this folder, if there is one) and the environment.

    Raises SettingsError that names each wrong setting and what to do about it.
    """
    values = _read(file)
    secrets = list(_secrets(values))
    given = {name: environ[name].strip() for name in _FROM_ENVIRONMENT if environ.get(name)}
    found = _without(values, secrets)
    for name, value in given.items():
        found = _with(found, _FROM_ENVIRONMENT[name], value)
    found = _with_secrets_of_sources(found, environ)
    said = [*_misplaced(secrets, values, file or FILE), _explain(_problems(found), given)]
    wrong = "\n".join(one for one in said if one)
    if wrong:
        raise SettingsError(wrong)
    return Settings.model_validate(found)


def _with(values: Mapping[str, Any], place: tuple[str, ...], value: str) -> dict[str, Any]:
    """The same values with one set; where a table should be and is not, that is left to say."""
    name, *inner = place
    if not inner:
        return {**values, name: value}
    table = values.get(name, {})
    return {**values, name: {**table, inner[0]: value} if isinstance(table, dict) else table}


def _with_secrets_of_sources(values: dict[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """The same values, each source with its secrets; what is no table is left to say."""
    tables = values.get("sources")
    if not isinstance(tables, list):
        return values
    return {**values, "sources": [_with_secrets(one, environ) for one in tables]}


def _with_secrets(table: Any, environ: Mapping[str, str]) -> Any:
    if not isinstance(table, dict):
        return table
    variables = {one: pulled.variable(str(table.get("name")), one) for one in _secrets_of(table)}
    given = {one: environ[name].strip() for one, name in variables.items() if environ.get(name)}
    return {**table, **given}


def _secrets_of(table: Mapping[str, Any]) -> tuple[str, ...]:
    try:
        return pulled.kind(str(table.get("kind", ""))).secrets()
    except ValueError:
        return ()


def check_for_serving(settings: Settings) -> None:
    """Raise SettingsError for whatever `triage serve` cannot do without, all of it at once."""
    slack = settings.slack
    missing = [
        settings.llm.unfinished,
        _missing_token(slack.bot_token, "SLACK_BOT_TOKEN", "xoxb-", "OAuth & Permissions"),
        _missing_token(slack.app_token, "SLACK_APP_TOKEN", "xapp-", "Basic Information")
        if slack.mode == "socket"
        else _missing_token(slack.signing_secret, "SLACK_SIGNING_SECRET", "", "Basic Information"),
        ""
        if settings.pagerduty.token.get_secret_value() or not settings.schedules
        else "PAGERDUTY_TOKEN is not set, and [[teams]] name a schedule of PagerDuty's: make one "
        "there, read-only, under Integrations → API Access Keys.",
        ""
        if settings.channels
        else 'No [[channels]] in triage.toml: name the channel to post in, e.g. id = "C0123ABC".',
    ]
    said = [line for line in missing if line]
    if said:
        raise SettingsError("\n".join(said))


def _missing_token(value: SecretStr, name: str, prefix: str, page: str) -> str:
    secret = value.get_secret_value()
    if not secret:
        return f"{name} is not set: copy it from your Slack app's page “{page}”."
    if not secret.startswith(prefix):
        return f"{name} does not start with {prefix}: it looks like another kind of token."
    return ""


def _read(file: Path | None) -> dict[str, Any]:
    path = file or FILE
    if file is None and not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"There is no settings file {path}.") from None
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be read: {error.strerror}. Let this user read it, or name another with "
            "--config."
        ) from error
    except UnicodeDecodeError:
        raise SettingsError(f"{path} is not UTF-8: save it as such.") from None
    except tomllib.TOMLDecodeError as error:
        said = str(error).replace("at end of document", f"at its end, line {_last_line(path)}")
        raise SettingsError(
            f"{path} is not TOML: {said}. docs/configuration.md shows an example."
        ) from error


def _last_line(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").rstrip().splitlines()) or 1


Place = tuple[int | str, ...]
"""The keys, and the numbers from 0 on, that lead to a value."""


def _secrets(values: Mapping[str, Any]) -> Iterator[Place]:
    """Where a secret stands that belongs into the environment."""
    for place, value in _leaves(values):
        if place[-1] in _SECRETS or str(value).startswith(_SECRET_PREFIXES):
            yield place


def _misplaced(secrets: Iterable[Place], values: Mapping[str, Any], file: Path) -> Iterator[str]:
    for place in secrets:
        yield (
            f"A secret stands in {file}, as {_where(place)}: remove it, make a new one, "
            f"and set {_variable(place, values)} in the environment instead."
        )


def _without(values: Any, places: Sequence[Place]) -> Any:
    """The same values without those at some places."""
    gone = {place[0] for place in places if len(place) == 1}
    inner = {one: [place[1:] for place in places if place[:1] == (one,)] for one, *_ in places}
    if isinstance(values, dict):
        kept = ((key, value) for key, value in values.items() if key not in gone)
        return {key: _without(value, inner.get(key, [])) for key, value in kept}
    if isinstance(values, list):
        items = ((key, value) for key, value in enumerate(values) if key not in gone)
        return [_without(value, inner.get(key, [])) for key, value in items]
    return values


def _leaves(value: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Every single value with the keys that lead to it."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, (*place, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _leaves(inner, (*place, number))
    elif place:
        yield place, value


def _variable(place: Place, values: Mapping[str, Any]) -> str:
    """What to set in place of that, by where it stands, or else by its name."""
    if place[0] == "sources":
        return pulled.variable(str(values["sources"][place[1]].get("name")), str(place[-1]))
    exact = (known for known, path in _FROM_ENVIRONMENT.items() if path == place)
    of_name = (known for known, path in _FROM_ENVIRONMENT.items() if path[-1] == place[-1])
    if place[0] == "llm":
        return next(exact, "ANTHROPIC_API_KEY, or TRIAGE_LLM_KEY for a server of yours,")
    return next(of_name, "it")


_PLAINER = {
    "missing": "is missing",
    "model_type": "must be a table: [name] and lines below it",
    "dict_type": "must be a table: [name] and lines below it",
    "tuple_type": "must be a list",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a number",
    "string_type": "must be a text in quotes",
    "string_too_short": "must not be empty",
    "string_too_long": "must be {max_length} letters or fewer",
    "too_long": "must be {max_length} of them or fewer",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "time_type": 'must be a time of day in quotes; an example is "09:00"',
}


def _explain(problems: Iterable[ErrorDetails], given: Mapping[str, str]) -> str:
    """All that is wrong, each by the name it was set by; what it was set to only for a time.

    Empty where nothing is.
    """
    variables = {_FROM_ENVIRONMENT[name]: name for name in given}
    lines = []
    for problem in problems:
        place = problem["loc"]
        said = _plain(problem)
        where = variables.get(tuple(map(str, place))) or _where(place)
        lines.append(f"  {where}: {said}" if where else f"  {said}")
    return "\n".join(["Wrong settings:", *lines]) if lines else ""


def _problems(values: Mapping[str, Any]) -> Iterator[ErrorDetails]:
    """What is wrong by itself, then what would not fit together with that mended."""
    try:
        Settings.model_validate(values)
    except ValidationError as error:
        found = error.errors(include_url=False)
        yield from found
        places = [one["loc"] for one in found]
        if all(places) and not any(place[0] == "teams" for place in places):
            yield from _apart(_without(values, places))


def _whole(bounds: Mapping[str, Any]) -> dict[str, Any]:
    """The same, 10.0 written as 10."""
    return {
        name: int(one) if isinstance(one, float) and one.is_integer() else one
        for name, one in bounds.items()
    }


def _apart(values: Mapping[str, Any]) -> Iterator[ErrorDetails]:
    """What does not fit together."""
    try:
        Settings.model_validate(values)
    except ValidationError as error:
        yield from (one for one in error.errors(include_url=False) if not one["loc"])


def _plain(problem: ErrorDetails, model: type[BaseModel] | None = None) -> str:
    kind = problem["type"]
    if kind == "extra_forbidden":
        return f"there is no such setting; {_nearest(problem['loc'], model or Settings)}"
    if kind == "time_parsing":
        return f"{str(problem['input'])[:40]!r} is no time of day; an example is 09:00"
    if kind in _PLAINER:
        said = _PLAINER[kind].format(**_whole(problem.get("ctx", {})))
        return f"{said}{_near_value(problem)}" if kind in _CHOICES else said
    return problem["msg"].removeprefix("Value error, ")


_CHOICES = {"literal_error", "enum"}


def _near_value(problem: ErrorDetails) -> str:
    """What somebody may have meant by a value that is none of those that may be."""
    some = re.findall(r"'([^']*)'", str(problem.get("ctx", {}).get("expected", "")))
    near = get_close_matches(str(problem["input"])[:40], some, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _nearest(place: tuple[int | str, ...], model: type[BaseModel]) -> str:
    """What somebody who misspelled the last part of a place may have meant."""
    for part in place[:-1]:
        if isinstance(part, str):
            annotation = model.model_fields[part].annotation
            model = next(
                one
                for one in (annotation, *get_args(annotation))
                if isinstance(one, type) and issubclass(one, BaseModel)
            )
    near = get_close_matches(str(place[-1]), model.model_fields.keys() - {*_SECRETS}, n=1)
    return f"did you mean {near[0]}?" if near else "docs/configuration.md names all there are"


def _where(place: tuple[int | str, ...]) -> str:
    """The place in the file, counted as people count: `channels[1].timezone` is of the first."""
    parts = place[:-1] if place[-1:] == (_OF_A_KEY,) else place
    said = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in parts)
    return said.removeprefix(".")


_OF_A_KEY = "[key]"
"""How pydantic says that it is not the value which is wrong, but the name before it."""
