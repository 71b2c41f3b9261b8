"""Two that serve on one PostgreSQL, of which one is killed or paused again and again, while people
click and errors come in at both: each digest leaves once, and together they leave no moment out;
what was acknowledged stands, in order; each error counts once.

TRIAGE_REPLICA_KILLS=2     how often one of them is killed
TRIAGE_REPLICA_PAUSES=1    and how often paused for longer than its leases last
TRIAGE_REPLICA_WINDOWS=3   over how many windows of digests
TRIAGE_REPLICA_MINUTES=9   after so long it has failed, and says how far it came
TRIAGE_CRASH_SEED=1        when, and which
"""

import os
import random
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count, pairwise
from pathlib import Path
from threading import Event
from time import monotonic

import pytest
from sqlmodel import col, func, select

from bot.slack.http import PATH
from bot.slack.poster import LEASE_SECONDS
from bot.workspace import Fault, FaultKind, Workspace, serve
from bot.workspace.delivery import Ack, Envelope
from bot.workspace.signed_http import SignedHttp
from storage import outbox
from storage.database import Database
from storage.events import count as count_events
from storage.tables import Digest, Message
from tests import crashing
from tests.builders import NOON
from tests.conftest import POSTGRESQL
from tests.crashing import SIGNING, SPEED, TOKENS, fast_clock
from tests.forked import Life
from tests.promises import Figures
from tests.test_acknowledged import Sender
from tests.test_crash import PEOPLE, Somebody, at_work, dealt, errors, is_complete, posted, trails

KILLS = int(os.environ.get("TRIAGE_REPLICA_KILLS", "2"))
PAUSES = int(os.environ.get("TRIAGE_REPLICA_PAUSES", "1"))
WINDOWS = int(os.environ.get("TRIAGE_REPLICA_WINDOWS", "3"))
MINUTES = float(os.environ.get("TRIAGE_REPLICA_MINUTES", "9"))
SEED = int(os.environ.get("TRIAGE_CRASH_SEED", "1"))
PAST_THE_LEASE = 1.2 * LEASE_SECONDS / SPEED
LONGEST_REST_SECONDS = 2
SLOT = timedelta(minutes=2)
SENDERS_PAUSE_SECONDS, PEOPLES_PAUSE_SECONDS = 1, 3
MOST_WAITING = 40
"""People who wait for what they clicked before do not click: else messages come faster than one
after the other can be sent, and no trial ends."""
TROUBLES = (
    Fault(kind=FaultKind.CUT_AFTER, method="chat.postMessage"),
    Fault(kind=FaultKind.SERVER_ERROR, method="chat.postMessage"),
    Fault(kind=FaultKind.CUT_AFTER, method="chat.update"),
)


@dataclass
class Replica:
    """One that serves, and comes again at another port."""

    arguments: tuple[object, ...]
    port: list[int] = field(default_factory=lambda: [0])

    def begin(self) -> None:
        """Serve, from when `await_port` returns."""
        self.life = Life(crashing.over_http, *self.arguments)

    def await_port(self) -> None:
        self.port[0] = self.life.hear()

    def suffer(self, end: str) -> None:
        """Be killed, and begin anew; or be paused for longer than its leases last."""
        if end == "kill":
            assert self.life.kill()
            self.begin()
            self.await_port()
        else:
            os.kill(self.life.pid, signal.SIGSTOP)
            Event().wait(PAST_THE_LEASE)
            os.kill(self.life.pid, signal.SIGCONT)


class Either:
    """Slack's way to them: each click goes to the next one."""

    def __init__(self, replicas: Sequence[Replica], clock: Callable[[], datetime]) -> None:
        self._replicas, self._clock = replicas, clock
        self._turn = count()

    def deliver(self, envelope: Envelope) -> Ack:
        port = self._replicas[next(self._turn) % len(self._replicas)].port[0]
        url = f"http://127.0.0.1:{port}{PATH}"
        return SignedHttp(url, SIGNING, clock=self._clock, ack_seconds=2).deliver(envelope)

    def disconnect(self, *, politely: bool = True) -> None:
        """Nothing is connected between two requests."""


@contextmanager
def sending(replicas: Sequence[Replica]) -> Iterator[list[Sender]]:
    """Errors for each of them, sent again until they are acknowledged."""
    senders = [
        Sender(f"sender-{number}", one.port, Event(), pause_seconds=SENDERS_PAUSE_SECONDS)
        for number, one in enumerate(replicas)
    ]
    for sender in senders:
        sender.start()
    try:
        yield senders
    finally:
        for sender in senders:
            sender.stop()


@pytest.mark.promise(row="R4")
@pytest.mark.promise(row="R8")
@pytest.mark.promise(row="R23")
@pytest.mark.parametrize("engine", [POSTGRESQL], indirect=True)
def test_whichever_is_killed_or_paused_nothing_is_lost_doubled_or_left_out(
    url: str, database: Database, tmp_path: Path, figures: Figures
) -> None:
    chance, started, log = random.Random(SEED), monotonic(), tmp_path / "service.log"
    bot_token, app_token = TOKENS
    clock = fast_clock(started)
    workspace = Workspace(clock=clock, bot_token=bot_token, app_token=app_token)
    names = errors(database)
    before = events(database)
    with serve(workspace) as server, ExitStack() as until_the_end:
        replicas = [Replica((url, server.api_url, started, log)) for _ in range(2)]
        for one in replicas:
            one.begin()
            until_the_end.callback(lambda one=one: one.life.kill())
        for one in replicas:
            one.await_port()
        workspace.transport = Either(replicas, clock)
        deals = ((user, names[number :: len(PEOPLE)]) for number, user in enumerate(PEOPLE))
        people = [
            Somebody(
                user,
                workspace,
                dealt(workspace, user, own),
                pause_seconds=PEOPLES_PAUSE_SECONDS,
                has_patience=lambda: waiting(database) < MOST_WAITING,
            )
            for user, own in deals
        ]

        def until(seen: Callable[[], bool]) -> None:
            try:
                workspace.wait_until(seen, seconds=max(0, started + 60 * MINUTES - monotonic()))
            except TimeoutError:
                pytest.fail(f"no end within {MINUTES} minutes: {how_far(database)}\n{tail(log)}")

        with at_work(people), sending(replicas) as senders:
            ends = ["kill"] * KILLS + ["pause"] * PAUSES
            chance.shuffle(ends)
            happened = []
            for number, end in enumerate(ends):
                so_far = number * WINDOWS // len(ends)
                until(lambda: len(digests(database)) >= so_far)  # noqa: B023
                workspace.faults.order(chance.choice(TROUBLES))
                one = chance.choice(replicas)
                one.life.goes_on(chance.uniform(0, LONGEST_REST_SECONDS))
                happened.append(f"{clock():%H:%M:%S} {end} of {replicas.index(one)}")
                one.suffer(end)
            workspace.faults.clear()
            until(lambda: len(digests(database)) >= WINDOWS)
        for one in replicas:
            one.life.line.send("enough")
        first, second = replicas
        assert first.life.stop() == 0, tail(log)
        until(lambda: waiting(database) == doubted(database) == 0)
        assert second.life.stop() == 0, tail(log)
    made, keys = digests(database), posted(workspace)
    doubled = [key for key, times in keys.items() if times > 1]
    missing = [key for one in made[:-1] if (key := f"digest:{one.id}") not in keys]
    expected = {name: steps for one in people for name, steps in one.steps.items()}
    found = trails(database)
    lost = [name for name, steps in expected.items() if len(found[name]) < steps]
    acknowledged = sum(sender.acknowledged for sender in senders)
    counted = events(database) - before
    figures(
        f"{KILLS} kills, {PAUSES} pauses: {len(made)} digests of {slots(made)} slots, "
        f"{len(missing)} missing; {len(keys)} messages, "
        f"{len(doubled)} doubled; {sum(expected.values())} decisions acknowledged, {len(lost)} "
        f"lost; {acknowledged} errors acknowledged, {counted} counted, "
        f"{sum(sender.sent_again for sender in senders)} batches sent again"
    )
    assert KILLS
    assert len(made) >= WINDOWS > 2
    assert (doubled, missing, lost) == ([], [], []), story(workspace, doubled, happened)
    assert len({one.slot for one in made}) == len(made)
    assert all(later.since == earlier.until for earlier, later in pairwise(made))
    assert counted == acknowledged > 0
    for name, steps in expected.items():
        is_complete(found[name], steps)


def story(workspace: Workspace, keys: Sequence[str], happened: Sequence[str]) -> str:
    """When some messages were posted, what was looked up or deleted, and what befell the replicas
    meanwhile, by their clock."""
    posts = [
        f"{call.at:%H:%M:%S} {call.method} {call.answer} {key}"
        for call in workspace.calls.of("chat.postMessage")
        for key in keys
        if call.arguments["metadata"]["event_payload"]["key"] == key
    ]
    others = [
        f"{call.at:%H:%M:%S} {call.method} {call.answer}"
        for method in ("conversations.history", "chat.delete")
        for call in workspace.calls.of(method)
    ]
    return "\n".join(sorted([*posts, *others, *happened]))


def digests(database: Database) -> list[Digest]:
    """All that were composed, the oldest first."""
    with database.read() as session:
        return list(session.exec(select(Digest).order_by(col(Digest.until))))


def slots(made: Sequence[Digest]) -> int:
    """Over how many slots they go: a late one goes over all that nobody was there for."""
    return sum(round((one.until - one.since) / SLOT) for one in made[1:]) + 1


def events(database: Database) -> int:
    """How many are counted."""
    with database.read() as session:
        return count_events(session, first=0, last=10**9)


def waiting(database: Database) -> int:
    """How many messages are not posted yet."""
    with database.read() as session:
        asked = select(func.count()).select_from(Message)
        return session.scalar(asked.where(col(Message.ts) == "")) or 0


def doubted(database: Database) -> int:
    """How many may stand twice, and are to be looked at."""
    with database.read() as session:
        asked = select(func.count()).select_from(Message)
        return session.scalar(asked.where(col(Message.doubted_until).is_not(None))) or 0


def how_far(database: Database) -> str:
    """What was done, and what keeps messages from being posted."""
    with database.read() as session:
        backlog = outbox.backlog(session, failed_since=NOON)
    return f"{len(digests(database))} digests, {waiting(database)} messages not posted, {backlog}"


def tail(log: Path) -> str:
    """The end of a log."""
    return log.read_text()[-3000:]
