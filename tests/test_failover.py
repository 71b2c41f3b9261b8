"""Of two that serve on one PostgreSQL one is connected to Slack: where it dies, the other is soon.

TRIAGE_FAILOVERS=1    how many of: it is killed, it is paused, its way to the database is cut
"""

import os
import signal
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from socket import gethostname
from time import monotonic

import pytest

from bot.flows import look
from bot.jobs import LOCK_SECONDS, TURN_SECONDS
from bot.workspace import Workspace, serve
from storage.database import Database
from storage.locks import LET_GO_SECONDS
from tests import crashing
from tests.conftest import POSTGRESQL
from tests.crashing import CHANNEL, TOKENS, fast_clock
from tests.forked import Life
from tests.promises import Figures
from tests.proxied import Proxy, proxied

Trouble = Callable[[Life, Proxy], object]
TROUBLES: dict[str, tuple[Trouble, Trouble]] = {
    "killed": (lambda life, _: life.kill(), lambda *_: None),
    "paused": (
        lambda life, _: os.kill(life.pid, signal.SIGSTOP),
        lambda life, _: os.kill(life.pid, signal.SIGCONT),
    ),
    "cut off": (lambda _, way: way.cut(), lambda _, way: way.heal()),
}
TRIED = list(TROUBLES)[: int(os.environ.get("TRIAGE_FAILOVERS", "1"))]
SOMEBODY = "U000ANA"
PATIENCE = 60


@pytest.mark.promise(row="R23")
@pytest.mark.parametrize("trouble", TRIED)
@pytest.mark.parametrize("engine", [POSTGRESQL], indirect=True)
def test_another_is_connected_to_slack_soon(
    url: str, database: Database, trouble: str, tmp_path: Path, figures: Figures
) -> None:
    begin, end = TROUBLES[trouble]
    started = monotonic()
    bot_token, app_token = TOKENS
    workspace = Workspace(clock=fast_clock(started), bot_token=bot_token, app_token=app_token)
    with serve(workspace) as server, ExitStack() as until_the_end:
        ways = [until_the_end.enter_context(proxied(url)) for _ in range(2)]
        lives = [
            Life(crashing.main, way.url, server.api_url, started, tmp_path / "service.log")
            for way in ways
        ]
        for life in lives:
            until_the_end.callback(life.kill)
        assert [life.hear() for life in lives] == ["serving", "serving"]

        def holder() -> int:
            """Which of them it says is connected."""
            pids = [str(life.pid) for life in lives]
            said = look.connected(database).partition(":")[2]
            return pids.index(said) if said in pids else -1

        def answers() -> bool:
            return workspace.command(SOMEBODY, CHANNEL, "/triage", "mine").ok

        workspace.wait_until(answers, seconds=PATIENCE)
        one = holder()
        begin(lives[one], ways[one])
        began = monotonic()
        workspace.wait_until(lambda: holder() == 1 - one, seconds=PATIENCE)
        workspace.wait_until(answers, seconds=PATIENCE)
        took = monotonic() - began
        end(lives[one], ways[one])
        workspace.wait_until(lambda: workspace.sockets.connections == 1, seconds=PATIENCE)
        assert holder() == 1 - one
        assert workspace.command(SOMEBODY, CHANNEL, "/triage", "status").ok
        named = f"Connected to Slack: {gethostname()}:{lives[1 - one].pid}"
        workspace.wait_until(lambda: named in workspace.ephemerals(SOMEBODY, CHANNEL)[-1].text)
    least = LOCK_SECONDS + TURN_SECONDS + (0 if trouble == "killed" else LET_GO_SECONDS)
    figures(f"{trouble}: another was connected after {took:.1f} s, promised are {least} s")
