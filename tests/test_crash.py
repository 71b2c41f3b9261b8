"""Whatever was acknowledged stands, and nothing is posted twice, however often the service dies.

TRIAGE_CRASH_KILLS=10    how often it is killed; 200 takes some minutes
TRIAGE_CRASH_SEED=1      when, and what goes wrong on Slack's side in between
"""

import os
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from threading import Event, Thread
from time import monotonic

import pytest
from sqlmodel import select

from bot.core.detection.threshold import Rules
from bot.flows.detect import detect
from bot.flows.look import unclaimed
from bot.flows.record import record
from bot.flows.triage import triage
from bot.slack import actions
from bot.workspace import Fault, FaultKind, Workspace, serve
from storage import tables
from storage.database import Database
from tests import crashing
from tests.builders import NOON, an_event
from tests.crashing import CHANNEL, TOKENS, fast_clock
from tests.forked import Life
from tests.promises import Figures

KILLS = int(os.environ.get("TRIAGE_CRASH_KILLS", "10"))
SEED = int(os.environ.get("TRIAGE_CRASH_SEED", "1"))
LONGEST_LIFE_SECONDS = 1.5
PAUSE_SECONDS = 0.1
"""Between two gestures of one person."""

PEOPLE = ("U000ANA", "U000TOMAS", "U000SOFIA")
SERVICES = ("checkout", "search", "exports", "webhooks")
THINGS = ("invoice", "basket", "voucher", "address", "refund", "receipt")
TROUBLES = (
    Fault(kind=FaultKind.CUT_AFTER, method="chat.postMessage"),
    Fault(kind=FaultKind.CUT_BEFORE, method="chat.postMessage"),
    Fault(kind=FaultKind.SERVER_ERROR, method="chat.postMessage"),
    Fault(kind=FaultKind.CUT_AFTER, method="chat.update"),
    Fault(kind=FaultKind.SERVER_ERROR, method="chat.update"),
    Fault(kind=FaultKind.SERVER_ERROR, method="conversations.history"),
    Fault(kind=FaultKind.DUPLICATE, method="interactive"),
    Fault(kind=FaultKind.DUPLICATE, method="slash_commands"),
    Fault(kind=FaultKind.DISCONNECT),
)


class Somebody:
    """A person who claims signatures and releases them, and repeats what was not acknowledged.

    `steps` counts what was acknowledged, for each signature: a claim, a release, a claim ...
    """

    def __init__(
        self,
        user: str,
        workspace: Workspace,
        cards: dict[str, str],
        *,
        pause_seconds: float = PAUSE_SECONDS,
        has_patience: Callable[[], bool] = lambda: True,
    ) -> None:
        self.user, self.steps = user, dict.fromkeys(cards, 0)
        self.heard = Event()
        self._workspace, self._cards = workspace, cards
        self._pause_seconds = pause_seconds
        self._has_patience = has_patience
        self._stopping = Event()
        self._thread = Thread(target=self._act, name=user)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _act(self) -> None:
        while True:
            for short_id in self._cards:
                if self._stopping.wait(self._pause_seconds):
                    return
                if self._has_patience() and self._does(short_id):
                    self.steps[short_id] += 1
                    self.heard.set()

    def _does(self, short_id: str) -> bool:
        """Whether the next step was acknowledged."""
        if self.steps[short_id] % 2:
            outcome = self._workspace.command(self.user, CHANNEL, "/triage", f"release {short_id}")
        else:
            card = self._cards[short_id]
            outcome = self._workspace.click(self.user, CHANNEL, card, actions.CLAIM)
        return outcome.ok


@pytest.fixture
def started() -> float:
    return monotonic()


@pytest.fixture
def workspace(started: float) -> Workspace:
    bot_token, app_token = TOKENS
    clock = fast_clock(started)
    return Workspace(clock=clock, bot_token=bot_token, app_token=app_token, ack_seconds=2)


@pytest.mark.promise(row="R4")
@pytest.mark.promise(row="R8")
def test_nothing_acknowledged_is_lost_and_nothing_is_posted_twice(
    url: str,
    database: Database,
    workspace: Workspace,
    started: float,
    tmp_path: Path,
    figures: Figures,
) -> None:
    chance = random.Random(SEED)
    names = errors(database)
    log = tmp_path / "service.log"
    with serve(workspace) as server:

        def born() -> Life:
            return Life(crashing.main, url, server.api_url, started, log)

        people = _introduced(born(), workspace, names)
        with at_work(people):
            killed = sum(_a_life(born(), workspace, people, chance) for _ in range(KILLS))
        workspace.faults.clear()
        last = born()
        workspace.wait_until(lambda: _all_done(database), seconds=300)
        status = last.stop()

    found = trails(database)
    expected = {name: steps for one in people for name, steps in one.steps.items()}
    lost = [name for name, steps in expected.items() if len(found[name]) < steps]
    keys = posted(workspace)
    doubled = [key for key, times in keys.items() if times > 1]
    figures(
        f"{killed} kills: {sum(expected.values())} decisions acknowledged, {len(lost)} lost; "
        f"{len(keys)} messages, {sum(key.startswith('digest:') for key in keys)} of them digests, "
        f"{len(doubled)} doubled"
    )
    assert killed == KILLS > 0
    assert sum(expected.values()) > KILLS
    assert (lost, doubled) == ([], [])
    assert status == 0, log.read_text()[-3000:]
    kept = Path(str(database.engine.url.database))
    _no_token_is_written(log, *([kept] if kept.exists() else []))
    for name, steps in expected.items():
        is_complete(found[name], steps)
    _every_message_arrived(database, keys)


def errors(database: Database) -> list[str]:
    """Many errors, new since this noon; gives back their short ids."""
    usual = [
        an_event(time=NOON - timedelta(hours=hours), message="search timed out", service="search")
        for hours in range(2, 72, 3)
    ]
    fresh = [
        an_event(message=f"{thing} failed: connection refused", service=service)
        for service in SERVICES
        for thing in THINGS
    ]
    touched = record(database, [*usual, *fresh], now=NOON).signature_ids
    detect(database, touched, now=NOON, rules=Rules())
    triage(database, now=NOON, site_rules=())
    return [card.short_id for card in unclaimed(database, now=NOON)]


def _introduced(life: Life, workspace: Workspace, names: list[str]) -> list[Somebody]:
    """Each person with cards of some signatures before them, and the service gone again."""
    assert life.hear() == "serving"
    deals = ((user, names[number :: len(PEOPLE)]) for number, user in enumerate(PEOPLE))
    people = [Somebody(user, workspace, dealt(workspace, user, own)) for user, own in deals]
    assert life.stop() == 0
    return people


def dealt(workspace: Workspace, user: str, names: list[str]) -> dict[str, str]:
    """The ts of a card of each signature, which only that person sees; asked for again while the
    machine is too busy to acknowledge it."""

    def cards() -> dict[str, str]:
        shown = workspace.ephemerals(user, CHANNEL)
        return {card.text.split()[0].strip("*"): card.ts for card in shown}

    for name in names:
        while not workspace.command(user, CHANNEL, "/triage", f"show {name}").ok:
            pass
    workspace.wait_until(lambda: cards().keys() >= set(names))
    return cards()


@contextmanager
def at_work(people: Iterable[Somebody]) -> Iterator[None]:
    for one in people:
        one.start()
    try:
        yield
    finally:
        for one in people:
            one.stop()


def _a_life(
    life: Life, workspace: Workspace, people: list[Somebody], chance: random.Random
) -> bool:
    """Kill it at any moment, or just when it acknowledged something; whether that killed it."""
    workspace.faults.order(*chance.sample(TROUBLES, k=3))
    if chance.random() < 0.5:
        life.goes_on(chance.uniform(0, LONGEST_LIFE_SECONDS))
    else:
        assert life.hear() == "serving"
        life.goes_on(chance.uniform(0, 1))
        somebody = chance.choice(people)
        somebody.heard.clear()
        somebody.heard.wait(LONGEST_LIFE_SECONDS)
    return life.kill()


def _no_token_is_written(*files: Path) -> None:
    for file in files:
        written = file.read_bytes()
        assert not [token for token in TOKENS if token.encode() in written], file


def _all_done(database: Database) -> bool:
    """Whether all that was asked is carried out, and all that is to be shown is."""
    with database.read() as session:
        rows = session.exec(select(tables.Message)).all()
        return all(row.shown >= row.wanted or row.failed_at for row in rows) and (
            session.exec(select(tables.Asked)).first() is None
        )


def trails(database: Database) -> dict[str, list[tables.Decision]]:
    """The decisions on each signature, the oldest first."""
    with database.read() as session:
        names = {row.id: row.short_id for row in session.exec(select(tables.Signature))}
        found: dict[str, list[tables.Decision]] = {name: [] for name in names.values()}
        for made in session.exec(select(tables.Decision).order_by(tables.Decision.id)):  # type: ignore[arg-type]
            found[names[made.signature_id]].append(made)
    return found


def posted(workspace: Workspace) -> Counter[str]:
    """How often each message of the bot stands in the channel and its threads."""
    where = workspace.state.channel(CHANNEL)
    everyones = [message for message in where.messages.values() if not message.only_for]
    return Counter(message.metadata["event_payload"]["key"] for message in everyones)


def is_complete(trail: list[tables.Decision], acknowledged: int) -> None:
    """Claims and releases in turn, each once, each from where the one before left it.

    One more than was acknowledged may stand there: the service can die between the two.
    """
    assert len(trail) - acknowledged in (0, 1)
    assert [made.kind for made in trail] == ["claim", "release"] * (len(trail) // 2) + ["claim"] * (
        len(trail) % 2
    )
    assert all(later.before == earlier.after for earlier, later in pairwise(trail))


def _every_message_arrived(database: Database, keys: Counter[str]) -> None:
    with database.read() as session:
        wanted = {row.key for row in session.exec(select(tables.Message))}
        digests = {f"digest:{row.id}" for row in session.exec(select(tables.Digest))}
        decisions = session.exec(select(tables.Decision)).all()
    assert wanted == keys.keys()
    assert len(digests) > 1
    assert digests <= keys.keys()
    assert sum(key.startswith("decision:") for key in keys) == len(decisions)
