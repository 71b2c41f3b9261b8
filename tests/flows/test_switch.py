"""Switches that hold at once and everywhere, and who set them."""

from bot.core.flag import Flag
from bot.flows.switch import said, standing, switch
from storage.database import Database
from tests.builders import NOON


def test_each_is_on_until_somebody_says_otherwise(database: Database) -> None:
    assert all(one.on and not one.by for one in standing(database))
    assert {one.flag for one in standing(database)} == set(Flag)


def test_the_last_word_holds_and_says_whose_it_is(database: Database) -> None:
    switch(database, Flag.MODEL, on=False, by="ana", reason="costs", now=NOON)
    (model, *others) = standing(database)
    assert not model.on
    assert all(one.on for one in others)
    assert said(model).startswith("model  off (ana, 2026-11-18 12:00 UTC: costs)  a model explains")
    switch(database, Flag.MODEL, on=True, by="tomas", reason="", now=NOON)
    assert said(standing(database)[0]).startswith("model  on  (tomas, 2026-11-18 12:00 UTC)  ")
