from datetime import timedelta
from typing import Any

from bot.flows import decide
from bot.flows.doubt import ASKED, doubt
from bot.flows.report import report_now
from storage import outbox
from storage.database import Database
from tests.builders import NOON
from tests.flows.builders import DAY, muted

MINUTE = timedelta(minutes=1)


def asked(database: Database, now: Any) -> list[tuple[str, list[str]]]:
    with database.read() as session:
        found = outbox.wanted_since(session, now - MINUTE, kinds=(ASKED,))
        return [(one.channel, one.content["signatures"]) for one in found]


def test_a_mute_without_an_end_is_asked_about_every_thirty_days(
    database: Database, short_id: str
) -> None:
    muted(database, short_id, until=None)
    counts = [doubt(database, channels=["C1"], now=NOON + day * DAY) for day in range(95)]
    assert [day for day, count in enumerate(counts) if count] == [30, 60, 90]
    assert asked(database, NOON + 90 * DAY) == [("C1", [short_id])]


def test_it_is_asked_where_it_was_shown_last(database: Database, short_id: str) -> None:
    report_now(database, channel="C2", now=NOON)
    decide.reroute(database, short_id, team="dev", by="U1", now=NOON, channel="C3")
    muted(database, short_id, until=None)
    doubt(database, channels=["C1"], now=NOON + 30 * DAY)
    assert [channel for channel, _ in asked(database, NOON + 30 * DAY)] == ["C3"]


def test_what_has_an_end_or_is_awake_is_not_asked_about(database: Database, short_id: str) -> None:
    muted(database, short_id, until=NOON + 90 * DAY)
    assert doubt(database, channels=["C1"], now=NOON + 40 * DAY) == 0
    muted(database, short_id, until=None)
    decide.unmute(database, short_id, by="U1", now=NOON)
    assert doubt(database, channels=["C1"], now=NOON + 40 * DAY) == 0


def test_without_a_channel_nobody_is_asked(database: Database, short_id: str) -> None:
    muted(database, short_id, until=None)
    assert doubt(database, channels=[], now=NOON + 40 * DAY) == 0
