"""One of several processes that send what is due, which a test can pause; its clock runs fast."""

import signal
from multiprocessing.connection import Connection
from secrets import token_hex
from threading import Event

from bot.schedule import Every, Schedule
from bot.slack.app import web_client
from bot.slack.poster import Poster
from storage.database import open_database
from tests.crashing import TOKENS, fast_clock

TURN_SECONDS = 0.02


def main(url: str, api_url: str, started: float, line: Connection) -> None:
    """Send until SIGTERM; says under which name it does."""
    told = Event()
    signal.signal(signal.SIGTERM, lambda *_: told.set())
    database = open_database(url)
    client, clock, worker = (
        web_client(TOKENS[0], base_url=api_url),
        fast_clock(started),
        token_hex(4),
    )
    poster = Poster(database, client, worker=worker, clock=clock)
    schedule = Schedule({"send": Every(TURN_SECONDS, poster.drain)}, clock=clock)
    schedule.start()
    line.send(worker)
    told.wait()
    poster.finish()
    schedule.stop()
    database.close()
