"""Whether anything grows: the whole service for an hour, while errors come in, people claim and
release, and digests are posted.

    python -m tests.bench.soak [--minutes 60] [--events 500]

Its clock runs sixty times as fast, so that an hour is two and a half days. Told are memory,
threads, open files, and the database with its log, every so often; the bars are on what the end has
more than a quarter of the time. Each event that was acknowledged is to be counted, each decision
kept.
"""

import argparse
import json
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import time
from http.client import HTTPConnection
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from time import monotonic

from pydantic import SecretStr
from sqlalchemy import func, select
from sqlmodel import col

from bot.app import running
from bot.settings import Channel, Http
from bot.workspace import Workspace, serve
from storage.database import Database, open_database
from storage.events import count as count_events
from storage.tables import Decision, Digest, Signature
from tests import crashing
from tests.forked import Life

KEY = "k" * 32
ANA = "U000ANA"
A_BODY = 100
KINDS, CUSTOMERS = 300, 20
SLOTS = tuple(time(hour, minute) for hour in range(24) for minute in range(0, 60, 15))
"""A digest is due every fifteen seconds of ours."""
LOOKS = 20
MEGABYTE = 1_000_000
MOST_LOG_MEGABYTES = 64
MOST_GROWTH, SOME_MEGABYTES, SOME = 1.1, 15, 5
"""What the end may have more than a quarter of the time: a tenth and some megabytes, some threads,
some files."""
ENDS_WITHIN_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Look:
    """What a process has at a moment: minutes in, MB of memory, threads, open files, and the MB of
    its database and of that's log."""

    minutes: float
    memory: float
    threads: int
    files: int
    database: float
    log: float


def main(file: Path, api_url: str, started: float, line: Connection) -> None:
    """Serve until SIGTERM; says its port once it does."""
    told = Event()
    signal.signal(signal.SIGTERM, lambda *_: told.set())
    database = open_database(f"sqlite:///{file}")
    http = Http(port=0, api_key=SecretStr(KEY))
    channels = (Channel(id=crashing.CHANNEL, digest=SLOTS),)
    settings = crashing.settings(api_url).model_copy(update={"http": http, "channels": channels})
    with running(settings, database, clock=crashing.fast_clock(started)) as service:
        line.send(service.port)
        told.wait()
    database.close()


def send(port: int, rate: int, over: Event) -> int:
    """Send so many events a second until it is over, and give how many were acknowledged."""
    began, acknowledged = monotonic(), 0
    with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        for body in count():
            if over.wait(max(0, began + body * A_BODY / rate - monotonic())):
                return acknowledged
            errors = [
                {
                    "event_id": f"{number}",
                    "service": f"service-{number % 7}",
                    "customer": f"customer-{number % CUSTOMERS}",
                    "message": f"{kind(number % KINDS)} refused request {number} after {body} ms",
                }
                for number in range(body * A_BODY, (body + 1) * A_BODY)
            ]
            headers = {"Authorization": f"Bearer {KEY}"}
            connection.request("POST", "/ingest", json.dumps(errors), headers)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
            acknowledged += A_BODY
    raise AssertionError


def kind(number: int) -> str:
    """A word of its own."""
    return "".join(chr(ord("a") + (number // 26**place) % 26) * 3 for place in range(3))


def decide(workspace: Workspace, names: Sequence[str], over: Event) -> int:
    """Claim and release in turn until it is over, and give how often that was acknowledged."""
    acknowledged = 0
    for turn in count():
        if over.wait(0.5):
            return acknowledged
        name = names[turn // 2 % len(names)]
        words = f"{'release' if turn % 2 else 'claim'} {name}"
        acknowledged += workspace.command(ANA, crashing.CHANNEL, "/triage", words).ok
    raise AssertionError


def looks(life: Life, file: Path, seconds: float) -> Iterator[Look]:
    """One every so often, until the end."""
    for number in range(1, LOOKS + 1):
        life.goes_on(seconds / LOOKS)
        process = Path(f"/proc/{life.pid}")
        status = dict(
            one.split(":", 1) for one in (process / "status").read_text().splitlines() if ":" in one
        )
        yield Look(
            minutes=seconds / 60 * number / LOOKS,
            memory=int(status["VmRSS"].split()[0]) * 1024 / MEGABYTE,
            threads=int(status["Threads"]),
            files=len([*(process / "fd").iterdir()]),
            database=file.stat().st_size / MEGABYTE,
            log=file.with_name(f"{file.name}-wal").stat().st_size / MEGABYTE,
        )


def told_of(seen: Iterable[Look]) -> Iterator[Look]:
    """The same, each printed."""
    print(f"{'minutes':>8}{'MB':>8}{'threads':>9}{'files':>7}{'database MB':>13}{'log MB':>8}")
    for one in seen:
        print(
            f"{one.minutes:8.1f}{one.memory:8.1f}{one.threads:9}{one.files:7}"
            f"{one.database:13.1f}{one.log:8.1f}",
            flush=True,
        )
        yield one


def names_of(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.execute(select(col(Signature.short_id)).limit(20)).scalars())


def early(seen: Sequence[Look]) -> Look:
    """What it had after a quarter of the time."""
    return seen[len(seen) // 4 - 1]


def grown(seen: Sequence[Look]) -> list[str]:
    """What is above its bar."""
    first, late = early(seen), seen[-1]
    bars = {
        "memory": late.memory <= first.memory * MOST_GROWTH + SOME_MEGABYTES,
        "threads": late.threads <= first.threads + SOME,
        "files": late.files <= first.files + SOME,
        "log of the database": max(one.log for one in seen) < MOST_LOG_MEGABYTES,
    }
    return [name for name, is_kept in bars.items() if not is_kept]


def soaked(minutes: float, rate: int, folder: Path) -> bool:
    """Whether all is within its bar after so long."""
    started, (bot_token, app_token), file = monotonic(), crashing.TOKENS, folder / "triage.db"
    workspace = Workspace(
        clock=crashing.fast_clock(started), bot_token=bot_token, app_token=app_token
    )
    with serve(workspace) as server:
        life, over = Life(main, file, server.api_url, started), Event()
        port, told = life.hear(), dict[str, int]()
        sender = Thread(target=lambda: told.update(events=send(port, rate, over)))
        sender.start()
        life.goes_on(5)
        with closing(open_database(f"sqlite:///{file}")) as database:
            names = names_of(database)
            person = Thread(target=lambda: told.update(decisions=decide(workspace, names, over)))
            person.start()
            seen = list(told_of(looks(life, file, minutes * 60)))
            over.set()
            sender.join()
            person.join()
            asked_to_end = monotonic()
            status = life.stop()
            seconds = monotonic() - asked_to_end
            with database.read() as session:
                counted = count_events(session, first=0, last=10**9)
                kept = session.execute(select(func.count(col(Decision.id)))).scalar_one()
                digests = session.execute(select(func.count(col(Digest.id)))).scalar_one()
    wrong = grown(seen)
    wrong += ["events"] * (counted != told["events"]) + ["decisions"] * (kept < told["decisions"])
    wrong += ["end"] * (status != 0 or seconds > ENDS_WITHIN_SECONDS)
    print(
        f"{told['events']:,} events acknowledged, {counted:,} counted; {told['decisions']:,} "
        f"decisions acknowledged, {kept:,} kept; {digests:,} digests; ended in {seconds:.1f} s; "
        f"{seen[-1].memory / early(seen).memory:.2f} × the memory of a quarter of the time; "
        f"{', '.join(wrong) or 'nothing'} above its bar"
    )
    return not wrong


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=60, help="how long [60]")
    parser.add_argument("--events", type=int, default=500, help="a second [500]")
    given = parser.parse_args()
    with TemporaryDirectory() as name:
        sys.exit(not soaked(given.minutes, given.events, Path(name)))
