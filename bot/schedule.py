"""Which flow runs when, and one guard for jobs that fail.

It only pokes: what is due lives in the database, so a poke that is missed, doubled or cut short
changes nothing. Pauses are those of the machine's monotonic clock, which nobody sets.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Event, Thread
from time import monotonic

log = logging.getLogger(__name__)

Job = Callable[[], object]
STALE_AFTER = 10
"""A job that has not succeeded for this many of its intervals is unwell."""
TOLD_EVERY_SECONDS = 60
"""The log tells of a job that goes on failing, which it may do twice a second."""


@dataclass(frozen=True, slots=True)
class Every:
    """A job and how often it is poked."""

    seconds: float
    job: Job


class Schedule:
    """Jobs poked at their intervals, each in a thread that no other takes; a failure waits for the
    next poke."""

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
        self._stopping = Event()
        self._threads = [Thread(target=self._run, args=(name,), name=name) for name in jobs]

    def start(self) -> None:
        """Poke each job now, and then at its interval."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let what is running finish, and poke no more."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _run(self, name: str) -> None:
        while not self._stopping.is_set():
            began = self._elapsed()
            self.poke(name)
            self._stopping.wait(began + self._jobs[name].seconds - self._elapsed())

    def succeeded(self) -> Mapping[str, datetime]:
        """When each job last succeeded, or else when they were first to run."""
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
        """Run one job now; where it fails, the log says so, and again every minute."""
        try:
            self._jobs[name].job()
        except Exception as error:  # noqa: BLE001  (whatever it is, the next turn comes)
            self._failed(name, error)
        else:
            self._succeeded[name], self._well_at[name] = self._clock(), self._elapsed()
            self._told_at.pop(name, None)

    def _failed(self, name: str, error: Exception) -> None:
        now = self._elapsed()
        if name in self._told_at and now - self._told_at[name] < TOLD_EVERY_SECONDS:
            return
        self._told_at[name] = now
        log.error("The job %s failed; it is tried again at its turns", name, exc_info=error)
