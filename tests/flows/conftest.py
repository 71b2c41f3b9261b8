"""A fleet with one error that everybody decides on."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from bot.flows.find import by_number
from bot.flows.record import record
from storage.database import Database, open_database
from tests.builders import NOON, an_event
from tests.engines import Engine


@pytest.fixture
def short_id(database: Database) -> str:
    """What people call the one error of the database."""
    (number,) = record(database, [an_event()], now=NOON).signature_ids
    with database.read() as session:
        return by_number(session, number).short_id


@pytest.fixture
def other(engine: Engine) -> Iterator[Database]:
    """A second database, as empty."""
    with engine.copy() as url, closing(open_database(url, durable=False)) as opened:
        yield opened
