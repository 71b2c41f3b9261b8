"""What a source has is counted, once, however often whoever asks it is killed.

TRIAGE_PULL_KILLS=2    how often it is killed; 100 takes some minutes
TRIAGE_CRASH_SEED=1    when
"""

import os
import random
from collections.abc import Iterator
from datetime import timedelta
from threading import Event

import pytest

from storage.database import Database
from storage.events import count as count_events
from tests import datadog, pulling
from tests.builders import NOON
from tests.datadog import Datadog, Log
from tests.forked import Life
from tests.promises import Figures

KILLS = int(os.environ.get("TRIAGE_PULL_KILLS", "2"))
SEED = int(os.environ.get("TRIAGE_CRASH_SEED", "1"))
PAGES_A_LIFE = 8
"""At most; as many as that are there for each kill, so that none comes too late."""
LOGS = PAGES_A_LIFE * (KILLS + 1) * pulling.LIMIT
LONGEST_REST_SECONDS = 0.03
"""About what a page takes, from its request to its commit."""


@pytest.fixture
def server() -> Iterator[Datadog]:
    failed = {"message": "payment failed", "service": "checkout", "status": "error"}
    begin, each = NOON - timedelta(hours=20), timedelta(hours=12) / LOGS
    with datadog.listening() as server:
        server.logs = [Log(f"AQ{n:06}", begin + n * each, failed) for n in range(LOGS)]
        yield server


@pytest.mark.both_engines
@pytest.mark.promise(row="R22")
def test_whoever_is_killed_goes_on_where_what_is_counted_ends(
    database: Database, server: Datadog, figures: Figures
) -> None:
    chance, kills = random.Random(SEED), 0
    url = database.engine.url.render_as_string(hide_password=False)
    for number in range(KILLS):
        life, asked = Life(pulling.main, url, server.url, number), len(server.searches)
        pages = chance.randint(1, PAGES_A_LIFE)
        while len(server.searches) < asked + pages:
            Event().wait(0.001)
        Event().wait(chance.uniform(0, LONGEST_REST_SECONDS))
        kills += life.kill()
    last = Life(pulling.main, url, server.url, KILLS)
    assert last.hear() == "read"
    assert last.ended() == 0
    with database.read() as session:
        counted = count_events(session, first=0, last=10**9)
    again = len(server.searches) - -(-LOGS // pulling.LIMIT)
    figures(f"{kills} kills: {counted} of {LOGS} errors counted, {again} pages asked again")
    assert kills == KILLS > 0
    assert counted == LOGS
    assert again <= 2 * KILLS, "a life asks again for what was not kept, and for no more"
