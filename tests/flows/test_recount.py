from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from bot.core.detection.finding import Kind
from bot.core.detection.threshold import Rules
from bot.core.event import Event
from bot.errors import NotFound
from bot.flows import decide, look, recount
from bot.flows.detect import detect
from bot.flows.record import record
from bot.flows.settle import settle
from bot.terminal import recounts
from storage import anomalies, signatures
from storage.database import Database
from tests.builders import NOON, an_event

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RULES = Rules()
USUAL = ("acme", "globex", "initech")
NEVER_HIT = ("umbrella", "stark", "wayne")


def an_hour(chance: Random, hours_ago: int) -> Iterator[Event]:
    """A noisy error and a rare one; on the last days bursts, and once at customers it never hit."""
    time = NOON - hours_ago * HOUR
    burst = hours_ago < 5 * 24 and chance.random() < 0.03
    for _ in range(chance.randrange(30, 200) if burst else chance.randrange(6)):
        yield an_event(service="search", time=time, customer=chance.choice(USUAL))
    if chance.random() < 0.02:
        yield an_event(service="mail", time=time, customer="acme")
    if hours_ago == 40:
        yield an_event(service="cart", time=time)
    for customer in NEVER_HIT:
        if hours_ago == 19 * 24:
            yield an_event(service="login", time=time, customer=customer)
        if hours_ago == 30:
            yield an_event(service="search", time=time, customer=customer)


def watched(database: Database, chance: Random, *, days: int) -> None:
    """Each hour is recorded as it ends, and judged."""
    for hours_ago in range(days * 24, -1, -1):
        now = NOON - hours_ago * HOUR + timedelta(minutes=59)
        recorded = record(database, list(an_hour(chance, hours_ago)), now=now)
        detect(database, recorded.signature_ids, now=now, rules=RULES)


def test_the_most_urgent_that_are_unusual_are_explained_where_nobody_says_which(
    database: Database,
) -> None:
    watched(database, Random(0), days=4)
    now = NOON + timedelta(minutes=59)
    none = recount.most_urgent(database, now=now + 9 * DAY, rules=RULES)
    fresh = [an_event(service=name, time=NOON, received=now) for name in ("a", "b", "c", "d")]
    detect(database, record(database, fresh, now=now).signature_ids, now=now, rules=RULES)
    found = recount.most_urgent(database, now=now, rules=RULES)
    assert found.total >= 4
    assert len(found.first) == recount.MOST_URGENT
    assert all(one.recounts and one.findings for one in found.first)
    assert (none.first, none.total) == ((), 0)


def test_the_most_urgent_of_a_digest_is_explained_also_once_it_is_over(database: Database) -> None:
    record(database, [an_event(time=NOON - back * HOUR) for back in range(4 * 24)], now=NOON)
    fresh = [an_event(service="a", message="out of memory")]
    touched = record(database, fresh, now=NOON).signature_ids
    detect(database, touched, now=NOON, rules=RULES)
    over, later = NOON + 2 * HOUR, NOON + 30 * HOUR
    with database.write() as session:
        for number in touched:
            anomalies.end_all(session, number, now=over)
    listed = look.today(database, now=later)
    found = recount.most_urgent(database, now=later, rules=RULES)
    assert [one.card.short_id for one in found.first] == [
        one.short_id for one in (*listed.cards, *listed.unclaimed)
    ]
    assert found.first[0].over_since == over
    assert "as usual, over since 2026-11-18 14:00" in recounts.unusual(found)


def short_ids(database: Database) -> list[str]:
    with database.read() as session:
        return signatures.short_ids(session)


def test_what_is_counted_again_is_what_was_stored(database: Database) -> None:
    watched(database, Random(0), days=20)
    told = [
        one
        for short_id in short_ids(database)
        for one in recount.why(database, short_id, now=NOON + DAY, rules=RULES).recounts
    ]
    assert {Kind.NEW, Kind.SPIKE, Kind.SPREAD} <= {one.episode.kind for one in told}
    assert [one for one in told if not one.is_same] == []


def test_what_came_late_is_counted_again_and_said_to_differ(database: Database) -> None:
    calm = [an_event(time=NOON - back * HOUR) for back in range(4 * 24)]
    record(database, calm, now=NOON - 1 * HOUR)
    touched = record(database, [an_event() for _ in range(40)], now=NOON).signature_ids
    (began,) = detect(database, touched, now=NOON, rules=RULES)
    record(database, [an_event() for _ in range(10)], now=NOON + HOUR)
    (one,) = recount.why(database, began.short_id, now=NOON + DAY, rules=RULES).recounts
    assert one.found
    assert one.found.receipt.observed == one.episode.receipt["observed"] + 10
    assert not one.is_same


def test_what_is_said_otherwise_is_not_the_same_though_its_numbers_are(database: Database) -> None:
    record(database, [an_event(time=NOON - back * HOUR) for back in range(4 * 24)], now=NOON)
    touched = record(database, [an_event() for _ in range(40)], now=NOON).signature_ids
    (began,) = detect(database, touched, now=NOON, rules=RULES)
    (one,) = recount.why(database, began.short_id, now=NOON, rules=RULES).recounts
    otherwise = replace(one, episode=replace(one.episode, reason=f"{one.episode.reason}; or so"))
    assert (one.is_same, otherwise.is_same) == (True, False)


@pytest.mark.parametrize("later", ["", "resolved", "claimed"])
def test_what_came_back_after_its_resolution_is_counted_again_as_it_stood_then(
    database: Database, later: str
) -> None:
    """The program itself opened it again a moment later, and people decide on it after that."""
    calm = [an_event(time=NOON - back * HOUR) for back in range(1, 4 * 24)]
    touched = record(database, calm, now=NOON - HOUR).signature_ids
    (short_id,) = short_ids(database)
    decide.resolve(database, short_id, by="U1", now=NOON - HOUR / 2)
    record(database, [an_event()], now=NOON)
    detect(database, touched, now=NOON, rules=RULES)
    assert settle(database, now=NOON) == 1
    if later == "claimed":
        decide.claim(database, short_id, by="U1", now=NOON + HOUR)
    elif later:
        decide.resolve(database, short_id, by="U1", now=NOON + HOUR)
    (one,) = recount.why(database, short_id, now=NOON + DAY, rules=RULES).recounts
    assert (one.episode.kind, one.is_same) == (Kind.BACK, True)


@pytest.mark.parametrize("later", ["", "seen in a later one", "resolved"])
def test_what_came_back_in_a_commit_is_counted_again_as_it_was_known_then(
    database: Database, later: str
) -> None:
    calm = [an_event(time=NOON - back * HOUR, version="a1a2a3a4") for back in range(1, 4 * 24)]
    touched = record(database, calm, now=NOON - HOUR).signature_ids
    (short_id,) = short_ids(database)
    decide.resolve(database, short_id, by="U1", now=NOON - HOUR / 2, version="b1b2b3b4")
    record(database, [an_event(version="b1b2b3b4")], now=NOON)
    detect(database, touched, now=NOON, rules=RULES)
    assert settle(database, now=NOON) == 1
    stale = [an_event(time=NOON + HOUR, version=version) for version in ("a1a2a3a4", "c1c2c3c4")]
    record(database, stale if later else stale[:1], now=NOON + HOUR)
    if later == "resolved":
        decide.resolve(database, short_id, by="U1", now=NOON + HOUR, version="d1d2d3d4")
        record(database, [an_event(time=NOON + 2 * HOUR, version="a1a2a3a4")], now=NOON + 2 * HOUR)
    (one,) = recount.why(database, short_id, now=NOON + DAY, rules=RULES).recounts
    assert (one.episode.kind, one.again) == (Kind.BACK, "the same")


def test_at_a_moment_it_knows_nothing_of_what_began_later(database: Database) -> None:
    watched(database, Random(1), days=3)
    (short_id,) = short_ids(database)[:1]
    before = recount.why(database, short_id, now=NOON - 30 * DAY, rules=RULES)
    assert (before.findings, before.recounts) == ((), ())


def test_an_unknown_id_is_answered_with_the_nearest(database: Database) -> None:
    with pytest.raises(NotFound, match="There is no signature E-NONE"):
        recount.why(database, "none", now=NOON, rules=RULES)
