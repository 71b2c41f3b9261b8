"""Which signature an event counts for: renamed functions, wider texts, newer rules."""

from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import replace
from datetime import timedelta
from itertools import islice, product
from string import ascii_lowercase
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect, text
from sqlmodel import Session

from bot.core.detection.finding import Kind
from bot.core.detection.threshold import Rules
from bot.core.event import Event, Frame
from bot.core.signing import signature
from bot.flows import decide, find, look
from bot.flows.carry_over import COMPARED_AT_ONCE
from bot.flows.detect import detect
from bot.flows.recognise import MERGED_AT_ONCE, MOST_NEW, THE_REST, merge_due
from bot.flows.record import merge_rest, record
from storage import signatures
from storage.database import Database, open_database
from tests.builders import NOON, PEOPLE, an_event
from tests.engines import Engine

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BEFORE = ("db.execute", "orders.add_line", "app.post_line")
AFTER = ("db.run_statement", "orders.add_line", "app.post_line")
RELEASES = [(BEFORE, "4.18"), (AFTER, "4.19")]


def raised(places: Iterable[str], version: str, **facts: Any) -> Event:
    """An exception that was raised in these functions of a release."""
    frames = tuple(Frame(*place.split(".")) for place in places)
    defaults = {"error_type": "shop.Refused", "error_message": "no stock left for the order"}
    return an_event(frames=frames, version=version, **{**defaults, **facts})


def counted(database: Database) -> dict[str, int]:
    """How often each signature that counts for itself was seen, by its title."""
    with database.read() as session:
        rows = session.execute(
            text("SELECT title, total FROM signatures WHERE merged_into IS NULL ORDER BY id")
        )
        return dict(tuple(row) for row in rows)


def totals(database: Database) -> list[int]:
    return list(counted(database).values())


def in_turn(database: Database, *events: Event) -> None:
    for event in events:
        record(database, [event], now=max(NOON, event.received))


# Renamed functions


def test_an_exception_whose_functions_a_release_renamed_is_the_same(database: Database) -> None:
    in_turn(database, raised(BEFORE, "4.18"), raised(AFTER, "4.19"), raised(AFTER, "4.19"))
    assert totals(database) == [3]


def test_it_keeps_its_owner_and_its_mute(database: Database) -> None:
    in_turn(database, raised(BEFORE, "4.18"))
    (short_id,) = short_ids(database)
    decide.reroute(database, short_id, team="payments", by="U1", now=NOON)
    decide.mute(database, short_id, by="U1", now=NOON, reason="known", until=None)
    recorded = record(database, [raised(AFTER, "4.19")], now=NOON)
    (number,) = recorded.signature_ids
    with database.read() as session:
        stands = find.standing(session, find.by_number(session, number))
    assert (stands.owner, stands.mute is not None) == ("payments", True)


def test_it_is_not_new(database: Database) -> None:
    days = [raised(BEFORE, "4.18", time=NOON - back * DAY) for back in range(10, 0, -1)]
    in_turn(database, *days)
    recorded = record(database, [raised(AFTER, "4.19")], now=NOON)
    opened = detect(database, recorded.signature_ids, now=NOON, rules=Rules())
    assert Kind.NEW not in {one.finding.kind for one in opened}


def test_why_it_is_the_same_is_in_its_trail(database: Database) -> None:
    in_turn(database, raised(BEFORE, "4.18"), raised(AFTER, "4.19"))
    with database.read() as session:
        (reason,) = session.execute(text("SELECT reason FROM decisions")).scalars()
    assert reason == ("the same exception and message, raised by other functions in checkout 4.19")


def test_while_both_releases_run_both_count_for_one(database: Database) -> None:
    in_turn(database, *(raised(places, version) for places, version in RELEASES * 4))
    assert totals(database) == [8]


def test_a_backlog_of_the_old_release_joins_the_new_one(database: Database) -> None:
    in_turn(database, raised(AFTER, "4.19"), raised(BEFORE, "4.18", time=NOON - HOUR))
    assert totals(database) == [2]


@settings(max_examples=15, deadline=None)
@given(st.permutations(RELEASES * 2), st.integers(1, 4))
def test_neither_order_nor_batches_make_a_difference(
    engine: Engine, releases: list[tuple[tuple[str, ...], str]], size: int
) -> None:
    events = [raised(places, version) for places, version in releases]
    with engine.copy() as url, closing(open_database(url, durable=False)) as database:
        for start in range(0, len(events), size):
            record(database, events[start : start + size], now=NOON)
        assert totals(database) == [4]


def test_what_moved_twice_is_still_the_same(database: Database) -> None:
    again = ("store.run", "orders.add_line", "app.post_line")
    in_turn(database, raised(BEFORE, "4.18"), raised(AFTER, "4.19"), raised(again, "4.20"))
    assert totals(database) == [3]


def test_any_message_it_came_with_will_do(database: Database) -> None:
    messages = ["no stock left for the order", "the order was closed by its owner"]
    in_turn(database, *(raised(BEFORE, "4.18", error_message=message) for message in messages))
    in_turn(database, raised(AFTER, "4.19", error_message=messages[1]))
    assert totals(database) == [3]


@pytest.mark.parametrize(
    "new",
    [
        pytest.param({"error_type": "shop.Lost"}, id="another type"),
        pytest.param({"error_message": "the cart is gone for ever"}, id="another message"),
        pytest.param({"service": "search"}, id="another service"),
        pytest.param({"version": ""}, id="of no known release"),
        pytest.param({"version": "4.18"}, id="in the release that has the old one"),
    ],
)
def test_what_may_be_another_error_stays_apart(database: Database, new: dict[str, str]) -> None:
    in_turn(database, raised(BEFORE, "4.18"), raised(AFTER, **{"version": "4.19", **new}))
    assert totals(database) == [1, 1]


def test_a_bare_key_error_at_another_place_is_another_error(database: Database) -> None:
    facts = {"error_type": "KeyError", "error_message": "17"}
    in_turn(
        database,
        raised(("pricing.discount", "orders.create", "app.post"), "4.18", **facts),
        raised(("checks.reference", "orders.create", "app.post"), "4.19", **facts),
    )
    assert totals(database) == [1, 1]


def test_once_both_fail_in_one_release_they_part_again(database: Database) -> None:
    in_turn(database, raised(BEFORE, "4.18"), raised(AFTER, "4.19"), raised(AFTER, "4.19"))
    in_turn(database, raised(BEFORE, "4.19"))
    assert totals(database) == [2, 2]
    in_turn(database, raised(BEFORE, "4.19"), raised(AFTER, "4.19"))
    assert totals(database) == [3, 3]


def test_they_part_too_where_the_newer_release_was_read_first(database: Database) -> None:
    earlier = raised(BEFORE, "4.18", time=NOON - HOUR)
    record(database, [raised(AFTER, "4.19"), earlier], now=NOON)
    assert totals(database) == [2]
    in_turn(database, raised(BEFORE, "4.19"))
    assert sorted(totals(database)) == [1, 2]


def test_a_long_message_by_the_same_way_stays_one_even_then(database: Database) -> None:
    said = (
        "canceling statement due to statement timeout: select total from orders"
        " where tenant = and created after the last report"
    )
    events = [raised(places, "4.19", error_message=said) for places in (BEFORE, AFTER, BEFORE)]
    in_turn(database, *events)
    assert totals(database) == [3]


def test_what_a_person_split_off_is_not_joined_again(database: Database) -> None:
    in_turn(database, raised(BEFORE, "4.18"), raised(AFTER, "4.19"))
    moved = [name for name in short_ids(database) if is_merged(database, name)]
    decide.split(database, moved[0], by="U1", now=NOON)
    in_turn(database, raised(AFTER, "4.19"), raised(AFTER, "4.20"))
    assert totals(database) == [1, 3]


# More than a batch has time for


def renamed(version: str, *, count: int) -> list[Event]:
    """So many errors of a release, each in functions of its own; 4.19 renamed one of each."""
    kinds = [f"{first}{second}" for first in ascii_lowercase for second in ascii_lowercase]
    name = "run" if version == "4.18" else "execute"
    return [
        raised(
            [f"db.{name}_{kind}", f"orders.add_{kind}", f"app.post_{kind}"],
            version,
            error_message=f"no stock left for the order of {kind}",
        )
        for kind in kinds[:count]
    ]


def test_a_batch_carries_out_only_so_many_merges_and_the_next_one_the_rest(
    database: Database,
) -> None:
    many = MERGED_AT_ONCE + 20
    record(database, renamed("4.18", count=many), now=NOON)
    first = record(database, renamed("4.19", count=many), now=NOON)
    assert first.new_signatures == 0
    assert len(totals(database)) == many + 20
    record(database, renamed("4.19", count=many), now=NOON)
    assert totals(database) == [3] * many


def test_a_batch_of_nothing_new_carries_on_with_them_and_so_does_the_watch(
    database: Database,
) -> None:
    record(database, renamed("4.18", count=MERGED_AT_ONCE + 2), now=NOON)
    record(database, renamed("4.19", count=MERGED_AT_ONCE + 2), now=NOON)
    assert merge_rest(database, now=NOON) == 2
    assert merge_rest(database, now=NOON) == 0
    assert totals(database) == [2] * (MERGED_AT_ONCE + 2)


def test_what_a_person_decided_about_before_its_turn_stays_apart(database: Database) -> None:
    record(database, renamed("4.18", count=MERGED_AT_ONCE + 1), now=NOON)
    record(database, renamed("4.19", count=MERGED_AT_ONCE + 1), now=NOON)
    (waiting,) = short_ids(database)[-1:]
    decide.claim(database, waiting, by="U1", now=NOON)
    merge_rest(database, now=NOON)
    assert not is_merged(database, waiting)


def test_a_batch_that_fails_leaves_what_is_due_due(database: Database) -> None:
    record(database, renamed("4.18", count=MERGED_AT_ONCE + 1), now=NOON)
    record(database, renamed("4.19", count=MERGED_AT_ONCE + 1), now=NOON)
    with suppress(ZeroDivisionError), database.write() as session:
        assert merge_due(session, now=NOON) == 1
        raise ZeroDivisionError
    assert merge_rest(database, now=NOON) == 1


# Wider texts


NARROW = "cannot open the file stdin for writing"
WIDE = "cannot open the file /var/log/x.log for writing"


@pytest.mark.parametrize("order", [(NARROW, WIDE), (WIDE, NARROW)])
def test_a_text_counts_for_the_wider_one_whichever_came_first(
    database: Database, order: tuple[str, str]
) -> None:
    in_turn(database, *(an_event(message=message) for message in (*order, *order)))
    assert totals(database) == [4]
    assert list(counted(database)) == ["cannot open the file <path> for writing"]


def test_texts_that_differ_in_a_word_count_for_themselves(database: Database) -> None:
    in_turn(
        database,
        an_event(message="cannot open the file stdin for writing"),
        an_event(message="cannot open the file stdin for reading"),
    )
    assert totals(database) == [1, 1]


def test_another_service_s_texts_are_no_family(database: Database) -> None:
    in_turn(database, an_event(message=NARROW), an_event(message=WIDE, service="search"))
    assert totals(database) == [1, 1]


def test_a_text_that_somebody_decided_on_keeps_standing_for_itself(database: Database) -> None:
    in_turn(database, an_event(message=NARROW))
    (short_id,) = short_ids(database)
    decide.claim(database, short_id, by="U1", now=NOON)
    in_turn(database, an_event(message=WIDE), an_event(message=NARROW))
    assert totals(database) == [2, 1]


def to(name: str) -> Event:
    return an_event(message=f"mail to {name} was not sent")


OF_ALL = signature.of_template("mail to <*> was not sent", an_event().service).fingerprint


@pytest.mark.parametrize("together", [1, 7, 31])
def test_a_value_that_looks_like_a_word_is_found_out(database: Database, together: int) -> None:
    events = [to(name) for name in (*PEOPLE, "willem")]
    for start in range(0, len(events), together):
        record(database, events[start : start + together], now=NOON)
    assert counted(database) == {"mail to <*> was not sent": 31}


def test_who_comes_next_is_not_new(database: Database) -> None:
    in_turn(database, *(replace(to(name), time=NOON - 3 * DAY) for name in PEOPLE), to("willem"))
    with database.read() as session:
        short_id = find.by_number(session, signatures.ids_of(session, [OF_ALL])[OF_ALL]).short_id
        assert find.named(session, short_id).first_seen == NOON - 3 * DAY


def test_one_of_them_that_somebody_claimed_keeps_standing_for_itself(database: Database) -> None:
    in_turn(database, to(PEOPLE[0]))
    (short_id,) = short_ids(database)
    decide.claim(database, short_id, by="U1", now=NOON)
    in_turn(database, *map(to, PEOPLE[1:]), to(PEOPLE[0]), to("willem"))
    assert totals(database) == [2, 30]


def test_what_a_person_split_off_from_them_stays_apart(database: Database) -> None:
    in_turn(database, *map(to, PEOPLE))
    decide.split(
        database, signature.short_id(signature.of(to(PEOPLE[3])).fingerprint), by="U1", now=NOON
    )
    in_turn(database, to(PEOPLE[3]), to("willem"))
    assert sorted(totals(database)) == [2, 30]


# Newer rules


def _let_names_change(session: Session) -> None:
    """What others refer to by a name that changes is looked at when the transaction ends."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("PRAGMA defer_foreign_keys = ON"))
        return
    for table in ("wordings", "due_merges"):
        for key in inspect(session.connection()).get_foreign_keys(table):
            change = f"ALTER CONSTRAINT {key['name']} DEFERRABLE INITIALLY DEFERRED"
            session.execute(text(f"ALTER TABLE {table} {change}"))


def as_version_1_left_it(database: Database, *events: Event) -> None:
    """Let what was recorded carry the names that the rules before gave it."""
    in_turn(database, *events)
    with database.write() as session:
        _let_names_change(session)
        session.execute(text("DELETE FROM wordings"))
        session.execute(text("DELETE FROM rule_versions WHERE version = 'v1'"))
        session.execute(text("UPDATE rule_versions SET version = 'v1'"))
        for event in events:
            names = {"now": signature.of(event).fingerprint, "then": signature.before(event)[0]}
            for table in ("aliases", "signatures"):
                session.execute(
                    text(f"UPDATE {table} SET fingerprint = :then WHERE fingerprint = :now"), names
                )


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(lambda: an_event(message="disk 3 is full"), id="a text"),
        pytest.param(lambda: raised(BEFORE, "4.18"), id="an exception"),
        pytest.param(
            lambda: an_event(message="tenant acme-7 is over quota", customer=""), id="a customer"
        ),
    ],
)
def test_what_the_rules_before_knew_is_known(database: Database, event: Any) -> None:
    as_version_1_left_it(database, event())
    recorded = record(database, [event(), event()], now=NOON + 29 * DAY)
    assert (recorded.new_signatures, totals(database)) == (0, [3])


def test_after_thirty_days_the_rules_before_are_forgotten(database: Database) -> None:
    disk = an_event(message="disk 3 is full")
    as_version_1_left_it(database, disk)
    record(database, [an_event(message="something else")], now=NOON)
    late = an_event(message="disk 4 is full")
    assert record(database, [late], now=NOON + 31 * DAY).new_signatures == 1


def test_what_newer_rules_take_for_one_counts_for_the_first_of_them(database: Database) -> None:
    roles = [an_event(message=f'role "{name}" does not exist') for name in ("ana", "bo")]
    as_version_1_left_it(database, roles[0])
    record(database, [an_event(message='role "ana" does not exist'), roles[1]], now=NOON)
    assert totals(database) == [3]


def told_apart(database: Database) -> tuple[str, str]:
    """Two roles that version 1 told apart, the first known by its name of now since; their ids."""
    for name in ("ana", "bo"):
        as_version_1_left_it(database, an_event(message=f'role "{name}" does not exist'))
    first, second, *_ = short_ids(database)
    return first, second


@pytest.mark.parametrize("last", [0, 1])
def test_of_what_newer_rules_take_for_one_what_a_person_decided_last_holds(
    database: Database, last: int
) -> None:
    names = told_apart(database)
    for team, name in (("early", names[1 - last]), ("late", names[last])):
        decide.reroute(database, name, team=team, by="U1", now=NOON)
    for name in ("ana", "bo"):
        in_turn(database, an_event(message=f'role "{name}" does not exist'))
    in_turn(database, an_event(message='role "cy" does not exist'))
    assert totals(database) == [5]
    kept = look.card(database, names[1 - last], now=NOON)
    assert (kept.short_id, kept.owner) == (names[last], "late")
    told = look.history(database, names[last])[0]
    assert told.reason == (
        "rules v2 take both for one; what was decided last stands, reroute 2026-11-18 12:00 UTC"
    )
    assert told.sentence == f"Triage merged {names[1 - last]} into {names[last]}"


def test_in_a_batch_of_more_than_are_compared_at_once_all_are_compared_in_turn(
    database: Database,
) -> None:
    services = [f"service-{n}" for n in range(2 * COMPARED_AT_ONCE)]
    record(database, [an_event(service=one) for one in services], now=NOON)
    told_apart(database)
    in_turn(database, an_event(message='role "ana" does not exist'))
    for now in (NOON + n * MINUTE for n in (1, 2, 3)):
        bo = an_event(message='role "bo" does not exist', time=now)
        record(database, [bo, *(an_event(service=one, time=now) for one in services)], now=now)
    assert sum(is_merged(database, name) for name in short_ids(database)) == 1


def test_what_a_person_splits_off_from_what_rules_take_for_one_stays_apart(
    database: Database,
) -> None:
    both = [an_event(message=f'role "{name}" does not exist') for name in ("ana", "bo")]
    names = told_apart(database)
    in_turn(database, *both)
    (merged,) = (name for name in names if is_merged(database, name))
    decide.split(database, merged, by="U1", now=NOON)
    in_turn(database, *(an_event(message=event.message) for event in both))
    assert not any(is_merged(database, name) for name in names)


def test_where_nothing_is_of_the_rules_before_nothing_is_looked_up_by_them(
    database: Database,
) -> None:
    in_turn(database, an_event(message='role "ana" does not exist'))
    with database.read() as session:
        versions = session.execute(text("SELECT version FROM rule_versions")).scalars().all()
    assert versions == [signature.VERSION]


def short_ids(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.execute(text("SELECT short_id FROM signatures")).scalars())


def is_merged(database: Database, short_id: str) -> bool:
    with database.read() as session:
        return find.named(session, short_id).merged_into is not None


# More than anybody reads


def a_flood(number: int, **facts: Any) -> list[Event]:
    """Errors of one service that have nothing in common."""
    return [
        an_event(error_type=f"Error{''.join(letters)}", error_message="no", **facts)
        for letters in islice(product(ascii_lowercase, repeat=3), number)
    ]


@pytest.mark.promise(row="R15")
def test_of_a_flood_so_many_are_told_apart_in_an_hour_and_the_rest_count_as_one(
    database: Database,
) -> None:
    record(database, [an_event(message="disk full"), *a_flood(MOST_NEW + 9)], now=NOON)
    found = counted(database)
    assert (len(found), found["disk full"], found[THE_REST]) == (MOST_NEW + 1, 1, 10)
    late = a_flood(MOST_NEW + 9)[-10:]
    others = [an_event(message="disk full"), an_event(message="disk is full", service="search")]
    record(database, [*others, *late[:2]], now=NOON + timedelta(minutes=59))
    found = counted(database)
    assert (found["disk full"], found["disk is full"], found[THE_REST]) == (2, 1, 12)
    record(database, late[2:], now=NOON + HOUR)
    assert (counted(database)[THE_REST], len(counted(database))) == (12, MOST_NEW + 2 + 8)


@pytest.mark.promise(row="R15")
def test_in_a_flood_a_known_family_goes_on_to_count(database: Database) -> None:
    in_turn(database, *map(to, PEOPLE))
    (family,) = counted(database)
    record(database, a_flood(MOST_NEW), now=NOON)
    record(database, [to("willem"), to("ottokar")], now=NOON)
    found = counted(database)
    assert (found[family], THE_REST in found) == (len(PEOPLE) + 2, True)
    assert sum(found.values()) == len(PEOPLE) + 2 + MOST_NEW
