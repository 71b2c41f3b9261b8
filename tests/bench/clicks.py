"""How long people wait: 200 who click at once, while the model that is asked never answers.

`triage serve` runs as a process of its own, with real Bolt and slack-sdk; the people, the workspace
and the model are in this one. Acknowledgements are timed from the click to their arrival, and
compared with those of a process that does nothing else: on a busy machine only the ratio says much.
"""

import argparse
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier
from time import perf_counter

from bot.app import wall_clock
from bot.core.anomaly import Rules
from bot.flows import look
from bot.flows.detect import arrived_since, detect
from bot.flows.record import record
from bot.flows.report import report_now
from bot.flows.triage import triage
from bot.slack import actions
from bot.workspace import Workspace, serve
from bot.workspace.delivery import Envelope
from bot.workspace.state import Person
from storage.database import Database, open_database
from tests.builders import an_event

CHANNELS = ("C000001", "C000002")
BARE = """
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
"""
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


def main() -> None:
    cli = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    cli.add_argument("--people", type=int, default=200)
    cli.add_argument("--rounds", type=int, default=5)
    cli.add_argument("--mode", choices=["socket", "http"], default="socket")
    asked = cli.parse_args()
    people = [
        Person(f"U{number:05}", f"p{number}", f"P {number}") for number in range(asked.people)
    ]
    print(f"{'nothing but acknowledged':34}", told(bare(asked.people, asked.rounds)))
    with served(people, mode=asked.mode) as (workspace, names):
        for name, act in rounds(workspace, [one.id for one in people], names).items():
            print(f"{name:34}", told([act(number) for number in range(asked.rounds)]))


def bare(people: int, rounds: int) -> list[list[float]]:
    """The least that is possible here: slack-sdk alone, which acknowledges and does nothing."""
    workspace = Workspace(clock=wall_clock)
    click = Envelope("interactive", {"type": "block_actions", "message": {"text": "x" * 8_000}})
    with serve(workspace) as server:
        process = subprocess.Popen([sys.executable, "-c", BARE, server.api_url])
        try:
            workspace.wait_until(lambda: workspace.sockets.connections, seconds=60)
            return [
                at_once(["U1"] * people, lambda *_: not workspace.transport.deliver(click).error)
                for _ in range(rounds)
            ]
        finally:
            process.kill()
            process.wait()


def rounds(
    workspace: Workspace, people: Sequence[str], names: Sequence[str]
) -> dict[str, Callable[[int], list[float]]]:
    """What is done, and the seconds each person waited in a round of it."""
    cards = workspace.messages(CHANNELS[0])[0].ts

    def click(action: str, value: Callable[[int], str], number: int) -> list[float]:
        return at_once(
            people,
            lambda who, nth: (
                workspace.click(
                    who, CHANNELS[0], cards, action, block_id=block(workspace, cards, value(nth))
                ).ok
            ),
        )

    def opened(number: int) -> list[float]:
        def open_one(who: str, _: int) -> bool:
            value = actions.menu_value(actions.MUTE, names[number % len(names)])
            found = block(workspace, cards, names[number % len(names)])
            workspace.click(who, CHANNELS[0], cards, actions.MORE, block_id=found, value=value)
            workspace.wait_until(lambda: workspace.view(who), seconds=20)
            return True

        return at_once(people[:1], open_one)

    def shown(number: int) -> list[float]:
        name, who = names[number % len(names)], people[number]
        return at_once([who], lambda who, _: claimed(workspace, who, cards, name))

    return {
        "a claim, on both messages": shown,
        "claims of one, acknowledged": lambda n: click(
            actions.CLAIM, lambda _: names[n % len(names)], n
        ),
        "claims of all, acknowledged": lambda n: click(
            actions.CLAIM, lambda nth: names[nth % len(names)], n
        ),
        "details, acknowledged": lambda n: click(
            actions.DETAILS, lambda nth: names[nth % len(names)], n
        ),
        "a form, open": opened,
    }


def claimed(workspace: Workspace, who: str, cards: str, name: str) -> bool:
    """Claim it, and wait until every message says so."""
    found = block(workspace, cards, name)
    workspace.click(who, CHANNELS[0], cards, actions.CLAIM, block_id=found)
    workspace.wait_until(
        lambda: all(
            f"<@{who}>" in str(one.blocks)
            for place in CHANNELS
            for one in workspace.messages(place)
        ),
        seconds=20,
    )
    return True


def block(workspace: Workspace, ts: str, name: str) -> str:
    """The block of a card's buttons."""
    message = next(one for one in workspace.messages(CHANNELS[0]) if one.ts == ts)
    return next(
        str(one["block_id"])
        for one in message.blocks
        if one["type"] == "actions" and one["elements"][0].get("value") == name
    )


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
def served(people: Sequence[Person], *, mode: str) -> Iterator[tuple[Workspace, list[str]]]:
    """A workspace with a digest in it, the bot behind it, and the ids of the errors."""
    with (
        TemporaryDirectory() as folder,
        unanswering() as model,
        socket.create_server(("127.0.0.1", 0)) as port,
    ):
        number = port.getsockname()[1]
        port.close()
        url = f"http://127.0.0.1:{number}/slack/events" if mode == "http" else ""
        workspace = Workspace(clock=wall_clock, people=people, request_url=url, ack_seconds=4)
        with serve(workspace) as server:
            names = prepared(Path(folder))
            (Path(folder) / "triage.toml").write_text(
                SETTINGS.format(mode=mode, port=number, model=model)
            )
            with running(Path(folder), workspace, server.api_url):
                workspace.wait_until(
                    lambda: all(workspace.messages(one) for one in CHANNELS), seconds=60
                )
                yield workspace, names


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
    record(database, [*usual, *fresh], now=now)
    touched = arrived_since(database, now - timedelta(days=9))
    detect(database, touched, now=now, rules=Rules())
    triage(database, now=now, site_rules=())


@contextmanager
def running(folder: Path, workspace: Workspace, api_url: str) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "serve"],
        cwd=folder,
        env={
            **os.environ,
            "SLACK_BOT_TOKEN": workspace.bot_token,
            "SLACK_APP_TOKEN": workspace.app_token,
            "SLACK_SIGNING_SECRET": workspace.signing_secret,
            "SLACK_API_URL": api_url,
            "TRIAGE_LLM_KEY": "key",
        },
        stderr=(folder / "log").open("w"),
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def unanswering() -> Iterator[str]:
    """A model that takes every question and answers none."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1"


if __name__ == "__main__":
    main()
