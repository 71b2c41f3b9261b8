"""What a day held is read from indexes, also in a database of before."""

from pathlib import Path

from sqlalchemy import create_engine, text

from storage import sightings
from storage.database import open_database
from tests.storage.databases import at

DAY = "SELECT sum(count), count(DISTINCT signature_id) FROM sightings WHERE hour BETWEEN 1 AND 24"
RESOLVED = "SELECT * FROM signatures WHERE state = 'resolved'"


def test_an_older_database_keeps_its_sightings_and_reads_a_day_from_an_index(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path / 'triage.db'}"
    at(url, "0018")
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO sightings VALUES (1, 1, 'acme', 7, 1), (1, 24, '', 2, 1)")
        )
    engine.dispose()
    database = open_database(url, durable=False)
    with database.read() as session:
        assert sightings.amount(session, first=1, last=24) == (9, 1)
        plans = [
            "".join(str(row) for row in session.execute(text(f"EXPLAIN QUERY PLAN {asked}")))
            for asked in (DAY, RESOLVED)
        ]
    assert "COVERING INDEX ix_sightings_hour" in plans[0]
    assert "INDEX ix_signatures_state" in plans[1]
    database.close()
