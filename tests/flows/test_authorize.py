"""Keys for senders: told once, kept as a hash, refused once they are revoked."""

import pytest

from bot.core.intake import key
from bot.errors import NotFound, TriageError
from bot.flows import authorize
from storage.database import Database
from tests.builders import NOON


def test_a_key_is_kept_as_a_hash_and_known_by_its_beginning(database: Database) -> None:
    made = authorize.make(database, " checkout ", now=NOON)
    (row,) = authorize.every(database)
    assert (made.project, row.project, row.prefix) == ("checkout", "checkout", made.text[:15])
    assert made.text not in repr(row)
    assert len(made.text.removeprefix(key.MARK)) == 64
    assert key.is_same(made.text, row.digest)
    assert not key.is_same(made.text[:-1] + "x", row.digest)


def test_a_project_may_have_two_until_the_first_is_revoked(database: Database) -> None:
    first, second = (authorize.make(database, "checkout", now=NOON) for _ in range(2))
    assert len(authorize.holding(database)) == 2
    for _ in range(2):
        authorize.revoke(database, first.number, now=NOON)
    assert list(authorize.holding(database)) == [key.prefix(second.text)]


@pytest.mark.parametrize("project", ["", "  ", "x" * 61, "a\nb"])
def test_what_is_no_name_of_a_project_gets_none(database: Database, project: str) -> None:
    with pytest.raises(TriageError, match="A project has a name"):
        authorize.make(database, project, now=NOON)


def test_a_key_that_never_was_cannot_be_revoked(database: Database) -> None:
    with pytest.raises(NotFound, match="triage keys list"):
        authorize.revoke(database, 7, now=NOON)


def test_sentrys_clients_read_the_address_of_a_key(database: Database) -> None:
    made = authorize.make(database, "checkout", now=NOON)
    dsn = made.dsn("https://triage.example.com/")
    assert dsn == f"https://{made.text}@triage.example.com/{made.number}"
