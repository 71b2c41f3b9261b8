"""How long people wait: 200 who click at once, while the model that is asked never answers.

`triage serve` runs as a process of its own, with real Bolt and slack-sdk; the people, the workspace
and the model are in this one. Acknowledgements are timed from the click to their arrival, and
compared with those of processes that do nothing else with the same clicks, one of them by bare
Bolt: on a busy machine only the ratio says much.
"""

import argparse
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier, Event
from time import perf_counter

from bot.app import wall_clock
from bot.core.detection.threshold import Rules
from bot.flows import look
from bot.flows.detect import detect
from bot.flows.record import record
from bot.flows.report import report_now
from bot.flows.triage import triage
from bot.slack import actions
from bot.workspace import Workspace, serve
from bot.workspace.state import Message, Person
from bot.workspace.workspace import Outcome
from storage.database import Database, open_database
from tests.builders import an_event

CHANNELS = ("C000001", "C000002")
LEAST = {
    "socket": """
import sys, threading
from slack_sdk import WebClient
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.response import SocketModeResponse

def acknowledge(client, request):
    client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))

web = WebClient(base_url=sys.argv[1])
client = SocketModeClient("xapp-workspace", web_client=web, receive_buffer_size=1 << 20)
client.socket_mode_request_listeners.append(acknowledge)
client.connect()
threading.Event().wait()
""",
    "http": """
import sys, uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

async def acknowledge(request):
    await request.body()
    return Response()

routes = [Route("/slack/events", acknowledge, methods=["POST"])]
uvicorn.run(Starlette(routes=routes), port=int(sys.argv[2]), log_level="warning", http="h11")
""",
}
"""The least that is possible here: what comes is acknowledged, and nothing else is done."""
BOLT = {
    "socket": """
import re, sys
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

web = WebClient(sys.argv[3], base_url=sys.argv[1])
app = App(client=web)
app.action(re.compile(""))(lambda ack: ack())
SocketModeHandler(app, sys.argv[4], web_client=web, receive_buffer_size=1 << 20).start()
""",
    "http": """
import re, sys, uvicorn
from slack_bolt import App
from slack_bolt.adapter.starlette import SlackRequestHandler
from slack_sdk import WebClient
from starlette.applications import Starlette
from starlette.routing import Route

app = App(client=WebClient(sys.argv[3], base_url=sys.argv[1]), signing_secret=sys.argv[5])
app.action(re.compile(""))(lambda ack: ack())
handler = SlackRequestHandler(app)
routes = [Route("/slack/events", handler.handle, methods=["POST"])]
uvicorn.run(Starlette(routes=routes), port=int(sys.argv[2]), log_level="warning", http="h11")
""",
}
"""The same by Bolt, with room for what comes at once: in the 1 kB of its own it loses clicks."""
SETTINGS = """
slack.mode = "{mode}"
http.port = {port}
[llm]
provider = "openai_compatible"
base_url = "{model}"
cheap = "small"
strong = "small"
prices = {{ small = [0, 0] }}
[[channels]]
id = "C000001"
[[channels]]
id = "C000002"
"""

Act = Callable[[int], list[float]]


def main() -> None:
    cli = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    cli.add_argument("--people", type=int, default=200)
    cli.add_argument("--rounds", type=int, default=5)
    cli.add_argument("--mode", choices=["socket", "http"], default="socket")
    asked = cli.parse_args()
    with staged(asked.people, mode=asked.mode) as stage:
        with stage.serving():
            pass
        for name, program in (("nothing but acknowledged", LEAST), ("bare Bolt", BOLT)):
            with stage.acknowledging(program[asked.mode]):
                say(name, partial(stage.claims_of_one, answered=False), asked.rounds)
        with stage.serving():
            for name, act in stage.rounds().items():
                say(name, act, asked.rounds)


def say(name: str, act: Act, rounds: int) -> None:
    """A line of what people waited."""
    print(f"{name:34}", told([act(number) for number in range(rounds)]), flush=True)


@dataclass(frozen=True, slots=True)
class Stage:
    """A workspace with people in it, and where a process that serves them finds it."""

    workspace: Workspace
    people: Sequence[str]
    names: Sequence[str]
    folder: Path
    api_url: str
    port: int
    mode: str

    def rounds(self) -> dict[str, Act]:
        """What is done, and the seconds each person waited in a round of it."""
        return {
            "a claim, on both messages": self.shown,
            "claims of one, acknowledged": self.claims_of_one,
            "claims of all, acknowledged": lambda _: self.click(actions.CLAIM, lambda nth: nth),
            "details, acknowledged": lambda _: self.click(actions.DETAILS, lambda nth: nth),
            "a form, open": self.opened,
        }

    def claims_of_one(self, number: int, *, answered: bool = True) -> list[float]:
        return self.click(actions.CLAIM, lambda _: number, answered=answered)

    def click(
        self, action: str, which: Callable[[int], int], *, answered: bool = True
    ) -> list[float]:
        """Everybody clicks on one of the cards; the round is over when all have their answers."""
        before = self.answers()
        waits = at_once(self.people, lambda who, nth: self.clicked(who, action, which(nth)).ok)
        while answered and self.answers() < before + len(self.people):
            Event().wait(0.2)
        return waits

    def clicked(self, who: str, action: str, which: int, *, value: str | None = None) -> Outcome:
        message, name = self.cards(), self.names[which % len(self.names)]
        buttons = next(
            str(one["block_id"])
            for one in message.blocks
            if one["type"] == "actions" and one["elements"][0].get("value") == name
        )
        return self.workspace.click(
            who, CHANNELS[0], message.ts, action, block_id=buttons, value=value
        )

    def cards(self) -> Message:
        return self.workspace.messages(CHANNELS[0])[0]

    def answers(self) -> int:
        everything = list(self.workspace.state.channel(CHANNELS[0]).messages.values())
        return sum(bool(message.only_for) for message in everything)

    def opened(self, number: int) -> list[float]:
        def open_one(who: str, _: int) -> bool:
            value = actions.menu_value(actions.MUTE, self.names[number % len(self.names)])
            self.clicked(who, actions.MORE, number, value=value)
            self.workspace.wait_until(lambda: self.workspace.view(who), seconds=20)
            return True

        return at_once(self.people[:1], open_one)

    def shown(self, number: int) -> list[float]:
        """Claim it, and wait until every message says so."""

        def claim(who: str, _: int) -> bool:
            self.clicked(who, actions.CLAIM, number)
            self.workspace.wait_until(
                lambda: all(
                    f"<@{who}>" in str(one.blocks)
                    for place in CHANNELS
                    for one in self.workspace.messages(place)
                ),
                seconds=20,
            )
            return True

        return at_once([self.people[number]], claim)

    @contextmanager
    def acknowledging(self, program: str) -> Iterator[None]:
        """Somebody who acknowledges and does nothing else is there."""
        told = (self.api_url, str(self.port), self.workspace.bot_token, self.workspace.app_token)
        code = [sys.executable, "-c", program, *told, self.workspace.signing_secret]
        with self._there(subprocess.Popen(code)):
            yield

    @contextmanager
    def serving(self) -> Iterator[None]:
        """The bot is there, and has posted."""
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "serve"],
            cwd=self.folder,
            env={
                **os.environ,
                "SLACK_BOT_TOKEN": self.workspace.bot_token,
                "SLACK_APP_TOKEN": self.workspace.app_token,
                "SLACK_SIGNING_SECRET": self.workspace.signing_secret,
                "SLACK_API_URL": self.api_url,
                "TRIAGE_LLM_KEY": "key",
            },
            stderr=(self.folder / "log").open("a"),
        )
        with self._there(process):
            self.workspace.wait_until(
                lambda: all(map(self.workspace.messages, CHANNELS)), seconds=60
            )
            yield

    @contextmanager
    def _there(self, process: subprocess.Popen[bytes]) -> Iterator[None]:
        try:
            self.workspace.wait_until(self._is_reached, seconds=60)
            yield
        finally:
            process.terminate()
            process.wait(30)
            self.workspace.wait_until(lambda: not self._is_reached(), seconds=60)

    def _is_reached(self) -> bool:
        if self.mode == "socket":
            return bool(self.workspace.sockets.connections)
        with socket.socket() as probe:
            return not probe.connect_ex(("127.0.0.1", self.port))


def at_once(people: Sequence[str], act: Callable[[str, int], bool]) -> list[float]:
    """How long each waited, who all began at the same moment."""
    ready = Barrier(len(people))

    def wait(nth: int) -> float:
        ready.wait()
        start = perf_counter()
        if not act(people[nth], nth):
            return float("inf")
        return perf_counter() - start

    with ThreadPoolExecutor(len(people)) as threads:
        return list(threads.map(wait, range(len(people))))


def told(found: Sequence[Sequence[float]]) -> str:
    waits = sorted(second for each in found for second in each)
    at = {f"p{part}": waits[min(len(waits) - 1, len(waits) * part // 100)] for part in (50, 99)}
    worst = {**at, "max": waits[-1]}
    said = "  ".join(f"{name} {seconds * 1000:6.0f} ms" for name, seconds in worst.items())
    return f"{said}  of {len(waits)}"


@contextmanager
def staged(people: int, *, mode: str) -> Iterator[Stage]:
    """A workspace, and a database with two digests that are to be posted in it."""
    ids = [f"U{number:05}" for number in range(people)]
    with (
        TemporaryDirectory() as folder,
        unanswering() as model,
        socket.create_server(("127.0.0.1", 0)) as port,
    ):
        number = port.getsockname()[1]
        port.close()
        workspace = Workspace(
            clock=wall_clock,
            people=[Person(one, one.lower(), one) for one in ids],
            request_url=f"http://127.0.0.1:{number}/slack/events" if mode == "http" else "",
            ack_seconds=4,
        )
        with serve(workspace) as server:
            names = prepared(Path(folder))
            (Path(folder) / "triage.toml").write_text(
                SETTINGS.format(mode=mode, port=number, model=model)
            )
            yield Stage(workspace, ids, names, Path(folder), server.api_url, number, mode)


def prepared(folder: Path) -> list[str]:
    """A database with six new errors, and a digest for each channel in its outbox."""
    now = wall_clock()
    with closing(open_database(f"sqlite:///{folder / 'triage.db'}")) as database:
        fill(database, now)
        for channel in CHANNELS:
            report_now(database, channel=channel, now=now)
        return [card.short_id for card in look.today(database, now=now).cards][:6]


def fill(database: Database, now: datetime) -> None:
    usual = [
        an_event(time=now - timedelta(hours=hours), message="search timed out", service="search")
        for hours in range(2, 72, 3)
    ]
    fresh = [
        an_event(time=now - timedelta(minutes=minute), customer=customer, message=message)
        for minute in range(20)
        for customer in ("acme", "globex")
        for message in (
            "payment refused",
            "no stock",
            "mail bounced",
            "login failed",
            "late",
            "gone",
        )
    ]
    touched = record(database, [*usual, *fresh], now=now).signature_ids
    detect(database, touched, now=now, rules=Rules())
    triage(database, now=now, site_rules=())


@contextmanager
def unanswering() -> Iterator[str]:
    """A model that takes every question and answers none."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1"


if __name__ == "__main__":
    main()
