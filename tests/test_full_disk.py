"""With a full disk, or while another holds the database, nothing acknowledged is lost: it goes into
the spool, whoever cannot be served is told so, and all goes on once it can.

TRIAGE_CRASH_LOCKED=1    also hold the database, which takes half a minute
"""

import json
import os
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from threading import Event
from time import monotonic

import pytest
from sentry_sdk.client import Client

from bot.workspace import Workspace, serve
from tests import filling
from tests.crashing import CHANNEL, TOKENS, fast_clock
from tests.forked import Life
from tests.promises import Figures

ANA, KEY = "U000ANA", "k" * 32
RECORDS, BYTES = 20, 2_000
MOST_BATCHES = 500
NAMES = count()
TROUBLES = [("fill", "free")]
if os.environ.get("TRIAGE_CRASH_LOCKED"):  # each who writes waits for five seconds
    TROUBLES.append(("lock", "unlock"))


class Service:
    """The service, whose disk can be filled and whose database held."""

    def __init__(self, life: Life, port: int, workspace: Workspace) -> None:
        self.acknowledged, self.refused = 0, 0
        self._life, self._port, self._workspace = life, port, workspace

    def tell(self, word: str) -> None:
        self._life.line.send(word)
        assert self._life.hear() == "done"

    def send(self) -> int:
        """The status of a batch of errors of its own."""
        batch = f"b{next(NAMES)}"
        body = json.dumps(
            [
                {"event_id": f"{batch}-{one}", "message": "disk: no room", "note": "x" * BYTES}
                for one in range(RECORDS)
            ]
        )
        status, headers, _ = self.ask("POST", "/ingest", body)
        self.acknowledged += RECORDS * (status == 200)
        self.refused += status == 503
        assert status == 200 or headers["retry-after"], status
        return status

    def capture(self) -> None:
        """An error that Sentry's own client sends once, and never again."""
        with Client(f"http://{KEY}@127.0.0.1:{self._port}/1", default_integrations=False) as client:
            client.capture_event({"message": "no room for an order", "level": "error"})
        self.acknowledged += 1

    def catch_up(self) -> None:
        """Once all that was spooled is counted."""
        told = Event()
        while json.loads(self.ask("GET", "/healthz")[2])["spool"]["errors"]:
            told.wait(0.05)

    def send_until(self, status: int) -> None:
        """Within some batches: all of them take longer than the database is left alone."""
        told = Event()
        assert any(self.send() == status or told.wait(0.01) for _ in range(MOST_BATCHES))

    def ask(self, method: str, path: str, body: str = "") -> tuple[int, dict[str, str], str]:
        with closing(HTTPConnection("127.0.0.1", self._port, timeout=60)) as connection:
            connection.request(method, path, body, {"Authorization": f"Bearer {KEY}"})
            answer = connection.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, headers, answer.read().decode()

    def type(self, words: str) -> str:
        """What Ana is told of a command."""
        before = len(self._workspace.ephemerals(ANA, CHANNEL))
        assert self._workspace.command(ANA, CHANNEL, "/triage", words).ok
        self._workspace.wait_until(
            lambda: len(self._workspace.ephemerals(ANA, CHANNEL)) > before, seconds=30
        )
        said = self._workspace.ephemerals(ANA, CHANNEL)[-1]
        return f"{said.text} {json.dumps(said.blocks)}"


@contextmanager
def a_service(folder: Path) -> Iterator[tuple[Service, str]]:
    """With what its disk is."""
    started, (bot_token, app_token) = monotonic(), TOKENS
    workspace = Workspace(clock=fast_clock(started), bot_token=bot_token, app_token=app_token)
    place = folder / "disk"
    place.mkdir()
    with serve(workspace) as server:
        life = Life(filling.main, place, server.api_url, KEY, started, folder / "log")
        try:
            port, disk = life.hear()
            yield Service(life, port, workspace), disk
            life.line.send("stop")
            assert life.ended() == 0
        finally:
            life.kill()


@pytest.mark.promise(row="R11")
@pytest.mark.promise(row="R12")
@pytest.mark.parametrize(("trouble", "relief"), TROUBLES)
def test_who_cannot_be_served_is_told_so_and_all_goes_on_once_it_can(
    trouble: str, relief: str, tmp_path: Path, figures: Figures
) -> None:
    with a_service(tmp_path) as (service, disk):
        service.send_until(200)
        name = re.search(r"E-\w+", service.type("today"))
        assert name
        service.tell(trouble)
        if disk == filling.ITS_OWN:
            service.capture()
        service.send_until(503)
        status, _, told = service.ask("GET", "/readyz")
        assert (status, "the spool is full" in told) == (503, True), told
        assert json.loads(service.ask("GET", "/healthz")[2])["unwritten"]
        assert name[0] in service.type("today"), "reading goes on"
        assert "this was not done" in service.type(f"claim {name[0]}")
        service.tell(relief)
        service.send_until(200)
        assert "claimed it" in service.type(f"claim {name[0]}")
        service.catch_up()
        assert service.ask("GET", "/readyz")[0] == 200
        assert "unwritten" not in json.loads(service.ask("GET", "/healthz")[2])
        _, _, metrics = service.ask("GET", "/metrics")
    figures(f"{disk}: {service.acknowledged} acknowledged, {service.refused} batches refused")
    counted = re.findall(r"triage_source_errors{.*} (.*)", metrics)
    assert sum(map(float, counted)) == service.acknowledged
    log = (tmp_path / "log").read_text()
    assert log.count("Nothing can be written (") == 1
    assert log.count("What is sent is written again") == 1
