"""The only place that builds things: settings in, a running service out."""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from secrets import token_hex
from socket import gethostname
from typing import Any

from starlette.routing import BaseRoute

from bot import asking, jobs, logs, receiver
from bot.core.intake.retention import RowBudget
from bot.core.spending.tally import Tally
from bot.core.trace import Trace, untraced
from bot.errors import SettingsError
from bot.flows import authorize, look
from bot.flows.receive import Intake, receiving
from bot.hooks import deploys, events, github, otlp, sentry
from bot.hooks.access import Keyring
from bot.metrics import Metrics
from bot.pagerduty import Duties, PagerDuty
from bot.schedule import Every, Schedule
from bot.settings import Http, Settings, Slack
from bot.settings.plan import plan
from bot.slack import app as slack_app
from bot.slack.app import Link
from bot.slack.desk import Desk
from bot.slack.inbox import Inbox
from bot.slack.members import Members
from bot.slack.pictures import Charts
from bot.slack.poster import LEASE_SECONDS, Poster
from storage.database import Database, only_one, open_database
from storage.failures import FAILURES
from storage.files import emptied, has_any, sqlite_file
from storage.locks import SOCKET_MODE, Lock, Presence
from storage.spool import Spool, place

SWITCH_SECONDS = 0.001
"""After so long a busy thread has to let others run. Python's own 5 ms are too long: an
acknowledgement waits for every busy thread."""

NOBODY_JUDGES = (
    "Without the role `scheduler` nothing is judged or posted, and on SQLite no other replica does "
    "it: leave --roles out, or move to PostgreSQL (DATABASE_URL=postgresql+psycopg://…)."
)

Clock = Callable[[], datetime]

log = logging.getLogger(__name__)


def wall_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


class Role(StrEnum):
    """The roles of a replica: answer people on Slack, take errors over HTTP, do what is due."""

    SLACK = "slack"
    RECEIVER = "receiver"
    SCHEDULER = "scheduler"


@dataclass(frozen=True, slots=True)
class Service:
    """A running service: what tests and the demo reach for."""

    database: Database
    poster: Poster
    schedule: Schedule
    port: int


@contextmanager
def running(
    settings: Settings,
    database: Database,
    *,
    clock: Clock,
    roles: Collection[Role] = tuple(Role),
    spool: Spool | None = None,
    trace: Trace = untraced,
) -> Iterator[Service]:
    """Run the whole service, or some roles of it, until the block is left; then it finishes what it
    is doing."""
    charts = Charts(settings.slack.charts, settings.detection.rules)
    members = _members(settings)
    desk_of = partial(
        _desk, settings, database, clock=clock, charts=charts, members=members, spool=spool
    )
    cleaning = jobs.Cleaning(settings, database, clock=clock)
    pagerduty = PagerDuty(settings.pagerduty.url, settings.pagerduty.token.get_secret_value())
    duties = Duties(
        pagerduty.shift, schedules=[*settings.schedules], people=settings.pagerduty.people
    )
    with (
        _turn(settings, database, roles=roles) as lock,
        _present(database) as presence,
        _connected(settings.slack, desk_of(presence), lock, is_here=Role.SLACK in roles) as link,
        receiving(database, clock, by=settings.redactor(), spool=spool, trace=trace) as intake,
    ):
        models = jobs.Models(settings, database, presence, clock=clock, trace=trace)
        pulling = jobs.Pulling(settings, database, intake, presence, clock=clock)
        poster = _poster(settings, database, presence, clock=clock, charts=charts, trace=trace)
        due = jobs.due(settings, database, poster, duties, clock=clock)
        own = jobs.traced({**models.jobs, **pulling.jobs, **cleaning.jobs, **due}, trace)
        reaching = jobs.reaching(settings, members, link, lock)
        living = jobs.living(database, presence)
        chosen = _jobs(roles, scheduler=own, slack=reaching, living=living)
        schedule = Schedule(chosen, clock=clock)
        door = _door(settings, database, intake, clock=clock)
        hooks = _hooks(settings, database, door, clock=clock) if Role.RECEIVER in roles else []
        metrics = _metrics(
            settings, database, schedule, door, clock=clock, spool=spool, budgets=cleaning.budgets
        )
        web = receiver.application(
            [*link.routes, *hooks, metrics.route],
            live={"jobs": schedule.unwell, "intake": intake.unwell},
            facts=lambda: {**_taken(intake, spool), **_facts(database, now=clock())},
            ready=_ready(database, intake, poster, link),
            trace=trace,
        )
        with (
            receiver.listening(web, host=settings.http.host, port=settings.http.port) as port,
            _grpc(settings.http, door) if Role.RECEIVER in roles else nullcontext(),
        ):
            schedule.start()
            try:
                yield Service(database, poster, schedule, port)
            finally:
                for asker in (models, pulling, pagerduty):
                    asker.stop()
                poster.finish()
                schedule.stop()


def _jobs(
    roles: Collection[Role],
    *,
    scheduler: Mapping[str, Every],
    slack: Mapping[str, Every],
    living: Mapping[str, Every],
) -> Mapping[str, Every]:
    """The jobs of a replica with these roles.

    One that only receives holds no work that others would take over, so it need not tell them that
    it lives.
    """
    return {
        **(scheduler if Role.SCHEDULER in roles else {}),
        **(slack if Role.SLACK in roles else {}),
        **(living if {*roles} - {Role.RECEIVER} else {}),
    }


def _ready(
    database: Database, intake: Intake, poster: Poster, link: Link
) -> Mapping[str, Callable[[], str]]:
    """Checks that each say why this replica cannot work now: the database, the intake, Slack."""
    return {
        "database": lambda: _database_unwell(database),
        "intake": intake.refusing,
        "slack": lambda: poster.stopped or link.unwell(),
    }


def _door(settings: Settings, database: Database, intake: Intake, *, clock: Clock) -> events.Door:
    keyring = Keyring(lambda: authorize.holding(database), settings.http.keys, clock=clock)
    return events.Door(intake, keyring, clock, settings.fields.roles)


def _hooks(
    settings: Settings, database: Database, door: events.Door, *, clock: Clock
) -> list[BaseRoute]:
    return [
        deploys.route(database, keys=settings.http.keys, clock=clock, refusals=door.refusals),
        github.route(
            database, secrets=settings.http.github_secrets, clock=clock, refusals=door.refusals
        ),
        *events.routes(door),
        *sentry.routes(door),
        otlp.route(door),
        *otlp.other_signals(),
    ]


@contextmanager
def _grpc(http: Http, door: events.Door) -> Iterator[None]:
    """Take OTLP over gRPC, where a port for it is set. Raises SettingsError without the extra."""
    if http.grpc_port is None:
        yield
        return
    try:
        from bot.hooks import otlp_grpc  # noqa: PLC0415  (an extra, which few need)
    except ImportError as error:
        raise SettingsError(
            "http.grpc_port needs the extra `grpc`: run pip install '.[grpc]' where Triage was "
            f"cloned, or unset it ({error})."
        ) from error
    certificate, key = http.grpc_certificate, http.grpc_key
    tls = otlp_grpc.Tls(certificate, key) if certificate and key else None
    with otlp_grpc.listening(
        door, host=http.host, port=http.grpc_port, stop_seconds=receiver.STOP_SECONDS, tls=tls
    ) as port:
        log.info("OTLP over gRPC%s: %s:%d", " with TLS" if tls else "", http.host, port)
        yield


def _metrics(
    settings: Settings,
    database: Database,
    schedule: Schedule,
    door: events.Door,
    *,
    clock: Clock,
    spool: Spool | None,
    budgets: Callable[[], Sequence[RowBudget]],
) -> Metrics:
    def costs() -> Tally:
        return asking.costs(settings, database, now=clock())

    return Metrics(
        database,
        clock,
        succeeded=schedule.succeeded,
        refused=door.refusals.counts,
        waiting=lambda: door.intake.waiting,
        budgets=budgets,
        spooled=(lambda: (spool.events, spool.used)) if spool else None,
        tally=costs if settings.llm.is_on else None,
    )


def _members(settings: Settings) -> Members:
    slack = settings.slack
    client = slack_app.web_client(slack.bot_token.get_secret_value(), base_url=slack.api_url)
    return Members(client, settings.roles.given.groups)


def _desk(
    settings: Settings,
    database: Database,
    presence: Presence,
    *,
    clock: Clock,
    charts: Charts,
    members: Members,
    spool: Spool | None,
) -> Desk:
    return Desk(
        database=database,
        clock=clock,
        teams=settings.team_names,
        ways=asking.ways(settings),
        withheld=lambda: asking.withheld(settings, database, now=clock()),
        terms=asking.terms(settings),
        inbox=Inbox(database, presence, clock=clock),
        charts=charts,
        audiences={one.id: one.audience for one in settings.channels},
        members={one.name: one.people for one in settings.teams},
        team_channels={one.name: one.channel for one in settings.teams if one.channel},
        command=settings.slack.command,
        logs=settings.slack.logs,
        roles=settings.roles.given,
        groups_of=members.groups_of,
        spooled=lambda: spool.events if spool else 0,
    )


def _poster(
    settings: Settings,
    database: Database,
    presence: Presence,
    *,
    clock: Clock,
    charts: Charts,
    trace: Trace,
) -> Poster:
    slack = settings.slack
    aloud = [channel.id for channel in settings.channels if channel.replies_in_channel]
    client = slack_app.web_client(slack.bot_token.get_secret_value(), base_url=slack.api_url)
    return Poster(
        database,
        client,
        worker=presence.worker,
        clock=clock,
        charts=charts,
        aloud=aloud,
        trace=trace,
        gone=presence.gone,
    )


@contextmanager
def _present(database: Database) -> Iterator[Presence]:
    """Let other replicas know that this one lives, until the block is left."""
    presence = Presence(database, token_hex(4), let_go_seconds=LEASE_SECONDS)
    with suppress(*FAILURES):
        presence.keep()
    try:
        yield presence
    finally:
        presence.release()


@contextmanager
def _turn(
    settings: Settings, database: Database, *, roles: Collection[Role]
) -> Iterator[Lock | None]:
    """The lock by which one of several replicas is connected to Slack; None where there is only
    one."""
    is_here = settings.slack.mode == "socket" and Role.SLACK in roles
    if not (database.is_shared and is_here):
        yield None
        return
    lock = Lock(database, SOCKET_MODE, holder=f"{gethostname()}:{os.getpid()}")
    with suppress(*FAILURES):
        lock.keep()
    try:
        yield lock
    finally:
        lock.release()


def _connected(
    slack: Slack, desk: Desk, lock: Lock | None, *, is_here: bool
) -> AbstractContextManager[Link]:
    """Let Slack reach this replica, if that is one of its roles."""
    bolt = slack_app.build(
        desk,
        bot_token=slack.bot_token.get_secret_value(),
        signing_secret=slack.signing_secret.get_secret_value(),
        base_url=slack.api_url,
    )
    reached = slack if is_here else slack.model_copy(update={"mode": "off"})
    return slack_app.connected(bolt, reached, desk, is_ours=lock.is_held if lock else lambda: True)


def serve(settings: Settings, *, roles: Collection[Role] = tuple(Role)) -> None:
    """Run until SIGTERM or Ctrl-C.

    Raises Unusable where another process serves on the same SQLite file, and SettingsError where
    nobody would judge what is in it.
    """
    if Role.SCHEDULER not in roles and sqlite_file(settings.database_url):
        raise SettingsError(NOBODY_JUDGES)
    logs.configure(settings.redactor())
    sys.setswitchinterval(SWITCH_SECONDS)
    receiver.allow_connections()
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    file = sqlite_file(settings.database_url)
    if file and file.is_file() and not has_any(file):
        log.warning("The database %s", emptied(file))
    database = open_database(settings.database_url)
    try:
        with (
            only_one(settings.database_url),
            _spool(settings, roles) as spool,
            _tracing(settings.tracing.url) as trace,
            running(
                settings, database, clock=wall_clock, roles=roles, spool=spool, trace=trace
            ) as service,
        ):
            for line in plan(settings, now=wall_clock()):
                log.info(line)
            log.info("Database: %s", database.engine.url)
            if spool:
                log.info("Spool: %s, %d errors wait there", spool.file, spool.events)
            log.info("Roles: %s", ", ".join(role for role in Role if role in roles))
            if Role.SCHEDULER not in roles:
                log.warning("Nothing is judged or posted unless another replica is a scheduler")
            log.info("Serving; http://%s:%d/readyz tells how", settings.http.host, service.port)
            told.wait()
            log.info("Stopping")
    finally:
        database.close()


@contextmanager
def _tracing(url: str) -> Iterator[Trace]:
    """A tracer that exports spans to a collector, if one is set. Raises SettingsError without the
    extra."""
    if not url:
        yield untraced
        return
    try:
        from bot import tracing  # noqa: PLC0415  (an extra, which few need)
    except ImportError as error:
        raise SettingsError(
            "tracing.url needs the extra `tracing`: run pip install '.[tracing]' where Triage was "
            f"cloned, or unset it ({error})."
        ) from error
    with tracing.exporting(url) as trace:
        yield trace


@contextmanager
def _spool(settings: Settings, roles: Collection[Role]) -> Iterator[Spool | None]:
    """The spool, for errors that the database cannot take; None where the disk has no room for it,
    which does not keep the service from starting. Raises Unusable where another process has it."""
    size = settings.http.spool_mb << 20 if Role.RECEIVER in roles else 0
    file = place(settings.database_url, named=settings.http.spool_file) if size else None
    spool: Spool | None = None
    try:
        spool = Spool(file, size=size) if file else None
    except OSError as error:
        log.warning("There is no spool: %s", error)
    if spool is None:
        yield None
        return
    with closing(spool):
        yield spool


def _taken(intake: Intake, spool: Spool | None) -> dict[str, Any]:
    """What `/healthz` tells of the intake: why nothing can be written now, and how much waits."""
    waits = {"errors": spool.events, "used": round(spool.used, 4)} if spool else None
    told = {"unwritten": intake.failing, "spool": waits}
    return {name: one for name, one in told.items() if one}


def _facts(database: Database, *, now: datetime) -> dict[str, Any]:
    """What `/healthz` tells besides: how fresh each source is, and which replica is connected to
    Slack; nothing while the database cannot be asked."""
    try:
        sources, connected = look.sources_as_json(database, now=now), look.connected(database)
    except FAILURES:
        return {}
    return {"sources": sources, **({"connected": connected} if connected else {})}


def _database_unwell(database: Database) -> str:
    try:
        with database.read():
            return ""
    except Exception as error:  # noqa: BLE001  (whatever it is, health says so)
        return type(error).__name__
