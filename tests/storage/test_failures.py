"""What a database complains of is told in its own words, and to strangers in few."""

import sqlite3

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

from storage.failures import brief, cause


def test_where_the_database_is_is_told_on_a_line_and_to_no_stranger() -> None:
    engine = create_engine("postgresql+psycopg://ann:pw@127.0.0.1:1/errors")
    with pytest.raises(OperationalError) as refused:
        engine.connect()
    said = cause(refused.value)
    assert ("127.0.0.1" in said, "\n" in said) == (True, False)
    assert brief(refused.value) == "OperationalError"


def test_of_sqlite_all_is_told() -> None:
    full = sqlite3.OperationalError("database or disk is full")
    assert brief(OperationalError("INSERT", None, full)) == cause(full) == str(full)
