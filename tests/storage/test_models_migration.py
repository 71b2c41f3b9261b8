"""What was explained before there was a ledger is explained as before; what was known of a provider
is found out anew."""

from pathlib import Path

from sqlalchemy import create_engine, text

from storage import analyses, providers
from storage.database import open_database
from tests.storage.databases import at, plant_signature


def test_an_explanation_by_rules_outlives_the_ledgers_migration(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'triage.db'}"
    at(url, "0005")
    engine = create_engine(url)
    with engine.begin() as connection:
        plant_signature(connection)
        connection.execute(
            text(
                "INSERT INTO analyses (signature_id, analyst, version, at, content) "
                "VALUES (1, 'rules', 'r1', '2026-11-18 12:00:00', '{\"summary\": \"kept\"}')"
            )
        )
    engine.dispose()
    database = open_database(url, durable=False)
    with database.read() as session:
        kept = analyses.of(session, [1])[1]
    database.close()
    assert (kept.content, kept.tier, kept.evidence, kept.note) == ({"summary": "kept"}, "", "", "")


def test_a_provider_that_was_given_up_for_good_is_asked_again(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'triage.db'}"
    at(url, "0008")
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO providers VALUES ('anthropic', 0, NULL, 'not usable', 'key 1')")
        )
    engine.dispose()
    database = open_database(url, durable=False)
    with database.read() as session:
        stands = providers.of(session, "anthropic")
    database.close()
    assert (stands.reason, stands.settings) == ("", "")
