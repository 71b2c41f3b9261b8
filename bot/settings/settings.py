"""All settings together, and whether they fit together."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    SerializeAsAny,
    ValidationError,
    model_validator,
)

from bot.core.intake.retention import Retention
from bot.core.ownership import team
from bot.core.ownership.owner import DEV, NOISE, PLATFORM, REVIEW, Rule
from bot.core.redaction import Redactor, SiteRule, redactor_with
from bot.core.telling import reminder
from bot.errors import SettingsError
from bot.settings.channel import Channel
from bot.settings.connection import Http, PagerDuty, Slack, Tracing
from bot.settings.detection import Detection
from bot.settings.explained import plain, where
from bot.settings.field import Strict
from bot.settings.llm import Llm
from bot.settings.people import Owner, Reminders, Roles, Team, Teams
from bot.sources import pulled
from bot.sources.field_names import FieldNames

DEFAULT_DATABASE = "sqlite:///triage.db"


class Hidden(Strict):
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


class Redaction(Strict):
    """What is hidden besides secrets and personal data."""

    rules: Annotated[tuple[Hidden, ...], Field(max_length=100)] = ()


class Kept(Strict):
    """How long, and how much, is kept. Hours are kept for at least 182 days, since detection looks
    back on 180 of them."""

    hourly_days: Annotated[int, Field(ge=182, le=3_650)] = Retention.hourly_days
    daily_days: Annotated[int, Field(ge=182, le=3_650)] = Retention.daily_days
    event_days: Annotated[int, Field(ge=8, le=3_650)] = Retention.event_days
    evidence_days: Annotated[int, Field(ge=31, le=3_650)] = Retention.evidence_days
    message_days: Annotated[int, Field(ge=62, le=3_650)] = Retention.message_days
    call_days: Annotated[int, Field(ge=62, le=3_650)] = Retention.call_days
    most_events: Annotated[int, Field(ge=100_000)] = Retention.most_events
    most_sightings: Annotated[int, Field(ge=100_000)] = Retention.most_sightings

    @model_validator(mode="after")
    def _days_last_longer(self) -> Self:
        if self.daily_days < self.hourly_days:
            raise ValueError("daily_days must be at least hourly_days")
        return self

    @property
    def given(self) -> Retention:
        """The retention as the flows take it."""
        return Retention(**self.model_dump())


_ALIKE = 0.75
"""One letter of four wrong is another word: who wrote "nope" did not mean "noise"."""


def _strangers(table: str, named: Iterable[str], teams: Sequence[str]) -> Iterator[str]:
    """What to say of each team that `table` names and the site does not have."""
    for name in dict.fromkeys(named):
        if name not in teams:
            near = get_close_matches(name, teams, n=1, cutoff=_ALIKE)
            hint = f"did you mean {near[0]}?" if near else "add it there, or check its spelling"
            yield f"{table} names the team {name!r}, which is not one of `teams`: {hint}"


def _source(given: Any) -> Any:
    """A table, as the settings of the kind of source it names."""
    if not isinstance(given, dict):
        return given
    try:
        return pulled.kind(str(given.get("kind", ""))).model_validate(given)
    except ValidationError as error:
        model = pulled.kind(str(given["kind"]))
        said = [f"{where(one['loc'])}: {plain(one, model)}" for one in error.errors()]
        raise ValueError("; ".join(said)) from None


def _sources(given: tuple[pulled.Source, ...]) -> tuple[pulled.Source, ...]:
    names = [one.name for one in given]
    if len(set(names)) < len(names):
        raise ValueError("two sources have the same name")
    return given


class Settings(Strict):
    """Everything that can be set."""

    database_url: str = DEFAULT_DATABASE
    slack: Slack = Slack()
    http: Http = Http()
    channels: tuple[Channel, ...] = ()
    teams: Teams = tuple(Team(name=name) for name in (DEV, PLATFORM, REVIEW))
    reminders: Reminders = Reminders()
    roles: Roles = Roles()
    detection: Detection = Detection()
    owners: tuple[Owner, ...] = ()
    redaction: Redaction = Redaction()
    retention: Kept = Kept()
    pagerduty: PagerDuty = PagerDuty()
    tracing: Tracing = Tracing()
    llm: Llm = Llm()
    fields: FieldNames = FieldNames()
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
    def asked(self) -> tuple[pulled.Source, ...]:
        """The sources that are asked, each with the names of fields that hold for all of them."""
        return tuple(
            one.model_copy(update={"fields": one.fields.over(self.fields)}) for one in self.sources
        )

    @property
    def team_names(self) -> tuple[str, ...]:
        """The names of the teams that an error can be rerouted to."""
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
        """PagerDuty's schedules that say who is on duty, each with its team."""
        return {one.pagerduty: one.name for one in self.teams if one.pagerduty}

    def reached(self, whom: Callable[[str], str]) -> tuple[team.Team, ...]:
        """The teams as reminders take them; `whom` says who is on duty in a schedule of
        PagerDuty's."""
        return tuple(
            replace(one.reached, on_call=whom(one.pagerduty)) if one.pagerduty else one.reached
            for one in self.teams
        )

    def redactor(self) -> Redactor:
        """A function that redacts by our rules and the site's. It takes time to build: do so
        once."""
        return redactor_with([SiteRule(one.name, one.pattern) for one in self.redaction.rules])

    @property
    def owner_rules(self) -> tuple[Rule, ...]:
        """The site's rules, as the choice of an owner takes them."""
        return tuple(Rule(**owner.model_dump()) for owner in self.owners)


def check_for_serving(settings: Settings) -> None:
    """Raise SettingsError for whatever `triage serve` cannot do without, all of it at once."""
    if lines := unready(settings):
        raise SettingsError("\n".join(lines))


def unready(settings: Settings) -> list[str]:
    """What is missing, as by `missing`; if nothing of Slack is set up, that is told first."""
    hint = _NOT_SET_UP if settings.slack.posts and _is_untouched(settings) else ""
    return [line for line in (hint, *missing(settings)) if line]


def missing(settings: Settings) -> list[str]:
    """What `triage serve` needs and is not set, each with its remedy."""
    slack = settings.slack
    lines = [
        settings.llm.unfinished,
        unfit_token("SLACK_BOT_TOKEN", slack.bot_token),
        unfit_token("SLACK_APP_TOKEN", slack.app_token)
        if slack.mode == "socket"
        else unfit_token("SLACK_SIGNING_SECRET", slack.signing_secret),
        ""
        if settings.pagerduty.token.get_secret_value() or not settings.schedules
        else "PAGERDUTY_TOKEN is not set, and [[teams]] name a schedule of PagerDuty's: make one "
        "there, read-only, under Integrations → API Access Keys.",
        "" if settings.channels else _NO_CHANNEL,
    ]
    needed = lines if slack.posts else lines[:1]
    return [line for line in needed if line]


def _is_untouched(settings: Settings) -> bool:
    return settings.slack == Slack() and not settings.channels


_NOT_SET_UP = (
    "Nothing of Slack is set up yet: `triage setup` walks you through it, and writes triage.toml "
    "and triage.env. By hand it takes the following."
)
_NO_CHANNEL = (
    'No [[channels]] in triage.toml: name the channel to post in, e.g. id = "C0123ABC"; or say '
    'mode = "off" under [slack], to take errors in and judge them without Slack.'
)


_TOKENS = {
    "SLACK_BOT_TOKEN": ("xoxb-", "OAuth & Permissions"),
    "SLACK_APP_TOKEN": ("xapp-", "Basic Information"),
    "SLACK_SIGNING_SECRET": ("", "Basic Information"),
}
"""How each begins, and the page of the Slack app that has it."""


_KINDS = {
    "xoxb-": "the bot's token",
    "xapp-": "the app's token, for Socket Mode",
    "xoxp-": "the token of a person",
}


def _kind(secret: str) -> str:
    return next(
        (kind for prefix, kind in _KINDS.items() if secret.startswith(prefix)),
        "another kind of token",
    )


def unfit_token(name: str, token: SecretStr) -> str:
    """What is wrong with a token by its prefix, with the remedy; empty if nothing is."""
    (prefix, page), secret = _TOKENS[name], token.get_secret_value()
    if not secret:
        return f"{name} is not set: copy it from your Slack app's page “{page}”."
    if not secret.startswith(prefix):
        return (
            f"{name} does not start with {prefix}: it looks like {_kind(secret)}. That one is on "
            f"your Slack app's page “{page}”."
        )
    return ""
