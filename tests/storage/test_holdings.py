"""What the database holds can be told of every table."""

from storage.holdings import HOLDS
from storage.tables import Signature


def test_of_each_table_it_is_said_what_it_holds() -> None:
    assert HOLDS.keys() == Signature.metadata.tables.keys()
