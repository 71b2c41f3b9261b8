"""A switch from before switches had shares stands as it stood."""

from pathlib import Path

from sqlalchemy import create_engine, text

from storage import flags
from storage.database import open_database
from tests.storage.databases import at


def test_a_switch_from_before_has_no_share(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'triage.db'}"
    at(url, "0016")
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(
            text(
                'INSERT INTO flags (name, "on", by, at, reason) VALUES'
                " ('shadow', 0, 'U1', '2026-11-18 12:00:00.000000', 'costs')"
            )
        )
    engine.dispose()
    database = open_database(url, durable=False)
    with database.read() as session:
        kept = flags.standing(session)["shadow"]
    database.close()
    assert (kept.on, kept.percent) == (False, None)
