"""Switches that hold at once and everywhere, and who set them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bot.core.flag import OFF, ON, Flag, Position
from bot.errors import Taken
from bot.flows.switch import SWITCHED, Change, Setting, latest, said, standing, switch, told
from storage import outbox
from storage.database import Database
from tests.builders import NOON


def off(database: Database, by: str = "ana", *, reason: str = "costs", seen: int = 0) -> None:
    switch(
        database,
        {Flag.MODEL: OFF},
        by=by,
        reason=reason,
        now=NOON,
        seen={Flag.MODEL: seen},
        channels=["C1"],
    )


def model(database: Database) -> Setting:
    return standing(database)[0]


def notices(database: Database) -> list[str]:
    with database.read() as session:
        before = NOON - timedelta(days=1)
        return [one.key for one in outbox.wanted_since(session, before, kinds=[SWITCHED])]


def test_each_is_on_until_somebody_says_otherwise(database: Database) -> None:
    assert all(one.position.on and not one.by for one in standing(database))
    assert {one.flag for one in standing(database)} == set(Flag)


def test_the_last_word_holds_and_says_whose_it_is(database: Database) -> None:
    off(database)
    (found, *others) = standing(database)
    assert not found.position.on
    assert all(one.position.on for one in others)
    assert said(found).startswith("model  off (ana, 2026-11-18 12:00 UTC: costs)  a model explains")
    switch(database, {Flag.MODEL: ON}, by="tomas", reason="", now=NOON)
    assert said(model(database)).startswith("model  on  (tomas, 2026-11-18 12:00 UTC)  ")


def test_every_change_is_kept_with_what_was_before(database: Database) -> None:
    off(database)
    both = {Flag.MODEL: ON, Flag.STRONG: OFF}
    made = switch(database, both, by="tomas", reason="cheaper", now=NOON)
    assert made == (
        Change("model", was=OFF, now=ON, by="tomas", at=NOON, reason="cheaper"),
        Change("strong", was=ON, now=OFF, by="tomas", at=NOON, reason="cheaper"),
    )
    assert [told(one) for one in latest(database)] == [
        "2026-11-18 12:00 UTC, tomas: strong on → off: cheaper",
        "2026-11-18 12:00 UTC, tomas: model off → on: cheaper",
        "2026-11-18 12:00 UTC, ana: model on → off: costs",
    ]


def test_what_stands_so_already_is_not_set_again(database: Database) -> None:
    off(database)
    off(database)
    assert len(latest(database)) == len(notices(database)) == 1


def test_who_chose_by_what_was_shown_overrules_nobody_unseen(database: Database) -> None:
    off(database)
    shown = model(database).number
    switch(database, {Flag.MODEL: ON}, by="tomas", reason="", now=NOON)
    with pytest.raises(Taken, match="set model to on meanwhile") as refused:
        off(database, seen=shown)
    assert refused.value.by == "tomas"
    assert model(database).position.on


def test_of_many_who_choose_at_once_one_sets_it(database: Database) -> None:
    def choose(person: int) -> None:
        off(database, f"U{person}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(choose, range(24)))
    assert len(latest(database)) == len(notices(database)) == 1


def test_a_share_is_set_live_and_kept_as_every_change_is(database: Database) -> None:
    for percent in (20, 50):
        wanted = {Flag.TRIAL: Position(percent=percent)}
        switch(database, wanted, by="ana", reason="looks good", now=NOON)
    (stands,) = (one for one in standing(database) if one.flag is Flag.TRIAL)
    assert stands.position == Position(percent=50)
    assert [told(one) for one in latest(database)] == [
        "2026-11-18 12:00 UTC, ana: trial 20 % → 50 %: looks good",
        "2026-11-18 12:00 UTC, ana: trial on → 20 %: looks good",
    ]
