"""Whatever people decide in whatever order: nothing is lost, and all of it can be explained."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import count, pairwise
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import text

from bot.core.detection.threshold import Rules
from bot.core.ownership import decision
from bot.core.ownership.decision import PROGRAM, Decision, State
from bot.errors import Refused
from bot.flows import decide, find
from bot.flows.detect import detect
from bot.flows.record import record
from bot.flows.settle import settle
from storage import anomalies, decisions, faults, signatures
from storage.database import Database
from tests.builders import NOON, an_event

FLEET = range(4)
ONE = st.sampled_from(FLEET)
PERSON = st.sampled_from(["U1", "U2"])
_numbers = count()


class People(RuleBasedStateMachine):
    """Four errors that come and go while two people decide on them."""

    folder: TemporaryDirectory[str]
    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = NOON
        self.seen = dict.fromkeys(FLEET, 0)

    @initialize()
    def a_fleet(self) -> None:
        """Errors that no other run knows, two days old."""
        run = next(_numbers)
        self.services = [f"service-{run}-{n}" for n in FLEET]
        old = [
            an_event(service=name, time=NOON - hours * HOUR, received=NOON)
            for name in self.services
            for hours in (30, 50)
        ]
        record(self.database, old, now=NOON)
        with self.database.read() as session:
            rows = session.execute(
                text(
                    f"SELECT id, short_id FROM signatures WHERE service LIKE 'service-{run}-%'"
                    " ORDER BY service"
                )
            ).all()
        self.ids = [number for number, _ in rows]
        self.names = [name for _, name in rows]
        self.seen = dict.fromkeys(FLEET, 2)

    def attempt(self, flow: Callable[..., object], *named: str, **facts: Any) -> None:
        """One attempt; what is refused changes nothing, and Taken is in the trail."""
        before = self._trail()
        with suppress(Refused):
            flow(self.database, *named, now=self.now, **facts)
            assert len(self._trail()) == len(before) + 1, "a decision is in the trail once"
        assert self._trail()[: len(before)] == before, "the trail only grows"

    def _trail(self) -> list[int]:
        with self.database.read() as session:
            return list(session.execute(text("SELECT id FROM decisions ORDER BY id")).scalars())

    @rule(one=ONE, times=st.sampled_from([1, 3, 40]))
    def comes(self, one: int, times: int) -> None:
        events = [an_event(service=self.services[one], time=self.now) for _ in range(times)]
        touched = record(self.database, events, now=self.now).signature_ids
        detect(self.database, touched, now=self.now, rules=Rules())
        self.seen[one] += times

    @rule(hours=st.sampled_from([1, 5, 30]))
    def time_passes(self, hours: int) -> None:
        self.now += hours * HOUR
        detect(self.database, self.ids, now=self.now, rules=Rules())
        settle(self.database, now=self.now)

    @rule(one=ONE, by=PERSON, take_over=st.booleans())
    def claim(self, one: int, by: str, take_over: bool) -> None:
        self.attempt(decide.claim, self.names[one], by=by, take_over=take_over)

    @rule(one=ONE, by=PERSON)
    def release(self, one: int, by: str) -> None:
        self.attempt(decide.release, self.names[one], by=by)

    @rule(one=ONE, by=PERSON)
    def unmute(self, one: int, by: str) -> None:
        self.attempt(decide.unmute, self.names[one], by=by)

    @rule(one=ONE, by=PERSON)
    def resolve(self, one: int, by: str) -> None:
        self.attempt(decide.resolve, self.names[one], by=by)

    @rule(one=ONE, by=PERSON)
    def reopen(self, one: int, by: str) -> None:
        self.attempt(decide.reopen, self.names[one], by=by)

    @rule(one=ONE, by=PERSON)
    def split(self, one: int, by: str) -> None:
        self.attempt(decide.split, self.names[one], by=by)

    @rule(one=ONE, by=PERSON)
    def resolve_in_vain(self, one: int, by: str) -> None:
        """It comes back, and is open again."""
        self.attempt(decide.resolve, self.names[one], by=by)
        self.now += HOUR
        self.comes(one, 1)
        settle(self.database, now=self.now)
        assert self._standing(one).state != State.RESOLVED

    @rule(one=ONE, by=PERSON, team=st.sampled_from(["dev", "platform"]))
    def reroute(self, one: int, by: str, team: str) -> None:
        self.attempt(decide.reroute, self.names[one], by=by, team=team)

    @rule(one=ONE, by=PERSON, hours=st.sampled_from([2, 40]), most=st.sampled_from([0, 2]))
    def mute(self, one: int, by: str, hours: int, most: int) -> None:
        until = self.now + hours * HOUR
        facts = {"reason": "known", "until": until, "max_events": most}
        self.attempt(decide.mute, self.names[one], by=by, **facts)

    @rule(one=ONE, further=st.sampled_from([1, 2, 3]), by=PERSON, thens=st.sampled_from([0, 1, 2]))
    def merge(self, one: int, further: int, by: str, thens: int) -> None:
        """One into another, and perhaps apart again, and perhaps together after all."""
        other = (one + further) % len(FLEET)
        self.attempt(decide.merge, self.names[one], into=self.names[other], by=by)
        if thens > 0:
            self.attempt(decide.split, self.names[one], by=by)
        if thens > 1:
            self.attempt(decide.undo, by=by, short_id=self.names[one])

    @rule(by=PERSON, one=st.none() | ONE)
    def undo(self, by: str, one: int | None) -> None:
        self.attempt(decide.undo, by=by, short_id=None if one is None else self.names[one])

    @rule(one=ONE, by=PERSON, teams=st.lists(st.sampled_from(["qa", "ops"]), max_size=3))
    def think_better_of_it(self, one: int, by: str, teams: list[str]) -> None:
        """As many undos bring back where it stood, and no undo is undone."""
        before = self._standing(one)
        made = [team for team in teams if self._rerouted(one, by, team)]
        for _ in made:
            undone = decide.undo(self.database, by=by, now=self.now)
        assert self._standing(one) == before
        if made:
            self.attempt(decide.undo, by=by, decision_id=undone.decision_id)
            assert self._standing(one) == before

    def _rerouted(self, one: int, by: str, team: str) -> bool:
        try:
            decide.reroute(self.database, self.names[one], by=by, team=team, now=self.now)
        except Refused:
            return False
        return True

    def _standing(self, one: int) -> decision.Standing:
        with self.database.read() as session:
            return find.standing(session, find.by_name(session, self.names[one]))

    def _rows(self) -> dict[int, Any]:
        with self.database.read() as session:
            return signatures.get(session, self.ids)

    @invariant()
    def each_counts_its_own_and_its_cases(self) -> None:
        rows = self._rows()
        expected = dict.fromkeys(self.ids, 0)
        for one, times in self.seen.items():
            for number in self._line(rows, self.ids[one]):
                expected[number] += times
        assert {number: row.total for number, row in rows.items()} == expected
        with self.database.read() as session:
            counted = session.execute(
                text("SELECT signature_id, sum(count) FROM sightings GROUP BY 1")
            ).all()
        assert {number: n for number, n in counted if number in expected} == expected

    def _line(self, rows: dict[int, Any], number: int | None) -> Iterator[int]:
        while number is not None:
            yield number
            number = rows[number].merged_into

    @invariant()
    def no_decision_is_lost(self) -> None:
        """Each starts from what the one before left, and the last of them holds."""
        with self.database.read() as session:
            for signature in signatures.get(session, self.ids).values():
                made = decisions.of(session, signature.id)[::-1]
                for earlier, later in pairwise(made):
                    assert later.before == earlier.after
                if made:
                    holds = decision.as_json(find.standing(session, signature))
                    assert holds == made[-1].after

    @invariant()
    def what_is_open_is_open_once_and_of_what_counts_for_itself(self) -> None:
        with self.database.read() as session:
            open_now = anomalies.still_open(session, self.ids)
            rows = signatures.get(session, self.ids)
        assert all(rows[one.signature_id].merged_into is None for one in open_now)
        assert len({(one.signature_id, one.kind) for one in open_now}) == len(open_now)

    @invariant()
    def a_state_says_what_holds(self) -> None:
        with self.database.read() as session:
            for signature in signatures.get(session, self.ids).values():
                stands = find.standing(session, signature)
                assert (stands.mute is not None) == (stands.state == "muted")
                assert (stands.resolved_at is not None) == (stands.state == "resolved")
                assert stands.state != "claimed" or stands.assignee

    @invariant()
    def only_people_undo(self) -> None:
        with self.database.read() as session:
            undone = [one for one in decisions.oldest_first(session) if one.undoes]
            assert all(one.kind == Decision.UNDO and one.by != PROGRAM for one in undone)


HOUR = timedelta(hours=1)


def test_any_sequence_of_decisions_loses_nothing(database: Database) -> None:

    class Here(People):
        pass

    Here.database = database
    check = Here.TestCase()
    check.settings = settings(
        max_examples=12,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    check.runTest()
    with database.read() as session:
        assert [one for one in faults.checks(session) if one.faults] == []
