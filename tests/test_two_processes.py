"""`triage ingest` beside a service on one SQLite file: nobody is locked out."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import text

from bot.core.detection.threshold import Rules
from bot.core.telling.policy import Policy
from bot.flows import decide, find
from bot.flows.record import record
from bot.flows.watch import Watch
from storage import outbox
from storage.database import Database, open_database
from tests.builders import an_event

LINES = 6_000
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "triage.db"


@pytest.fixture
def shared(file: Path) -> Iterator[Database]:
    """A database that survives a power cut, as the service's does."""
    opened = open_database(f"sqlite:///{file}")
    yield opened
    opened.close()


@contextmanager
def ingesting(file: Path, log: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that reads a log into the same file."""
    program = subprocess.Popen(
        [sys.executable, "-m", "bot", "ingest", str(log), "--db", f"sqlite:///{file}", "--json"],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield program
    finally:
        program.kill()
        program.communicate()


def a_log(path: Path, service: str) -> Path:
    """Errors of two days, of fifty kinds."""
    lines = (
        json.dumps(
            {
                "time": (NOW - timedelta(seconds=30 * n)).isoformat(),
                "level": "error",
                "service": service,
                "message": f"cannot reach {'abcdefghij'[n % 10] * 3}: {'pqrst'[n % 5] * 4} refused",
            }
        )
        for n in range(LINES)
    )
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def flows(database: Database) -> Iterable[Callable[[], object]]:
    """What a service does all the time; each is done again and again."""
    (number,) = record(database, [an_event(time=NOW)], now=NOW).signature_ids
    with database.read() as session:
        short_id = find.by_number(session, number).short_id
    watch = Watch(database, lambda: NOW, rules=Rules(), site_rules=())
    numbers = count()

    def click() -> None:
        decide.reroute(database, short_id, team=f"team-{next(numbers)}", by="U1", now=NOW)

    def post() -> None:
        with database.write() as session:
            outbox.add(session, f"m{next(numbers)}", channel="C1", kind="x", content={}, now=NOW)
            outbox.lease(session, worker="w1", now=NOW, lease_seconds=1)

    def receive() -> None:
        record(database, [an_event(service="pushed", time=NOW)], now=NOW)

    return watch.look, lambda: watch.alarm({"C1": Policy(6)}), click, post, receive


@pytest.mark.promise(row="R12")
def test_nobody_is_locked_out_while_two_logs_are_read_beside_a_service(
    file: Path, shared: Database, tmp_path: Path
) -> None:
    over = Event()

    def again_and_again(flow: Callable[[], object]) -> int:
        for done in count(1):
            flow()
            if over.wait(0.01):
                return done
        raise AssertionError

    logs = [a_log(tmp_path / f"{name}.jsonl", name) for name in ("cart", "search")]
    with ThreadPoolExecutor(5) as pool:
        running = [pool.submit(again_and_again, flow) for flow in flows(shared)]
        try:
            with ingesting(file, logs[0]) as first, ingesting(file, logs[1]) as second:
                said = [program.communicate(timeout=200) for program in (first, second)]
                assert (first.returncode, second.returncode) == (0, 0), said
        finally:
            over.set()
        rounds = [one.result() for one in running]
    with shared.read() as session:
        counted = session.execute(
            text("SELECT sum(total) FROM signatures WHERE service IN ('cart', 'search')")
        ).scalar()
    assert counted == 2 * LINES
    assert min(rounds) > 1, "each flow had its turns"
