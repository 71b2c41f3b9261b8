"""Two that serve on one PostgreSQL, of which one is killed or paused again and again: each digest
leaves once, and together they leave no moment out.

TRIAGE_REPLICA_KILLS=2     how often one of them is killed
TRIAGE_REPLICA_PAUSES=1    and how often paused for longer than its leases last
TRIAGE_CRASH_SEED=1        when, and which
"""

import os
import random
import signal
from collections import Counter
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from threading import Event
from time import monotonic

import pytest
from sqlmodel import col, select

from bot.slack.poster import LEASE_SECONDS
from bot.workspace import Fault, FaultKind, Workspace, serve
from storage.database import Database
from storage.tables import Digest, Message
from tests import crashing
from tests.conftest import POSTGRESQL
from tests.crashing import CHANNEL, SPEED, TOKENS, fast_clock
from tests.forked import Life
from tests.promises import Figures
from tests.test_crash import errors

KILLS = int(os.environ.get("TRIAGE_REPLICA_KILLS", "2"))
PAUSES = int(os.environ.get("TRIAGE_REPLICA_PAUSES", "1"))
SEED = int(os.environ.get("TRIAGE_CRASH_SEED", "1"))
PAST_THE_LEASE = 1.2 * LEASE_SECONDS / SPEED
LONGEST_REST_SECONDS = 2
TROUBLES = (
    Fault(kind=FaultKind.CUT_AFTER, method="chat.postMessage"),
    Fault(kind=FaultKind.SERVER_ERROR, method="chat.postMessage"),
    Fault(kind=FaultKind.CUT_AFTER, method="chat.update"),
)


@pytest.mark.promise(row="R4")
@pytest.mark.promise(row="R23")
@pytest.mark.parametrize("engine", [POSTGRESQL], indirect=True)
def test_whichever_is_killed_or_paused_each_digest_leaves_once_and_no_moment_is_left_out(
    url: str, database: Database, tmp_path: Path, figures: Figures
) -> None:
    chance, started, log = random.Random(SEED), monotonic(), tmp_path / "service.log"
    bot_token, app_token = TOKENS
    workspace = Workspace(clock=fast_clock(started), bot_token=bot_token, app_token=app_token)
    errors(database)
    with serve(workspace) as server, ExitStack() as until_the_end:

        def born() -> Life:
            life = Life(crashing.main, url, server.api_url, started, log)
            until_the_end.callback(life.kill)
            return life

        lives = [born(), born()]
        assert [life.hear() for life in lives] == ["serving", "serving"]
        ends = ["kill"] * KILLS + ["pause"] * PAUSES
        chance.shuffle(ends)
        for end in ends:
            workspace.faults.order(chance.choice(TROUBLES))
            number = chance.randrange(2)
            lives[number].goes_on(chance.uniform(0, LONGEST_REST_SECONDS))
            if end == "kill":
                assert lives[number].kill()
                lives[number] = born()
                assert lives[number].hear() == "serving"
            else:
                os.kill(lives[number].pid, signal.SIGSTOP)
                Event().wait(PAST_THE_LEASE)
                os.kill(lives[number].pid, signal.SIGCONT)
        workspace.faults.clear()
        workspace.wait_until(lambda: len(digests(database)) > 2, seconds=60)
        assert lives[0].stop() == 0, log.read_text()[-3000:]
        workspace.wait_until(lambda: waiting(database) <= 1, seconds=60)
        assert lives[1].stop() == 0, log.read_text()[-3000:]
    made = digests(database)
    posted = Counter(
        message.metadata["event_payload"]["key"] for message in workspace.messages(CHANNEL)
    )
    sent = [f"digest:{one.id}" for one in made[:-1]]
    doubled = [key for key, times in posted.items() if times > 1]
    missing = [key for key in sent if key not in posted]
    figures(
        f"{KILLS} kills, {PAUSES} pauses, {len(made)} digests, {len(missing)} missing, "
        f"{len(doubled)} doubled"
    )
    assert KILLS
    assert len(made) > 2
    assert (doubled, missing) == ([], [])
    assert len({one.slot for one in made}) == len(made)
    assert all(later.since == earlier.until for earlier, later in pairwise(made))


def digests(database: Database) -> list[Digest]:
    """All that were composed, the oldest first."""
    with database.read() as session:
        return list(session.exec(select(Digest).order_by(col(Digest.until))))


def waiting(database: Database) -> int:
    """How many digests are not posted yet: while they serve, the newest may always be."""
    with database.read() as session:
        kept = session.exec(select(Message).where(Message.kind == "digest"))
        return sum(not message.ts for message in kept)
