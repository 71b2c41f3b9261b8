"""Reserve what a call of a model may cost before it is made, and settle it after.

For flows that ask a model; they own the transaction. On PostgreSQL two that reserve at once both
write how it stands with the provider, so that one of them is refused by the database, not both let
through: each sees the ledger as it was before the other.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlmodel import Session

from bot.core import breaker, budget
from bot.core.breaker import State
from bot.core.budget import Account, Caps, Room, Verdict
from bot.core.flag import Flag
from bot.core.outcome import Ok, Outcome
from bot.core.price import Prices
from bot.core.prompt import Prompt
from bot.core.routing import Need, Tier, choose
from storage import calls, flags, outbox, providers, tables
from storage.calls import Part

NOTICE = "notice"
"""The kind of message that tells those who run the bot what only they can change."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What asking goes by: whom, what it costs, and what it may cost.

    `settings` is a mark that changes with the key, the address and the models. `channels` are told
    once when a cap is at 80 % or the provider says that the settings are wrong.
    """

    provider: str
    settings: str
    models: Mapping[Tier, str]
    prices: Prices
    caps: Caps
    channels: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a call is for, as the ledger says it."""

    feature: str
    team: str
    signature_id: int | None = None


@dataclass(frozen=True, slots=True)
class Reserved:
    """A call that may be made, of whom."""

    call_id: int
    purpose: Purpose
    tier: Tier
    model: str


@dataclass(frozen=True, slots=True)
class Denied:
    """A call that may not be made, and why: "budget of today used up"."""

    reason: str


def denial(session: Session, terms: Terms, *, now: datetime) -> str:
    """Why nothing at all may be asked now, or nothing: for not trying each in vain."""
    if reason := switched_off(session, Flag.MODEL):
        return reason
    if refusal := breaker.admit(_state(session, terms), now=now, settings=terms.settings).refusal:
        return refusal
    verdict = _judge(session, budget.accounts(terms.caps, team="", feature=""), now=now)
    return verdict.reason if verdict.room is Room.NONE else ""


def reserve(
    session: Session, terms: Terms, purpose: Purpose, prompt: Prompt, *, need: Need, now: datetime
) -> Reserved | Denied:
    """A place for a call of whichever model suits the need, with what it may cost put aside; of the
    cheap one where there is no room for the other."""
    if reason := switched_off(session, Flag.MODEL):
        return Denied(reason)
    accounts = budget.accounts(terms.caps, team=purpose.team, feature=purpose.feature)
    room = _judge(session, accounts, now=now)
    tier = choose(need, room.room).tier
    if tier is None:
        return Denied(room.reason)
    if tier is Tier.STRONG and switched_off(session, Flag.STRONG):
        tier = Tier.CHEAP
    reserved = reserve_for(session, terms, purpose, prompt, tier=tier, now=now)
    if isinstance(reserved, Reserved) or tier is Tier.CHEAP:
        return reserved
    return reserve_for(session, terms, purpose, prompt, tier=Tier.CHEAP, now=now)


def reserve_for(
    session: Session,
    terms: Terms,
    purpose: Purpose,
    prompt: Prompt,
    *,
    tier: Tier,
    now: datetime,
    model: str = "",
) -> Reserved | Denied:
    """A place for a call of one class of model, or of one `model`."""
    if tier is Tier.STRONG and not model and (reason := switched_off(session, Flag.STRONG)):
        return Denied(reason)
    asked = model or terms.models[tier]
    estimate = terms.prices.estimate(asked, size=prompt.size, max_tokens=prompt.max_tokens)
    accounts = budget.accounts(terms.caps, team=purpose.team, feature=purpose.feature)
    verdict = _judge(session, accounts, now=now, estimate=estimate)
    if verdict.room is Room.NONE:
        return Denied(verdict.reason)
    admission = breaker.admit(_state(session, terms), now=now, settings=terms.settings)
    if admission.refusal:
        return Denied(admission.refusal)
    _keep(session, terms, admission.state)
    call = tables.Call(
        at=now,
        feature=purpose.feature,
        team=purpose.team,
        signature_id=purpose.signature_id,
        provider=terms.provider,
        tier=tier,
        asked=asked,
        prompt=prompt.name,
        reserved=estimate,
    )
    number = calls.reserve(session, call)
    _warn(session, terms, accounts, now=now)
    return Reserved(number, purpose, tier, asked)


def settle(
    session: Session,
    terms: Terms,
    reserved: Reserved,
    outcome: Outcome[object],
    *,
    now: datetime,
    remark: str = "",
) -> None:
    """Enter how a call ended, what it cost where that is known, and how its provider stands."""
    call, usage = outcome.call, outcome.call.usage
    cost = usage and terms.prices.cost(usage, asked=call.asked, model=call.model)
    counts = {f"tokens_{_COLUMNS[name]}": n for name, n in asdict(usage).items()} if usage else {}
    calls.settle(
        session,
        reserved.call_id,
        outcome=outcome.name,
        why=remark if isinstance(outcome, Ok) else outcome.why,
        model=call.model,
        request_id=call.request_id,
        latency_ms=round(1_000 * call.latency_seconds),
        cost=cost,
        **counts,
    )
    before = _state(session, terms)
    stands = breaker.after(before, outcome, now=now, settings=terms.settings)
    _keep(session, terms, stands)
    if stands.wrong_settings and stands.wrong_settings != before.wrong_settings:
        _tell(session, terms, f"settings:{terms.settings}", _wrong(stands.reason), now=now)


def _wrong(reason: str) -> str:
    return (
        f"No model is asked any more: {reason}. Correct [llm] or its key; `triage doctor` says "
        "whether it works. Until then everything is explained by rules."
    )


_COLUMNS = {
    "input": "in",
    "output": "out",
    "cache_read": "cache_read",
    "cache_write": "cache_write",
    "thinking": "thinking",
}


def switched_off(session: Session, flag: Flag) -> str:
    """Why a flag forbids something, or nothing."""
    stands = flags.standing(session).get(flag)
    return "" if stands is None or stands.on else f"the flag {flag} is off"


def _judge(
    session: Session, accounts: Collection[Account], *, now: datetime, estimate: int = 0
) -> Verdict:
    return budget.judge(_spent(session, accounts, now=now), estimate=estimate)


def _spent(
    session: Session, accounts: Collection[Account], *, now: datetime
) -> list[tuple[Account, int]]:
    parts = [Part(one.span.start(now), team=one.team, feature=one.feature) for one in accounts]
    return list(zip(accounts, calls.spent(session, parts), strict=True))


def _state(session: Session, terms: Terms) -> State:
    row = providers.of(session, terms.provider)
    return State(row.failures, row.not_before, row.reason, row.wrong_settings)


def _keep(session: Session, terms: Terms, state: State) -> None:
    providers.keep(session, tables.Provider(name=terms.provider, **asdict(state)))


def _warn(session: Session, terms: Terms, accounts: Collection[Account], *, now: datetime) -> None:
    for account, spent in _spent(session, accounts, now=now):
        if 100 * spent >= budget.WARN_AT * account.cap > 0:
            key = f"budget:{account.name}:{account.span.start(now):%Y-%m-%dT%H}"
            _tell(session, terms, key, budget.warning(account, spent), now=now)


def _tell(session: Session, terms: Terms, key: str, said: str, *, now: datetime) -> None:
    """A message, once however often it is wanted."""
    for channel in terms.channels:
        content = {"text": said}
        outbox.add(
            session, f"{key}:{channel}", channel=channel, kind=NOTICE, content=content, now=now
        )
