"""Of two processes that post, one is paused with a message in its hands, for longer than its lease:
no message stands there twice in the end.

TRIAGE_CRASH_PAUSES=1    how often; each takes four seconds
TRIAGE_CRASH_SEED=1      when
"""

import os
import random
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from itertools import count
from threading import Event, Thread
from time import monotonic

import pytest
from sqlmodel import select

from bot.flows.record import record
from bot.slack.poster import LEASE_SECONDS
from bot.workspace import Fault, FaultKind, Workspace, serve
from storage import outbox
from storage.database import Database
from storage.tables import Message, Signature
from tests import posting
from tests.builders import NOON, an_event
from tests.crashing import SPEED, TOKENS, fast_clock
from tests.forked import Life
from tests.promises import Figures

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
            with database.write() as session:
                keys.append(f"card-{number}")
                outbox.add(
                    session,
                    keys[-1],
                    channel=CHANNELS[number % len(CHANNELS)],
                    kind="card",
                    content={"signature": short_id},
                    now=clock(),
                )

    thread = Thread(target=want)
    thread.start()
    try:
        yield keys
    finally:
        over.set()
        thread.join()


@pytest.mark.promise(row="R7")
def test_who_is_paused_past_its_lease_posts_nothing_twice(
    database: Database, figures: Figures
) -> None:
    chance, started = random.Random(SEED), monotonic()
    clock, (bot_token, app_token) = fast_clock(started), TOKENS
    workspace = Workspace(clock=clock, bot_token=bot_token, app_token=app_token)
    record(database, [an_event()], now=NOON)
    (name,) = named(database)
    url = database.engine.url.render_as_string(hide_password=False)
    slow = Fault(kind=FaultKind.SLOW, method="chat.postMessage", times=1_000_000, seconds=0.1)
    with serve(workspace) as server, ExitStack() as lives:
        replicas = [Life(posting.main, url, server.api_url, started) for _ in range(REPLICAS)]
        for replica in replicas:
            lives.callback(replica.kill)
        workers = [replica.hear() for replica in replicas]
        workspace.faults.order(slow)
        with wanting(database, name, clock) as keys:
            paused = 0
            while paused < PAUSES:
                replicas[0].goes_on(chance.uniform(0, REST_SECONDS))
                number = chance.randrange(REPLICAS)
                os.kill(replicas[number].pid, signal.SIGSTOP)
                if holds(database, workers[number]):
                    paused += 1
                    Event().wait(PAST_THE_LEASE)
                os.kill(replicas[number].pid, signal.SIGCONT)
        workspace.faults.clear()
        workspace.wait_until(lambda: sent(database) == len(keys), seconds=300)
        assert [replica.stop() for replica in replicas] == [0] * REPLICAS
    posted = Counter(
        message.metadata["event_payload"]["key"]
        for channel in CHANNELS
        for message in workspace.messages(channel)
    )
    twins = len(workspace.calls.of("chat.delete"))
    figures(
        f"{paused} pauses with a message in hand, {len(keys)} messages, {twins} twins deleted, "
        f"{sum(times > 1 for times in posted.values())} doubled"
    )
    assert posted == Counter(keys)


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
