import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import select

from bot.core.event import Event, Severity
from bot.core.hour import hour_of
from bot.core.redaction import SiteRule, redact, redactor_with
from bot.core.signing import signature
from bot.flows.record import Recorded, record
from storage import samples
from storage.database import Database
from storage.events import first_arrival
from storage.tables import Signature
from tests.builders import NOON, an_event

HOUR = timedelta(hours=1)
COUNTED = ("signatures", "aliases", "sightings", "customers", "samples", "deploys", "ingests")


def everything(database: Database) -> dict[str, list[Any]]:
    """Every row that recording writes, save which events were seen."""
    with database.read() as session:
        return {
            table: sorted(map(tuple, session.execute(text(f"SELECT * FROM {table}"))), key=repr)
            for table in COUNTED
        }


def counted(database: Database) -> dict[tuple[str, str, int], int]:
    """Occurrences by service, customer and hours before noon."""
    with database.read() as session:
        rows = session.execute(
            text(
                "SELECT service, customer, hour, count FROM sightings"
                " JOIN signatures ON signatures.id = signature_id"
            )
        )
        return {(row[0], row[1], hour_of(NOON) - row[2]): row[3] for row in rows}


def a_batch() -> list[Event]:
    return [
        an_event(version="4.19.1"),
        an_event(customer="globex", time=NOON - HOUR),
        an_event(service="search", message="timeout after 300 ms"),
        an_event(service="search", message="timeout after 900 ms", customer=""),
    ]


def test_events_are_counted_by_signature_hour_and_customer(database: Database) -> None:
    recorded = record(database, a_batch(), now=NOON)
    assert (recorded.events, recorded.duplicates, recorded.new_signatures) == (4, 0, 2)
    assert len(recorded.signature_ids) == 2
    assert counted(database) == {
        ("checkout", "acme", 0): 1,
        ("checkout", "globex", 1): 1,
        ("search", "acme", 0): 1,
        ("search", "", 0): 1,
    }


def test_the_minutes_of_an_hour_in_which_it_was_seen_add_up(database: Database) -> None:
    minutes = (0, 0, 7, 59)
    for minute in minutes:
        record(database, [an_event(time=NOON + minute * HOUR / 60)], now=NOON + HOUR)
    with database.read() as session:
        (bits,) = session.execute(text("SELECT minutes FROM sightings")).scalars()
    assert bits == sum(1 << minute for minute in {*minutes})


def test_the_same_batch_again_changes_nothing(database: Database) -> None:
    batch = a_batch()
    record(database, batch, now=NOON)
    before = everything(database)
    again = record(database, list(reversed(batch)), now=NOON + 5 * HOUR)
    assert again == Recorded(events=0, duplicates=4)
    assert everything(database) == before


def test_an_event_twice_in_a_batch_counts_once(database: Database) -> None:
    event = an_event()
    recorded = record(database, [event, an_event(), event], now=NOON)
    assert (recorded.events, recorded.duplicates) == (2, 1)
    assert counted(database) == {("checkout", "acme", 0): 2}


def test_the_same_id_from_two_sources_is_two_events(database: Database) -> None:
    pair = [an_event(source=source, source_id="1") for source in ("sentry", "otlp")]
    assert record(database, pair, now=NOON).events == 2


def test_source_and_id_do_not_run_into_each_other(database: Database) -> None:
    pair = [an_event(source="a", source_id="bc"), an_event(source="ab", source_id="c")]
    assert record(database, pair, now=NOON).events == 2


@pytest.mark.promise(row="R3")
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.lists(st.integers(0, 15), max_size=8), max_size=6))
def test_however_batches_overlap_each_event_counts_once(
    database: Database, batches: list[list[int]]
) -> None:
    with database.write() as session:
        for table in ("seen", "unjudged_hours", *reversed(COUNTED)):
            session.execute(text(f"DELETE FROM {table}"))
    for batch in batches:
        record(database, [an_event(source_id=f"e{number}") for number in batch], now=NOON)
    distinct = {number for batch in batches for number in batch}
    assert sum(counted(database).values()) == len(distinct)


@pytest.mark.both_engines
@pytest.mark.promise(row="R3")
def test_batches_sent_at_once_and_again_count_once(database: Database) -> None:
    batches = [[an_event(source_id=f"{n}-{m}") for m in range(20)] for n in range(8)]

    def send(batch: Sequence[Event]) -> int:
        return record(database, batch, now=NOON).events

    with ThreadPoolExecutor(8) as pool:
        admitted = sum(pool.map(send, batches * 3))
    assert admitted == 160 == sum(counted(database).values())
    with database.read() as session:
        assert session.execute(text("SELECT total, samples FROM signatures")).one() == (160, 3)


def test_an_empty_batch_is_fine(database: Database) -> None:
    assert record(database, [], now=NOON) == Recorded()


def test_a_batch_that_fails_leaves_nothing_and_can_be_sent_again(database: Database) -> None:
    good, bad = an_event(), an_event(time=NOON.replace(tzinfo=None), received=NOON)
    with pytest.raises((ValueError, TypeError)):
        record(database, [good, bad], now=NOON)
    assert record(database, [good], now=NOON).events == 1


@pytest.mark.parametrize("ahead", [HOUR, 25 * HOUR, timedelta(days=9_000)])
def test_what_claims_to_come_from_the_future_counts_as_of_its_arrival(
    database: Database, ahead: timedelta
) -> None:
    record(database, [an_event(time=NOON + ahead, received=NOON)], now=NOON)
    assert counted(database) == {("checkout", "acme", 0): 1}


def test_nothing_happens_after_it_came_however_little_a_clock_is_fast(database: Database) -> None:
    """Or what was seen a moment ago would undo a resolution that is made a moment later."""
    fast = NOON + timedelta(minutes=59)
    record(database, [an_event(time=fast, received=NOON)], now=NOON)
    assert str(everything(database)["signatures"][0][9])[:19] == "2026-11-18 12:00:00"


def test_late_events_count_in_the_hour_in_which_they_happened(database: Database) -> None:
    record(database, [an_event()], now=NOON)
    record(database, [an_event(time=NOON - 30 * HOUR, received=NOON)], now=NOON)
    assert counted(database) == {("checkout", "acme", 0): 1, ("checkout", "acme", 30): 1}


def test_first_and_last_sight_do_not_depend_on_the_order_of_arrival(database: Database) -> None:
    for hours in (0, 5, 2):
        record(
            database,
            [an_event(time=NOON - hours * HOUR, received=NOON, severity=Severity(50 - 10 * hours))]
            if hours < 5
            else [an_event(time=NOON - hours * HOUR, received=NOON)],
            now=NOON,
        )
    with database.read() as session:
        query = "SELECT first_seen, last_seen, total, severity FROM signatures"
        first, last, total, severity = session.execute(text(query)).one()
    assert (str(first)[:13], str(last)[:13], total, severity) == (
        "2026-11-18 07",
        "2026-11-18 12",
        3,
        50,
    )


def test_the_first_arrival_does_not_depend_on_the_order_of_arrival(database: Database) -> None:
    for minutes in (10, 30, 20):
        event = an_event(time=NOON - HOUR, received=NOON + timedelta(minutes=minutes))
        record(database, [event], now=event.received)
    with database.read() as session:
        first = session.execute(text("SELECT first_received FROM signatures")).scalar_one()
    assert str(first)[11:16] == "12:10"


class Witness:
    """A rule that hides nothing, and notes each text and whether the database was locked."""

    kind = sign = "stack"

    def __init__(self, database: Database) -> None:
        self.file = str(database.engine.url.database)
        self.saw: list[tuple[str, bool]] = []

    def hide(self, said: str) -> str | None:
        with closing(sqlite3.connect(self.file, timeout=0)) as other:
            try:
                other.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                self.saw.append((said, True))
            else:
                self.saw.append((said, False))
        return None


@pytest.mark.sqlite
def test_samples_are_redacted_before_the_database_is_locked_and_only_as_many_as_are_kept(
    database: Database,
) -> None:
    witness = Witness(database)
    by = redact.and_by([witness], name="witness")
    for _ in range(2):
        events = [an_event(message="disk is full", stack="a stack") for _ in range(9)]
        record(database, events, now=NOON, by=by)
    assert witness.saw == [("a stack", False)] * 3
    with database.read() as session:
        assert len(samples.of(session, 1)) == 3


def test_what_is_new_in_a_batch_sent_again_with_more_gives_a_sample(database: Database) -> None:
    first = [an_event(message="disk is full", source_id=f"{number}") for number in range(2)]
    record(database, first, now=NOON)
    record(database, [*first, an_event(message="disk is full", version="4.19")], now=NOON)
    with database.read() as session:
        assert [kept.version for kept in samples.of(session, 1)] == ["", "", "4.19"]


def test_the_first_samples_are_kept_and_those_of_the_last_days_all_redacted(
    database: Database,
) -> None:
    for number in range(8):
        message = f"card 4111111111111111 of ana@example.org refused, try {number}"
        time = NOON + number * 24 * HOUR
        record(database, [an_event(message=message, time=time)], now=time)
    with database.read() as session:
        kept = samples.of(session, 1)
    assert [sample.message[-1] for sample in kept] == ["0", "1", "2", "6", "7"]
    assert not any("4111" in sample.message or "ana@" in sample.message for sample in kept)


def test_an_hour_costs_no_more_samples_than_its_newest_and_one_of_another_customer(
    database: Database,
) -> None:
    record(database, [an_event(message="disk is full", customer="acme")], now=NOON)
    later = NOON + 3 * HOUR
    for minute in range(3):
        events = [
            an_event(
                message="disk is full", customer=customer, time=later + timedelta(minutes=minute)
            )
            for customer in ("acme", "globex", "initech")
        ]
        record(database, events, now=later + timedelta(minutes=9))
    with database.read() as session:
        kept = samples.of(session, 1)
    assert [(sample.number, sample.customer) for sample in kept[:3]] == [
        (1, "acme"),
        (2, "acme"),
        (3, "globex"),
    ]
    assert [sample.customer for sample in kept[3:]] == ["initech"]


def test_what_a_site_hides_is_not_kept_and_changes_no_signature(database: Database) -> None:
    event = an_event(message="the project Falcon is late", customer="")
    by = redactor_with([SiteRule("project", "Falcon")])
    record(database, [event], now=NOON, by=by)
    rows = everything(database)
    assert "Falcon" not in repr(rows)
    assert "the project <project> is late" in repr(rows)
    assert signature.of(event).fingerprint == signature.of(event, by).fingerprint
    assert "Falcon" in signature.of(event).title


def test_a_title_spells_names_as_they_were_written_but_for_what_is_hidden(
    database: Database,
) -> None:
    kept, hidden = "psycopg2.OperationalError: server is gone", "Falcon7.LateError: no wind"
    by = redactor_with([SiteRule("project", r"Falcon[1-9]")])
    events = [an_event(message=message) for message in (kept, hidden)]
    record(database, events, now=NOON, by=by)
    titles = [row[5] for row in everything(database)["signatures"]]
    assert titles == [kept, "<project>.LateError: no wind"]


def test_a_customer_is_known_since_its_earliest_event(database: Database) -> None:
    for hours in (1, 9, 4):
        record(database, [an_event(time=NOON - hours * HOUR, received=NOON)], now=NOON)
    ((name, since),) = everything(database)["customers"]
    assert (name, str(since)[:19]) == ("acme", "2026-11-18 03:00:00")


def test_short_ids_grow_where_three_characters_would_collide(database: Database) -> None:
    """Of a few hundred thousand three-character ids some collide: found by trying names."""
    seen: dict[str, Event] = {}
    for number in range(100_000):
        event = an_event(service=f"service-{number:x}")
        short = signature.short_id(signature.of(event).fingerprint)
        if short in seen:
            break
        seen[short] = event
    first, second = seen[short], event
    record(database, [first], now=NOON)
    record(database, [second], now=NOON)
    ids = [row[2] for row in everything(database)["signatures"]]
    assert min(ids, key=len) == short
    assert sorted(map(len, ids)) == [5, 6]
    assert all(name.startswith(short) for name in ids)


def test_short_ids_that_collide_within_a_batch_differ_too(database: Database) -> None:
    many = [an_event(service=f"service-{number:x}") for number in range(1_500)]
    record(database, many, now=NOON)
    ids = [row[2] for row in everything(database)["signatures"]]
    assert len(set(ids)) == len(ids) == 1_500
    assert {len(name) for name in ids} == {5, 6}


def test_hostile_text_is_counted_like_any_other(database: Database) -> None:
    hostile = ["turned \u202e round", "", "<!channel> & <@U1>", "x" * 200_000, "'; DROP"]
    batch = [an_event(message=message, customer=message[:80]) for message in hostile]
    assert record(database, batch, now=NOON).events == len(hostile)


def test_a_secret_where_a_long_stack_is_cut_is_not_kept(database: Database) -> None:
    frames = "\n    at com.shop.Cart.total(Cart.java:1)" * 230
    stack = f"java.lang.IllegalStateException: password=hunter2SecretValue{frames[:7_990]}"
    record(database, [an_event(error_type="IllegalStateException", stack=stack)], now=NOON)
    with database.read() as session:
        (kept,) = session.execute(text("SELECT stack FROM samples")).scalars()
    assert "Secret" not in kept
    assert kept.endswith(stack[-40:])


@pytest.mark.parametrize(
    "said",
    [datetime(2019, 1, 1, tzinfo=UTC), NOON - 3 * HOUR / 60, datetime(2099, 1, 1, tzinfo=UTC)],
)
def test_when_an_event_came_is_told_by_our_clock_alone(database: Database, said: datetime) -> None:
    """A collector that batches, one whose clock is wrong, or a line that somebody made up."""
    record(database, [an_event(time=said, received=said)], now=NOON)
    with database.read() as session:
        row = session.exec(select(Signature)).one()
        assert row.first_received == NOON >= row.last_seen
        assert first_arrival(session) == hour_of(NOON)


def test_it_is_known_since_when_an_error_is_in_production_and_since_when_we_know(
    database: Database,
) -> None:
    places = ("staging", 9, 9), ("prod", 3, 1), ("qa", 2, 1), ("prod-eu", 5, 0), ("prod", 1, 0)
    for environment, happened, came in places:
        event = an_event(environment=environment, time=NOON - happened * HOUR)
        record(database, [event], now=NOON - came * HOUR)
    with database.read() as session:
        columns = "environment, production_seen, production_received"
        row = session.execute(text(f"SELECT {columns} FROM signatures")).one()
    assert [str(one)[:16] for one in row] == ["prod", "2026-11-18 07:00", "2026-11-18 11:00"]
