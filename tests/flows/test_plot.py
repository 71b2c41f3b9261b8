"""A trend is plotted from what was counted, with the threshold that holds and the deploys."""

from datetime import timedelta

import pytest

from bot.core.detection.threshold import Override, Rules
from bot.core.telling.chart import Deploy
from bot.errors import NotFound
from bot.flows import look
from bot.flows.deploy import deploy
from bot.flows.plot import plot
from bot.flows.record import record
from storage.database import Database
from storage.deploys import Version
from tests.builders import NOON, an_event

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def a_history(database: Database, *counts: int) -> str:
    """So many a day, the last value on the day before noon; the short id."""
    last = len(counts) - 1
    events = [
        an_event(time=NOON - HOUR - (last - day) * DAY)
        for day, count in enumerate(counts)
        for _ in range(count)
    ]
    record(database, events, now=NOON)
    return look.search(database, "payment", now=NOON, most=1).cards[0].short_id


def test_it_has_the_counts_of_a_fortnight_and_the_last_day(database: Database) -> None:
    short_id = a_history(database, 5, *range(1, 15), 40)
    chart = plot(database, short_id, now=NOON, rules=Rules())
    assert chart.counts == (*range(1, 15), 40)
    assert chart.until == NOON
    assert chart.unheard == frozenset()


def test_days_before_anybody_looked_are_unheard(database: Database) -> None:
    short_id = a_history(database, 5, 5, 5, 5)
    chart = plot(database, short_id, now=NOON, rules=Rules())
    assert chart.counts[-3:] == (5, 5, 5)
    assert chart.unheard == frozenset(range(11))


def test_its_threshold_is_the_one_a_spike_is_judged_by(database: Database) -> None:
    short_id = a_history(database, 5, *[10] * 14, 40)
    chart = plot(database, short_id, now=NOON, rules=Rules())
    assert chart.fires_from == 31
    assert chart.is_spike(len(chart.counts) - 1)
    own = Rules(overrides=(Override(Rules(peak_factor=9.0), service="checkout"),))
    assert plot(database, short_id, now=NOON, rules=own).fires_from == 91


def test_what_has_no_whole_day_of_its_own_has_no_threshold(database: Database) -> None:
    record(database, [an_event(time=NOON - 9 * DAY, message="something else")], now=NOON)
    short_id = a_history(database, 7)
    assert plot(database, short_id, now=NOON, rules=Rules()).fires_from is None


def test_deploys_of_its_service_stand_on_it(database: Database) -> None:
    short_id = a_history(database, 5, 5, 5)
    at = NOON - 30 * HOUR
    deploy(database, Version("checkout", "production", "4.19.0"), at=at, now=NOON)
    deploy(database, Version("search", "production", "7"), at=at, now=NOON)
    deploy(database, Version("checkout", "staging", "4.20.0"), at=at, now=NOON)
    deploy(database, Version("checkout", "", "3"), at=NOON - 40 * DAY, now=NOON)
    chart = plot(database, short_id, now=NOON, rules=Rules())
    assert chart.deploys == (Deploy("4.19.0", at),)


def test_what_there_is_not_cannot_be_plotted(database: Database) -> None:
    with pytest.raises(NotFound):
        plot(database, "E-2222", now=NOON, rules=Rules())
