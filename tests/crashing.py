"""The service as a process that a test can kill.

Its clock runs fast, from a moment that the test and every life of the service share, so that many
digests fall due, and leases run out, while somebody watches.
"""

import os
import signal
from collections.abc import Callable
from datetime import datetime, time, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event
from time import monotonic

from pydantic import SecretStr

from bot.app import running
from bot.settings import Channel, Http, Settings, Slack
from storage.database import open_database
from tests.builders import NOON

CHANNEL = "C000001"
SPEED = 60
"""Seconds on the service's clock for one of ours: the two minutes between slots take two."""
SLOTS = tuple(time(hour, minute) for hour in range(24) for minute in range(0, 60, 2))
TOKENS = "xoxb-crashing", "xapp-crashing"
SIGNING, KEY = "signed", "k" * 32


def fast_clock(started: float) -> Callable[[], datetime]:
    """It was noon at `started` on this machine's monotonic clock, which all processes share."""
    return lambda: NOON + SPEED * timedelta(seconds=monotonic() - started)


def settings(api_url: str) -> Settings:
    """One channel with many slots."""
    bot, app = map(SecretStr, TOKENS)
    return Settings(
        slack=Slack(api_url=api_url, bot_token=bot, app_token=app),
        channels=(Channel(id=CHANNEL, digest=SLOTS),),
        http=Http(port=0),
    )


def main(url: str, api_url: str, started: float, log: Path, line: Connection) -> None:
    """Serve until SIGTERM; says so once it does, and what goes wrong in the log."""
    with log.open("a") as errors:
        os.dup2(errors.fileno(), 2)
    told = Event()
    signal.signal(signal.SIGTERM, lambda *_: told.set())
    database = open_database(url)
    with running(settings(api_url), database, clock=fast_clock(started)):
        line.send("serving")
        told.wait()
    database.close()


def over_http(url: str, api_url: str, started: float, log: Path, line: Connection) -> None:
    """The same, reached by Slack and by senders of errors at a port, which it says.

    Until told that it is enough, it looks every second for what is to be reported: so each slot has
    a digest of its own.
    """
    with log.open("a") as errors:
        os.dup2(errors.fileno(), 2)
    told = Event()
    signal.signal(signal.SIGTERM, lambda *_: told.set())
    database = open_database(url)
    base = settings(api_url)
    reached = {"mode": "http", "signing_secret": SecretStr(SIGNING)}
    slack = base.slack.model_copy(update=reached)
    http = Http(port=0, api_key=SecretStr(KEY))
    chosen = base.model_copy(update={"slack": slack, "http": http})
    with running(chosen, database, clock=fast_clock(started)) as service:
        line.send(service.port)
        while not line.poll() and not told.wait(1):
            service.schedule.poke("report")
        told.wait()
    database.close()
