import logging
from datetime import timedelta

import pytest

from bot.core.spending.outcome import Call, Ok, Unavailable
from bot.flows import rely
from storage.database import Database
from tests.builders import NOON

AWAY = Unavailable(Call("small"), "no connection to the provider")


def test_an_outage_is_logged_once_as_it_begins_is_waited_for_and_ends(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    outcomes = [AWAY] * 9 + [Ok(Call("small"), 1)] * 3
    for minute, outcome in enumerate(outcomes):
        at = NOON + timedelta(minutes=5 * minute)
        with database.write() as session:
            rely.learn(session, "own", "small", outcome, settings="s", began=at, now=at)
    assert [record.getMessage() for record in caplog.records] == [
        "own failed; it is asked again",
        "own is not asked for a while: model down: no connection to the provider",
        "own answers again",
    ]
