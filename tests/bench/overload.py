"""Too much at once: is what can be taken still taken, and the rest refused at once?

    python -m tests.bench.overload [--seconds 10] [--times 2]

The receiver is a process with one core to itself, as in tests.bench.ingest. Eight connections send
as much as it takes; then so many that more waits than it lets wait, each of which sends what was
refused again after a fifth of a second: some ten, and some twenty times as much as it takes. Told
is what was accepted a second of the receiver's own processor time, and its ratio to the usual.
"""

import argparse
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from tempfile import TemporaryDirectory
from threading import stack_size
from time import perf_counter, sleep

from storage.database import open_database
from tests import receiving
from tests.bench.ingest import A_BODY, KEY, WAYS, Errors, What, busy_seconds, give_a_core, megabytes
from tests.forked import Life

USUAL, TOO_MANY = 8, (200, 400)
AGAIN_SECONDS = 0.2
WAY = WAYS["JSON lines"]


@dataclass(frozen=True, slots=True)
class Run:
    """Events that were accepted, and bodies refused, and the receiver's seconds of a processor."""

    accepted: int
    refused: int
    busy: float
    megabytes: float

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.accepted / self.busy

    @property
    def offered(self) -> float:
        """How many times what was accepted was sent."""
        return 1 + self.refused * A_BODY / self.accepted


@contextmanager
def a_receiver() -> Iterator[tuple[Life, int]]:
    """One with an empty database, and its port."""
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/triage.db"
        open_database(url).close()
        life = Life(receiving.main, url, KEY)
        port = life.hear()
        give_a_core(life)
        yield life, port
        assert life.stop() == 0


def measured(life: Life, port: int, *, connections: int, seed: int, seconds: float) -> Run:
    """So many send for so long."""
    began = busy_seconds(life)
    until = perf_counter() + seconds
    with ThreadPoolExecutor(connections) as pool:
        seeds = range(seed, seed + connections)
        sent = list(
            pool.map(lambda one: _send(port, Errors(What.MESSAGES, seed=one), until), seeds)
        )
    accepted, refused = map(sum, zip(*sent, strict=True))
    return Run(accepted * A_BODY, refused, busy_seconds(life) - began, megabytes(life))


def _send(port: int, errors: Errors, until: float) -> tuple[int, int]:
    """How many bodies were accepted, and how many refused."""
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": WAY.content_type}
    accepted = refused = 0
    body = WAY.body(errors)
    with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        while perf_counter() < until:
            connection.request("POST", WAY.path, body, headers)
            answer = connection.getresponse()
            said = answer.read()
            if answer.status == 200:
                accepted, body = accepted + 1, WAY.body(errors)
            else:
                assert answer.status == 503, said
                refused += 1
                sleep(AGAIN_SECONDS)
    return accepted, refused


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--times", type=int, default=2)
    given = parser.parse_args()
    stack_size(1 << 18)
    with a_receiver() as (life, port):
        for time in range(given.times):
            seed = 1 + time * (USUAL + sum(TOO_MANY))
            usual, *overloads = (
                measured(life, port, connections=many, seed=seed + many, seconds=given.seconds)
                for many in (USUAL, *TOO_MANY)
            )
            print(f"{usual.rate:,.0f} a busy second from {USUAL} connections", flush=True)
            for many, run in zip(TOO_MANY, overloads, strict=True):
                print(
                    f"{run.rate:,.0f} from {many}, {run.offered:.1f} times as much: "
                    f"{run.rate / usual.rate:.2f} of it, {run.megabytes:.0f} MB",
                    flush=True,
                )


if __name__ == "__main__":
    main()
