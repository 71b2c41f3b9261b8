"""A circuit breaker: whether a provider, and a model of it, is to be asked now.

What is down, asked us to wait or cannot be used as it is set up is left alone for a while.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core.spending.outcome import (
    Config,
    Outcome,
    Retryable,
    SpendLimit,
    Stopped,
    Timeout,
    Unavailable,
)

MOST_FAILURES = 5
OPEN_FOR = timedelta(minutes=2)
MOST_MISTAKES = 3
"""So many in a row: a single request may be at fault itself, by what stands in it."""
MISTAKEN_FOR = timedelta(hours=1)
"""After this it is tried again: a wrong key or name may have become right at the provider."""
PROBE_WITHIN = timedelta(minutes=3)
"""A call that finds out whether the provider is back has so long to end and to be entered, which is
longer than any deadline in the settings."""
LONGEST_WAIT = timedelta(hours=1)
"""At most so long, whatever a provider says."""
LONGEST_LIMIT = timedelta(days=32)
PAUSE = timedelta(seconds=30)
"""The wait after a refusal for too many requests that does not say how long."""


@dataclass(frozen=True, slots=True)
class State:
    """The state of the breaker of a provider, or of one of its models.

    Before `not_before` nothing is asked. After it one call goes ahead, and the others wait for its
    end. `since` is when the last failure was found. `settings` is the mark of the settings under
    which that was: under others everything begins anew.
    """

    failures: int = 0
    not_before: datetime | None = None
    reason: str = ""
    settings: str = ""
    since: datetime | None = None


CLOSED = State()


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a call may be made (then `refusal` is empty), the state after that, and whether it is
    the call that `finds_out` whether the provider is back."""

    state: State
    refusal: str = ""
    finds_out: bool = False


def admit(state: State, *, now: datetime, settings: str) -> Admission:
    """Whether a call may be made now, under the settings with this mark.

    After a wait the first call is admitted, and alone.
    """
    if state.settings != settings:
        return Admission(CLOSED)
    if state.not_before is None:
        return Admission(state)
    if now < state.not_before:
        return Admission(state, state.reason)
    return Admission(replace(state, not_before=now + PROBE_WITHIN), finds_out=True)


def after(
    state: State, outcome: Outcome[object], *, began: datetime, now: datetime, settings: str
) -> State:
    """The state of a provider after a call that `began` at a moment.

    Any answer means that the provider is up. A call that began before a wait cannot end it, only
    make it longer.
    """
    known = _under(state, settings)
    return _held(known, _after(known, outcome, now=now, settings=settings), began=began)


def after_of_model(
    state: State, outcome: Outcome[object], *, began: datetime, now: datetime, settings: str
) -> State:
    """The state of a model after a call: one that cannot be used, or is too slow, is tried once an
    hour.

    Calls that time out side by side have one reason, and count once.
    """
    known = _under(state, settings)
    if isinstance(outcome, Timeout) and known.since and began <= known.since:
        return known
    return _held(known, _after_of_model(known, outcome, now=now, settings=settings), began=began)


def _under(state: State, settings: str) -> State:
    return state if state.settings == settings else CLOSED


def _held(before: State, new: State, *, began: datetime) -> State:
    """The new state, or the wait that a call from before it cannot end."""
    if before.not_before is None or before.since is None or began > before.since:
        return new
    if new.not_before is not None and new.not_before > before.not_before:
        return new
    return replace(before, failures=max(before.failures, new.failures))


def _after(state: State, outcome: Outcome[object], *, now: datetime, settings: str) -> State:
    match outcome:
        case Stopped():
            return state
        case SpendLimit(until=until):
            ends = min(until or _next_day(now), now + LONGEST_LIMIT)
            reason = "spend limit at the provider reached"
            return State(0, max(ends, now + PAUSE), reason, settings, now)
        case Retryable(status=429, retry_after_seconds=seconds):
            return State(state.failures, now + _wait(seconds), "model busy", settings, now)
        case Retryable() | Timeout() | Unavailable():
            return _failed(state, outcome, now=now, settings=settings)
        case _:
            return CLOSED


def _after_of_model(
    state: State, outcome: Outcome[object], *, now: datetime, settings: str
) -> State:
    match outcome:
        case Config(why=why, call=call) if state.failures + 1 >= MOST_MISTAKES:
            reason = f"{call.asked} not usable: {why}"
            return State(MOST_MISTAKES, now + MISTAKEN_FOR, reason, settings, now)
        case Timeout(why=why, call=call) if state.failures + 1 >= MOST_MISTAKES:
            reason = f"{call.asked} too slow: {why}"
            return State(MOST_MISTAKES, now + MISTAKEN_FOR, reason, settings, now)
        case Config():
            return State(state.failures + 1, settings=settings)
        case Timeout():
            return State(state.failures + 1, settings=settings, since=now)
        case Stopped() | SpendLimit() | Retryable() | Unavailable():
            return state
        case _:
            return CLOSED


def _failed(
    state: State, outcome: Retryable | Timeout | Unavailable, *, now: datetime, settings: str
) -> State:
    failures = min(state.failures + 1, MOST_FAILURES)
    if failures == MOST_FAILURES:
        return State(failures, now + OPEN_FOR, f"model down: {outcome.why}", settings, now)
    seconds = outcome.retry_after_seconds if isinstance(outcome, Retryable) else None
    if seconds is None:
        return State(failures, settings=settings)
    return State(failures, now + _wait(seconds), "model busy", settings, now)


def _wait(seconds: float | None) -> timedelta:
    return PAUSE if seconds is None else min(timedelta(seconds=seconds), LONGEST_WAIT)


def _next_day(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
