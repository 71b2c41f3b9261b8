"""Jobs are poked at their intervals, and the schedule knows which of them do not succeed."""

import logging
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Semaphore

import pytest
import time_machine

from bot.schedule import STALE_AFTER, Every, Job, Schedule
from tests.fakes import Clock

DEADLINE_SECONDS = 10


class Broken(Exception):
    """What a job may raise."""


def of(jobs: Mapping[str, Every], clock: Clock) -> Schedule:
    """A schedule for which as much time passes as on a clock."""
    return Schedule(jobs, clock=clock, elapsed=lambda: clock().timestamp())


@contextmanager
def started(clock: Clock, seconds: float = 60, **jobs: Job) -> Iterator[Schedule]:
    with running(of({name: Every(seconds, job) for name, job in jobs.items()}, clock)) as schedule:
        yield schedule


@contextmanager
def running(schedule: Schedule) -> Iterator[Schedule]:
    schedule.start()
    try:
        yield schedule
    finally:
        schedule.stop()


def poked(times: int, job: Job) -> tuple[Job, Event]:
    """The job, and what is set once it was poked so often."""
    reached, left = Event(), iter(range(times - 1, -1, -1))

    def counted() -> object:
        if next(left, 1) == 0:
            reached.set()
        return job()

    return counted, reached


def fails() -> None:
    raise Broken


def works() -> None:
    """Nothing goes wrong."""


def test_a_job_is_poked_at_the_start_and_again_at_its_interval() -> None:
    job, twice = poked(2, works)
    with started(Clock(), 0.01, send=job):
        assert twice.wait(DEADLINE_SECONDS)


@pytest.mark.promise(row="R6")
@pytest.mark.parametrize("hours", [-25, -1, 1, 25])
def test_a_clock_that_is_set_anew_makes_no_job_unwell(hours: int) -> None:
    clock = Clock()
    job, twice = poked(2, lambda: clock.move(hours=hours))
    schedule = Schedule({"send": Every(0.01, job), "report": Every(60, works)}, clock=clock)
    with running(schedule):
        assert twice.wait(DEADLINE_SECONDS)
        assert schedule.unwell() == ""


@pytest.mark.promise(row="R6")
@pytest.mark.parametrize("days", [-365, -1 / 24, 1 / 24, 365])
def test_the_machines_clock_may_be_set_anew_and_jobs_are_poked_on(days: float) -> None:
    pokes = Semaphore(0)
    with started(Clock(), 0.01, send=pokes.release):
        assert pokes.acquire(timeout=DEADLINE_SECONDS)
        with time_machine.travel(timedelta(days=days)):
            while pokes.acquire(blocking=False):
                """Those of before."""
            for _ in range(5):
                assert pokes.acquire(timeout=DEADLINE_SECONDS)


def test_a_job_that_fails_is_logged_and_poked_again(caplog: pytest.LogCaptureFixture) -> None:
    job, twice = poked(2, fails)
    with caplog.at_level(logging.ERROR), started(Clock(), 0.01, send=job):
        assert twice.wait(DEADLINE_SECONDS)
    assert "The job send failed" in caplog.text
    assert "Broken" in caplog.text


def test_a_job_that_goes_on_failing_is_told_of_once_a_minute(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock, outcomes = Clock(), iter([fails, fails, fails, works, fails])

    def job() -> None:
        next(outcomes)()

    schedule = of({"send": Every(0.5, job)}, clock)
    told = []
    for seconds in (0, 59, 1, 0, 0):
        clock.move(seconds=seconds)
        schedule.poke("send")
        told.append(len(caplog.records))
    assert told == [1, 1, 2, 2, 3], "again after a minute, and when it failed anew"


def test_what_the_database_fails_with_is_told_of_once_for_all_jobs_and_without_a_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def job() -> None:
        raise sqlite3.OperationalError("database or disk is full")

    clock = Clock()
    schedule = of({"send": Every(0.5, job), "clean": Every(300, job)}, clock)
    for seconds in (0, 59, 1):
        clock.move(seconds=seconds)
        schedule.poke("send")
        schedule.poke("clean")
    said = (
        "The job send failed for want of the database (database or disk is full); each that does "
        "is tried again at its turns"
    )
    assert [record.getMessage() for record in caplog.records] == [said] * 2
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(
    ("job", "said"), [(works, ""), (fails, "no success for long: send")], ids=["works", "fails"]
)
def test_a_job_that_fails_is_unwell_once_it_did_so_for_long(
    job: Callable[[], None], said: str
) -> None:
    clock, seconds = Clock(), 60
    schedule = of({"send": Every(seconds, job)}, clock)
    assert schedule.unwell() == "", "it has not had its first turn"
    clock.move(seconds=STALE_AFTER * seconds + 1)
    schedule.poke("send")
    assert schedule.unwell() == said


def test_only_a_job_that_is_not_poked_for_long_is_unwell() -> None:
    clock = Clock()
    schedule = of({"send": Every(60, works), "report": Every(60, works)}, clock)
    clock.move(seconds=STALE_AFTER * 60)
    assert schedule.unwell() == ""
    schedule.poke("report")
    clock.move(seconds=1)
    assert schedule.unwell() == "no success for long: send"


def test_a_job_of_every_second_is_given_a_minute() -> None:
    clock = Clock()
    schedule = of({"send": Every(1, works)}, clock)
    clock.move(seconds=60)
    assert schedule.unwell() == ""
    clock.move(seconds=1)
    assert schedule.unwell() == "no success for long: send"
