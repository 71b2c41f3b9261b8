"""A key is held against those that the database had when it was last asked."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from bot.core.intake import key
from bot.core.intake.key import Stored
from bot.flows import authorize
from bot.hooks.access import FRESH, LOOKED_AGAIN, Keyring
from bot.hooks.answers import Rejected
from storage.database import Database
from tests.builders import NOON
from tests.fakes import Clock


def test_while_the_database_is_away_those_keys_hold_that_held(
    database: Database, clock: Clock
) -> None:
    is_away = False

    def holding() -> Mapping[str, Stored]:
        if is_away:
            raise OperationalError("SELECT", None, ConnectionError("connection refused"))
        return authorize.holding(database)

    made = authorize.make(database, "checkout", now=NOON)
    keyring = Keyring(holding, (), clock=clock)
    assert keyring.project(made.text) == "checkout"
    is_away = True
    for _ in range(2):
        clock.move(to=clock() + FRESH + timedelta(seconds=1))
        assert keyring.project(made.text) == "checkout"
    clock.move(to=clock() + LOOKED_AGAIN)
    with pytest.raises(OperationalError):
        keyring.project(f"{key.MARK}unknown")
    with pytest.raises(Rejected):
        keyring.project("no key of ours")
