"""Which flow runs when, and one guard for jobs that fail.

The scheduler only pokes: what is due lives in the database, so a poke that is missed, doubled or
cut short changes nothing.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler

log = logging.getLogger(__name__)

Job = Callable[[], object]
STALE_AFTER = 10
"""A job that has not succeeded for this many of its intervals is unwell."""


@dataclass(frozen=True, slots=True)
class Every:
    """A job and how often it is poked."""

    seconds: float
    job: Job


class Schedule:
    """Jobs poked at their intervals, each in a thread that no other takes; a failure waits for the
    next poke."""

    def __init__(self, jobs: Mapping[str, Every], *, clock: Callable[[], datetime]) -> None:
        self._jobs = jobs
        self._clock = clock
        self._succeeded = dict.fromkeys(jobs, clock())
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            executors={"default": {"type": "threadpool", "max_workers": max(1, len(jobs))}},
        )

    def start(self) -> None:
        """Poke each job now, and then at its interval."""
        for name, every in self._jobs.items():
            self._scheduler.add_job(
                self.poke,
                "interval",
                [name],
                seconds=every.seconds,
                next_run_time=datetime.now(UTC),  # noqa: TID251  (the scheduler's own real clock)
            )
        self._scheduler.start()

    def stop(self) -> None:
        """Let what is running finish, and poke no more."""
        self._scheduler.shutdown(wait=True)

    def succeeded(self) -> Mapping[str, datetime]:
        """When each job last succeeded, or else when they were first to run."""
        return dict(self._succeeded)

    def unwell(self) -> str:
        """The jobs that have not succeeded for long, or an empty string."""
        now = self._clock()
        stale = [
            name
            for name, every in self._jobs.items()
            if now - self._succeeded[name] > timedelta(seconds=max(60, STALE_AFTER * every.seconds))
        ]
        return f"no success for long: {', '.join(stale)}" if stale else ""

    def poke(self, name: str) -> None:
        """Run one job now; where it fails, the log says so."""
        try:
            self._jobs[name].job()
        except Exception:
            log.exception("The job %s failed; it is tried again at its next turn", name)
        else:
            self._succeeded[name] = self._clock()
