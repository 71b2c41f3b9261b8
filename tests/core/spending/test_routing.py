"""Which model is asked, and what is tried after an answer that is none."""

import pytest

from bot.core.spending.budget import Room
from bot.core.spending.outcome import (
    Call,
    Config,
    Failure,
    Invalid,
    Ok,
    Refused,
    Retryable,
    SpendLimit,
    Timeout,
    TooLarge,
    Truncated,
    Unavailable,
)
from bot.core.spending.routing import PATIENCE, Again, Need, Tier, again, choose, is_in_share

CALL = Call("claude-haiku-5-5")
NEW, CRITICAL, SPREADING = Need(new=True), Need(critical=True), Need(spreading=True)
KNOWN = Need()


@pytest.mark.parametrize(
    ("need", "room", "tier"),
    [
        (NEW, Room.OPEN, Tier.STRONG),
        (CRITICAL, Room.OPEN, Tier.STRONG),
        (SPREADING, Room.OPEN, Tier.STRONG),
        (KNOWN, Room.OPEN, Tier.CHEAP),
        (NEW, Room.SHORT, Tier.CHEAP),
        (CRITICAL, Room.SHORT, Tier.CHEAP),
        (SPREADING, Room.SHORT, None),
        (KNOWN, Room.SHORT, None),
        (CRITICAL, Room.NONE, None),
    ],
)
def test_what_matters_most_gets_the_strong_model_while_there_is_money(
    need: Need, room: Room, tier: Tier | None
) -> None:
    route = choose(need, room)
    assert route.tier is tier
    assert route.reason


@pytest.mark.parametrize(
    ("outcome", "tier", "tried"),
    [
        (Truncated(CALL, ""), Tier.CHEAP, Again(Tier.CHEAP, tokens=2)),
        (Truncated(CALL, ""), Tier.STRONG, Again(Tier.STRONG, tokens=2)),
        (Invalid(CALL, ""), Tier.CHEAP, Again(Tier.STRONG)),
        (Invalid(CALL, ""), Tier.STRONG, None),
        (Retryable(CALL, "", 429, 3.0), Tier.CHEAP, Again(Tier.CHEAP, wait_seconds=3.0)),
        (Retryable(CALL, "", 529), Tier.CHEAP, Again(Tier.CHEAP, wait_seconds=PATIENCE)),
        (Retryable(CALL, "", 429), Tier.CHEAP, None),
        (Retryable(CALL, "", 529, 500.0), Tier.CHEAP, None),
    ],
)
def test_a_second_try_is_made_where_it_may_end_otherwise(
    outcome: Failure, tier: Tier, tried: Again | None
) -> None:
    assert again(outcome, tier, seconds_left=30) == tried


@pytest.mark.parametrize(
    "outcome",
    [
        Ok(CALL, 1),
        Refused(CALL, ""),
        SpendLimit(CALL, ""),
        Config(CALL, ""),
        TooLarge(CALL, ""),
        Timeout(CALL, ""),
        Unavailable(CALL, ""),
    ],
)
def test_nothing_else_is_tried_again(outcome: Failure) -> None:
    assert again(outcome, Tier.CHEAP, seconds_left=30) is None


def test_a_second_try_has_to_fit_the_time_that_is_left() -> None:
    assert again(Truncated(CALL, ""), Tier.CHEAP, seconds_left=4) is None
    assert again(Retryable(CALL, "", 429, 3.0), Tier.CHEAP, seconds_left=7) is None


def test_who_has_too_many_requests_is_asked_again_after_a_pause_if_there_is_time() -> None:
    again_then = Again(Tier.CHEAP, wait_seconds=30.0)
    assert again(Retryable(CALL, "", 429), Tier.CHEAP, seconds_left=40) == again_then


def test_a_share_of_keys_is_the_same_ones_every_time() -> None:
    keys = [f"fingerprint {number}" for number in range(10_000)]
    chosen = [key for key in keys if is_in_share(key, 0.1)]
    assert chosen == [key for key in keys if is_in_share(key, 0.1)]
    assert 850 < len(chosen) < 1_150
    assert {*chosen} < {key for key in keys if is_in_share(key, 0.2)}
    assert not any(is_in_share(key, 0) for key in keys)
    assert all(is_in_share(key, 1) for key in keys)
