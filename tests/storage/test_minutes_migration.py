"""What was counted before minutes were stays, and its minutes unknown."""

from pathlib import Path

from sqlalchemy import create_engine, text

from storage import sightings
from storage.database import open_database
from storage.sightings import Row
from tests.storage.databases import at


def test_minutes_that_nobody_counted_stay_unknown_when_more_is_counted(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'triage.db'}"
    at(url, "0009")
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO sightings VALUES (1, 500, 'acme', 7)"))
    engine.dispose()
    database = open_database(url, durable=False)
    with database.write() as session:
        sightings.add(session, [Row(1, 500, "acme", 1, 0b1)])
        assert sightings.of(session, [1], since_hour=0) == [(1, 500, "acme", 8, None)]
    database.close()
