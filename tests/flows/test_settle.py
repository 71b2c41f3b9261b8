from datetime import timedelta
from functools import partial

from bot.core.detection.threshold import Rules
from bot.core.ownership.decision import PROGRAM, Standing, State
from bot.flows import decide, look
from bot.flows.detect import detect
from bot.flows.record import record
from bot.flows.settle import AT_ONCE, settle
from storage import signatures
from storage.database import Database
from tests.builders import NOON, an_event, statements
from tests.flows.builders import DAY, HOUR, Interrupted, muted, seen_again, standing, trail

MINUTE = timedelta(minutes=1)

# Mutes


def test_a_mute_holds_until_its_time_is_up(database: Database, short_id: str) -> None:
    muted(database, short_id)
    assert settle(database, now=NOON + DAY - MINUTE) == 0
    assert settle(database, now=NOON + DAY) == 1
    assert settle(database, now=NOON + DAY) == 0
    assert trail(database, short_id) == [f"{PROGRAM} unmute", "U1 mute"]
    assert look.history(database, short_id)[0].reason == "its time was up"


def test_a_mute_for_ever_outlasts_years(database: Database, short_id: str) -> None:
    muted(database, short_id, until=None)
    assert settle(database, now=NOON + 4_000 * DAY) == 0


def test_a_mute_ends_when_there_are_more_events_than_it_allows(
    database: Database, short_id: str
) -> None:
    seen_again(database, count=50)
    muted(database, short_id, max_events=3)
    seen_again(database, hours=1, count=3)
    assert settle(database, now=NOON + HOUR) == 0
    seen_again(database, hours=1, count=1)
    assert settle(database, now=NOON + HOUR) == 1


def test_a_mute_ends_when_it_reaches_more_customers_than_it_allows(
    database: Database, short_id: str
) -> None:
    muted(database, short_id, max_customers=3)
    for hours in (1, 2, 3):
        seen_again(database, hours=hours, count=2)
    assert settle(database, now=NOON + 3 * HOUR) == 0
    seen_again(database, hours=4, count=4)
    assert settle(database, now=NOON + 4 * HOUR) == 1
    assert "customers" in look.history(database, short_id)[0].reason


def test_customers_hit_within_the_hour_of_the_mute_count_unless_that_was_before_it(
    database: Database, short_id: str
) -> None:
    seen_again(database, count=5)
    muted(database, short_id, max_customers=2)
    seen_again(database, hours=0.2, customer="customer-0")
    seen_again(database, hours=0.2, customer="globex")
    assert settle(database, now=NOON + HOUR / 2) == 0
    seen_again(database, hours=0.3, customer="initech")
    assert settle(database, now=NOON + HOUR / 2) == 1
    assert look.history(database, short_id)[0].reason == "it reached 3 customers"


def fleet(database: Database) -> None:
    """Ten days of the error at one customer, in a fleet of five."""
    names = ("customer-0", "customer-1", "customer-2", "customer-3")
    others = [
        an_event(service="cart", customer=name, time=NOON - hours * HOUR, received=NOON)
        for hours in range(1, 24 * 10, 6)
        for name in names
    ]
    usual = [an_event(time=NOON - hours * HOUR, received=NOON) for hours in range(24 * 10)]
    record(database, [*usual, *others], now=NOON)


def test_what_spreads_after_it_was_muted_surfaces_and_says_why(
    database: Database, short_id: str
) -> None:
    fleet(database)
    muted(database, short_id)
    seen_again(database, hours=1, count=1, customer="acme")
    assert settle(database, now=NOON + HOUR) == 0
    seen_again(database, hours=2, count=4)
    assert settle(database, now=NOON + 2 * HOUR) == 1
    assert standing(database, short_id).state is State.OPEN
    (ended, _) = look.history(database, short_id)
    assert (ended.by, ended.reason[:12]) == (PROGRAM, "spread: +4 c")


def test_what_was_spreading_already_may_be_muted(database: Database, short_id: str) -> None:
    fleet(database)
    seen_again(database, hours=0, count=4)
    muted(database, short_id)
    seen_again(database, hours=1, count=4)
    assert settle(database, now=NOON + HOUR) == 0


def test_a_spike_leaves_it_muted(database: Database, short_id: str) -> None:
    fleet(database)
    muted(database, short_id)
    seen_again(database, hours=1, count=200, customer="acme")
    assert [one.kind for one in look.receipts(database, short_id)] == ["spike"]
    assert settle(database, now=NOON + HOUR) == 0


def test_the_end_of_a_mute_gives_it_back_to_who_had_it(database: Database, short_id: str) -> None:
    decide.claim(database, short_id, by="U1", now=NOON)
    muted(database, short_id)
    settle(database, now=NOON + DAY)
    assert standing(database, short_id).assignee == "U1"
    assert standing(database, short_id).state is State.CLAIMED


def test_a_released_mute_ends_like_any_other(database: Database, short_id: str) -> None:
    decide.claim(database, short_id, by="U1", now=NOON)
    muted(database, short_id)
    decide.release(database, short_id, by="U1", now=NOON)
    assert settle(database, now=NOON + DAY) == 1
    assert standing(database, short_id) == Standing()


# Back after a resolution


def test_what_was_resolved_and_is_back_is_open_again(database: Database, short_id: str) -> None:
    decide.claim(database, short_id, by="U1", now=NOON)
    decide.resolve(database, short_id, by="U1", now=NOON + HOUR)
    assert settle(database, now=NOON + 2 * HOUR) == 0
    seen_again(database, hours=3)
    assert settle(database, now=NOON + 3 * HOUR) == 1
    after = standing(database, short_id)
    assert (after.state, after.assignee, after.resolved_at) == (State.CLAIMED, "U1", None)
    assert settle(database, now=NOON + 3 * HOUR) == 0


def test_what_comes_back_twice_is_opened_twice(database: Database, short_id: str) -> None:
    for hours in (1, 3):
        decide.resolve(database, short_id, by="U1", now=NOON + hours * HOUR)
        seen_again(database, hours=hours + 1)
        assert settle(database, now=NOON + (hours + 1) * HOUR) == 1
    assert standing(database, short_id).state is State.OPEN


def test_events_from_before_the_resolution_leave_it_resolved(
    database: Database, short_id: str
) -> None:
    decide.resolve(database, short_id, by="U1", now=NOON + 2 * HOUR)
    late = an_event(time=NOON + HOUR, received=NOON + 3 * HOUR)
    recorded = record(database, [late], now=NOON + 3 * HOUR)
    detect(database, recorded.signature_ids, now=NOON + 3 * HOUR, rules=Rules())
    assert settle(database, now=NOON + 3 * HOUR) == 0


def test_the_release_before_leaves_it_resolved_however_long_it_was_quiet(
    database: Database, short_id: str
) -> None:
    for hours in range(0, 24 * 3, 6):
        seen_again(database, hours=hours, version="4.18.2")
    resolved = NOON + 3 * DAY
    decide.resolve(database, short_id, by="U1", now=resolved, version="4.19.0")
    seen_again(database, hours=24 * 9, version="4.18.2")
    assert settle(database, now=NOON + 9 * DAY) == 0
    seen_again(database, hours=24 * 9 + 1, version="4.19.0")
    assert settle(database, now=NOON + 9 * DAY + HOUR) == 1


def test_resolving_what_is_back_leaves_it_resolved_until_it_is_seen_again(
    database: Database, short_id: str
) -> None:
    later = 24 * 9
    for hours in range(0, 24 * 3, 6):
        seen_again(database, hours=hours)
    seen_again(database, hours=later)
    assert next(one.kind for one in look.receipts(database, short_id)) == "back"
    decide.resolve(database, short_id, by="U1", now=NOON + (later + 1) * HOUR)
    detect(database, [1], now=NOON + (later + 2) * HOUR, rules=Rules())
    assert settle(database, now=NOON + (later + 2) * HOUR) == 0
    seen_again(database, hours=later + 3)
    assert settle(database, now=NOON + (later + 3) * HOUR) == 1


# What it costs


def test_nothing_is_locked_while_nothing_is_due(database: Database, short_id: str) -> None:
    muted(database, short_id, max_events=100, max_customers=100)
    with statements(database, written=True) as locked:
        assert settle(database, now=NOON + HOUR) == 0
    assert locked == []


def test_many_mutes_take_no_more_queries_than_one(database: Database) -> None:
    asked = []
    for count in (1, 40):
        events = [an_event(service=f"{count}-{number}") for number in range(count)]
        numbers = record(database, events, now=NOON).signature_ids
        with database.read() as session:
            names = [row.short_id for row in signatures.get(session, numbers).values()]
        for name in names:
            muted(database, name, max_customers=100)
        with statements(database) as heard:
            settle(database, now=NOON)
        asked.append(len(heard))
    assert asked[0] == asked[1]


def test_more_than_fit_into_one_transaction_are_all_settled(database: Database) -> None:
    events = [an_event(service=f"service-{number}") for number in range(AT_ONCE + 1)]
    numbers = record(database, events, now=NOON).signature_ids
    with database.read() as session:
        names = [row.short_id for row in signatures.get(session, numbers).values()]
    for name in names:
        muted(database, name)
    assert settle(database, now=NOON + DAY) == AT_ONCE + 1


def test_a_mute_that_was_given_longer_meanwhile_holds(database: Database, short_id: str) -> None:
    """Somebody mutes it anew between the look and the write."""
    muted(database, short_id)
    meanwhile = partial(muted, database, short_id, until=NOON + 9 * DAY)
    assert settle(Interrupted(database.engine, meanwhile), now=NOON + DAY) == 0
    assert standing(database, short_id).state is State.MUTED


def test_what_was_resolved_anew_meanwhile_stays_resolved(database: Database, short_id: str) -> None:
    decide.resolve(database, short_id, by="U1", now=NOON)
    seen_again(database, hours=1)

    def resolve_anew() -> None:
        decide.reopen(database, short_id, by="U1", now=NOON + 2 * HOUR)
        decide.resolve(database, short_id, by="U1", now=NOON + 2 * HOUR)

    assert settle(Interrupted(database.engine, resolve_anew), now=NOON + 2 * HOUR) == 0
    assert standing(database, short_id).state is State.RESOLVED


def test_what_was_merged_meanwhile_is_not_settled_for_itself(
    database: Database, short_id: str
) -> None:
    (number,) = record(database, [an_event(service="cart")], now=NOON).signature_ids
    with database.read() as session:
        into = signatures.get(session, [number])[number].short_id
    decide.resolve(database, short_id, by="U1", now=NOON)
    seen_again(database, hours=1)
    merge = partial(decide.merge, database, short_id, into=into, by="U1", now=NOON + HOUR)
    assert settle(Interrupted(database.engine, merge), now=NOON + 2 * HOUR) == 0


def test_a_mute_ends_at_so_many_times_as_much_as_it_began_with(
    database: Database, short_id: str
) -> None:
    seen_again(database, hours=-1, count=4)
    muted(database, short_id, max_factor=2, until=None)
    later = 30
    seen_again(database, hours=later, count=8, customer="acme")
    assert settle(database, now=NOON + later * HOUR) == 0
    seen_again(database, hours=later, count=1, customer="acme")
    assert settle(database, now=NOON + later * HOUR) == 1
    assert "more than 2 ×" in look.history(database, short_id)[0].reason
