"""The only place that builds things: settings in, a running service out."""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from secrets import token_hex
from socket import gethostname
from time import sleep
from typing import Any

from starlette.routing import BaseRoute

from bot import asking, logs, receiver
from bot.core.tally import Tally
from bot.core.trace import Trace, untraced
from bot.errors import SettingsError
from bot.flows import authorize, look, review
from bot.flows.clean import clean
from bot.flows.confirm import confirm
from bot.flows.doubt import doubt
from bot.flows.pull import Puller
from bot.flows.receive import Intake, receiving
from bot.flows.remind import remind
from bot.flows.report import report
from bot.flows.watch import ALARM_INTERVAL, INTERVAL, Watch
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
from bot.slack.poster import Poster
from bot.sources.web import Web
from storage.database import FAILURES, Database, only_one, open_database, sqlite_file
from storage.locks import SOCKET_MODE, Lock
from storage.spool import Spool, place

REPORT_SECONDS = 15
REMIND_SECONDS = 15
MEMBERS_SECONDS = 60
DUTY_SECONDS = 60
CONFIRM_SECONDS = 300
ANALYSE_SECONDS = 15
"""At least; a round takes as long as a few calls, one after the other."""
CANARY_SECONDS = 3600
"""The cases are asked once a day: this is how soon after midnight, or after a failure."""
PROBE_SECONDS = 86_400
"""And at the start."""
ILLUSTRATE_SECONDS = 3
"""Pictures come a little after what they are of."""
SWITCH_SECONDS = 0.001
"""Python lets a busy thread go on for 5 ms while others wait, and each that acknowledges waits for
every busy one."""
CLEAN_SECONDS = 300
REST_SECONDS = 0.02
"""About as long as a part of a cleaning takes: who just gave a lock back would be the first to ask
for it again."""
RECOVER_SECONDS = 30
LOCK_SECONDS = 3
"""How soon another replica is connected to Slack where one died; a fifth of the time after which
one that is not heard of counts as dead."""
TURN_SECONDS = 1
"""How soon one leaves where it is not its turn any more."""
PULL_SECONDS = 15
"""How soon a source is asked once it is time; a tenth of what a round may take at most."""
SEND_SECONDS = 0.5
"""A decision is on every message within two seconds."""

NOBODY_JUDGES = (
    "Without the role `scheduler` nothing is judged or posted, and on SQLite no other replica does "
    "it: leave --roles out, or move to PostgreSQL (DATABASE_URL=postgresql+psycopg://…)."
)

Clock = Callable[[], datetime]

log = logging.getLogger(__name__)


def wall_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


class Part(StrEnum):
    """What a replica may leave to others: people on Slack, errors over HTTP, all that is due."""

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
    parts: Collection[Part] = tuple(Part),
    spool: Spool | None = None,
    trace: Trace = untraced,
) -> Iterator[Service]:
    """The whole service, or some parts of it, until the block is left; then it finishes what it is
    doing."""
    charts = Charts(settings.slack.charts, settings.detection.rules)
    members = _members(settings)
    desk = _desk(settings, database, clock=clock, charts=charts, members=members, spool=spool)
    poster = _poster(settings, database, clock=clock, charts=charts, trace=trace)
    models = _Models(settings, database, clock=clock, trace=trace)
    pagerduty = PagerDuty(settings.pagerduty.url, settings.pagerduty.token.get_secret_value())
    duties = Duties(
        pagerduty.shift, schedules=[*settings.schedules], people=settings.pagerduty.people
    )
    with (
        _turn(settings, database, parts=parts) as lock,
        _connected(settings.slack, desk, lock, is_here=Part.SLACK in parts) as link,
        receiving(database, clock, by=settings.redactor(), spool=spool, trace=trace) as intake,
    ):
        pulling = _Pulling(settings, database, intake, clock=clock)
        own = {
            **models.jobs,
            **pulling.jobs,
            **_duty(settings, duties),
            **_jobs(settings, database, poster, duties, clock=clock),
        }
        clicked = {
            **_members_asked(settings, members),
            "recover": Every(RECOVER_SECONDS, link.recover),
            **({"lock": Every(LOCK_SECONDS, lock.keep)} if lock else {}),
            **({"turn": Every(TURN_SECONDS, link.take_turn)} if lock else {}),
        }
        schedule = Schedule(
            {
                **(_traced(own, trace) if Part.SCHEDULER in parts else {}),
                **(clicked if Part.SLACK in parts else {}),
            },
            clock=clock,
        )
        door = _door(settings, database, intake, clock=clock)
        hooks = _hooks(settings, database, door, clock=clock) if Part.RECEIVER in parts else []
        metrics = _metrics(settings, database, schedule, door, clock=clock, spool=spool)
        web = receiver.application(
            [*link.routes, *hooks, metrics.route],
            live={"jobs": schedule.unwell, "intake": intake.unwell},
            facts=lambda: {**_spooled(spool), **_facts(database, now=clock())},
            ready={
                "database": lambda: _database_unwell(database),
                "slack": lambda: poster.stopped or link.unwell(),
            },
            trace=trace,
        )
        with (
            receiver.listening(web, host=settings.http.host, port=settings.http.port) as port,
            _grpc(settings.http, door) if Part.RECEIVER in parts else nullcontext(),
        ):
            schedule.start()
            try:
                yield Service(database, poster, schedule, port)
            finally:
                for asker in (models, pulling, pagerduty):
                    asker.stop()
                poster.finish()
                schedule.stop()


class _Models:
    """Those who ask models, each by a job of its own, until they are stopped."""

    def __init__(
        self, settings: Settings, database: Database, *, clock: Clock, trace: Trace
    ) -> None:
        seconds = max(ANALYSE_SECONDS, settings.llm.deadline_seconds / 2)
        askers = {
            "analyse": (seconds, asking.analyst(settings, database, clock=clock, trace=trace)),
            "canary": (CANARY_SECONDS, asking.daily(settings, database, clock=clock, trace=trace)),
            "probe": (PROBE_SECONDS, asking.probing(settings, database, clock=clock, trace=trace)),
        }
        self._askers = {name: (each, one) for name, (each, one) in askers.items() if one}

    @property
    def jobs(self) -> dict[str, Every]:
        """What has them ask."""
        return {name: Every(each, one.round) for name, (each, one) in self._askers.items()}

    def stop(self) -> None:
        """Ask for nothing more, and end what is being asked."""
        for _, asker in self._askers.values():
            asker.stop()


class _Pulling:
    """The sources that are asked, each by a job of its own, until they are stopped."""

    def __init__(
        self, settings: Settings, database: Database, intake: Intake, *, clock: Clock
    ) -> None:
        self._web = Web()
        self._pullers = {
            one.name: Puller(database, one, intake, ask=self._web.ask, clock=clock)
            for one in settings.asked
        }

    @property
    def jobs(self) -> dict[str, Every]:
        """What pokes them."""
        return {f"pull {name}": Every(PULL_SECONDS, of.poke) for name, of in self._pullers.items()}

    def stop(self) -> None:
        """Ask for nothing more, and end what is being asked."""
        for puller in self._pullers.values():
            puller.stop()
        self._web.stop()


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
    ]


@contextmanager
def _grpc(http: Http, door: events.Door) -> Iterator[None]:
    """OTLP over gRPC too, where it is asked for. Raises SettingsError without the extra."""
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
) -> Metrics:
    def costs() -> Tally:
        return asking.costs(settings, database, now=clock())

    return Metrics(
        database,
        clock,
        succeeded=schedule.succeeded,
        refused=door.refusals.counts,
        waiting=lambda: door.intake.waiting,
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
        inbox=Inbox(database, clock),
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
    settings: Settings, database: Database, *, clock: Clock, charts: Charts, trace: Trace
) -> Poster:
    slack = settings.slack
    aloud = [channel.id for channel in settings.channels if channel.replies_in_channel]
    client = slack_app.web_client(slack.bot_token.get_secret_value(), base_url=slack.api_url)
    worker = token_hex(4)
    return Poster(
        database, client, worker=worker, clock=clock, charts=charts, aloud=aloud, trace=trace
    )


@contextmanager
def _turn(
    settings: Settings, database: Database, *, parts: Collection[Part]
) -> Iterator[Lock | None]:
    """Whose turn it is to be connected to Slack, where several may be."""
    is_here = settings.slack.mode == "socket" and Part.SLACK in parts
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
    """Slack reaches us, unless another replica does that."""
    bolt = slack_app.build(
        desk,
        bot_token=slack.bot_token.get_secret_value(),
        signing_secret=slack.signing_secret.get_secret_value(),
        base_url=slack.api_url,
    )
    reached = slack if is_here else slack.model_copy(update={"mode": "off"})
    return slack_app.connected(bolt, reached, desk, is_ours=lock.is_held if lock else lambda: True)


def serve(settings: Settings, *, parts: Collection[Part] = tuple(Part)) -> None:
    """Run until SIGTERM or Ctrl-C. Raises Unusable where another does on the same SQLite file, and
    SettingsError where nobody would judge what is in it."""
    if Part.SCHEDULER not in parts and sqlite_file(settings.database_url):
        raise SettingsError(NOBODY_JUDGES)
    logs.configure(settings.redactor())
    sys.setswitchinterval(SWITCH_SECONDS)
    receiver.allow_connections()
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    database = open_database(settings.database_url)
    try:
        with (
            only_one(settings.database_url),
            _spool(settings, parts) as spool,
            _tracing(settings.tracing.url) as trace,
            running(
                settings, database, clock=wall_clock, parts=parts, spool=spool, trace=trace
            ) as service,
        ):
            for line in plan(settings, now=wall_clock()):
                log.info(line)
            log.info("Database: %s", database.engine.url)
            if spool:
                log.info("Spool: %s, %d errors wait there", spool.file, spool.events)
            log.info("Roles: %s", ", ".join(part for part in Part if part in parts))
            if Part.SCHEDULER not in parts:
                log.warning("Nothing is judged or posted unless another replica is a scheduler")
            log.info("Serving; http://%s:%d/readyz tells how", settings.http.host, service.port)
            told.wait()
            log.info("Stopping")
    finally:
        database.close()


@contextmanager
def _tracing(url: str) -> Iterator[Trace]:
    """What times what we do, where anybody wants to know. Raises SettingsError without the
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


def _traced(jobs: Mapping[str, Every], trace: Trace) -> dict[str, Every]:
    """The same jobs, each run of which is a span; but for what is poked twice a second and mostly
    has nothing to do: what it does is a span of its own."""

    def run(name: str, job: Callable[[], object]) -> None:
        with trace(f"job {name}", {}):
            job()

    return {
        name: one if name == "send" else replace(one, job=partial(run, name, one.job))
        for name, one in jobs.items()
    }


@contextmanager
def _spool(settings: Settings, parts: Collection[Part]) -> Iterator[Spool | None]:
    """Where errors wait that the database cannot take; a disk that is full already keeps nobody
    from starting. Raises Unusable where another process has it."""
    size = settings.http.spool_mb << 20 if Part.RECEIVER in parts else 0
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


def _duty(settings: Settings, duties: Duties) -> dict[str, Every]:
    """What asks who has duty, where anybody is called."""
    is_asked = settings.slack.posts and settings.schedules
    return {"duty": Every(DUTY_SECONDS, duties.refresh)} if is_asked else {}


def _members_asked(settings: Settings, members: Members) -> dict[str, Every]:
    """What asks who is in a group, where anybody may click."""
    is_asked = settings.slack.posts and settings.roles.given.groups
    return {"members": Every(MEMBERS_SECONDS, members.refresh)} if is_asked else {}


def _jobs(
    settings: Settings,
    database: Database,
    poster: Poster,
    duties: Duties,
    *,
    clock: Clock,
) -> dict[str, Every]:
    """What is judged, cleaned and posted, and how often it is looked for."""
    watch = Watch(database, clock, rules=settings.detection.rules, site_rules=settings.owner_rules)
    posts = settings.slack.posts
    policies = {channel.id: channel.policy for channel in settings.channels if posts}
    return {
        "alarm": Every(ALARM_INTERVAL.total_seconds(), lambda: watch.alarm(policies)),
        "watch": Every(INTERVAL.total_seconds(), watch.look),
        "clean": Every(
            CLEAN_SECONDS,
            lambda: clean(
                database, settings.retention.given, now=clock(), rest=partial(sleep, REST_SECONDS)
            ),
        ),
        **(_posting(settings, database, poster, duties, clock=clock) if posts else {}),
    }


def _posting(
    settings: Settings, database: Database, poster: Poster, duties: Duties, *, clock: Clock
) -> dict[str, Every]:
    """What is posted, and how often it is looked for."""

    def reports() -> None:
        for channel in settings.channels:
            now = clock()
            report(
                database,
                channel=channel.id,
                schedule=channel.schedule,
                now=now,
                audience=channel.audience,
            )
            review.post(database, channel=channel.id, schedule=channel.weekly, now=now)
        doubt(database, channels=[channel.id for channel in settings.channels], now=clock())

    def reminders() -> None:
        now = clock()
        remind(
            database,
            teams=settings.reached(lambda schedule: duties.whom(schedule, now)),
            escalation=settings.reminders.escalation,
            now=now,
        )

    return {
        "report": Every(REPORT_SECONDS, reports),
        "confirm": Every(CONFIRM_SECONDS, lambda: confirm(database, now=clock())),
        "remind": Every(REMIND_SECONDS, reminders),
        "send": Every(SEND_SECONDS, poster.drain),
        "illustrate": Every(ILLUSTRATE_SECONDS, poster.illustrate),
    }


def _spooled(spool: Spool | None) -> dict[str, Any]:
    """What waits for the database, where there is room for that."""
    return {"spool": {"errors": spool.events, "used": round(spool.used, 4)}} if spool else {}


def _facts(database: Database, *, now: datetime) -> dict[str, Any]:
    """How fresh each source is, and which of several replicas is connected to Slack; nothing while
    the database cannot be asked."""
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
