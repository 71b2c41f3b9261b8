"""A model that its provider is about to serve no more is told of in time, once."""

from dataclasses import replace
from datetime import timedelta

from bot.flows import retire, spend
from storage import outbox
from storage.database import Database
from tests.builders import NOON
from tests.flows.test_spend import TERMS

DAY = timedelta(days=1)


def told(database: Database) -> list[str]:
    with database.read() as session:
        rows = outbox.wanted_since(session, NOON - DAY, kinds=[spend.NOTICE])
        return [row.content["text"] for row in rows]


def test_the_channel_is_told_once_which_model_ends_and_when(database: Database) -> None:
    ends, terms = {"old": NOON + 30 * DAY, "new": NOON + 300 * DAY}, replace(TERMS, channels=["C1"])
    for day in range(3):
        retire.tell(database, ends, terms=terms, now=NOON + day * DAY)
    (said,) = told(database)
    assert said.startswith("old is served until 2026-12-18 only: name another model in [llm]")


def test_what_has_ended_is_told_of_too() -> None:
    assert retire.near({"old": NOON - DAY}, now=NOON)


def test_what_goes_on_for_long_is_not_mentioned(database: Database) -> None:
    retire.tell(database, {"new": NOON + 61 * DAY}, terms=TERMS, now=NOON)
    assert told(database) == []
