"""What is old becomes days and then nothing, some at a time, and nothing else changes."""

import logging
from collections import Counter
from contextlib import closing
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import func, select

from bot.core.hour import hour_of
from bot.core.intake.retention import PACE, Retention, RowBudget
from bot.flows import decide, look
from bot.flows.clean import AT_ONCE, Pace, clean
from bot.flows.record import record
from storage import analyses, calls, digests, outbox, reminders, samples, sightings, signatures
from storage.database import Database, open_database
from storage.sightings import Row
from storage.tables import Digest, Message, Reminder
from tests.builders import NOON, an_event
from tests.engines import Engine
from tests.fakes import Clock
from tests.storage.test_calls import a_call

DAY = timedelta(days=1)
TODAY = hour_of(NOON) // 24
KEPT = Retention(hourly_days=190, daily_days=400, event_days=30)


def seen(database: Database, *rows: Row) -> None:
    with database.write() as session:
        sightings.add(session, rows)


def cells(database: Database) -> list[Row]:
    with database.read() as session:
        rows = [row for _, some in sightings.by_hour(session) for row in some]
    return sorted(rows, key=lambda row: (row.hour, row.customer))


@pytest.fixture
def number(database: Database) -> int:
    """A signature that was seen once, today."""
    (one,) = record(database, [an_event(customer="")], now=NOON).signature_ids
    return one


@pytest.mark.parametrize(
    ("days", "hour", "kept_as"),
    [
        pytest.param(0, 7, 7, id="today"),
        pytest.param(190, 0, 0, id="the first hour that is kept"),
        pytest.param(190, 23, 23, id="on the day of the first hour that is kept"),
        pytest.param(191, 23, 0, id="the last hour of the last day"),
        pytest.param(400, 7, 0, id="the first day that is kept"),
        pytest.param(401, 23, None, id="the last hour that is gone"),
    ],
)
def test_hours_become_days_and_days_are_gone_when_it_is_time(
    database: Database, number: int, days: int, hour: int, kept_as: int | None
) -> None:
    begin = (TODAY - days) * 24
    seen(database, Row(number, begin + hour, "acme", 3, 0b101))
    clean(database, KEPT, now=NOON)
    found = [(row.hour - begin, row.occurrences) for row in cells(database) if row.customer]
    assert found == ([] if kept_as is None else [(kept_as, 3)])


class Cleaned:
    """Cleans by a clock that may be set, and one that may not."""

    def __init__(self, database: Database) -> None:
        self.clock, self._seconds = Clock(), 0.0
        self._database = database
        self._pace = Pace(database, self.clock, elapsed=lambda: self._seconds)
        self._pace.as_of()

    def go_on(self, *, hours: float) -> int:
        """How many rows it lets go of meanwhile, in three rounds."""
        gone = 0
        for _ in range(3):
            self.clock.move(hours=hours / 3)
            self._seconds += hours * 1200
            gone += clean(self._database, KEPT, now=self._pace.as_of()).gone
        return gone


@pytest.mark.promise(row="R6")
@pytest.mark.parametrize("days", [2, 365, 20_000])
def test_a_clock_that_is_set_far_ahead_lets_nothing_go(
    database: Database, number: int, days: int, caplog: pytest.LogCaptureFixture
) -> None:
    seen(database, Row(number, (TODAY - 189) * 24 + 5, "acme", 3, 1))
    cleaned = Cleaned(database)
    before = cells(database)
    cleaned.clock.move(hours=24 * days)
    assert cleaned.go_on(hours=3) == 0
    assert cells(database) == before
    ahead = cleaned.clock()
    assert look.status(database, now=ahead).cleaned_by == NOON + timedelta(hours=3 * PACE)
    assert caplog.text.count("the clock is ahead") == 1
    cleaned.clock.move(hours=-24 * days)
    cleaned.go_on(hours=3)
    assert look.status(database, now=ahead).cleaned_by == cleaned.clock()
    assert look.status(database, now=cleaned.clock()).cleaned_by is None


@pytest.mark.promise(row="R6")
def test_a_machine_that_starts_in_1970_lets_go_of_what_is_old_once_its_clock_is_right(
    database: Database, number: int
) -> None:
    seen(database, Row(number, (TODAY - 189) * 24 + 5, "acme", 3, 1))
    cleaned = Cleaned(database)
    cleaned.clock.move(hours=-24 * 20_000)
    cleaned.go_on(hours=1)
    cleaned.clock.move(hours=24 * 20_000)
    assert cleaned.go_on(hours=48) == 1
    assert look.status(database, now=cleaned.clock()).cleaned_by is None


@pytest.mark.both_engines
@pytest.mark.promise(row="R6")
def test_replicas_together_are_no_faster_than_one(database: Database) -> None:
    clock, seconds = Clock(), 0.0
    first, second = (Pace(database, clock, elapsed=lambda: seconds) for _ in range(2))
    at = first.as_of()
    clock.move(hours=24 * 365)
    for _ in range(6):
        seconds += 1800
        second.as_of()
        first.as_of()
    assert first.as_of() == at + timedelta(hours=3 * PACE)
    for _ in range(2):
        seconds += 1800
        second.as_of()
    assert second.as_of() == at + timedelta(hours=3.5 * PACE), "one goes on where the other died"


def test_after_a_downtime_it_catches_up_with_what_grew_old(database: Database, number: int) -> None:
    seen(database, Row(number, (TODAY - 170) * 24 + 5, "acme", 3, 1))
    cleaned = Cleaned(database)
    cleaned.clock.move(hours=24 * 40)
    assert cleaned.go_on(hours=24 * 3) == 0
    assert cleaned.go_on(hours=24 * 8) > 0
    assert look.status(database, now=cleaned.clock()).cleaned_by is None


@pytest.mark.both_engines
def test_a_day_adds_up_by_customer_whatever_comes_late(database: Database, number: int) -> None:
    begin = (TODAY - 200) * 24
    for hour in (0, 5, 23):
        seen(database, Row(number, begin + hour, "acme", 2, 1), Row(number, begin + hour, "", 1, 1))
        clean(database, KEPT, now=NOON)
    assert [row for row in cells(database) if row.hour < begin + 24] == [
        Row(number, begin, "", 3, None),
        Row(number, begin, "acme", 6, None),
    ]
    assert clean(database, KEPT, now=NOON).gone == 0


@settings(max_examples=10, deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.integers(0, 24 * 450), st.sampled_from(["", "acme", "globex"])),
        st.integers(1, 9),
        max_size=30,
    )
)
def test_what_is_looked_back_on_stays_as_it_was_and_no_count_is_lost(
    engine: Engine, given: dict[tuple[int, str], int]
) -> None:
    """Whatever was seen: the hours of 190 days, and the sums of 400."""
    now = hour_of(NOON)
    with engine.copy() as url, closing(open_database(url, durable=False)) as database:
        (number,) = record(database, [an_event(customer="")], now=NOON).signature_ids
        rows = (Row(number, now - back, whom, n, 1) for (back, whom), n in given.items())
        seen(database, *rows)
        before = cells(database)
        clean(database, KEPT, now=NOON)
        after = cells(database)
    hourly, daily = (TODAY - 190) * 24, (TODAY - 400) * 24
    assert [row for row in after if row.hour >= hourly] == [
        row for row in before if row.hour >= hourly
    ]
    assert by_day(after) == by_day([row for row in before if row.hour >= daily])
    assert all(row.hour % 24 == 0 for row in after if row.hour < hourly)


def by_day(rows: list[Row]) -> Counter[tuple[int, str]]:
    days: Counter[tuple[int, str]] = Counter()
    for row in rows:
        days[row.hour // 24, row.customer] += row.occurrences
    return days


@pytest.mark.both_engines
def test_an_event_is_known_again_for_as_long_as_is_set(database: Database) -> None:
    event = an_event()
    record(database, [event], now=NOON)
    for days, counted in ((30, 0), (31, 1)):
        now = NOON + days * DAY
        clean(database, KEPT, now=now)
        assert record(database, [event], now=now).events == counted


def test_much_is_let_go_of_some_at_a_time(database: Database, number: int) -> None:
    old = (TODAY - 500) * 24
    seen(database, *(Row(number, old, f"customer {n}", 1) for n in range(2 * AT_ONCE + 1)))
    assert clean(database, KEPT, now=NOON).gone == 2 * AT_ONCE + 1
    assert len(cells(database)) == 1


@pytest.mark.both_engines
def test_past_the_budget_the_oldest_sightings_go_sooner_and_the_log_says_so(
    database: Database, number: int, caplog: pytest.LogCaptureFixture
) -> None:
    days = (TODAY - back for back in (401, 399, 300, 200, 100))
    seen(database, *(Row(number, day * 24 + 5, "acme", 1) for day in days))
    kept = Retention(most_sightings=3)
    with caplog.at_level(logging.WARNING, "bot.flows.clean"):
        done = clean(database, kept, now=NOON)
    left = [(TODAY - row.hour // 24, row.hour % 24) for row in cells(database)]
    assert left == [(200, 0), (100, 5), (0, 12)]
    assert done.budgets[1] == RowBudget("most_sightings", most=3, held=6, gone=2)
    (said,) = caplog.messages
    assert said.startswith("most_sightings = 3 is exceeded by 3: 2 sightings of an hour became")
    assert clean(database, kept, now=NOON).budgets[1].gone == 0, "it is told once"


@pytest.mark.both_engines
def test_past_the_budget_the_oldest_events_are_known_again_for_less_long(
    database: Database,
) -> None:
    old, young = an_event(), an_event()
    record(database, [old], now=NOON - 20 * DAY)
    record(database, [young], now=NOON)
    done = clean(database, Retention(most_events=1), now=NOON)
    assert done.budgets[0] == RowBudget("most_events", most=1, held=2, gone=1)
    assert record(database, [old, young], now=NOON).events == 1


def test_what_goes_by_its_age_goes_for_no_budget(
    database: Database, number: int, caplog: pytest.LogCaptureFixture
) -> None:
    seen(database, Row(number, (TODAY - 500) * 24, "acme", 1))
    done = clean(database, Retention(most_events=1, most_sightings=1), now=NOON)
    assert (done.gone, [one.gone for one in done.budgets]) == (1, [0, 0])
    assert caplog.messages == []


@pytest.mark.both_engines
@pytest.mark.parametrize(("days", "is_claimed", "stays"), [(30, 0, 1), (31, 0, 0), (31, 1, 1)])
def test_evidence_of_what_was_not_seen_for_long_goes_unless_somebody_has_it(
    database: Database, number: int, days: int, is_claimed: bool, stays: int
) -> None:
    with database.write() as session:
        for analyst in (analyses.RULES, "claude"):
            analyses.keep(session, {number: {}}, analyst=analyst, version="1", now=NOON)
        signatures.get(session, [number])[number].state = "claimed" if is_claimed else "open"
    clean(database, Retention(evidence_days=30), now=NOON + days * DAY)
    with database.read() as session:
        assert len(samples.of(session, number)) == stays
        assert len(analyses.by(session, "claude", [number])) == stays
        assert analyses.by(session, analyses.RULES, [number])


@pytest.mark.both_engines
def test_of_what_is_seen_again_evidence_is_kept_anew(database: Database, number: int) -> None:
    again = NOON + 40 * DAY
    clean(database, Retention(evidence_days=30), now=again)
    record(database, [an_event(time=again) for _ in range(4)], now=again)
    with database.read() as session:
        assert [one.number for one in samples.of(session, number)] == [1, 2, 3]


@pytest.mark.both_engines
def test_what_was_posted_goes_but_for_the_newest_and_what_has_young_replies(
    database: Database, number: int
) -> None:
    def want(key: str, *, days: int, of: int | None = None, shown: bool = True) -> int:
        now = NOON + days * DAY
        with database.write() as session:
            made = outbox.add(
                session,
                key,
                channel="C",
                kind="alert",
                content={},
                now=now,
                thread_of=of,
                shows=[number],
            )
            assert made
            if shown and (taken := outbox.lease(session, worker="w", now=now, lease_seconds=9)):
                outbox.sent(session, taken.id, worker="w", ts=key, shown=taken.wanted)
        return made

    thread = want("an old thread", days=0)
    want("its reply", days=0, of=thread)
    busy = want("an old thread with a young reply", days=0)
    want("a young reply", days=99, of=busy)
    want("what still waits", days=0, shown=False)
    want("the newest", days=1)
    for _ in range(2):
        clean(database, Retention(message_days=62), now=NOON + 100 * DAY)
    with database.read() as session:
        left = session.exec(select(Message.key).order_by(Message.id)).all()  # type: ignore[arg-type]
        placed = outbox.placed_since(session, NOON - DAY, kinds=["alert"])
    assert left == [
        "an old thread with a young reply",
        "a young reply",
        "what still waits",
        "the newest",
    ]
    assert len(placed) == len(left)


@pytest.mark.both_engines
def test_digests_reminders_and_calls_go_when_it_is_time(database: Database, number: int) -> None:
    with database.write() as session:
        for days in (0, 1):
            now = NOON + days * DAY
            digests.add(
                session, "C", str(days), since=now, until=now, now=now, late=False, content={}
            )
            reminders.add(session, Reminder(signature_id=number, step=1, whom=[], at=now))
            calls.reserve(session, a_call(at=now))
    for days, left in ((62, 2), (63, 1), (64, 0)):
        clean(database, Retention(message_days=62, call_days=62), now=NOON + days * DAY)
        with database.read() as session:
            assert len(reminders.between(session, NOON - DAY, NOON + DAY, [number])) == left
            span = {"since": NOON - DAY, "until": NOON + 9 * DAY}
            assert calls.between(session, **span).calls == left
            assert digests.latest(session, now=NOON + DAY) == {"C": NOON + DAY}, "the newest stays"
            assert session.exec(select(func.count()).select_from(Digest)).one() == max(1, left)


def test_what_people_decided_and_how_often_it_was_seen_in_all_stays(
    database: Database, number: int
) -> None:
    (card,) = look.search(database, "payment failed", now=NOON, most=5).cards
    decide.claim(database, card.short_id, by="U1", now=NOON)
    later = NOON + 3_000 * DAY
    clean(database, KEPT, now=later)
    assert cells(database) == []
    (card,) = look.search(database, "payment failed", now=later, most=5).cards
    assert (card.assignee, card.total) == ("U1", 1)
    assert [one.by for one in look.history(database, card.short_id)] == ["U1"]
