"""A flood over HTTP in which no two errors are alike, and what is known beside it.

    python -m tests.bench.flood [--events 1000000] [--services 20]

The receiver is a process of its own. Four connections send what nobody ever said, 500 a body; a
fifth sends an error that is known, one at a time, and waits for each answer. Told is how much came
in, what that cost in memory, disk and signatures, how long the known error waited, and how long it
takes to judge all of it afterwards. What is known has to be counted exactly.
"""

import argparse
import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from random import Random
from string import ascii_lowercase
from tempfile import TemporaryDirectory
from threading import Event
from time import perf_counter, process_time

from sqlalchemy import func, select

from bot.core.detection.threshold import Rules
from bot.flows.watch import Watch
from storage.database import Database, open_database
from storage.tables import Signature
from tests import peak, receiving
from tests.forked import Life
from tests.receiving import now

KEY = "k" * 32
A_BODY = 500
CONNECTIONS = 4
KNOWN = "payment failed: connection refused"
PAUSE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Flooded:
    """What came of a flood: MB of memory at the most and of the database's file, seconds in all,
    those that the known error waited at the most, and seconds of the processor to judge it."""

    events: int
    known: int
    known_counted: int
    signatures: int
    memory: float
    disk: float
    seconds: float
    waited: float
    judged: float


def flood(folder: Path, *, events: int, services: int) -> Flooded:
    """Send so many, of so many services, and count."""
    url = f"sqlite:///{folder}/triage.db"
    open_database(url).close()
    life = Life(receiving.main, url, KEY)
    port, is_over = life.hear(), Event()
    _post(port, [_known(0)])
    share = events // CONNECTIONS
    with ThreadPoolExecutor(CONNECTIONS + 1) as senders:
        began = perf_counter()
        beside = senders.submit(_send_known, port, is_over)
        sent = [senders.submit(_send, port, seed, share, services) for seed in range(CONNECTIONS)]
        try:
            total = sum(one.result() for one in sent)
        finally:
            is_over.set()
        took = perf_counter() - began
        known, waited = beside.result()
    memory = peak.megabytes(life.pid)
    assert life.stop() == 0
    with closing(open_database(url)) as database:
        counted, signatures = _counted(database)
        began = process_time()
        Watch(database, now, rules=Rules(), site_rules=()).look()
        judged = process_time() - began
    disk = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
    return Flooded(total, known + 1, counted, signatures, memory, disk, took, waited, judged)


def _send(port: int, seed: int, events: int, services: int) -> int:
    chance = Random(seed)
    for number in range(0, events, A_BODY):
        _post(port, [_unheard(chance, services) for _ in range(min(A_BODY, events - number))])
    return events


def _unheard(chance: Random, services: int) -> dict[str, str]:
    words = " ".join("".join(chance.choices(ascii_lowercase, k=7)) for _ in range(8))
    return {"service": f"service-{chance.randrange(services)}", "level": "error", "message": words}


def _send_known(port: int, is_over: Event) -> tuple[int, float]:
    """How many were sent, and the longest that one waited."""
    longest = 0.0
    for number in count(1):
        began = perf_counter()
        _post(port, [_known(number)])
        longest = max(longest, perf_counter() - began)
        if is_over.wait(PAUSE_SECONDS):
            return number, longest
    raise AssertionError


def _known(number: int) -> dict[str, str]:
    return {"service": "checkout", "level": "error", "message": KNOWN, "event_id": f"{number}"}


def _post(port: int, records: list[dict[str, str]]) -> None:
    """Until it is taken."""
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    rest = Event()
    while True:
        with closing(HTTPConnection("127.0.0.1", port, timeout=600)) as connection:
            connection.request("POST", "/ingest", json.dumps(records), headers)
            answer = connection.getresponse()
            said = answer.read()
        if answer.status == 200:
            return
        assert answer.status == 503, said
        rest.wait(0.2)


def _counted(database: Database) -> tuple[int, int]:
    """How often the known error was, and how many signatures there are."""
    with database.read() as session:
        known = select(Signature.total).where(Signature.title == KNOWN)  # type: ignore[arg-type,call-overload]
        (total,) = session.execute(known).one()
        (signatures,) = session.execute(select(func.count()).select_from(Signature)).one()
    return int(total), int(signatures)


@contextmanager
def _folder() -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        yield Path(folder)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=1_000_000, help="that no two are alike of")
    parser.add_argument("--services", type=int, default=20, help="that they are of")
    given = parser.parse_args()
    with _folder() as folder:
        found = flood(folder, events=given.events, services=given.services)
    print(
        f"{found.events:,} distinct errors of {given.services:,} services in "
        f"{found.seconds:,.0f} s ({found.events / found.seconds:,.0f}/s), "
        f"load {os.getloadavg()[0]:.1f}: "
        f"{found.memory:,.0f} MB at the most, {found.signatures:,} signatures, "
        f"{found.disk:,.0f} MB on the disk, judged in {found.judged:,.1f} CPU s"
    )
    print(
        f"known error beside it: {found.known_counted:,} of {found.known:,} counted, "
        f"waited {found.waited:,.2f} s at the most"
    )
    assert found.known_counted == found.known


if __name__ == "__main__":
    main()
