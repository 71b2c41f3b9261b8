"""Whether a model keeps to a schema is found out at the start, for little, and told."""

import logging
from datetime import datetime, timedelta
from typing import TypeVar, cast

import pytest
from sqlmodel import select

from bot.core.asking.prompt import Prompt
from bot.core.flag import Flag
from bot.core.spending.outcome import NOTHING, Call, Failure, Invalid, Ok, Outcome, Stopped, Usage
from bot.flows import probe
from storage import flags, tables
from storage.database import Database
from tests.builders import NOON
from tests.fakes import Clock
from tests.flows.test_spend import TERMS

T = TypeVar("T")
USAGE = Usage(input=40, output=20)
PROSE = Invalid(Call("strong", usage=USAGE), "does not fit its schema")


class Colours:
    """Models that keep to the schema, but for one that ends otherwise."""

    def __init__(self, *, strong: Failure | None = None) -> None:
        self._strong = strong
        self.asked: list[str] = []

    def ask(
        self, prompt: Prompt, schema: type[T], *, model: str, within_seconds: float
    ) -> Outcome[T]:
        self.asked.append(model)
        if model == "strong" and self._strong:
            return self._strong
        return Ok(Call(model, model=model, usage=USAGE), cast("T", "red"))

    def stop(self) -> None:
        """Nothing to end."""


def look(database: Database, models: Colours, clock: Clock) -> None:
    probe.look(database, models, ["cheap", "strong"], terms=TERMS, clock=clock)


def trouble(database: Database, *, now: datetime = NOON) -> tuple[str, ...]:
    return probe.trouble(database, terms=TERMS, now=now)


def test_each_model_is_tried_at_the_start_and_not_again_while_it_answers(
    database: Database,
) -> None:
    clock, models = Clock(), Colours()
    for _ in range(5):
        look(database, models, clock)
        clock.move(hours=4)
    assert models.asked == ["cheap", "strong"]
    assert trouble(database) == ()
    with database.read() as session:
        ledger = session.exec(select(tables.Call)).all()
    assert [(one.feature, one.outcome) for one in ledger] == [("evaluation", "ok")] * 2
    assert all(one.cost for one in ledger)


def test_a_server_that_ignores_the_schema_is_named(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        look(database, Colours(strong=PROSE), Clock())
    said = "strong gave no answer as it has to be: does not fit its schema"
    assert trouble(database) == (said,)
    assert [record.message for record in caplog.records] == [
        f"{said}; `triage doctor` names the remedy"
    ]


def test_a_bot_that_starts_again_and_again_does_not_ask_again_and_again(
    database: Database,
) -> None:
    clock, models = Clock(), Colours(strong=PROSE)
    for _ in range(60):
        look(database, models, clock)
        clock.move(minutes=1)
    assert models.asked == ["cheap", "strong"]
    look(database, models, clock)
    assert models.asked == ["cheap", "strong", "strong"]


def test_what_was_mended_is_no_trouble_any_more(database: Database) -> None:
    clock = Clock()
    look(database, Colours(strong=PROSE), clock)
    clock.move(hours=2)
    look(database, Colours(), clock)
    assert trouble(database, now=clock()) == ()


def test_a_stop_at_the_start_tells_nothing(database: Database) -> None:
    stopped = Stopped(Call("strong", usage=NOTHING), "stopped")
    look(database, Colours(strong=stopped), Clock())
    assert trouble(database) == ()


def test_where_models_are_switched_off_none_is_tried(database: Database) -> None:
    with database.write() as session:
        flags.put(session, Flag.MODEL, on=False, by="U1", reason="", now=NOON)
    models = Colours()
    look(database, models, Clock())
    assert models.asked == []


def test_a_model_that_is_waited_for_is_trouble(database: Database) -> None:
    clock = Clock()
    with database.write() as session:
        session.add(
            tables.Provider(
                name="anthropic",
                model="strong",
                not_before=NOON + timedelta(hours=1),
                reason="strong not usable: HTTP 404",
                settings=TERMS.settings,
            )
        )
    assert trouble(database, now=clock()) == ("strong not usable: HTTP 404",)
