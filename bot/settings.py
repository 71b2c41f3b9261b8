"""Every setting, typed and checked once at start: `triage.toml`, the environment for secrets."""

import tomllib
from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeFloat,
    PositiveFloat,
    PositiveInt,
    SecretStr,
    ValidationError,
    model_validator,
)

from bot.core.anomaly import Rules
from bot.core.owner import Rule
from bot.core.slot import Schedule
from bot.errors import SettingsError

FILE = Path("triage.toml")
DEFAULT_DATABASE = "sqlite:///triage.db"
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_USUAL = Rules()

_FROM_ENVIRONMENT = {
    "SLACK_BOT_TOKEN": "bot_token",
    "SLACK_APP_TOKEN": "app_token",
    "SLACK_SIGNING_SECRET": "signing_secret",
    "SLACK_API_URL": "api_url",
}


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no time zone; an example is Europe/Berlin") from error
    return name


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Channel(_Strict):
    """A channel that gets a digest, and when: local times on some weekdays."""

    id: Annotated[str, Field(pattern=r"^[CG][A-Z0-9]{2,}$")]
    digest: tuple[time, ...] = (time(9),)
    weekdays: tuple[Weekday, ...] = WEEKDAYS
    timezone: Annotated[str, AfterValidator(_zone)] = "UTC"

    @property
    def schedule(self) -> Schedule:
        """When its digests are due."""
        days = frozenset(WEEKDAYS.index(day) for day in self.weekdays)
        return Schedule(self.digest, days, ZoneInfo(self.timezone))


class Slack(_Strict):
    """How to reach Slack. The tokens come from the environment alone."""

    mode: Literal["socket", "http"] = "socket"
    command: Annotated[str, Field(pattern=r"^/[a-z0-9_-]{1,31}$")] = "/triage"
    api_url: str = "https://slack.com/api/"
    bot_token: SecretStr = SecretStr("")
    app_token: SecretStr = SecretStr("")
    signing_secret: SecretStr = SecretStr("")


class Http(_Strict):
    """Where the program listens: health, and Slack's requests in HTTP mode."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8080


class Detection(_Strict):
    """The thresholds of detection; `bot.core.anomaly.Rules` says what each means."""

    min_count: PositiveInt = _USUAL.min_count
    peak_factor: PositiveFloat = _USUAL.peak_factor
    mean_factor: PositiveFloat = _USUAL.mean_factor
    burst_hours: Annotated[int, Field(ge=1, le=12)] = _USUAL.burst_hours
    new_customers: PositiveInt = _USUAL.new_customers
    spread_customers: PositiveInt = _USUAL.spread_customers
    established_days: Annotated[int, Field(ge=0, le=30)] = _USUAL.established_days
    quiet_days: NonNegativeFloat = _USUAL.quiet_days
    gap_factor: PositiveFloat = _USUAL.gap_factor
    min_earlier: PositiveInt = _USUAL.min_earlier

    @property
    def rules(self) -> Rules:
        """The same, as detection takes them."""
        return Rules(**self.model_dump())


class Owner(_Strict):
    """A site's rule: every field that is given must match; the first rule that does decides."""

    team: Annotated[str, Field(min_length=1, max_length=60)]
    service: str = ""
    pattern: str = ""
    customer: str = ""
    path: str = ""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.service or self.pattern or self.customer or self.path):
            raise ValueError("give at least one of service, pattern, customer, path")
        return self


class Settings(_Strict):
    """Everything that can be set."""

    database_url: str = DEFAULT_DATABASE
    slack: Slack = Slack()
    http: Http = Http()
    channels: tuple[Channel, ...] = ()
    teams: tuple[str, ...] = ("dev", "platform", "review")
    detection: Detection = Detection()
    owners: tuple[Owner, ...] = ()

    @property
    def owner_rules(self) -> tuple[Rule, ...]:
        """The site's rules, as the choice of an owner takes them."""
        return tuple(Rule(**owner.model_dump()) for owner in self.owners)


def load(environ: Mapping[str, str], file: Path | None = None) -> Settings:
    """The settings of a file (`triage.toml` in this folder, if there is one) and the environment.

    Raises SettingsError that names each wrong setting and what to do about it.
    """
    values = _read(file)
    slack = dict(values.get("slack") or {})
    _refuse_secrets_in_file(slack)
    for variable, name in _FROM_ENVIRONMENT.items():
        if environ.get(variable):
            slack[name] = environ[variable].strip()
    if environ.get("DATABASE_URL"):
        values["database_url"] = environ["DATABASE_URL"]
    for variable, name in (("TRIAGE_HOST", "host"), ("TRIAGE_PORT", "port")):
        if environ.get(variable):
            values["http"] = {**(values.get("http") or {}), name: environ[variable]}
    try:
        return Settings(**{**values, "slack": slack})
    except ValidationError as error:
        raise SettingsError(_explain(error)) from None


def check_for_serving(settings: Settings) -> None:
    """Raise SettingsError for whatever `triage serve` cannot do without, all of it at once."""
    slack = settings.slack
    missing = [
        _missing_token(slack.bot_token, "SLACK_BOT_TOKEN", "xoxb-", "OAuth & Permissions"),
        _missing_token(slack.app_token, "SLACK_APP_TOKEN", "xapp-", "Basic Information")
        if slack.mode == "socket"
        else _missing_token(slack.signing_secret, "SLACK_SIGNING_SECRET", "", "Basic Information"),
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
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}.") from error


def _refuse_secrets_in_file(slack: Mapping[str, Any]) -> None:
    for variable, name in _FROM_ENVIRONMENT.items():
        if name in slack and name != "api_url":
            raise SettingsError(
                f"slack.{name} stands in the settings file: remove it, make a new one at Slack, "
                f"and set {variable} in the environment instead."
            )


def _explain(error: ValidationError) -> str:
    lines = []
    for problem in error.errors(include_input=False, include_url=False, include_context=False):
        where = ".".join(str(part) for part in problem["loc"])
        said = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            said = "there is no such setting; check its spelling"
        lines.append(f"{where or 'settings'}: {said}")
    return "Wrong settings:\n" + "\n".join(f"  {line}" for line in lines)
