"""A mute from before mutes could be wide goes on as it was."""

from pathlib import Path

from sqlalchemy import create_engine, text

from storage import decisions
from storage.database import open_database
from tests.storage.databases import at, plant_signature


def test_a_mute_from_before_covers_one_signature_and_has_no_factor(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'triage.db'}"
    at(url, "0013")
    engine = create_engine(url)
    with engine.begin() as connection:
        plant_signature(connection)
        connection.execute(
            text(
                "INSERT INTO mutes (id, signature_id, by, at, reason, max_events, max_customers,"
                " total_at_start, hit_at_start, ended_why) VALUES"
                " (1, 1, 'U1', '2026-11-18 12:00:00.000000', 'noise', 5, 0, 1, '{}', '')"
            )
        )
    engine.dispose()
    database = open_database(url, durable=False)
    with database.read() as session:
        kept = decisions.mute_of(session, 1)
    database.close()
    assert kept
    assert (kept.max_events, kept.max_factor, kept.daily_at_start, kept.wide_id) == (
        5,
        0,
        0.0,
        None,
    )
