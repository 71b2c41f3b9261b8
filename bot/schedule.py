"""Which flow runs when, and one guard for jobs that fail.

The scheduler only pokes: what is due lives in the database, so a poke that is missed, doubled or
cut short changes nothing.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from time import monotonic, time  # noqa: TID251  (the scheduler goes by it too)

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from storage.failures import cause, is_outside

log = logging.getLogger(__name__)

Job = Callable[[], object]
STALE_AFTER = 10
"""A job that has not succeeded for this many of its intervals is unwell."""
TOLD_EVERY_SECONDS = 60
"""How often the log tells of a job that goes on failing, which may be twice a second."""
_OF_THE_DATABASE = "the database"
"""Told of once for all jobs, and without a traceback: what is to be mended is outside."""
CLOCK_SECONDS = 0.5
"""How often the machine's clock is compared with one that nobody sets."""
JUMP_SECONDS = 2
"""A clock that is further off than this was set anew; pokes may come later by as much."""


@dataclass(frozen=True, slots=True)
class Every:
    """A job and how often it is poked."""

    seconds: float
    job: Job


class _Again(BaseTrigger):  # type: ignore[misc]
    """A trigger that fires at once, and again so long after each time.

    APScheduler's own interval trigger counts up every turn that a clock which was set forward left
    out: for a year of half seconds that takes minutes, and gigabytes.
    """

    def __init__(self, seconds: float) -> None:
        self._pause = timedelta(seconds=seconds)

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        return now + self._pause if previous_fire_time else now


class Schedule:
    """Jobs poked at their intervals, each in a thread of its own; a failure waits for the next
    poke.

    APScheduler goes by the machine's clock: for as long as that was set back it would poke nothing.
    So all jobs are poked anew once the clock was set.
    """

    def __init__(
        self,
        jobs: Mapping[str, Every],
        *,
        clock: Callable[[], datetime],
        elapsed: Callable[[], float] = monotonic,
    ) -> None:
        self._jobs = jobs
        self._clock = clock
        self._elapsed = elapsed
        self._succeeded = dict.fromkeys(jobs, clock())
        self._well_at = dict.fromkeys(jobs, elapsed())
        self._told_at: dict[str, float] = {}
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(max(1, len(jobs)))},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._stopping = Event()
        self._clock_watch = Thread(target=self._watch_clock, name="clock-watch")

    def start(self) -> None:
        """Poke each job now, and then at its interval."""
        for name, every in self._jobs.items():
            self._scheduler.add_job(self.poke, _Again(every.seconds), [name], id=name)
        self._scheduler.start()
        self._clock_watch.start()

    def stop(self) -> None:
        """Let what is running finish, and poke no more."""
        self._stopping.set()
        self._clock_watch.join()
        self._scheduler.shutdown(wait=True)

    def _watch_clock(self) -> None:
        before = _ahead()
        while not self._stopping.wait(CLOCK_SECONDS):
            ahead = _ahead()
            if abs(ahead - before) > JUMP_SECONDS:
                log.warning("The clock was set by %+.0f s: every job has its turn", ahead - before)
                for job in self._scheduler.get_jobs():
                    job.reschedule(job.trigger)
                before = ahead

    def succeeded(self) -> Mapping[str, datetime]:
        """When each job last succeeded; for those that never did, when they were to run first."""
        return dict(self._succeeded)

    def unwell(self) -> str:
        """The jobs that have not succeeded for long, or an empty string."""
        now = self._elapsed()
        stale = [
            name
            for name, every in self._jobs.items()
            if now - self._well_at[name] > max(60, STALE_AFTER * every.seconds)
        ]
        return f"no success for long: {', '.join(stale)}" if stale else ""

    def poke(self, name: str) -> None:
        """Run one job now. If it fails, the log says so, and again every minute."""
        try:
            self._jobs[name].job()
        except Exception as error:  # noqa: BLE001  (whatever it is, the next turn comes)
            self._failed(name, error)
        else:
            self._succeeded[name], self._well_at[name] = self._clock(), self._elapsed()
            self._told_at.pop(name, None)

    def _failed(self, name: str, error: Exception) -> None:
        now, is_known = self._elapsed(), is_outside(error)
        told = _OF_THE_DATABASE if is_known else name
        if told in self._told_at and now - self._told_at[told] < TOLD_EVERY_SECONDS:
            return
        self._told_at[told] = now
        if is_known:
            log.error(
                "The job %s failed for want of the database (%s); each that does is tried again at "
                "its turns",
                name,
                cause(error),
            )
        else:
            log.error("The job %s failed; it is tried again at its turns", name, exc_info=error)


def _ahead() -> float:
    """By how many seconds the machine's clock is ahead of its monotonic one."""
    return time() - monotonic()
