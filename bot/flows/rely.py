"""Whether a provider and its models can be relied on now: a circuit breaker that all replicas
share.

For `spend`; whoever calls owns the transaction.
"""

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlmodel import Session

from bot.core.spending import breaker
from bot.core.spending.breaker import Admission, State
from bot.core.spending.outcome import Outcome
from storage import providers, tables

log = logging.getLogger(__name__)

_ITSELF = ""
"""The name under which the provider itself is kept, beside its models."""


@dataclass(frozen=True, slots=True)
class Breakers:
    """The state of a provider and of one of its models, and whether a call to each is admitted."""

    provider: str
    states: Mapping[str, tuple[State, Admission]]

    @property
    def refusal(self) -> str:
        """Why the model may not be asked; empty where it may."""
        admissions = [admission for _, admission in self.states.values()]
        return next((one.refusal for one in admissions if one.refusal), "")

    @property
    def is_over(self) -> bool:
        """Whether a wait is over, so that the next call finds out whether the model answers
        again."""
        return any(admission.finds_out for _, admission in self.states.values())


def breakers(
    session: Session, provider: str, model: str, *, settings: str, now: datetime
) -> Breakers:
    """The state of a provider and a model; `settings` is the mark of the settings it is asked
    under."""
    states = {name: _state(session, provider, name) for name in (_ITSELF, model)}
    known = {
        name: (state, breaker.admit(state, now=now, settings=settings))
        for name, state in states.items()
    }
    return Breakers(provider, known)


def meet(session: Session, provider: str) -> None:
    """Write the state of a provider unchanged, so that of two that reserve at once one is
    refused."""
    _keep(session, provider, _ITSELF, _state(session, provider, _ITSELF))


def take(session: Session, known: Breakers) -> None:
    """Claim the one call that finds out whether the model answers, if nobody has.

    The state of the provider is written in any case, as by `meet`.
    """
    for name, (before, admission) in known.states.items():
        if name == _ITSELF or admission.state != before:
            _keep(session, known.provider, name, admission.state)


def learn(
    session: Session,
    provider: str,
    model: str,
    outcome: Outcome[object],
    *,
    settings: str,
    began: datetime,
    now: datetime,
) -> str:
    """Store what a call that `began` at a moment tells of its provider and model.

    Gives back why the model is not asked from now on, if that is new; else an empty string.
    """
    before = _state(session, provider, _ITSELF)
    after = breaker.after(before, outcome, began=began, now=now, settings=settings)
    _change(session, provider, _ITSELF, before=before, after=after)
    return learn_of_model(
        session, provider, model, outcome, settings=settings, began=began, now=now
    )


def learn_of_model(
    session: Session,
    provider: str,
    model: str,
    outcome: Outcome[object],
    *,
    settings: str,
    began: datetime,
    now: datetime,
) -> str:
    """The same for the model alone, not for its provider."""
    before = _state(session, provider, model)
    after = breaker.after_of_model(before, outcome, began=began, now=now, settings=settings)
    _change(session, provider, model, before=before, after=after)
    return "" if before.reason else after.reason


def restore(session: Session, provider: str, model: str) -> None:
    """Let a provider and a model be asked again at once: they were found to answer."""
    for name in (_ITSELF, model):
        before = _state(session, provider, name)
        _change(session, provider, name, before=before, after=breaker.CLOSED)


def _state(session: Session, provider: str, model: str) -> State:
    row = providers.of(session, provider, model)
    return State(row.failures, row.not_before, row.reason, row.settings, row.since)


def _change(session: Session, provider: str, model: str, *, before: State, after: State) -> None:
    """Write a state if it has changed. Almost no call changes it, and on PostgreSQL two that write
    it at once would conflict."""
    if after != before:
        _log(model or provider, before, after)
        _keep(session, provider, model, after)


def _log(whom: str, before: State, after: State) -> None:
    """Log a change of state, and not each failed call of a model that is down."""
    if after.reason and after.reason != before.reason:
        log.warning("%s is not asked for a while: %s", whom, after.reason)
    elif before.failures == 0 < after.failures:
        log.warning("%s failed; it is asked again", whom)
    elif after == breaker.CLOSED and (before.failures or before.reason):
        log.info("%s answers again", whom)


def _keep(session: Session, provider: str, model: str, state: State) -> None:
    providers.keep(session, tables.Provider(name=provider, model=model, **asdict(state)))
