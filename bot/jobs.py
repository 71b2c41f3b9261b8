"""What a running service does again and again, and how often."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from time import sleep

from bot import asking
from bot.core.intake.retention import RowBudget
from bot.core.trace import Trace
from bot.flows import review
from bot.flows.clean import Pace, clean
from bot.flows.confirm import confirm
from bot.flows.doubt import doubt
from bot.flows.pull import Puller
from bot.flows.receive import Intake
from bot.flows.remind import remind
from bot.flows.report import report
from bot.flows.watch import ALARM_INTERVAL, INTERVAL, Watch
from bot.pagerduty import Duties
from bot.schedule import Every
from bot.settings import Settings
from bot.slack.app import Link
from bot.slack.members import Members
from bot.slack.poster import Poster
from bot.sources.web import Web
from storage.database import Database
from storage.locks import Lock, Presence

REPORT_SECONDS = 15
REMIND_SECONDS = 15
MEMBERS_SECONDS = 60
DUTY_SECONDS = 60
CONFIRM_SECONDS = 300
ANALYSE_SECONDS = 15
"""The least time between two rounds; a round takes as long as a few calls, one after the other."""
CANARY_SECONDS = 900
"""The cases are asked once a day: this is how soon after midnight, or after whoever did is gone."""
PROBE_SECONDS = 86_400
"""Models are also tried at the start."""
ILLUSTRATE_SECONDS = 3
"""Pictures are added a little after their messages."""
CLEAN_SECONDS = 300
REST_SECONDS = 0.02
"""About as long as a part of a cleaning takes: who just gave a lock back would be the first to ask
for it again."""
RECOVER_SECONDS = 5
"""How soon what was acknowledged by a replica that is gone is found to be left."""
LOCK_SECONDS = 3
"""How soon another replica is connected to Slack where one died; a fifth of the time after which
one that is not heard of counts as dead. As often each tells the others that it lives."""
TURN_SECONDS = 1
"""How soon one leaves where it is not its turn any more."""
PULL_SECONDS = 15
"""How soon a source is asked once it is time; a tenth of what a round may take at most."""
SEND_SECONDS = 0.5
"""A decision is on every message within two seconds."""

TWINS_SECONDS = 5
"""How soon a twin of a message goes once who may have posted it holds nothing any more."""

Clock = Callable[[], datetime]


class Models:
    """The jobs that ask models, until they are stopped."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        presence: Presence,
        *,
        clock: Clock,
        trace: Trace,
    ) -> None:
        seconds = max(ANALYSE_SECONDS, settings.llm.deadline_seconds / 2)
        analyst = asking.analyst(settings, database, presence, clock=clock, trace=trace)
        daily = asking.daily(settings, database, presence, clock=clock, trace=trace)
        askers = {
            "analyse": (seconds, analyst),
            "canary": (CANARY_SECONDS, daily),
            "probe": (PROBE_SECONDS, asking.probing(settings, database, clock=clock, trace=trace)),
        }
        self._askers = {name: (each, one) for name, (each, one) in askers.items() if one}

    @property
    def jobs(self) -> dict[str, Every]:
        """The jobs by name."""
        return {name: Every(each, one.round) for name, (each, one) in self._askers.items()}

    def stop(self) -> None:
        """Ask nothing more, and end the calls under way."""
        for _, asker in self._askers.values():
            asker.stop()


class Pulling:
    """The jobs that pull from sources, one for each, until they are stopped."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        intake: Intake,
        presence: Presence,
        *,
        clock: Clock,
    ) -> None:
        self._web = Web()
        self._pullers = {
            one.name: Puller(
                database,
                one,
                intake,
                holder=presence.worker,
                gone=presence.gone,
                ask=self._web.ask,
                clock=clock,
            )
            for one in settings.asked
        }

    @property
    def jobs(self) -> dict[str, Every]:
        """The jobs by name."""
        return {f"pull {name}": Every(PULL_SECONDS, of.poke) for name, of in self._pullers.items()}

    def stop(self) -> None:
        """Ask for nothing more, and end the requests under way."""
        for puller in self._pullers.values():
            puller.stop()
        self._web.stop()


class Cleaning:
    """The job that deletes what is old. It knows how full each budget of rows was after the last
    run, and how many rows were deleted because of it since the start."""

    def __init__(self, settings: Settings, database: Database, *, clock: Clock) -> None:
        self._settings = settings
        self._database = database
        self._pace = Pace(database, clock)
        self._budgets: tuple[RowBudget, ...] = ()

    @property
    def jobs(self) -> dict[str, Every]:
        """The job by its name."""
        return {"clean": Every(CLEAN_SECONDS, self._clean)}

    def budgets(self) -> Sequence[RowBudget]:
        """The budgets of rows as of the last cleaning; empty before the first."""
        return self._budgets

    def _clean(self) -> None:
        kept, rest = self._settings.retention.given, partial(sleep, REST_SECONDS)
        done = clean(self._database, kept, now=self._pace.as_of(), rest=rest)
        before = {one.setting: one.gone for one in self._budgets}
        self._budgets = tuple(
            replace(one, gone=one.gone + before.get(one.setting, 0)) for one in done.budgets
        )


def reaching(
    settings: Settings, members: Members, link: Link, lock: Lock | None
) -> dict[str, Every]:
    """The jobs that keep this replica connected to Slack while it is its turn, and that look up who
    is in which user group, where rights depend on that."""
    is_grouped = settings.slack.posts and settings.roles.given.groups
    return {
        **({"members": Every(MEMBERS_SECONDS, members.refresh)} if is_grouped else {}),
        "recover": Every(RECOVER_SECONDS, link.recover),
        **({"lock": Every(LOCK_SECONDS, lock.keep)} if lock else {}),
        **({"turn": Every(TURN_SECONDS, link.take_turn)} if lock else {}),
    }


def living(database: Database, presence: Presence) -> dict[str, Every]:
    """The job that lets other replicas know that this one lives, so that they leave its work
    alone."""
    return {"presence": Every(LOCK_SECONDS, presence.keep)} if database.is_shared else {}


def due(
    settings: Settings,
    database: Database,
    poster: Poster,
    duties: Duties,
    *,
    clock: Clock,
) -> dict[str, Every]:
    """The jobs that judge and post."""
    watch = Watch(database, clock, rules=settings.detection.rules, site_rules=settings.owner_rules)
    posts = settings.slack.posts
    policies = {channel.id: channel.policy for channel in settings.channels if posts}
    return {
        "alarm": Every(ALARM_INTERVAL.total_seconds(), lambda: watch.alarm(policies)),
        "watch": Every(INTERVAL.total_seconds(), watch.look),
        **(_posting(settings, database, poster, duties, clock=clock) if posts else {}),
    }


def _posting(
    settings: Settings, database: Database, poster: Poster, duties: Duties, *, clock: Clock
) -> dict[str, Every]:
    """The jobs that post, and the one that looks up who is on duty, where schedules are set."""

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
        "twins": Every(TWINS_SECONDS, poster.look_for_twins),
        "illustrate": Every(ILLUSTRATE_SECONDS, poster.illustrate),
        **({"duty": Every(DUTY_SECONDS, duties.refresh)} if settings.schedules else {}),
    }


def traced(jobs: Mapping[str, Every], trace: Trace) -> dict[str, Every]:
    """The same jobs, with a span for each run. `send` has none: it runs twice a second, mostly with
    nothing to do, and the messages it sends have spans of their own."""

    def run(name: str, job: Callable[[], object]) -> None:
        with trace(f"job {name}", {}):
            job()

    return {
        name: one if name == "send" else replace(one, job=partial(run, name, one.job))
        for name, one in jobs.items()
    }
