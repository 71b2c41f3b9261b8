"""Replicas on one database, each a process: no cap is passed, and one error is asked about once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from socket import socket
from threading import Barrier, Event

import pytest
from sqlmodel import select

from bot.flows.record import record
from bot.flows.triage import triage
from bot.slack.inbox import Inbox
from storage import anomalies
from storage.database import Database, open_database
from storage.tables import Call
from tests import replica
from tests.builders import NOON, a_presence, an_event
from tests.forked import Life
from tests.llm.provider import a_completion, playing, says
from tests.replica import DAY_USD

pytestmark = pytest.mark.both_engines
REPLICAS = 2
CAP = round(DAY_USD * 1_000_000)
PATIENCE = 25
"""Seconds: less than the deadline of a call."""
UNUSUAL = 25
"""More than the cap pays for."""


@pytest.fixture
def shared(url: str) -> Iterator[Database]:
    database = open_database(url)
    yield database
    database.close()


def unusual(database: Database, count: int) -> None:
    """So many new errors that a model could explain."""
    services = (f"shop {number}" for number in range(count))
    errors = [an_event(service=service) for service in services]
    numbers = record(database, errors, now=NOON).signature_ids
    triage(database, now=NOON, site_rules=())
    with database.write() as session:
        for number in numbers:
            anomalies.begin(session, number, kind="new", now=NOON, reason="so", receipt={})


@contextmanager
def a_replica(url: str, model_url: str, name: str) -> Iterator[Life]:
    """One that starts."""
    life = Life(replica.main, url, model_url, name)
    try:
        yield life
    finally:
        life.kill()


def explained_by_each(url: str, model_url: str, *, ended: Event | None = None) -> list[int]:
    """How many each of the replicas explained; they begin together, and the first has `ended`."""

    all_ready = Barrier(REPLICAS)

    def explain(life: Life) -> int:
        assert life.hear() == "ready"
        all_ready.wait(PATIENCE)
        life.line.send("go")
        assert life.line.poll(3 * PATIENCE)
        (ended or Event()).set()
        return int(life.hear())

    with ExitStack() as stack, ThreadPoolExecutor(REPLICAS) as pool:
        names = map(str, range(REPLICAS))
        started = [stack.enter_context(a_replica(url, model_url, name)) for name in names]
        return list(pool.map(explain, started))


def ledger(database: Database) -> list[Call]:
    with database.read() as session:
        return list(session.exec(select(Call)))


def spent(database: Database) -> int:
    return sum(call.reserved if call.cost is None else call.cost for call in ledger(database))


@pytest.mark.promise(row="R23")
def test_replicas_together_pass_no_cap_at_any_time_and_use_what_there_is(
    url: str, shared: Database
) -> None:
    """More fits after each answer, which costs a part of what was put aside for it."""
    unusual(shared, UNUSUAL)
    usage = {"prompt_tokens": 1_000, "completion_tokens": 1_500}
    asking: set[str] = set()
    all_ask = Event()
    amounts: list[int] = []

    def play(connection: socket, over: Event) -> None:
        asking.update(request.headers["authorization"] for request in server.requests)
        if len(asking) == REPLICAS:
            all_ask.set()
        assert all_ask.wait(PATIENCE)
        amounts.append(spent(shared))
        says({**a_completion(), "usage": usage})(connection, over)

    with playing(play) as server:
        explained = explained_by_each(url, server.url)
    assert max(amounts) <= CAP
    assert spent(shared) <= CAP < spent(shared) + max(call.reserved for call in ledger(shared))
    assert sum(explained) == len(server.requests) == len(ledger(shared))


def test_of_replicas_that_miss_at_once_one_asks(url: str, shared: Database) -> None:
    """The one that asks has its answer when the other has given up."""
    unusual(shared, 1)
    ended = Event()

    def play(connection: socket, over: Event) -> None:
        ended.wait(PATIENCE)
        says(a_completion())(connection, over)

    with playing(play) as server:
        explained = explained_by_each(url, server.url, ended=ended)
    assert sorted(explained) == [0, 1]
    assert len(server.requests) == 1


@pytest.mark.promise(row="R23")
def test_replicas_that_are_told_of_the_same_clicks_leave_none_in_the_inbox(
    url: str, shared: Database
) -> None:
    click = {"user": {"id": "U1"}, "text": "\x00 \ud800"}
    keys = [f"U1:{number}" for number in range(20)]

    def serve(number: int) -> None:
        with closing(open_database(url)) as database:
            inbox = Inbox(database, a_presence(database, f"{number}"), clock=lambda: NOON)
            for key in keys:
                assert inbox.keep(key, click).wait(PATIENCE)
                inbox.forget(key)
            inbox.finish(PATIENCE)

    with ThreadPoolExecutor(REPLICAS) as replicas:
        list(replicas.map(serve, range(REPLICAS)))
    inbox, next_one = (
        Inbox(shared, a_presence(shared, name), clock=lambda: NOON) for name in ("this", "next")
    )
    assert inbox.of_the_missing() == []
    assert inbox.keep("U1:last", click).wait(PATIENCE)
    assert inbox.of_the_missing() == [], "it is its own"
    assert next_one.of_the_missing() == [click]
