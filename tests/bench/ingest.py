"""How much comes in: events over HTTP into SQLite, each answered once it is synced to disk.

    python -m tests.bench.ingest [--seconds 10]

The receiver is a process with one core to itself; who sends has the others. Messages are of 200
errors with numbers and ids of their own, stacks have 7 kB, and of what is all distinct no two share
a word. All come as JSON lines, which name no type beside a stack, and as OTLP in protobuf, which
does: 500 a body, from eight connections. Told is what was counted a second, and a second of the
receiver's own processor time: on a busy machine only the latter says much. Memory is told after a
quarter of the time and at the end.

Last, the same events are recorded once more, without HTTP, and what that wrote is written again as
bare statements in transactions of the same size: how much of the processor each takes.
"""

import argparse
import os
import random
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from string import ascii_lowercase
from tempfile import TemporaryDirectory
from time import perf_counter, process_time, sleep
from typing import Any

import orjson
import sqlalchemy
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from sqlmodel import Session

from bot.core.event import Event
from bot.flows import receive
from bot.flows.record import record
from bot.sources import pushed
from bot.sources.pushed import Push
from storage.database import Database, open_database
from storage.events import count as count_events
from tests import receiving
from tests.forked import Life
from tests.receiving import now

KEY = "k" * 32
A_BODY = 500
CONNECTIONS = 8
ERRORS, SERVICES, CUSTOMERS = 200, 20, 50
STACK_CHARACTERS = 7_000
WORDS = (
    "payment", "invoice", "basket", "voucher", "address", "refund", "receipt", "session", "cache",
    "index", "upload", "webhook", "export", "login", "token", "schema", "replica", "queue",
    "worker", "lease", "shard", "batch", "cursor", "parser", "ledger",
)  # fmt: skip
FAULTS = (
    "connection refused by {host}:{number}",
    "timed out after {number} ms (request {id})",
    "no row for id {number} in {word}s",
    "user {id} may not read {word} {number}",
    "unexpected status {number} from https://{host}/v1/{word}/{id}",
    "could not parse {word} at line {number}, column {number}",
    "deadlock found when trying to get lock on {word}s (transaction {number})",
    "disk quota exceeded: {number} of {number} bytes",
)
Fact = dict[str, str]


class What(Enum):
    """What comes in."""

    MESSAGES = "messages"
    STACKS = "7 kB stacks"
    DISTINCT = "all distinct"


class Errors:
    """The same errors as programs log them, with numbers, ids and customers by a seed."""

    def __init__(self, what: What, *, seed: int = 1) -> None:
        self._chance = random.Random(0)
        self._what = what
        self._time = now()
        self._kinds = [self._kind(number) for number in range(ERRORS)]
        self._chance.seed(seed)

    def facts(self) -> Fact:
        """The next one."""
        self._time += timedelta(microseconds=137)
        service, text, stack = self._chance.choice(self._kinds)
        text = self._words() if self._what is What.DISTINCT else text
        found = {
            "time": self._time.isoformat(),
            "level": "error",
            "service": service,
            "customer": f"customer-{self._chance.randrange(CUSTOMERS)}",
            "message": text.format(
                number=self._chance.randrange(1, 60_000),
                id=f"{self._chance.getrandbits(64):016x}",
            ),
        }
        return {**found, "stack": f"{stack}: {found['message']}"} if stack else found

    def _kind(self, number: int) -> tuple[str, str, str]:
        word, other = self._chance.choice(WORDS), self._chance.choice(WORDS)
        host = f"{word}-{number % 7}.internal"
        fault = self._chance.choice(FAULTS).format(
            host=host, word=other, number="{number}", id="{id}"
        )
        service = f"{WORDS[number % SERVICES]}-api"
        stack = self._stack() if self._what is What.STACKS else ""
        return service, f"{word} {other} failed: {fault}", stack

    def _words(self) -> str:
        """What nobody ever said."""
        return " ".join("".join(self._chance.choices(ascii_lowercase, k=7)) for _ in range(8))

    def _stack(self) -> str:
        """Python's, without its last line."""
        lines = ["Traceback (most recent call last):"]
        while sum(map(len, lines)) < STACK_CHARACTERS - 200:
            word, other = self._chance.choice(WORDS), self._chance.choice(WORDS)
            where = f"/srv/app/{word}/{other}.py"
            lines += [
                f'  File "{where}", line {self._chance.randrange(900)}, in {word}_{other}',
                f"    return self._{other}.{word}(request, timeout=self._timeout)",
            ]
        kind = f"{self._chance.choice(WORDS).title()}{self._chance.choice(WORDS).title()}Error"
        return "\n".join([*lines, kind])


def as_json(errors: Errors) -> bytes:
    """JSON lines."""
    return b"\n".join(orjson.dumps(errors.facts()) for _ in range(A_BODY))


def as_otlp(errors: Errors) -> bytes:
    """A request of OpenTelemetry's, a resource for each service."""
    request = ExportLogsServiceRequest()
    logs = dict[str, Any]()
    for _ in range(A_BODY):
        facts = errors.facts()
        service = facts["service"]
        if service not in logs:
            of_resource = request.resource_logs.add()
            of_resource.resource.attributes.add(key="service.name").value.string_value = service
            logs[service] = of_resource.scope_logs.add().log_records
        _fill(logs[service].add(), facts)
    return request.SerializeToString()


def _fill(log: LogRecord, facts: Fact) -> None:
    moment = datetime.fromisoformat(facts["time"])
    log.time_unix_nano = int(moment.timestamp() * 1_000_000) * 1_000
    log.severity_number, log.severity_text = 17, "ERROR"  # type: ignore[assignment]
    log.body.string_value = facts["message"]
    log.attributes.add(key="tenant.id").value.string_value = facts["customer"]
    if "stack" in facts:
        kind = facts["stack"].rpartition("\n")[2].partition(":")[0]
        log.attributes.add(key="exception.type").value.string_value = kind
        log.attributes.add(key="exception.message").value.string_value = facts["message"]
        log.attributes.add(key="exception.stacktrace").value.string_value = facts["stack"]


@dataclass(frozen=True, slots=True)
class Way:
    """How some events are sent."""

    path: str
    content_type: str
    body: Callable[[Errors], bytes]


WAYS = {
    "JSON lines": Way("/ingest", "application/json", as_json),
    "OTLP": Way("/v1/logs", "application/x-protobuf", as_otlp),
}


@dataclass(frozen=True, slots=True)
class Run:
    """Events a second, and a second of the receiver's own; its MB after a quarter, and at last."""

    rate: float
    rate_busy: float
    memory: tuple[float, float]


def measured(way: Way, what: What, *, seconds: float) -> Run:
    """Send for so long, to a receiver of its own, after a second that is not measured."""
    with TemporaryDirectory() as folder, ThreadPoolExecutor(CONNECTIONS) as senders:
        url = f"sqlite:///{folder}/triage.db"
        open_database(url).close()
        life = Life(receiving.main, url, KEY)
        port = life.hear()
        give_a_core(life)

        def send(seed: int, until: float) -> int:
            return _send(way, port, Errors(what, seed=seed), until=until)

        warmed = send(0, perf_counter() + 1)
        busy, began = busy_seconds(life), perf_counter()
        sent = [senders.submit(send, seed, began + seconds) for seed in range(1, CONNECTIONS + 1)]
        sleep(seconds / 4)
        memory = megabytes(life)
        events = sum(one.result() for one in sent)
        took, busy = perf_counter() - began, busy_seconds(life) - busy
        run = Run(events / took, events / busy, (memory, megabytes(life)))
        assert life.stop() == 0
        _check(url, warmed + events)
    return run


def give_a_core(life: Life) -> None:
    """The receiver has one for itself, and we the others, if there are any."""
    cores = os.sched_getaffinity(0)
    for thread in Path(f"/proc/{life.pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), {min(cores)})
    os.sched_setaffinity(0, cores - {min(cores)} or cores)


def _send(way: Way, port: int, errors: Errors, *, until: float) -> int:
    """Send one body after the other, and give how many events were acknowledged."""
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": way.content_type}
    with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        for bodies in count():
            if perf_counter() >= until:
                return bodies * A_BODY
            connection.request("POST", way.path, way.body(errors), headers)
            answer = connection.getresponse()
            said = answer.read()
            assert answer.status == 200, said
    raise AssertionError


def busy_seconds(life: Life) -> float:
    """Seconds of a processor it took so far."""
    fields = Path(f"/proc/{life.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def megabytes(life: Life) -> float:
    """In MB."""
    pages = int(Path(f"/proc/{life.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _check(url: str, events: int) -> None:
    """What was acknowledged counts, and nothing else."""
    database = open_database(url)
    with database.read() as session:
        assert count_events(session, first=0, last=10**9) == events
    database.close()


class Timed(Database):
    """A database that is asked how much of the processor writing to it took: the same for whoever
    shares the machine, and what a sync to the disk waits for is the same for all."""

    seconds = 0.0

    @contextmanager
    def write(self) -> Iterator[Session]:
        began = process_time()
        with super().write() as session:
            yield session
        Timed.seconds += process_time() - began


def against_bare_statements(what: What, *, groups: int = 20) -> str:
    """The same events recorded as the receiver does, and what that writes once more, bare."""
    errors = Errors(what)
    batches = [_events(errors) for _ in range(groups)]
    with TemporaryDirectory() as folder:
        database = Timed(open_database(f"sqlite:///{folder}/a.db").engine)
        Timed.seconds, began = 0.0, process_time()
        _record(database, batches)
        whole, writing = process_time() - began, Timed.seconds
        other = open_database(f"sqlite:///{folder}/b.db")
        with _overheard(other) as said:
            _record(other, batches)
        bare = _bare(Path(folder) / "c.db", said)
        for one in (database, other):
            one.close()
    rows = sum(len(rows) for statements in said for _, rows in statements)
    return (
        f"{rows:,} rows of {groups * receive.TOGETHER:,} events: bare {rows / bare:,.0f}/s, "
        f"in our transactions {rows / writing:,.0f}/s ({bare / writing:.2f}), "
        f"in all of recording {rows / whole:,.0f}/s ({bare / whole:.2f})"
    )


def _events(errors: Errors) -> list[Event]:
    """As many as the receiver keeps in one transaction."""
    body = b"\n".join(orjson.dumps(errors.facts()) for _ in range(receive.TOGETHER))
    return pushed.parse(Push("bench", body, now(), arrival="")).events


def _record(database: Database, batches: Iterable[Sequence[Event]]) -> None:
    for events in batches:
        record(database, events, now=now())


Statements = list[tuple[str, Sequence[Any]]]


@contextmanager
def _overheard(database: Database) -> Iterator[list[Statements]]:
    """What is written meanwhile, by transaction."""
    said = list[Statements]()

    def hear(
        _connection: object, _cursor: object, statement: str, rows: Any, _context: object, many: Any
    ) -> None:
        if statement.startswith(("INSERT", "UPDATE", "DELETE")):
            said[-1].append((statement, rows if many else [rows]))

    sqlalchemy.event.listen(database.engine, "begin", lambda _: said.append([]))
    sqlalchemy.event.listen(database.engine, "before_cursor_execute", hear)
    yield said


def _bare(file: Path, transactions: Iterable[Statements]) -> float:
    """Seconds of the processor that the driver takes for some transactions."""
    open_database(f"sqlite:///{file}").close()
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=FULL")
        began = process_time()
        for statements in transactions:
            connection.execute("BEGIN IMMEDIATE")
            for statement, rows in statements:
                connection.executemany(statement, rows)
            connection.execute("COMMIT")
        return process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=10, help="how long each way is measured")
    seconds = parser.parse_args().seconds
    print(f"{'':26} {'a second':>9} {'a busy one':>11} {'MB at 1/4':>10} {'at the end':>11}")
    for what in What:
        for name, way in WAYS.items():
            run = measured(way, what, seconds=seconds)
            early, late = run.memory
            print(
                f"{what.value:12} {name:13} {run.rate:9,.0f} {run.rate_busy:11,.0f} {early:10.0f} "
                f"{late:11.0f}",
                flush=True,
            )
    for what in (What.MESSAGES, What.STACKS):
        print(f"{what.value:12} {against_bare_statements(what)}")


if __name__ == "__main__":
    main()
