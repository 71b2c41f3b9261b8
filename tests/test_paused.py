"""Of two processes that post, one is paused, or cut off from the database, with a message in its
hands and for longer than its lease: no message stands there twice in the end.

TRIAGE_CRASH_PAUSES=1    how often; each takes four seconds
TRIAGE_CRASH_SEED=1      when
"""

import os
import random
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import count
from threading import Event, Thread
from time import monotonic

import pytest
from sqlmodel import Session, select

from bot.flows.record import record
from bot.slack.poster import LEASE_SECONDS
from bot.workspace import Fault, FaultKind, Workspace, serve
from storage import outbox
from storage.database import Database
from storage.failures import FAILURES
from storage.tables import Message, Signature
from tests import posting
from tests.builders import NOON, an_event
from tests.crashing import SPEED, TOKENS, fast_clock
from tests.forked import Life
from tests.promises import Figures
from tests.proxied import proxied

PAUSES = int(os.environ.get("TRIAGE_CRASH_PAUSES", "1"))
SEED = int(os.environ.get("TRIAGE_CRASH_SEED", "1"))
PAST_THE_LEASE = 1.2 * LEASE_SECONDS / SPEED
REPLICAS = 2
CHANNELS = ("C000001", "C000002", "C000003")
REST_SECONDS = 0.3
EVERY_SECONDS = 0.05


@contextmanager
def wanting(
    database: Database, short_id: str, clock: Callable[[], datetime]
) -> Iterator[list[str]]:
    """Somebody wants a message every now and then, until the block is left; gives the keys."""
    keys: list[str] = []
    over = Event()

    def want() -> None:
        for number in count():
            if over.wait(EVERY_SECONDS):
                return
            keys.append(f"card-{number}")
            add = partial(
                outbox.add,
                key=keys[-1],
                channel=CHANNELS[number % len(CHANNELS)],
                kind="card",
                content={"signature": short_id},
                now=clock(),
            )
            while not written(database, add):
                pass

    thread = Thread(target=want)
    thread.start()
    try:
        yield keys
    finally:
        over.set()
        thread.join()


def written(database: Database, work: Callable[[Session], object]) -> bool:
    """Whether it could be: who is in trouble may hold the lock."""
    try:
        with database.write() as session:
            work(session)
    except FAILURES:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Trouble:
    """What befalls a replica by its number, and what ends it."""

    begin: Callable[[int], object]
    end: Callable[[int], object]


def posts_each_once(
    database: Database, urls: Sequence[str], trouble: Callable[[Sequence[Life]], Trouble]
) -> str:
    """Have replicas send what is wanted, each with its address of the database, while one of them
    is in trouble for longer than its lease, time and again; gives what was counted."""
    chance, started = random.Random(SEED), monotonic()
    clock, (bot_token, app_token) = fast_clock(started), TOKENS
    workspace = Workspace(clock=clock, bot_token=bot_token, app_token=app_token)
    record(database, [an_event()], now=NOON)
    (name,) = named(database)
    slow = Fault(kind=FaultKind.SLOW, method="chat.postMessage", times=1_000_000, seconds=0.1)
    with serve(workspace) as server, ExitStack() as lives:
        replicas = [Life(posting.main, url, server.api_url, started) for url in urls]
        for replica in replicas:
            lives.callback(replica.kill)
        workers, befalls = [replica.hear() for replica in replicas], trouble(replicas)
        workspace.faults.order(slow)
        with wanting(database, name, clock) as keys:
            times = 0
            while times < PAUSES:
                replicas[0].goes_on(chance.uniform(0, REST_SECONDS))
                number = chance.randrange(len(replicas))
                befalls.begin(number)
                if holds(database, workers[number]):
                    times += 1
                    Event().wait(PAST_THE_LEASE)
                befalls.end(number)
        workspace.faults.clear()
        workspace.wait_until(lambda: sent(database) == len(keys), seconds=300)
        assert [replica.stop() for replica in replicas] == [0] * len(replicas)
    posted = Counter(
        message.metadata["event_payload"]["key"]
        for channel in CHANNELS
        for message in workspace.messages(channel)
    )
    assert posted == Counter(keys)
    twins = len(workspace.calls.of("chat.delete"))
    return f"{times} times with a message in hand, {len(keys)} messages, {twins} twins deleted"


@pytest.mark.promise(row="R7")
def test_who_is_paused_past_its_lease_posts_nothing_twice(
    database: Database, figures: Figures
) -> None:
    url = database.engine.url.render_as_string(hide_password=False)

    def pauses(replicas: Sequence[Life]) -> Trouble:
        def signalled(number: int, *, what: int) -> None:
            os.kill(replicas[number].pid, what)

        return Trouble(
            partial(signalled, what=signal.SIGSTOP), partial(signalled, what=signal.SIGCONT)
        )

    figures(posts_each_once(database, [url] * REPLICAS, pauses))


@pytest.mark.promise(row="R23")
@pytest.mark.parametrize("engine", ["PostgreSQL"], indirect=True)
def test_who_is_cut_off_from_the_database_posts_nothing_twice(
    database: Database, figures: Figures
) -> None:
    url = database.engine.url.render_as_string(hide_password=False)
    with proxied(url) as one, proxied(url) as other:
        ways = (one, other)

        def cuts(_: Sequence[Life]) -> Trouble:
            return Trouble(lambda number: ways[number].cut(), lambda number: ways[number].heal())

        figures(posts_each_once(database, [way.url for way in ways], cuts))


def named(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.exec(select(Signature.short_id)))


def holds(database: Database, worker: str) -> bool:
    """Whether that worker is at a message."""
    with database.read() as session:
        return session.exec(select(Message).where(Message.leased_by == worker)).first() is not None


def sent(database: Database) -> int:
    with database.read() as session:
        return sum(bool(message.ts) for message in session.exec(select(Message)))
