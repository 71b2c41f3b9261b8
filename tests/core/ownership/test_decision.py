import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.ownership import decision
from bot.core.ownership.decision import Mute, Standing, State
from bot.core.ownership.scope import Breadth, Scope
from bot.errors import Refused, Taken
from tests.builders import NOON

HOUR = timedelta(hours=1)
Step = Callable[[Standing], Standing]


def a_mute(**facts: object) -> Mute:
    defaults = {"reason": "known", "by": "U1", "at": NOON, "until": NOON + HOUR}
    return Mute(**{**defaults, **facts})  # type: ignore[arg-type]


def claimed(by: str = "U1") -> Standing:
    return decision.claim(Standing(owner="dev"), by, now=NOON)


def resolved(before: Standing | None = None) -> Standing:
    return decision.resolve(before or Standing(), now=NOON, version="4.19.1")


def test_a_tripwire_of_one_is_told_of_in_the_singular() -> None:
    muting = Mute("known", "U1", NOON, None, max_events=1)
    assert decision.trip(muting, now=NOON, total=2, hit={}) == "more than 1 occurrence since"


def test_a_claim_gives_it_to_whoever_asked() -> None:
    after = claimed("U1")
    assert (after.state, after.assignee, after.claimed_at) == (State.CLAIMED, "U1", NOON)
    assert after.owner == "dev"


def test_a_claim_of_what_is_taken_says_by_whom_and_since_when() -> None:
    with pytest.raises(Taken) as refusal:
        decision.claim(claimed("U1"), "U2", now=NOON + HOUR)
    assert (refusal.value.by, refusal.value.at) == ("U1", NOON)


def test_what_is_taken_can_be_taken_over() -> None:
    after = decision.claim(claimed("U1"), "U2", now=NOON + HOUR, take_over=True)
    assert (after.assignee, after.claimed_at) == ("U2", NOON + HOUR)


@pytest.mark.parametrize("take_over", [False, True])
def test_nobody_claims_what_they_hold(take_over: bool) -> None:
    with pytest.raises(Refused, match="already"):
        decision.claim(claimed("U1"), "U1", now=NOON, take_over=take_over)


def test_a_claim_ends_a_mute() -> None:
    after = decision.claim(decision.mute(Standing(), a_mute()), "U1", now=NOON)
    assert (after.state, after.mute) == (State.CLAIMED, None)


def test_a_claim_reopens_what_was_resolved() -> None:
    after = decision.claim(resolved(), "U1", now=NOON)
    assert (after.state, after.resolved_at, after.resolved_in) == (State.CLAIMED, None, "")


def test_only_who_holds_it_can_release_it() -> None:
    assert decision.release(claimed("U1"), "U1") == Standing(owner="dev")
    with pytest.raises(Refused, match="not yours"):
        decision.release(claimed("U1"), "U2")


def test_releasing_a_muted_one_leaves_it_muted() -> None:
    muting = a_mute()
    after = decision.release(decision.mute(claimed("U1"), muting), "U1")
    assert (after.state, after.mute, after.assignee) == (State.MUTED, muting, "")


def test_releasing_a_resolved_one_leaves_it_resolved() -> None:
    after = decision.release(resolved(claimed("U1")), "U1")
    assert (after.state, after.resolved_at, after.assignee) == (State.RESOLVED, NOON, "")


def test_a_reroute_sticks_with_its_reason() -> None:
    after = decision.reroute(claimed(), "platform", reason="it is the network")
    assert (after.owner, after.owner_reason) == ("platform", "it is the network")
    assert after.owner_decided
    assert after.assignee == "U1"


@pytest.mark.parametrize("decided", [False, True])
def test_a_reroute_to_where_it_is_already_is_refused(decided: bool) -> None:
    with pytest.raises(Refused, match="dev's already"):
        decision.reroute(Standing(owner="dev", owner_decided=decided), "dev", reason="again")


def test_a_mute_must_end_in_the_future() -> None:
    with pytest.raises(Refused, match="future"):
        decision.mute(Standing(), a_mute(until=NOON))


def test_the_end_of_a_mute_gives_it_back_to_who_had_it() -> None:
    assert decision.unmute(decision.mute(claimed(), a_mute())) == claimed()
    assert decision.unmute(decision.mute(Standing(), a_mute())) == Standing()


def test_what_is_muted_is_no_longer_resolved() -> None:
    after = decision.mute(resolved(), a_mute())
    assert (after.resolved_at, after.resolved_in) == (None, "")


def test_what_comes_back_is_whose_it_was() -> None:
    assert decision.reopen(resolved(claimed())) == claimed()


@pytest.mark.parametrize(
    ("change", "standing"),
    [
        (decision.unmute, Standing()),
        (decision.unmute, resolved()),
        (decision.reopen, Standing()),
        (decision.reopen, claimed()),
        (resolved, resolved()),
    ],
)
def test_what_does_not_apply_is_refused(change: Step, standing: Standing) -> None:
    with pytest.raises(Refused):
        change(standing)


@pytest.mark.parametrize(
    ("muting", "total", "hit", "why"),
    [
        (a_mute(), 10**6, {"acme": 10**6}, ""),
        (a_mute(until=None), 0, {}, ""),
        (a_mute(until=NOON + 2 * HOUR), 0, {}, ""),
        (a_mute(max_events=5, total_at_start=100), 105, {}, ""),
        (a_mute(max_events=5, total_at_start=100), 106, {}, "more than 5 occurrences since"),
        (a_mute(max_customers=2), 0, {"acme": 9, "globex": 1}, ""),
        (a_mute(max_customers=1), 0, {"acme": 9, "globex": 1}, "it reached 2 customers"),
        (a_mute(max_customers=1, hit_at_start={"acme": 9}), 0, {"acme": 9, "globex": 1}, ""),
        (
            a_mute(max_customers=1, hit_at_start={"acme": 8}),
            0,
            {"acme": 9, "globex": 1},
            "it reached 2 customers",
        ),
    ],
)
def test_a_mute_holds_until_a_tripwire_is_passed(
    muting: Mute, total: int, hit: dict[str, int], why: str
) -> None:
    now = NOON + HOUR - timedelta(seconds=1)
    assert decision.trip(muting, now=now, total=total, hit=hit) == why


@pytest.mark.parametrize(
    ("lately", "why"),
    [
        (360, ""),
        (361, "361 in 24 h, more than 3 × the 120 it was muted at"),
    ],
)
def test_a_mute_ends_at_so_many_times_as_much_a_day_as_it_began_with(lately: int, why: str) -> None:
    muting = a_mute(max_factor=3, daily_at_start=120.0)
    assert decision.trip(muting, now=NOON, total=0, hit={}, lately=lately) == why


def test_a_mute_ends_at_its_very_end() -> None:
    assert decision.trip(a_mute(), now=NOON + HOUR, total=0, hit={}) == "its time was up"


STEPS: dict[str, Step] = {
    "claim": lambda s: decision.claim(s, "U1", now=NOON),
    "take over": lambda s: decision.claim(s, "U2", now=NOON, take_over=True),
    "release": lambda s: decision.release(s, s.assignee or "U1"),
    "reroute": lambda s: decision.reroute(s, "platform", reason="it is the network"),
    "mute": lambda s: decision.mute(s, a_mute(max_events=3, total_at_start=7)),
    "mute for ever": lambda s: decision.mute(s, a_mute(until=None)),
    "mute all of a service": lambda s: decision.mute(
        s, a_mute(scope=Scope(Breadth.SERVICE, "checkout"), wide=7, max_factor=3)
    ),
    "unmute": decision.unmute,
    "resolve": lambda s: decision.resolve(s, now=NOON, version="1.2"),
    "reopen": decision.reopen,
}


def after(names: list[str]) -> Standing:
    standing = Standing(owner="dev", owner_reason="its category")
    for name in names:
        with suppress(Refused):
            standing = STEPS[name](standing)
    return standing


@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=12))
def test_the_state_and_what_it_rests_on_agree_whatever_is_decided(names: list[str]) -> None:
    standing = after(names)
    assert (standing.state is State.MUTED) == (standing.mute is not None)
    assert (standing.state is State.RESOLVED) == (standing.resolved_at is not None)
    assert bool(standing.assignee) == (standing.claimed_at is not None)
    assert standing.assignee or standing.state is not State.CLAIMED
    assert not standing.assignee or standing.state is not State.OPEN


@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=12))
def test_every_standing_comes_back_from_the_audit_trail_as_it_was(names: list[str]) -> None:
    standing = after(names)
    assert decision.from_json(json.loads(json.dumps(decision.as_json(standing)))) == standing


def test_a_decision_changes_nothing_it_was_given() -> None:
    before = claimed()
    kept = replace(before)
    decision.mute(before, a_mute())
    assert before == kept


@pytest.mark.parametrize(
    ("age_days", "until", "wanted"),
    [
        (29, None, False),
        (30, None, True),
        (90, NOON + 25 * HOUR, False),
        (0, NOON + 24 * HOUR, True),
    ],
)
def test_a_mute_wants_a_look_before_it_ends_and_after_30_days_without_an_end(
    age_days: int, until: datetime | None, wanted: bool
) -> None:
    at = NOON - timedelta(days=age_days)
    assert decision.wants_a_look(at, until, now=NOON) is wanted
