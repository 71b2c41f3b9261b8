"""Whether a provider is to be asked now: who is down, or said to wait, is left alone."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core.outcome import Config, Outcome, Retryable, SpendLimit, Timeout, Unavailable

MOST_FAILURES = 5
OPEN_FOR = timedelta(minutes=2)
PROBE_WITHIN = timedelta(minutes=2)
"""A call that is to show whether the provider is back has so long to come back itself."""
LONGEST_WAIT = timedelta(hours=1)
"""However long a provider says to wait."""
LONGEST_LIMIT = timedelta(days=32)
PAUSE = timedelta(seconds=30)
"""After a refusal for its rate that does not say how long."""


@dataclass(frozen=True, slots=True)
class State:
    """How it stands with a provider.

    Before `not_before` nobody asks; after it one call goes ahead, and the others wait for how that
    ends. `wrong_settings` marks those under which a person has to act.
    """

    failures: int = 0
    not_before: datetime | None = None
    reason: str = ""
    wrong_settings: str = ""


CLOSED = State()


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a call may be made (`refusal` is empty), and how it stands then."""

    state: State
    refusal: str = ""


def admit(state: State, *, now: datetime, settings: str) -> Admission:
    """Whether to ask now under some settings, which are named by any mark that changes with them.

    The first that asks after a wait gets the place of the only one.
    """
    if state.wrong_settings and state.wrong_settings == settings:
        return Admission(state, state.reason)
    if state.wrong_settings:
        return Admission(CLOSED)
    if state.not_before is None:
        return Admission(state)
    if now < state.not_before:
        return Admission(state, state.reason)
    return Admission(replace(state, not_before=now + PROBE_WITHIN))


def after(state: State, outcome: Outcome[object], *, now: datetime, settings: str) -> State:
    """How it stands after a call: whatever a model said, its provider is up."""
    match outcome:
        case Config(why=why):
            return State(reason=f"model not usable: {why}", wrong_settings=settings)
        case SpendLimit(until=until):
            ends = min(until or _next_day(now), now + LONGEST_LIMIT)
            return State(
                not_before=max(ends, now + PAUSE), reason="spend limit at the provider reached"
            )
        case Retryable(status=429, retry_after_seconds=seconds):
            return replace(state, not_before=now + _wait(seconds), reason="model busy")
        case Retryable() | Timeout() | Unavailable():
            return _failed(state, outcome, now=now)
        case _:
            return CLOSED


def _failed(state: State, outcome: Retryable | Timeout | Unavailable, *, now: datetime) -> State:
    failures = min(state.failures + 1, MOST_FAILURES)
    if failures == MOST_FAILURES:
        return State(failures, now + OPEN_FOR, f"model down: {outcome.why}")
    seconds = outcome.retry_after_seconds if isinstance(outcome, Retryable) else None
    until = None if seconds is None else now + _wait(seconds)
    return State(failures, until, "model busy" if until else "")


def _wait(seconds: float | None) -> timedelta:
    return PAUSE if seconds is None else min(timedelta(seconds=seconds), LONGEST_WAIT)


def _next_day(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
