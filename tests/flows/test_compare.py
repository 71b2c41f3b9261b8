from collections.abc import Iterable
from datetime import timedelta

from bot.core.detection.finding import Kind
from bot.core.detection.threshold import Rules
from bot.core.event import Event
from bot.flows.compare import Comparison, Episode, compare
from bot.flows.replay import Tally, recorded, replay
from storage.database import Database
from tests.builders import NOON, an_event

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def fortnight() -> list[Event]:
    """An hourly error of the search that bursts twice, and a new one of the checkout."""
    hours = [NOON + hours * HOUR for hours in range(-7 * 24, 6 * 24)]
    usual = [an_event(service="search", time=hour) for hour in hours]
    small = [an_event(service="search", time=NOON + HOUR) for _ in range(90)]
    large = [an_event(service="search", time=NOON + 5 * DAY) for _ in range(900)]
    return sorted([*usual, an_event(), *small, *large], key=lambda event: event.time)


def compared(database: Database, *, rules: Rules, others: Rules) -> Comparison:
    stops = recorded(database, fortnight(), read_at=NOON + 99 * DAY, tally=Tally())
    return compare(database, stops, rules=rules, others=others)


def named(episodes: Iterable[Episode]) -> list[tuple[Kind, str]]:
    return [(episode.kind, episode.opened.service) for episode in episodes]


def test_the_same_settings_change_nothing_and_say_what_a_replay_says(
    database: Database,
) -> None:
    found = compared(database, rules=Rules(), others=Rules())
    assert (found.gone, found.appeared, found.hidden, found.found) == ((), (), (), ())
    assert named(found.after) == named(found.before)
    assert (Kind.NEW, "checkout") in named(found.before)


def test_it_says_what_a_replay_says_to_the_minute(database: Database, other: Database) -> None:
    found = compared(database, rules=Rules(), others=Rules(min_count=10_000))
    stops = recorded(other, fortnight(), read_at=NOON + 99 * DAY, tally=Tally())
    played = replay(other, stops, rules=Rules(), tally=Tally())
    assert [(one.opened_at, one.opened.finding) for one in found.before] == [
        (at, opened.finding) for at, opened in played
    ]


def with_an_outage_told_late() -> list[Event]:
    """The same, and an outage of the search whose lines reached us a day later."""
    happened, came = NOON + 3 * DAY, NOON + 4 * DAY + HOUR / 2
    outage = [
        an_event(service="search", time=happened + n % 4 * HOUR / 60, received=came)
        for n in range(300)
    ]
    before = [event for event in fortnight() if event.time < came]
    return [*before, *outage, *fortnight()[len(before) :]]


def test_what_came_late_is_rehearsed_as_it_would_have_been_told(
    database: Database, other: Database
) -> None:
    stops = recorded(database, with_an_outage_told_late(), read_at=NOON + 99 * DAY, tally=Tally())
    found = compare(database, stops, rules=Rules(), others=Rules(min_count=10_000))
    stops = recorded(other, with_an_outage_told_late(), read_at=NOON + 99 * DAY, tally=Tally())
    played = list(replay(other, stops, rules=Rules(), tally=Tally()))
    assert [(one.opened_at, one.opened.finding) for one in found.before] == [
        (at, opened.finding) for at, opened in played
    ]
    assert any("reached us only" in opened.finding.reason for _, opened in played)


def test_what_only_one_of_them_calls_out_is_named(database: Database) -> None:
    strict = Rules(min_count=200)
    found = compared(database, rules=Rules(), others=strict)
    assert (Kind.SPIKE, "search") in named(found.gone)
    assert (Kind.SPIKE, "search") in named(found.after), "the large burst is still one"
    assert (found.appeared, found.hidden, found.found) == ((), (), ())


def test_a_signature_that_would_be_called_out_no_more_is_hidden(database: Database) -> None:
    deaf = Rules(min_count=2_000)
    found = compared(database, rules=Rules(), others=deaf)
    assert [opened.service for opened in found.hidden] == ["search"]
    assert found.found == ()


def test_a_signature_that_only_the_others_call_out_is_found(database: Database) -> None:
    deaf = Rules(min_count=2_000)
    found = compared(database, rules=deaf, others=Rules())
    assert [opened.service for opened in found.found] == ["search"]
    assert named(found.appeared) == [one for one in named(found.after) if one[1] == "search"]


def test_what_is_called_out_later_is_the_same(database: Database) -> None:
    found = compared(database, rules=Rules(min_count=10), others=Rules(min_count=80))
    assert (found.gone, found.appeared) == ((), ())


def test_what_is_told_once_instead_of_twice_within_a_day_is_gone_once(database: Database) -> None:
    """How many fewer there are is how many are named."""
    again = [an_event(service="search", time=NOON + 10 * HOUR) for _ in range(60)]
    events = sorted([*fortnight(), *again], key=lambda event: event.time)
    stops = recorded(database, events, read_at=NOON + 99 * DAY, tally=Tally())
    found = compare(database, stops, rules=Rules(), others=Rules(min_count=88))
    ((gone,), appeared) = found.gone, found.appeared
    assert (gone.kind, gone.opened.finding.receipt.observed, appeared) == (Kind.SPIKE, 62, ())
    assert len(found.before) - len(found.after) == 1
    back = Comparison(found.after, found.before)
    assert (back.gone, back.appeared) == ((), (gone,))
