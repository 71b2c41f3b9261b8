from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from bot.core.detection.threshold import Rules
from bot.core.ownership.decision import Standing, State
from bot.core.ownership.scope import THIS
from bot.errors import NotFound, Refused, Taken
from bot.flows import decide, find, look
from bot.flows.detect import detect
from bot.flows.record import record
from storage import outbox
from storage.database import Database, open_database
from tests.builders import NOON, an_event
from tests.engines import Engine
from tests.flows.builders import DAY, HOUR, muted, seen_again, standing, trail

MINUTE = timedelta(minutes=1)


def rows(database: Database, query: str) -> list[Any]:
    with database.read() as session:
        return [tuple(row) for row in session.execute(text(query))]


# Claims


def test_a_claim_is_kept_with_who_and_when(database: Database, short_id: str) -> None:
    outcome = decide.claim(database, short_id.lower(), by="U1", now=NOON)
    assert outcome.card.state is State.CLAIMED
    assert (outcome.card.assignee, outcome.card.claimed_at) == ("U1", NOON)
    assert outcome.sentence == "<@U1> claimed it"
    assert trail(database, short_id) == ["U1 claim"]
    assert [card.short_id for card in look.mine(database, "U1", now=NOON)] == [short_id]


@pytest.mark.promise(row="R8")
def test_of_two_hundred_who_claim_at_once_one_wins_and_the_others_hear_who(
    database: Database, short_id: str
) -> None:
    everybody = Barrier(200)
    told: list[decide.Outcome | Exception] = []

    def claim(number: int) -> None:
        everybody.wait()
        try:
            told.append(decide.claim(database, short_id, by=f"U{number}", now=NOON))
        except Exception as error:  # noqa: BLE001  (each is looked at below)
            told.append(error)

    crowd = [Thread(target=claim, args=[number]) for number in range(200)]
    for person in crowd:
        person.start()
    for person in crowd:
        person.join()
    winner = standing(database, short_id).assignee
    losers = [error for error in told if isinstance(error, Taken)]
    assert len(told) == 200
    assert len(losers) == 199, [error for error in told if not isinstance(error, Taken)]
    assert {error.by for error in losers} == {winner}
    later = sorted(f"{f'U{number}'} too late" for number in range(200) if f"U{number}" != winner)
    assert trail(database, short_id)[-1] == f"{winner} claim"
    assert sorted(trail(database, short_id)[:-1]) == later


def test_who_came_too_late_is_told_the_same_however_often_the_click_is_delivered(
    database: Database, short_id: str
) -> None:
    decide.claim(database, short_id, by="U1", now=NOON)
    for minutes in range(3):
        with pytest.raises(Taken) as refusal:
            decide.claim(
                database, short_id, by="U2", now=NOON + (minutes + 1) * MINUTE, key="click-2"
            )
        assert (refusal.value.by, refusal.value.at) == ("U1", NOON)
    assert trail(database, short_id) == ["U2 too late", "U1 claim"]
    assert look.history(database, short_id)[0].sentence == "<@U2> came too late to claim it"


def test_who_came_too_late_has_nothing_to_undo_and_keeps_nobody_from_undoing(
    database: Database, short_id: str
) -> None:
    decide.claim(database, short_id, by="U1", now=NOON)
    with pytest.raises(Taken):
        decide.claim(database, short_id, by="U2", now=NOON)
    late = look.history(database, short_id)[0]
    for asked in ({}, {"decision_id": late.id}):
        with pytest.raises(Refused, match="nothing of yours"):
            decide.undo(database, by="U2", now=NOON, **asked)
    decide.undo(database, by="U1", now=NOON)
    assert standing(database, short_id) == Standing()


def test_who_came_too_late_may_take_it_over(database: Database, short_id: str) -> None:
    decide.claim(database, short_id, by="U1", now=NOON)
    with pytest.raises(Taken):
        decide.claim(database, short_id, by="U2", now=NOON, key="click-2")
    decide.claim(database, short_id, by="U2", now=NOON, key="click-3", take_over=True)
    assert trail(database, short_id) == ["U2 claim", "U2 too late", "U1 claim"]


@pytest.mark.promise(row="R8")
def test_one_click_delivered_two_hundred_times_at_once_decides_once(
    database: Database, short_id: str
) -> None:
    def click(_: int) -> int:
        outcome = decide.claim(database, short_id, by="U1", now=NOON, key="click-1")
        return outcome.decision_id

    with ThreadPoolExecutor(50) as pool:
        assert len(set(pool.map(click, range(200)))) == 1
    assert trail(database, short_id) == ["U1 claim"]


def test_a_click_that_comes_late_again_undoes_nothing_that_came_after(
    database: Database, short_id: str
) -> None:
    decide.claim(database, short_id, by="U1", now=NOON, key="click-1")
    decide.release(database, short_id, by="U1", now=NOON, key="click-2")
    decide.claim(database, short_id, by="U2", now=NOON)
    again = decide.release(database, short_id, by="U1", now=NOON, key="click-2")
    assert again.card.assignee == "U2"
    assert trail(database, short_id) == ["U2 claim", "U1 release", "U1 claim"]


def test_an_undo_delivered_twice_undoes_once(database: Database, short_id: str) -> None:
    decide.reroute(database, short_id, team="platform", by="U1", now=NOON)
    decide.claim(database, short_id, by="U1", now=NOON)
    for _ in range(2):
        decide.undo(database, by="U1", now=NOON, key="undo-1")
    assert standing(database, short_id).owner == "platform"
    assert standing(database, short_id).assignee == ""


def test_what_is_refused_leaves_no_trace(database: Database, short_id: str) -> None:
    with pytest.raises(Refused):
        decide.release(database, short_id, by="U1", now=NOON, key="click-1")
    assert trail(database, short_id) == []
    decide.claim(database, short_id, by="U1", now=NOON, key="click-1")


def test_an_id_that_nobody_has_is_named_with_the_nearest(database: Database, short_id: str) -> None:
    wrong = short_id[:-1] + ("3" if short_id[-1] == "2" else "2")
    with pytest.raises(NotFound, match=f"Did you mean {short_id}"):
        decide.claim(database, wrong, by="U1", now=NOON)


def test_for_an_id_that_is_like_none_no_other_is_named(database: Database, short_id: str) -> None:
    with pytest.raises(NotFound, match="A search finds one by its words"):
        decide.claim(database, "E-" + ("ZZZ" if "Z" not in short_id else "XXX"), by="U1", now=NOON)


# Undo

DECISIONS: dict[str, Callable[[Database, str], decide.Outcome]] = {
    "claim": lambda db, name: decide.claim(db, name, by="U1", now=NOON),
    "take over": lambda db, name: decide.claim(db, name, by="U1", now=NOON, take_over=True),
    "reroute": lambda db, name: decide.reroute(db, name, team="dev", by="U1", now=NOON),
    "mute": lambda db, name: decide.mute(
        db, name, by="U1", now=NOON, reason="known", until=NOON + DAY, max_events=5
    ),
    "mute for ever": lambda db, name: decide.mute(
        db, name, by="U1", now=NOON, reason="noise", until=None, max_customers=3
    ),
    "unmute": lambda db, name: decide.unmute(db, name, by="U1", now=NOON),
    "resolve": lambda db, name: decide.resolve(db, name, by="U1", now=NOON, version="4.19.2"),
    "reopen": lambda db, name: decide.reopen(db, name, by="U1", now=NOON),
    "release": lambda db, name: decide.release(db, name, by="U1", now=NOON),
}


@pytest.mark.parametrize(
    ("before", "undone"),
    [
        ((), "claim"),
        ((), "mute"),
        ((), "resolve"),
        (("claim",), "release"),
        (("claim",), "mute"),
        (("claim", "mute"), "unmute"),
        (("claim", "mute"), "release"),
        (("claim", "mute"), "mute for ever"),
        (("mute for ever",), "claim"),
        (("mute",), "resolve"),
        (("claim", "resolve"), "reopen"),
        (("resolve",), "mute"),
        (("claim", "mute", "unmute"), "reroute"),
    ],
)
def test_undo_brings_back_exactly_what_stood_before(
    database: Database, short_id: str, before: tuple[str, ...], undone: str
) -> None:
    for name in before:
        DECISIONS[name](database, short_id)
    stood = standing(database, short_id)
    DECISIONS[undone](database, short_id)
    assert standing(database, short_id) != stood
    outcome = decide.undo(database, by="U1", now=NOON + HOUR, short_id=short_id)
    assert standing(database, short_id) == stood
    assert outcome.sentence.startswith("<@U1> undid ")
    assert len(rows(database, "SELECT id FROM mutes WHERE ended_at IS NULL")) == bool(stood.mute)


def test_undo_takes_the_latest_of_whoever_asks(database: Database, short_id: str) -> None:
    decide.claim(database, short_id, by="U1", now=NOON)
    with pytest.raises(Refused, match="nothing of yours"):
        decide.undo(database, by="U2", now=NOON)
    decide.undo(database, by="U1", now=NOON)
    assert standing(database, short_id).state is State.OPEN


def test_what_would_be_undone_is_named_and_stands(database: Database, short_id: str) -> None:
    with pytest.raises(Refused, match="nothing of yours"):
        decide.undoable(database, by="U1", now=NOON)
    made = decide.claim(database, short_id, by="U1", now=NOON)
    found = decide.undoable(database, by="U1", now=NOON + HOUR)
    assert (found.card.short_id, found.decided.id) == (short_id, made.decision_id)
    assert (found.decided.sentence, found.scope) == ("<@U1> claimed it", THIS)
    assert standing(database, short_id).state is State.CLAIMED


def test_nobody_undoes_somebody_elses_decision(database: Database, short_id: str) -> None:
    made = decide.claim(database, short_id, by="U1", now=NOON)
    with pytest.raises(Refused, match="somebody else's"):
        decide.undo(database, by="U2", now=NOON, decision_id=made.decision_id)


def test_what_something_was_decided_on_since_is_not_undone(
    database: Database, short_id: str
) -> None:
    decide.claim(database, short_id, by="U1", now=NOON)
    decide.reroute(database, short_id, team="dev", by="U2", now=NOON)
    with pytest.raises(Refused, match="<@U2> rerouted it to dev"):
        decide.undo(database, by="U1", now=NOON)
    assert standing(database, short_id).assignee == "U1"


def test_a_decision_is_undone_once(database: Database, short_id: str) -> None:
    made = decide.claim(database, short_id, by="U1", now=NOON)
    decide.undo(database, by="U1", now=NOON, decision_id=made.decision_id)
    with pytest.raises(Refused, match="undone already"):
        decide.undo(database, by="U1", now=NOON, decision_id=made.decision_id)


def test_who_undoes_twice_takes_two_decisions_back(database: Database, short_id: str) -> None:
    stood = standing(database, short_id)
    decide.claim(database, short_id, by="U1", now=NOON)
    claimed = standing(database, short_id)
    decide.reroute(database, short_id, team="dev", by="U1", now=NOON)
    decide.undo(database, by="U1", now=NOON)
    assert standing(database, short_id) == claimed
    decide.undo(database, by="U1", now=NOON)
    assert standing(database, short_id) == stood
    with pytest.raises(Refused, match="nothing of yours"):
        decide.undo(database, by="U1", now=NOON)


def test_an_undo_is_not_undone(database: Database, short_id: str) -> None:
    decide.claim(database, short_id, by="U1", now=NOON)
    undone = decide.undo(database, by="U1", now=NOON)
    with pytest.raises(Refused, match="an undo itself"):
        decide.undo(database, by="U1", now=NOON, decision_id=undone.decision_id)
    assert standing(database, short_id).state is State.OPEN


def test_a_decision_that_was_never_made_is_not_undone(database: Database, short_id: str) -> None:
    with pytest.raises(Refused, match="nothing of yours"):
        decide.undo(database, by="U1", now=NOON, decision_id=4_711)


# What it does to messages


def test_a_decision_is_shown_on_every_message_and_told_in_the_newest_thread(
    database: Database, short_id: str
) -> None:
    with database.write() as session:
        number = find.by_name(session, short_id).id
        for key in ("older", "newer"):
            outbox.add(
                session, key, channel="C1", kind="digest", content={}, now=NOON, shows=[number]
            )
        outbox.add(session, "other", channel="C1", kind="digest", content={}, now=NOON)
    made = decide.claim(database, short_id, by="U1", now=NOON)
    assert rows(database, "SELECT key, wanted, thread_of FROM outbox ORDER BY id") == [
        ("older", 2, None),
        ("newer", 2, None),
        ("other", 1, None),
        (f"decision:{made.decision_id}:2", 1, 2),
    ]


@pytest.mark.promise(row="R20")
def test_a_decision_and_its_trail_are_one_transaction(database: Database, short_id: str) -> None:
    with pytest.raises(Refused):
        muted(database, short_id, until=NOON)
    assert trail(database, short_id) == []
    assert rows(database, "SELECT * FROM mutes") == []
    assert standing(database, short_id) == Standing()


# Merge and split


def another(database: Database, *, count: int = 2, hours: int = 5) -> str:
    """Another error, seen some hours before noon; gives back its short id."""
    at = NOON - hours * HOUR
    events = [an_event(message="the card was refused", time=at) for _ in range(count)]
    (number,) = record(database, events, now=NOON).signature_ids
    with database.read() as session:
        return find.by_number(session, number).short_id


def total(database: Database, short_id: str) -> int:
    return look.card(database, short_id, now=NOON).total


def cells(database: Database, short_id: str) -> list[Any]:
    return rows(
        database,
        "SELECT hour, customer, count FROM sightings JOIN signatures ON id = signature_id"
        f" WHERE short_id = '{short_id}' ORDER BY hour, customer",
    )


def test_what_is_merged_counts_for_the_other_from_its_first_event_on(
    database: Database, short_id: str
) -> None:
    other = another(database)
    outcome = decide.merge(database, other, into=short_id, by="U1", now=NOON)
    assert (outcome.card.short_id, outcome.card.total) == (short_id, 3)
    assert outcome.card.first_seen == NOON - 5 * HOUR
    assert outcome.sentence == f"<@U1> merged {other} into {short_id}"
    assert [cell[2] for cell in cells(database, short_id)] == [2, 1]


def test_the_minutes_of_what_is_merged_are_those_of_the_other_too(
    database: Database, short_id: str
) -> None:
    later = an_event(message="the card was refused", time=NOON + HOUR / 60)
    (number,) = record(database, [later], now=NOON + HOUR).signature_ids
    with database.read() as session:
        other = find.by_number(session, number).short_id
    decide.merge(database, other, into=short_id, by="U1", now=NOON)
    assert rows(database, "SELECT max(minutes) FROM sightings")[0][0] == 0b11


def test_later_events_of_it_count_for_the_other(database: Database, short_id: str) -> None:
    other = another(database)
    decide.merge(database, other, into=short_id, by="U1", now=NOON)
    another(database, count=4, hours=0)
    assert total(database, short_id) == 7


def test_its_name_leads_to_the_other(database: Database, short_id: str) -> None:
    other = another(database)
    decide.merge(database, other, into=short_id, by="U1", now=NOON)
    assert look.card(database, other, now=NOON).short_id == short_id
    decide.claim(database, other, by="U2", now=NOON)
    assert standing(database, short_id).assignee == "U2"


def test_what_is_merged_is_shown_nowhere(database: Database, short_id: str) -> None:
    other = another(database, hours=0)
    decide.claim(database, other, by="U2", now=NOON)
    seen_again(database)
    detected = detect(database, [1, 2], now=NOON, rules=Rules())
    assert {one.short_id for one in detected} <= {short_id, other}
    decide.merge(database, other, into=short_id, by="U1", now=NOON)
    today = look.today(database, now=NOON + HOUR)
    shown = {card.short_id for card in (*today.cards, *today.unclaimed)}
    assert other not in shown
    assert today.footer.signatures == 1
    assert look.mine(database, "U2", now=NOON) == ()
    assert not rows(
        database, "SELECT 1 FROM anomalies WHERE signature_id = 2 AND closed_at IS NULL"
    )


def test_the_trail_of_a_whole_names_what_was_merged_into_it(
    database: Database, short_id: str
) -> None:
    other = another(database)
    decide.claim(database, short_id, by="U1", now=NOON)
    decide.merge(database, other, into=short_id, by="U2", now=NOON)
    said = [one.sentence for one in look.history(database, short_id)]
    assert said == [f"<@U2> merged {other} into {short_id}", "<@U1> claimed it"]


def test_a_split_gives_each_what_it_counted_also_since(database: Database, short_id: str) -> None:
    other = another(database)
    before = {name: cells(database, name) for name in (short_id, other)}
    decide.merge(database, other, into=short_id, by="U1", now=NOON)
    another(database, count=4)
    seen_again(database, count=1, customer="acme")
    decide.split(database, other, by="U2", now=NOON)
    assert (total(database, short_id), total(database, other)) == (2, 6)
    assert [cell[:2] for cell in cells(database, short_id)] == [c[:2] for c in before[short_id]]
    assert [cell[2] for cell in cells(database, other)] == [6]
    assert look.card(database, short_id, now=NOON).first_seen == NOON


def test_what_was_merged_stands_where_it_stood_once_it_is_split(
    database: Database, short_id: str
) -> None:
    other = another(database)
    decide.reroute(database, other, team="payments", by="U1", now=NOON)
    decide.merge(database, other, into=short_id, by="U1", now=NOON)
    assert standing(database, other).owner != "payments", "that of the signature it counts for"
    decide.split(database, other, by="U1", now=NOON)
    assert standing(database, other).owner == "payments"


def test_a_merge_is_undone_by_who_decided_it(database: Database, short_id: str) -> None:
    other = another(database)
    decide.merge(database, other, into=short_id, by="U1", now=NOON)
    decide.undo(database, by="U1", now=NOON, short_id=other)
    assert (total(database, short_id), total(database, other)) == (1, 2)


def test_a_split_is_undone_too(database: Database, short_id: str) -> None:
    other = another(database)
    decide.merge(database, other, into=short_id, by="U1", now=NOON)
    decide.split(database, other, by="U1", now=NOON)
    decide.undo(database, by="U1", now=NOON)
    assert total(database, short_id) == 3


def test_a_merge_of_what_has_nothing_in_common_is_odd(database: Database, short_id: str) -> None:
    unlike = an_event(service="search", message="disk full on the index")
    alike = an_event(service="cart")
    names = []
    for event in (unlike, alike):
        (number,) = record(database, [event], now=NOON).signature_ids
        with database.read() as session:
            names.append(find.by_number(session, number).short_id)
    odd = [decide.merge(database, name, into=short_id, by="U1", now=NOON).is_odd for name in names]
    assert odd == [True, False]


def test_what_to_undo_of_a_merge_is_named_by_what_was_merged(
    database: Database, short_id: str
) -> None:
    other = another(database)
    decide.merge(database, other, into=short_id, by="U1", now=NOON)
    found = decide.undoable(database, by="U1", now=NOON)
    assert found.card.short_id == short_id
    assert found.decided.sentence == f"<@U1> merged {other} into {short_id}"
    decide.undo(database, by="U1", now=NOON)
    decide.merge(database, other, into=short_id, by="U1", now=NOON)
    decide.split(database, other, by="U1", now=NOON)
    again = decide.undo(database, by="U1", now=NOON)
    assert again.sentence == f"<@U1> undid split: {other} counts for {short_id} again"


def test_merges_of_merges_count_at_the_top_and_split_in_any_order(
    database: Database, short_id: str
) -> None:
    middle = another(database)
    (number,) = record(
        database, [an_event(message="out of stock") for _ in range(4)], now=NOON
    ).signature_ids
    with database.read() as session:
        bottom = find.by_number(session, number).short_id
    decide.merge(database, bottom, into=middle, by="U1", now=NOON)
    decide.merge(database, middle, into=short_id, by="U1", now=NOON)
    record(database, [an_event(message="out of stock")], now=NOON)
    assert total(database, short_id) == 8
    decide.split(database, middle, by="U1", now=NOON)
    assert (total(database, short_id), total(database, middle)) == (1, 7)
    decide.split(database, bottom, by="U1", now=NOON)
    assert (total(database, middle), total(database, bottom)) == (2, 5)


def test_one_is_not_merged_with_itself_nor_with_what_is_merged_into_it(
    database: Database, short_id: str
) -> None:
    other = another(database)
    with pytest.raises(Refused, match="one already"):
        decide.merge(database, other, into=other, by="U1", now=NOON)
    decide.merge(database, other, into=short_id, by="U1", now=NOON)
    with pytest.raises(Refused, match="one already"):
        decide.merge(database, short_id, into=other, by="U1", now=NOON)


def test_to_undo_a_split_never_merges_in_a_circle(database: Database, short_id: str) -> None:
    other = another(database)
    decide.merge(database, other, into=short_id, by="U1", now=NOON)
    split = decide.split(database, other, by="U1", now=NOON)
    decide.merge(database, short_id, into=other, by="U1", now=NOON)
    with pytest.raises(Refused, match="itself merged"):
        decide.undo(database, by="U1", now=NOON, decision_id=split.decision_id)
    assert total(database, other) == 3


def test_what_is_merged_into_nothing_is_not_split(database: Database, short_id: str) -> None:
    with pytest.raises(Refused, match="merged into nothing"):
        decide.split(database, short_id, by="U1", now=NOON)


def test_to_split_a_whole_names_its_cases(database: Database, short_id: str) -> None:
    other = another(database)
    decide.merge(database, other, into=short_id, by="U1", now=NOON)
    with pytest.raises(Refused, match=other):
        decide.split(database, short_id, by="U1", now=NOON)


def test_a_merge_delivered_twice_counts_once(database: Database, short_id: str) -> None:
    other = another(database)
    for _ in range(2):
        decide.merge(database, other, into=short_id, by="U1", now=NOON, key="click")
    assert total(database, short_id) == 3


def test_merges_and_events_at_once_lose_nothing(database: Database, short_id: str) -> None:
    other = another(database)
    at_once = Barrier(9)

    def send(number: int) -> None:
        at_once.wait()
        another(database, count=number)

    def merge_and_split() -> None:
        at_once.wait()
        for _ in range(4):
            decide.merge(database, other, into=short_id, by="U1", now=NOON)
            decide.split(database, other, by="U1", now=NOON)
        decide.merge(database, other, into=short_id, by="U1", now=NOON)

    threads = [Thread(target=send, args=(number,)) for number in range(1, 9)]
    threads.append(Thread(target=merge_and_split))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert total(database, short_id) == 1 + 2 + 36
    decide.split(database, other, by="U1", now=NOON)
    assert (total(database, short_id), total(database, other)) == (1, 38)


def test_of_many_who_merge_at_once_one_does(database: Database, short_id: str) -> None:
    other = another(database)
    at_once, refused = Barrier(8), list[str]()

    def merge(number: int) -> None:
        at_once.wait()
        try:
            decide.merge(database, other, into=short_id, by=f"U{number}", now=NOON)
        except Refused as error:
            refused.append(str(error))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(merge, range(8)))
    assert len(refused) == 7
    assert total(database, short_id) == 3


ERRORS = ("payment failed", "the card was refused", "out of stock", "no such cart")
STEPS = st.lists(
    st.tuples(st.sampled_from(["merge", "split", "see"]), st.permutations(range(len(ERRORS)))),
    max_size=12,
)


@settings(max_examples=15, deadline=None)
@given(STEPS)
def test_whatever_is_merged_and_split_each_has_its_own_in_the_end(
    engine: Engine, steps: list[tuple[str, list[int]]]
) -> None:
    seen = [1] * len(ERRORS)

    with engine.copy() as url, closing(open_database(url, durable=False)) as database:
        for message in ERRORS:
            record(database, [an_event(message=message)], now=NOON)
        names = [row[0] for row in rows(database, "SELECT short_id FROM signatures ORDER BY id")]
        for step, (one, other, *_) in steps:
            with suppress(Refused):
                if step == "see":
                    seen[one] += 1
                    record(database, [an_event(message=ERRORS[one])], now=NOON)
                elif step == "merge":
                    decide.merge(database, names[one], into=names[other], by="U1", now=NOON)
                else:
                    decide.split(database, names[one], by="U1", now=NOON)
        for name in names:
            split_to_the_end(database, name)
        totals = dict(rows(database, "SELECT short_id, total FROM signatures"))
        sums = {name: sum(cell[2] for cell in cells(database, name)) for name in names}
    assert totals == sums == dict(zip(names, seen, strict=True))


def split_to_the_end(database: Database, name: str) -> None:
    with suppress(Refused):
        decide.split(database, name, by="U1", now=NOON)


# Notes


def test_a_note_is_kept_with_its_words_and_changes_nothing(
    database: Database, short_id: str
) -> None:
    decide.claim(database, short_id, by="U1", now=NOON)
    before = standing(database, short_id)
    outcome = decide.note(database, short_id, words="the vendor knows", by="U2", now=NOON + MINUTE)
    assert outcome.sentence == "<@U2> noted"
    assert standing(database, short_id) == before
    newest = look.history(database, short_id)[0]
    assert (newest.kind, newest.by, newest.reason) == ("note", "U2", "the vendor knows")


def test_a_note_does_not_stand_in_the_way_of_undo(database: Database, short_id: str) -> None:
    decide.claim(database, short_id, by="U1", now=NOON)
    decide.note(database, short_id, words="looking", by="U1", now=NOON + MINUTE)
    outcome = decide.undo(database, by="U1", now=NOON + 2 * MINUTE)
    assert outcome.card.state is State.OPEN
