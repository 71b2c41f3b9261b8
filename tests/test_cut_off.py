"""A way to PostgreSQL that is cut, without anybody being told, is given up before long.

TRIAGE_CUT_SECONDS=1    after how long; the settings say 10
"""

import os
from time import monotonic

import pytest
from psycopg import Connection

from storage.database import CUT_OFF_SECONDS, Database
from tests import cut_off
from tests.conftest import POSTGRESQL
from tests.forked import Life
from tests.promises import Figures

CUT_SECONDS = int(os.environ.get("TRIAGE_CUT_SECONDS", "1"))
PATIENCE = 6 * CUT_SECONDS + 20
"""Far less than the system's TCP has, and enough for a machine under load."""
OPTIONS = {
    "tcp_user_timeout": 1000 * CUT_SECONDS,
    "keepalives_idle": max(1, CUT_SECONDS // 2),
    "keepalives_interval": 1,
    "connect_timeout": 2,
}

on_postgresql = pytest.mark.parametrize("engine", [POSTGRESQL], indirect=True)


@on_postgresql
@pytest.mark.promise(row="R23")
def test_whoever_is_cut_off_knows_it_and_goes_on_once_the_way_is_there(
    url: str, figures: Figures
) -> None:
    is_default = CUT_SECONDS == CUT_OFF_SECONDS
    options = {} if is_default else OPTIONS
    life = Life(cut_off.main, url, "&".join(f"{name}={options[name]}" for name in options))
    if not life.hear():
        life.ended()
        pytest.skip("this kernel lets nobody have a network of their own")
    assert life.hear(), "it answers"
    began = monotonic()
    said = [life.line.poll(PATIENCE) and life.hear() for _ in range(3)]
    took = monotonic() - began
    life.ended()
    figures(f"cut off twice and well again after {took:.1f} s")
    assert said == [False, False, True]


@on_postgresql
def test_what_the_address_says_of_it_holds(database: Database) -> None:
    with database.engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        assert isinstance(raw, Connection)
        told = raw.info.get_parameters()
    assert told["tcp_user_timeout"] == str(1000 * CUT_OFF_SECONDS)
    assert told["connect_timeout"] == str(CUT_OFF_SECONDS // 2)
