"""A provider that is down is left alone, and one call finds out when it is back; so is a model that
cannot be used."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from bot.core.spending.breaker import (
    CLOSED,
    MISTAKEN_FOR,
    MOST_FAILURES,
    OPEN_FOR,
    PROBE_WITHIN,
    State,
    admit,
    after,
    after_of_model,
)
from bot.core.spending.outcome import (
    Call,
    Config,
    Failure,
    Invalid,
    Ok,
    Outcome,
    Refused,
    Retryable,
    SpendLimit,
    Stopped,
    Timeout,
    TooLarge,
    Truncated,
    Unavailable,
)
from bot.settings import Llm

NOW = datetime(2026, 11, 21, 10, 40, tzinfo=UTC)
CALL = Call("claude-haiku-5-5")
OVERLOADED = Retryable(CALL, "HTTP 529", 529)
DOWN = [
    OVERLOADED,
    Retryable(CALL, "HTTP 500", 500),
    Timeout(CALL, "no answer"),
    Unavailable(CALL, "no connection"),
]


def having(*outcomes: Outcome[object], at: datetime = NOW) -> State:
    """How it stands after calls that began one after the other."""
    state = CLOSED
    for outcome in outcomes:
        state = then(state, outcome, at=at)
    return state


def then(
    state: State, outcome: Outcome[object], *, at: datetime, began: datetime | None = None
) -> State:
    return after(state, outcome, began=began or at, now=at, settings="s")


def refusal(state: State, *, at: datetime = NOW, settings: str = "s") -> str:
    return admit(state, now=at, settings=settings).refusal


def test_at_first_everything_is_asked() -> None:
    assert not refusal(CLOSED)


@pytest.mark.parametrize("down", DOWN)
def test_after_five_failures_in_a_row_nothing_is_asked_for_a_while(down: Failure) -> None:
    assert not refusal(having(*[down] * 4))
    state = having(*[down] * 5)
    assert refusal(state).startswith("model down: ")
    assert refusal(state, at=NOW + OPEN_FOR - timedelta(seconds=1))


def test_a_success_in_between_starts_the_count_anew() -> None:
    assert not refusal(having(*[OVERLOADED] * 4, Ok(CALL, 1), *[OVERLOADED] * 4))


def test_after_the_while_exactly_one_call_finds_out() -> None:
    opened = having(*[OVERLOADED] * MOST_FAILURES)
    later = NOW + OPEN_FOR
    first = admit(opened, now=later, settings="s")
    assert not first.refusal
    assert refusal(first.state, at=later)
    assert refusal(first.state, at=later + PROBE_WITHIN - timedelta(seconds=1))


def test_what_the_one_call_finds_holds_for_all() -> None:
    later = NOW + OPEN_FOR
    probing = admit(having(*[OVERLOADED] * 5), now=later, settings="s").state
    assert then(probing, Ok(CALL, 1), at=later) == CLOSED
    failed = then(probing, OVERLOADED, at=later)
    assert refusal(failed, at=later + OPEN_FOR - timedelta(seconds=1))
    assert not refusal(failed, at=later + OPEN_FOR)


def test_where_the_one_call_never_came_back_another_finds_out() -> None:
    probing = admit(having(*[OVERLOADED] * 5), now=NOW + OPEN_FOR, settings="s").state
    assert not refusal(probing, at=NOW + OPEN_FOR + PROBE_WITHIN)


@pytest.mark.parametrize(
    "outcome",
    [
        Truncated(CALL, ""),
        Refused(CALL, ""),
        Invalid(CALL, ""),
        TooLarge(CALL, ""),
    ],
)
def test_a_model_that_says_anything_is_up(outcome: Failure) -> None:
    assert having(*[OVERLOADED] * 4, outcome) == CLOSED


@pytest.mark.parametrize(("seconds", "waits"), [(7.0, 7), (None, 30), (1e9, 3_600)])
def test_who_is_told_to_wait_waits_but_not_for_ever(seconds: float | None, waits: int) -> None:
    state = having(Retryable(CALL, "HTTP 429", 429, seconds))
    assert refusal(state, at=NOW + timedelta(seconds=waits - 1)) == "model busy"
    assert not refusal(state, at=NOW + timedelta(seconds=waits))


def test_being_told_to_wait_is_no_failure() -> None:
    busy = Retryable(CALL, "HTTP 429", 429, 0.0)
    assert having(*[busy] * 20).failures == 0


def test_load_that_names_its_end_is_waited_for() -> None:
    state = having(replace(OVERLOADED, retry_after_seconds=9.0))
    assert refusal(state, at=NOW + timedelta(seconds=8))
    assert not refusal(state, at=NOW + timedelta(seconds=9))


MISTAKE = Config(CALL, "HTTP 404")


def of_model(*outcomes: Outcome[object], at: datetime = NOW) -> State:
    state = CLOSED
    for outcome in outcomes:
        state = after_of_model(state, outcome, began=at, now=at, settings="s")
    return state


def test_a_model_that_cannot_be_used_is_set_aside_and_tried_every_hour() -> None:
    state = of_model(*[MISTAKE] * 3)
    assert refusal(state) == "claude-haiku-5-5 not usable: HTTP 404"
    assert refusal(state, at=NOW + MISTAKEN_FOR - timedelta(seconds=1))
    later = NOW + MISTAKEN_FOR
    tried = admit(state, now=later, settings="s")
    assert not tried.refusal
    assert refusal(tried.state, at=later), "one finds out, the others wait"
    told = partial(after_of_model, began=later, now=later, settings="s")
    assert told(tried.state, Ok(CALL, 1)) == CLOSED
    again = told(tried.state, MISTAKE)
    assert refusal(again, at=later + MISTAKEN_FOR - timedelta(seconds=1))


def test_a_single_request_that_is_turned_down_sets_no_model_aside() -> None:
    assert not refusal(of_model(MISTAKE, MISTAKE))
    assert not refusal(of_model(MISTAKE, MISTAKE, Ok(CALL, 1), MISTAKE, MISTAKE))
    assert not refusal(of_model(MISTAKE, MISTAKE, Refused(CALL, ""), MISTAKE, MISTAKE))


def late(state: State, *, minute: int, began: int | None = None) -> State:
    at, start = (NOW + timedelta(minutes=n) for n in (minute, minute if began is None else began))
    return after_of_model(state, Timeout(CALL, "no answer"), began=start, now=at, settings="s")


def test_a_model_that_is_too_slow_three_times_in_a_row_is_set_aside() -> None:
    state = late(late(CLOSED, minute=1), minute=2)
    assert not refusal(state, at=NOW + timedelta(minutes=2))
    state = late(state, minute=3)
    assert refusal(state, at=NOW + timedelta(minutes=3)) == "claude-haiku-5-5 too slow: no answer"
    assert not refusal(state, at=NOW + timedelta(minutes=3) + MISTAKEN_FOR)


def test_calls_that_are_late_side_by_side_count_once() -> None:
    state = late(CLOSED, minute=1, began=0)
    for _ in range(4):
        state = late(state, minute=1, began=0)
    assert not refusal(state, at=NOW + timedelta(minutes=1))


def test_an_answer_between_them_begins_the_count_of_late_ones_anew() -> None:
    state = late(late(CLOSED, minute=1), minute=2)
    at = NOW + timedelta(minutes=3)
    state = after_of_model(state, Ok(CALL, 1), began=at, now=at, settings="s")
    assert not refusal(late(state, minute=4), at=NOW + timedelta(minutes=4))


AWAY = [one for one in DOWN if not isinstance(one, Timeout)]


@pytest.mark.parametrize("down", [*AWAY, SpendLimit(CALL, "HTTP 402"), Stopped(CALL, "")])
def test_a_provider_that_is_down_says_nothing_of_a_model(down: Failure) -> None:
    assert of_model(MISTAKE, down) == of_model(MISTAKE)


def test_a_provider_that_turns_a_request_down_is_up() -> None:
    assert having(*[OVERLOADED] * 4, MISTAKE) == CLOSED


def test_a_stop_says_nothing_of_the_provider() -> None:
    down = having(*[OVERLOADED] * 5)
    assert then(down, Stopped(CALL, ""), at=NOW) == down


BUSY_FOR_AN_HOUR = Retryable(CALL, "HTTP 429", 429, 3_600.0)
LIMIT = SpendLimit(CALL, "HTTP 402", until=datetime(2026, 12, 1, tzinfo=UTC))
WAITS = {
    "a spend limit": having(LIMIT),
    "down": having(*[OVERLOADED] * 5),
    "busy for an hour": having(BUSY_FOR_AN_HOUR),
    "busy": having(Retryable(CALL, "HTTP 429", 429)),
    "overloaded for a while": having(replace(OVERLOADED, retry_after_seconds=60.0)),
}
IN_FLIGHT = [
    *DOWN,
    Ok(CALL, 1),
    MISTAKE,
    Invalid(CALL, ""),
    Stopped(CALL, ""),
    SpendLimit(CALL, "HTTP 402", until=NOW),
    Retryable(CALL, "HTTP 429", 429, 0.0),
    Retryable(CALL, "HTTP 429", 429, 1.0),
    Retryable(CALL, "HTTP 429", 429),
]


@pytest.mark.parametrize("late", IN_FLIGHT)
@pytest.mark.parametrize("wait", WAITS.values(), ids=WAITS.keys())
def test_no_call_that_began_before_a_wait_ends_it(wait: State, late: Outcome[object]) -> None:
    assert wait.not_before
    state = then(wait, late, at=NOW + timedelta(seconds=5), began=NOW)
    assert refusal(state, at=wait.not_before - timedelta(microseconds=1))


@pytest.mark.parametrize("late", IN_FLIGHT)
def test_a_call_from_before_a_wait_lets_no_other_go_before_the_one_that_finds_out_has_ended(
    late: Outcome[object],
) -> None:
    later = NOW + OPEN_FOR
    probing = admit(WAITS["down"], now=later, settings="s").state
    state = then(probing, late, at=later + timedelta(seconds=5), began=NOW)
    assert refusal(state, at=later + timedelta(seconds=6))


@pytest.mark.parametrize("wait", WAITS.values(), ids=WAITS.keys())
def test_a_longer_wait_holds_whoever_learns_of_it(wait: State) -> None:
    longer = SpendLimit(CALL, "HTTP 402", until=datetime(2026, 12, 2, tzinfo=UTC))
    state = then(wait, longer, at=NOW + timedelta(seconds=5), began=NOW)
    assert refusal(state, at=datetime(2026, 12, 1, 23, 59, tzinfo=UTC))


def test_failures_that_come_in_during_a_short_wait_open_the_breaker() -> None:
    state = having(Retryable(CALL, "HTTP 429", 429, 1.0))
    for _ in range(5):
        state = then(state, OVERLOADED, at=NOW, began=NOW)
    assert refusal(state, at=NOW + OPEN_FOR - timedelta(seconds=1)).startswith("model down: ")


def test_a_model_that_is_set_aside_is_so_whatever_was_under_way() -> None:
    aside = of_model(*[MISTAKE] * 3)
    assert after_of_model(aside, Ok(CALL, 1), began=NOW, now=NOW, settings="s") == aside


def test_the_one_that_finds_out_has_the_time_for_it() -> None:
    deadlines = Llm.model_fields["deadline_seconds"].metadata
    (longest,) = [one.le for one in deadlines if hasattr(one, "le")]
    assert timedelta(seconds=longest) + timedelta(seconds=30) <= PROBE_WITHIN


@pytest.mark.parametrize(
    "state",
    [
        having(*[OVERLOADED] * 5),
        having(SpendLimit(CALL, "HTTP 402")),
        having(Retryable(CALL, "HTTP 429", 429, 9.0)),
        of_model(*[MISTAKE] * 3),
    ],
)
def test_other_settings_begin_anew(state: State) -> None:
    assert refusal(state)
    assert admit(state, now=NOW, settings="another key").state == CLOSED


@pytest.mark.parametrize(
    ("until", "ends"),
    [
        (datetime(2026, 12, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)),
        (None, datetime(2026, 11, 22, tzinfo=UTC)),
        (datetime(2099, 1, 1, tzinfo=UTC), NOW + timedelta(days=32)),
        (datetime(2020, 1, 1, tzinfo=UTC), NOW + timedelta(seconds=30)),
    ],
)
def test_a_spend_limit_holds_until_its_reset(until: datetime | None, ends: datetime) -> None:
    state = having(SpendLimit(CALL, "HTTP 402", until=until))
    assert refusal(state, at=ends - timedelta(seconds=1)) == "spend limit at the provider reached"
    assert not refusal(state, at=ends)
