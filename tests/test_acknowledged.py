"""Whatever was answered 2xx is counted, once, however often the receiver is killed.

TRIAGE_RECEIVER_KILLS=3    how often it is killed; 100 takes some minutes
TRIAGE_CRASH_SEED=1        when
"""

import json
import os
import random
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path
from threading import Event, Thread
from time import monotonic

import pytest

from storage.database import Database
from storage.events import count as count_events
from storage.spool import waiting
from tests import receiving
from tests.forked import Life
from tests.promises import Figures

KILLS = int(os.environ.get("TRIAGE_RECEIVER_KILLS", "3"))
SEED = int(os.environ.get("TRIAGE_CRASH_SEED", "1"))
KEY = "k" * 32
SENDERS = 4
RECORDS = 50
LONGEST_REST_SECONDS = 0.5
"""Of a life, after the first acknowledgement in it."""
STARTS_WITHIN_SECONDS = 60


class Sender:
    """Sends batch after batch, each again until it is acknowledged."""

    def __init__(
        self, name: str, port: list[int], heard: Event, *, pause_seconds: float = 0
    ) -> None:
        self.acknowledged, self.sent_again = 0, 0
        self._name, self._port, self._heard = name, port, heard
        self._pause_seconds = pause_seconds
        self._stopping = Event()
        self._thread = Thread(target=self._send, name=name)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Once what it sends now is acknowledged, too."""
        self._stopping.set()
        self._thread.join()

    def _send(self) -> None:
        for number in count():
            while not self._does(number):
                self.sent_again += 1
                self._stopping.wait(0.1)
            self.acknowledged += RECORDS
            self._heard.set()
            if self._stopping.wait(self._pause_seconds):
                return

    def _does(self, batch: int) -> bool:
        """Whether a batch was acknowledged."""
        body = json.dumps(
            [
                {"event_id": f"{self._name}-{batch}-{one}", "message": "database down"}
                for one in range(RECORDS)
            ]
        )
        with closing(HTTPConnection("127.0.0.1", self._port[0], timeout=10)) as connection:
            try:
                connection.request("POST", "/ingest", body, {"Authorization": f"Bearer {KEY}"})
                return connection.getresponse().status == 200
            except (OSError, HTTPException):
                return False


@contextmanager
def sending(port: list[int], heard: Event) -> Iterator[list[Sender]]:
    senders = [Sender(f"sender-{number}", port, heard) for number in range(SENDERS)]
    for sender in senders:
        sender.start()
    try:
        yield senders
    finally:
        for sender in senders:
            sender.stop()


Start = Callable[[int], Life]
"""Starts a life by its number."""


@pytest.mark.promise(row="R1")
@pytest.mark.promise(row="R3")
@pytest.mark.promise(row="R16")
def test_nothing_acknowledged_is_lost_and_nothing_counted_twice(
    url: str, database: Database, figures: Figures
) -> None:
    acknowledged, again, seconds = killed(lambda _: Life(receiving.main, url, KEY))
    figures(
        f"{KILLS} kills: {acknowledged} events acknowledged, {counted(database)} counted; "
        f"{again} batches sent again; ended {seconds:.1f} s after it was told to"
    )
    assert counted(database) == acknowledged > 0


@pytest.mark.promise(row="R1")
@pytest.mark.promise(row="R11")
def test_nor_is_what_went_to_the_spool_while_the_database_was_away(
    url: str, database: Database, tmp_path: Path, figures: Figures
) -> None:
    """It is away in every other life, and kills come while it is caught up with, too."""
    spool = tmp_path / "spool"

    def life(number: int) -> Life:
        return Life(receiving.spooling, url, KEY, spool, number % 2 == 0)

    acknowledged, again, _ = killed(life)
    last, left = Life(receiving.spooling, url, KEY, spool, False), waiting(spool)
    last.hear()
    while waiting(spool):
        last.goes_on(0.05)
    assert last.stop() == 0
    figures(
        f"{KILLS} kills: {acknowledged} events acknowledged, {counted(database)} counted, "
        f"{left} of them out of the spool at last; {again} batches sent again"
    )
    assert counted(database) == acknowledged > 0


def killed(start: Start) -> tuple[int, int, float]:
    """How many events were acknowledged, and how many batches sent again, while each life but the
    last was killed; and how many seconds that one took to end once it was told to."""
    chance = random.Random(SEED)
    life = start(0)
    port, kills, heard = [life.hear()], 0, Event()
    with sending(port, heard) as senders:
        for number in range(1, KILLS + 1):
            heard.clear()
            assert heard.wait(STARTS_WITHIN_SECONDS)
            Event().wait(chance.uniform(0, LONGEST_REST_SECONDS))
            kills += life.kill()
            life = start(number)
            port[0] = life.hear()
    stopped_at = monotonic()
    assert life.stop() == 0
    seconds = monotonic() - stopped_at
    assert kills == KILLS > 0
    acknowledged = sum(sender.acknowledged for sender in senders)
    return acknowledged, sum(sender.sent_again for sender in senders), seconds


def counted(database: Database) -> int:
    with database.read() as session:
        return count_events(session, first=0, last=10**9)
