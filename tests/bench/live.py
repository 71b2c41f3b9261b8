"""How long it takes from an event in a pipe to Slack, through the real programs.

    python -m tests.bench.live [--rounds 4]

`triage serve` runs against the local workspace, and `triage ingest -` reads a pipe into the same
database, which knows three weeks of some services. In each round one of them bursts, forty errors
within a second or two, and another runs out of memory. Told is how long after the event that was
one too many the burst is in `/triage today`, and the out-of-memory in the channel; both are looked
at every half a second. The bar: 60 s for a spike, 10 s for what is critical.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from bot.app import wall_clock
from bot.workspace import Workspace, serve

ANA, CHANNEL = "U000ANA", "C000001"
LINES, HOURS = 40, 21 * 24
LOOK_SECONDS = 0.5
PATIENCE_SECONDS = 180
MIXED_SECONDS = 30
"""As long as the watch takes between two looks: each round begins at another moment of it."""


def line(service: str, message: str, at: datetime) -> str:
    facts = {"time": at.isoformat(), "level": "error", "service": service, "message": message}
    return json.dumps(facts) + "\n"


def history(services: list[str]) -> str:
    """One error an hour of each service, up to an hour ago."""
    hours = [wall_clock() - timedelta(hours=back) for back in range(HOURS, 0, -1)]
    return "".join(line(service, "payment failed", at) for at in hours for service in services)


@contextmanager
def program(*arguments: str, folder: Path, api_url: str) -> Iterator["subprocess.Popen[str]"]:
    """The bot's command line, in a folder of its own."""
    tokens = {"SLACK_BOT_TOKEN": "xoxb-workspace", "SLACK_APP_TOKEN": "xapp-workspace"}
    with (folder / "log").open("a") as log:
        running = subprocess.Popen(
            [sys.executable, "-m", "bot", *arguments],
            cwd=folder,
            env={**os.environ, **tokens, "SLACK_API_URL": api_url},
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            text=True,
        )
    try:
        yield running
    finally:
        running.terminate()
        running.communicate(timeout=60)


def seconds_until(seen: Callable[[], bool]) -> float:
    """How long it takes from now on; raises TimeoutError."""
    start = time.monotonic()
    while not seen():
        if time.monotonic() - start > PATIENCE_SECONDS:
            raise TimeoutError(f"not within {PATIENCE_SECONDS} s")
        time.sleep(LOOK_SECONDS)
    return time.monotonic() - start


def is_spiking(workspace: Workspace, service: str) -> bool:
    """Whether `/triage today`, which tells of nothing usual, names a service."""
    workspace.command(ANA, CHANNEL, "/triage", "today")
    said = workspace.ephemerals(ANA, CHANNEL)
    return bool(said) and service in said[-1].text


def is_posted(workspace: Workspace, service: str) -> bool:
    return any(service in message.text for message in workspace.messages(CHANNEL))


def measure(workspace: Workspace, pipe: Callable[[str], None], *, rounds: int) -> None:
    """Print one line a round, and the longest of each."""
    spikes, criticals = list[float](), list[float]()
    for number in range(rounds):
        service, worker = f"service-{number}", f"worker-{number}"
        time.sleep(random.uniform(0, MIXED_SECONDS))
        pipe("".join(line(service, "payment failed", wall_clock()) for _ in range(LINES)))
        spikes.append(seconds_until(partial(is_spiking, workspace, service)))
        pipe(line(worker, "java.lang.OutOfMemoryError: Java heap space", wall_clock()))
        criticals.append(seconds_until(partial(is_posted, workspace, worker)))
        print(f"spike {spikes[-1]:5.1f} s   critical {criticals[-1]:5.1f} s", flush=True)
    print(f"at most {max(spikes):5.1f} s            {max(criticals):5.1f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=4, help="how many of each are measured")
    rounds = parser.parse_args().rounds
    workspace = Workspace(clock=wall_clock)
    with tempfile.TemporaryDirectory() as name, serve(workspace) as server:
        folder = Path(name)
        (folder / "triage.toml").write_text(f'[[channels]]\nid = "{CHANNEL}"\n[http]\nport = 0\n')
        (folder / "old.log").write_text(history([f"service-{number}" for number in range(rounds)]))
        with program("ingest", "old.log", folder=folder, api_url=server.api_url) as reading:
            reading.wait()
        with (
            program("serve", folder=folder, api_url=server.api_url),
            program("ingest", "-", folder=folder, api_url=server.api_url) as reader,
        ):

            def pipe(lines: str) -> None:
                assert reader.stdin
                reader.stdin.write(lines)
                reader.stdin.flush()

            workspace.wait_until(
                lambda: workspace.command(ANA, CHANNEL, "/triage", "help").ok, seconds=60
            )
            measure(workspace, pipe, rounds=rounds)


if __name__ == "__main__":
    main()
