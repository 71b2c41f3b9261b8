"""A process that asks a source until all is read, which a test can kill."""

from datetime import timedelta
from multiprocessing.connection import Connection

from pydantic import SecretStr

from bot.flows import look
from bot.flows.pull import LEASE, Puller
from bot.flows.receive import receiving
from bot.sources.datadog import Datadog
from bot.sources.web import Web
from storage.database import open_database
from tests.builders import NOON
from tests.datadog import KEYS

LIMIT = 20
END = NOON - timedelta(hours=1)
"""All that there is is older: who got beyond has read it."""


def main(database_url: str, server_url: str, life: int, line: Connection) -> None:
    """Ask for what there is; says so once that is all.

    Its clock stands, later in each life than the lease of the one before goes.
    """
    now = NOON + life * 2 * LEASE
    api, app = map(SecretStr, KEYS)
    source = Datadog(name="dd", url=server_url, limit=LIMIT, api_key=api, app_key=app)
    database = open_database(database_url)
    with receiving(database, lambda: now) as intake:
        asks = Web().ask
        puller = Puller(database, source, intake, holder=f"{life}", ask=asks, clock=lambda: now)
        while not any(one.reached and one.reached > END for one in look.pulled(database)):
            puller.poke()
    line.send("read")
    database.close()
