"""`[slack]`, `[http]` and `[pagerduty]`: where others are reached, and where Triage is."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from bot.settings.field import Address, PersonId, Strict, is_here, shaped
from bot.slack import viewer

SHORTEST_KEY = 32
"""Characters: 128 bits where they are hexadecimal."""


def _keys(given: SecretStr) -> tuple[str, ...]:
    keys = (key.strip() for key in given.get_secret_value().split(","))
    return tuple(key for key in keys if key)


def _hard_to_guess(given: SecretStr) -> SecretStr:
    if any(len(key) < SHORTEST_KEY or not key.isascii() for key in _keys(given)):
        raise ValueError("a key is 32 letters or more; make one with: openssl rand -hex 32")
    return given


def _fillable(given: str) -> str:
    if wrong := given and viewer.flaw(given):
        raise ValueError(f"the address of a log viewer {wrong}")
    return given


class Slack(Strict):
    """How to reach Slack, or that nothing is posted; `logs` is the address of the site's log
    viewer. The tokens come from the environment alone."""

    mode: Literal["socket", "http", "off"] = "socket"
    command: Annotated[str, Field(pattern=r"^/[a-z0-9_-]{1,31}$")] = "/triage"
    charts: Literal["picture", "native", "off"] = "picture"
    logs: Annotated[str, AfterValidator(_fillable)] = ""
    api_url: Address = "https://slack.com/api/"
    bot_token: SecretStr = SecretStr("")
    app_token: SecretStr = SecretStr("")
    signing_secret: SecretStr = SecretStr("")

    @property
    def posts(self) -> bool:
        """Whether Slack is reached at all."""
        return self.mode != "off"


class Http(Strict):
    """Where the program listens: health, hooks, and Slack's requests in HTTP mode.

    `api_key` and `github_secret` come from the environment alone; each may be two with a comma
    between, of which both are valid. Without a `grpc_port` OTLP comes over HTTP alone; with
    `grpc_certificate` and `grpc_key`, files of PEM, that port has TLS. Without a `spool_file` the
    spool lies beside a SQLite database, and on PostgreSQL there is none.
    """

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8080
    grpc_port: Annotated[int | None, Field(ge=0, le=65_535)] = None
    grpc_certificate: Path | None = None
    grpc_key: Path | None = None
    spool_file: str = ""
    spool_mb: Annotated[int, Field(ge=0, le=10_000)] = 64
    api_key: Annotated[SecretStr, AfterValidator(_hard_to_guess)] = SecretStr("")
    github_secret: Annotated[SecretStr, AfterValidator(_hard_to_guess)] = SecretStr("")

    @model_validator(mode="after")
    def _certificate_has_a_key(self) -> Self:
        if (self.grpc_certificate is None) != (self.grpc_key is None):
            raise ValueError("grpc_certificate and grpc_key belong together: set both, or none")
        return self

    @property
    def keys(self) -> tuple[str, ...]:
        """The valid API keys."""
        return _keys(self.api_key)

    @property
    def github_secrets(self) -> tuple[str, ...]:
        """The secrets that GitHub may sign with."""
        return _keys(self.github_secret)


class Tracing(Strict):
    """Where spans of our own are sent to, over OTLP/HTTP; empty sends none."""

    url: Literal[""] | Address = ""


PagerDutyId = Annotated[
    str,
    shaped(
        r"|[PQ][A-Z0-9]{5,20}",
        "is no id of PagerDuty's; it looks like PI7DH85 and stands at the end of the address of a "
        "schedule or a person there",
    ),
]


class PagerDuty(Strict):
    """Where schedules say who is on duty. The token comes from the environment alone.

    `people` maps ids at PagerDuty to those on Slack.
    """

    url: Address = "https://api.pagerduty.com"
    token: SecretStr = SecretStr("")
    people: dict[PagerDutyId, PersonId] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _keeps_its_token_to_itself(self) -> Self:
        if self.url.startswith("http://") and not is_here(self.url):
            raise ValueError("url begins with https://: the token would be read on its way")
        return self
