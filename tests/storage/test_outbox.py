from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from storage import outbox
from storage.database import Database
from storage.outbox import Resting
from storage.tables import Message
from tests.builders import NOON, statements
from tests.storage.databases import a_signature

LEASE = 30
MINUTE = timedelta(minutes=1)


def want(session: Session, key: str, *, channel: str = "C1", thread_of: int | None = None) -> int:
    wanted = outbox.add(
        session, key, channel=channel, kind="digest", content={}, now=NOON, thread_of=thread_of
    )
    assert wanted is not None
    return wanted


def due(session: Session, *, worker: str = "w1", now_minutes: int = 0) -> list[str]:
    """The keys of what a worker gets to send, in order."""
    return [message.key for message in leased(session, worker=worker, now_minutes=now_minutes)]


def leased(
    session: Session,
    *,
    worker: str = "w1",
    now_minutes: int = 0,
    resting: Resting = outbox.NONE_REST,
) -> list[Message]:
    """What a worker gets to send, one after the other."""
    now = NOON + now_minutes * MINUTE
    get = partial(
        outbox.lease, session, worker=worker, now=now, lease_seconds=LEASE, resting=resting
    )
    return list(iter(get, None))


def sent(session: Session, message_id: int, *, worker: str = "w1", shown: int = 1) -> bool:
    return outbox.sent(session, message_id, worker=worker, ts=f"{message_id}.0", shown=shown)


def test_a_message_is_wanted_once_however_often_it_is_asked_for(database: Database) -> None:
    with database.write() as session:
        want(session, "digest:1")
        again = outbox.add(
            session, "digest:1", channel="C2", kind="digest", content={"other": 1}, now=NOON
        )
        assert again is None
        assert due(session) == ["digest:1"]


def test_what_one_worker_sends_no_other_gets(database: Database) -> None:
    with database.write() as session:
        want(session, "a")
    with database.write() as session:
        assert due(session, worker="w1") == ["a"]
    with database.write() as session:
        assert due(session, worker="w2") == []
        assert due(session, worker="w1") == []


def test_a_lease_that_ran_out_lets_another_take_it(database: Database) -> None:
    with database.write() as session:
        message = want(session, "a")
        due(session, worker="w1")
        assert due(session, worker="w2", now_minutes=1) == ["a"]
        assert not sent(session, message, worker="w1"), "the first one lost it"
        assert sent(session, message, worker="w2")
        assert due(session, worker="w3", now_minutes=9) == []


@pytest.mark.promise(row="R6")
@pytest.mark.parametrize("minutes", [-24 * 60, -60])
def test_a_clock_that_was_set_back_keeps_nothing_waiting(database: Database, minutes: int) -> None:
    with database.write() as session:
        leased_for_long = want(session, "a", channel="C1")
        put_off = want(session, "b", channel="C2")
        due(session, worker="w1")
        wait = NOON + 5 * MINUTE
        assert outbox.later(session, put_off, worker="w1", not_before=wait, error="HTTP 500")
        assert due(session, worker="w2") == []
        want(session, "c", channel="C3")
        assert due(session, worker="w2", now_minutes=minutes) == ["a", "b", "c"]
        assert not sent(session, leased_for_long, worker="w1"), "the first one lost it"


@pytest.mark.promise(row="R7")
@pytest.mark.parametrize("late", ["sent", "later", "failed"])
def test_who_lost_the_lease_changes_nothing(database: Database, late: str) -> None:
    with database.write() as session:
        message = want(session, "a")
        due(session, worker="w1")
        due(session, worker="w2", now_minutes=1)
        told = {
            "sent": lambda: outbox.sent(session, message, worker="w1", ts="9.9", shown=1),
            "later": lambda: outbox.later(
                session, message, worker="w1", not_before=NOON + 60 * MINUTE, error="slow"
            ),
            "failed": lambda: outbox.failed(
                session, message, worker="w1", now=NOON, error="not_in_channel"
            ),
        }
        assert told[late]() is False
        session.expire_all()
        kept = outbox.get(session, message)
        assert kept
        assert (kept.ts, kept.leased_by, kept.failed_at, kept.last_error) == ("", "w2", None, "")


def test_posts_of_a_channel_keep_their_order_and_channels_do_not_wait(database: Database) -> None:
    with database.write() as session:
        first, _ = want(session, "a"), want(session, "b")
        want(session, "other", channel="C2")
        assert due(session) == ["a", "other"]
        sent(session, first)
        assert due(session) == ["b"]


def test_what_is_put_off_keeps_its_turn(database: Database) -> None:
    with database.write() as session:
        first = want(session, "a")
        want(session, "b")
        due(session)
        outbox.later(session, first, worker="w1", not_before=NOON + MINUTE, error="ratelimited")
        assert due(session) == []
        assert due(session, now_minutes=1) == ["a"]


def test_what_failed_lets_the_next_pass_and_is_not_tried_again(database: Database) -> None:
    with database.write() as session:
        first = want(session, "a")
        want(session, "b")
        due(session)
        assert outbox.failed(session, first, worker="w1", now=NOON, error="channel_not_found")
        assert due(session) == ["b"]
        assert due(session, now_minutes=600) == ["b"], "its lease ran out; the failed one is not"


def test_a_reply_waits_for_its_parent(database: Database) -> None:
    with database.write() as session:
        parent = want(session, "a")
        want(session, "reply", thread_of=parent)
        assert due(session) == ["a"]
        sent(session, parent)
        assert due(session) == ["reply"]


def test_replies_to_what_failed_hold_nobody_up(database: Database) -> None:
    with database.write() as session:
        parent = want(session, "a")
        want(session, "reply", thread_of=parent)
        want(session, "b")
        due(session)
        outbox.failed(session, parent, worker="w1", now=NOON, error="channel_not_found")
        assert due(session) == ["b"]


def test_a_decision_makes_every_message_that_shows_it_due_again(database: Database) -> None:
    with database.write() as session:
        shown, other = a_signature(session, "E-222").id, a_signature(session, "E-333").id
        ids = [
            outbox.add(
                session, key, channel=key, kind="digest", content={}, now=NOON, shows=[number]
            )
            for key, number in (("a", shown), ("b", other), ("c", shown))
        ]
        due(session)
        for message in ids:
            assert message
            sent(session, message)
        outbox.changed(session, shown, since=NOON - MINUTE)
        session.expire_all()
        assert due(session) == ["c", "a"], "the newest first"


def test_a_decision_made_while_its_message_is_sent_is_shown_after_all(database: Database) -> None:
    with database.write() as session:
        number = a_signature(session, "E-222").id
        message = outbox.add(
            session, "a", channel="C1", kind="digest", content={}, now=NOON, shows=[number]
        )
        assert message
        (taken,) = leased(session)
        wanted = taken.wanted
        outbox.changed(session, number, since=NOON - MINUTE)
        sent(session, message, shown=wanted)
        session.expire_all()
        assert due(session) == ["a"]


def test_an_update_overtakes_posts_that_wait(database: Database) -> None:
    with database.write() as session:
        number = a_signature(session, "E-222").id
        old = outbox.add(
            session, "old", channel="C1", kind="digest", content={}, now=NOON, shows=[number]
        )
        assert old
        due(session)
        sent(session, old)
        stuck = want(session, "stuck")
        due(session)
        outbox.later(session, stuck, worker="w1", not_before=NOON + 10 * MINUTE, error="slow")
        outbox.changed(session, number, since=NOON - MINUTE)
        session.expire_all()
        assert due(session) == ["old"]


def test_what_is_new_goes_before_what_changed_and_of_that_the_newest_first(
    database: Database,
) -> None:
    with database.write() as session:
        number = a_signature(session, "E-222").id
        for key in ("a", "b", "c"):
            made = outbox.add(
                session, key, channel="C1", kind="card", content={}, now=NOON, shows=[number]
            )
            assert made
            due(session)
            sent(session, made)
        outbox.changed(session, number, since=NOON - MINUTE)
        want(session, "d", channel="C2")
        session.expire_all()
        assert due(session) == ["d", "c", "b", "a"]


def test_a_channel_may_take_no_posts_or_no_updates_for_now(database: Database) -> None:
    with database.write() as session:
        number = a_signature(session, "E-222").id
        old = outbox.add(
            session, "old", channel="C1", kind="card", content={}, now=NOON, shows=[number]
        )
        assert old
        due(session)
        sent(session, old)
        outbox.changed(session, number, since=NOON - MINUTE)
        want(session, "new")
        session.expire_all()

        def left(resting: Resting) -> list[str]:
            with session.begin_nested() as kept:
                keys = [message.key for message in leased(session, resting=resting)]
                kept.rollback()
            return keys

        assert left(Resting(posts=["C1"])) == ["old"]
        assert left(Resting(updates=["C1"])) == ["new"]
        assert left(Resting(posts=["C2"], updates=["C2"])) == ["new", "old"]


def test_attempts_count_until_it_is_sent(database: Database) -> None:
    with database.write() as session:
        message = want(session, "a")
        for attempt in (1, 2, 3):
            (taken,) = leased(session, now_minutes=attempt)
            assert taken.attempts == attempt
        sent(session, message)
        session.expire_all()
        kept = session.get(Message, message)
        assert kept
        assert kept.attempts == 0


@pytest.mark.promise(row="R9")
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.sampled_from(["C1", "C2"]), min_size=1, max_size=8), st.data())
def test_every_message_goes_out_once_and_in_order_whatever_fails_on_the_way(
    database: Database, channels: list[str], data: st.DataObject
) -> None:
    with database.write() as session:
        session.execute(Message.__table__.delete())  # type: ignore[attr-defined]
        keys = [f"{channel}:{number}" for number, channel in enumerate(channels)]
        for key in keys:
            want(session, key, channel=key[:2])
    posted: list[str] = []
    for minute in range(200):
        with database.write() as session:
            for message in leased(session, worker=f"w{minute}", now_minutes=minute):
                if minute > 40 or data.draw(st.booleans(), label="goes through"):
                    posted.append(message.key)
                    sent(session, message.id, worker=f"w{minute}")
        if len(posted) == len(keys):
            break
    for channel in ("C1", "C2"):
        expected = [key for key in keys if key.startswith(channel)]
        assert [key for key in posted if key.startswith(channel)] == expected


@pytest.mark.sqlite
def test_what_was_sent_long_ago_is_not_read_to_find_what_is_due(database: Database) -> None:
    found = plans(database, lambda session: outbox.anything_due(session, NOON) or due(session))
    assert len(found) == 2
    for plan in found:
        assert plan.count("ix_outbox_behind") == 2, plan
        assert "SCAN outbox USING INDEX ix_outbox_behind" in plan
    (plan,) = plans(database, lambda session: outbox.any_doubted(session, NOON))
    assert "ix_outbox_doubted" in plan
    (plan,) = plans(database, partial(outbox.wanted_since, moment=NOON, kinds=["alert"]))
    assert "SEARCH outbox USING INDEX ix_outbox_created_at" in plan


def plans(database: Database, ask: Callable[[Session], object]) -> list[str]:
    """How SQLite looks for what is asked of the outbox; that does not depend on the values."""
    with statements(database) as asked, database.write() as session:
        ask(session)
        explained = [one.replace("?", "''") for one in asked if "outbox" in one]
        return [
            " ".join(
                str(row[3])
                for row in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {one}")
            )
            for one in explained
        ]
