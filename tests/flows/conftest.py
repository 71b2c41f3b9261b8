"""A fleet with one error that everybody decides on."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.flows.find import by_number
from bot.flows.record import record
from storage.database import Database
from tests.builders import NOON, an_event


@pytest.fixture
def short_id(database: Database) -> str:
    """What people call the one error of the database."""
    (number,) = record(database, [an_event()], now=NOON).signature_ids
    with database.read() as session:
        return by_number(session, number).short_id


@pytest.fixture
def other(tmp_path: Path, new_database: Callable[[Path], Database]) -> Iterator[Database]:
    """A second database, as empty."""
    with closing(new_database(tmp_path / "other.db")) as opened:
        yield opened
