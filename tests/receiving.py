"""The receiver as a process that a test can kill."""

import signal
from contextlib import closing
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event

from bot import receiver
from bot.flows import authorize
from bot.flows.receive import receiving
from bot.hooks import events, otlp, sentry
from bot.hooks.access import Keyring
from storage.database import Database, open_database
from storage.spool import Spool
from tests.fakes import Away


def now() -> datetime:
    """The clock."""
    return datetime.now(UTC)  # noqa: TID251


def main(url: str, key: str, line: Connection) -> None:
    """Receive until SIGTERM; says its port once it does."""
    with closing(open_database(url)) as database:
        _serve(database, key, line)


def spooling(url: str, key: str, file: Path, is_away: bool, line: Connection) -> None:
    """The same with a spool, and with a database that is there or away."""
    with closing(open_database(url)) as database, closing(Spool(file, size=8 << 20)) as spool:
        _serve(Away(database.engine) if is_away else database, key, line, spool=spool)


def _serve(database: Database, key: str, line: Connection, *, spool: Spool | None = None) -> None:
    told = Event()
    signal.signal(signal.SIGTERM, lambda *_: told.set())
    keyring = Keyring(lambda: authorize.holding(database), (key,), clock=now)
    with receiving(database, now, spool=spool) as intake:
        door = events.Door(intake, keyring, now)
        web = receiver.application([*events.routes(door), *sentry.routes(door), otlp.route(door)])
        with receiver.listening(web, host="127.0.0.1", port=0) as port:
            line.send(port)
            told.wait()
