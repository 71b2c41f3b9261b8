"""What the release before had not judged yet is judged by this one."""

from pathlib import Path

from sqlalchemy import create_engine, text

from bot.core.hour import hour_of
from storage import unjudged_hours
from storage.database import open_database
from tests.builders import NOON
from tests.storage.databases import at, plant_signature

LATE = "INSERT INTO late_hours VALUES (1, 7, '2026-11-18 12:00:00.000000')"


def test_late_hours_and_what_came_just_before_the_upgrade_wait_to_be_judged(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path / 'triage.db'}"
    at(url, "0022")
    engine = create_engine(url)
    with engine.begin() as connection:
        plant_signature(connection)
        connection.execute(text(LATE))
    engine.dispose()
    database = open_database(url, durable=False)
    with database.read() as session:
        waiting = unjudged_hours.since(session, 0)
    database.close()
    assert waiting == [(1, 7, NOON), (1, hour_of(NOON), NOON)]
