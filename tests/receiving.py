"""The receiver as a process that a test can kill."""

import signal
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from threading import Event

from bot import receiver
from bot.flows import authorize
from bot.flows.receive import receiving
from bot.hooks import events, otlp, sentry
from bot.hooks.access import Keyring
from storage.database import open_database


def now() -> datetime:
    """The clock."""
    return datetime.now(UTC)  # noqa: TID251


def main(url: str, key: str, line: Connection) -> None:
    """Receive until SIGTERM; says its port once it does."""
    told = Event()
    signal.signal(signal.SIGTERM, lambda *_: told.set())
    database = open_database(url)
    keyring = Keyring(lambda: authorize.holding(database), (key,), clock=now)
    with receiving(database, now) as intake:
        door = events.Door(intake, keyring, now)
        web = receiver.application([*events.routes(door), *sentry.routes(door), otlp.route(door)])
        with receiver.listening(web, host="127.0.0.1", port=0) as port:
            line.send(port)
            told.wait()
    database.close()
