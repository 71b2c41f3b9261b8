"""Reserve what a call of a model may cost before it is made, and settle it after.

For flows that ask a model; they own the transaction. No model is asked without a reservation from
here, so that switches, caps and the rest of a failing provider hold for every call; only
`reserve_probe` may ask a provider that rests.

On PostgreSQL two that reserve at once each see the ledger without the other's call. Both write the
state of the provider, so the database refuses one of them, which begins anew.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import partial

from sqlmodel import Session

from bot.core.asking.prompt import Prompt
from bot.core.flag import Flag
from bot.core.spending import budget
from bot.core.spending.budget import Account, Allowance, Caps, Feature, Room
from bot.core.spending.outcome import Config, Ok, Outcome
from bot.core.spending.price import Prices
from bot.core.spending.routing import Need, Tier, choose, may_ask
from bot.flows import rely
from bot.flows.rely import Breakers
from storage import calls, flags, outbox, tables
from storage.calls import Slice

NOTICE = "notice"
"""The kind of message that tells those who run the bot what only they can change."""
REMEMBERED = timedelta(days=1)
"""So long a model is taken to be answered for by the one that answered last: a gateway may
change."""
UNDER_WAY = timedelta(minutes=5)
"""No call takes longer: an older one was lost with the process that made it, and may be billed."""
Balances = Sequence[tuple[Account, int]]
"""What each account that a call counts against has spent, in micro-dollars."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Which provider and models are asked, what they charge, and what may be spent.

    `settings` is a mark that changes with the key, the address and the models. `channels` are told
    once when a cap is at 80 % or a model cannot be used. `key` names the API key that is sent, and
    `probe_seconds` is how long a model may take to answer a probe.
    """

    provider: str
    settings: str
    models: Mapping[Tier, str]
    prices: Prices
    caps: Caps
    channels: Sequence[str] = ()
    key: str = "that of its provider"
    probe_seconds: float = 20.0

    def tier_of(self, model: str) -> Tier:
        """The class of a model: strong, unless it is the cheap one."""
        return Tier.CHEAP if model == self.models[Tier.CHEAP] else Tier.STRONG


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a call is for, as the ledger has it."""

    feature: str
    team: str
    signature_id: int | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """A call that somebody wants to make. `need` is that of the signature to explain; None where a
    model is only examined."""

    purpose: Purpose
    prompt: Prompt
    model: str
    need: Need | None = None


@dataclass(frozen=True, slots=True)
class Reserved:
    """A call that may be made, with the class of its model, and when it began.

    `counts` says whether its end changes the state of the provider. It does for calls that somebody
    relies on, and for the one that finds out whether a failing provider answers again. A model that
    is examined may have a name that does not exist, and one on trial counts for itself alone.
    """

    call_id: int
    wish: Wish
    tier: Tier
    at: datetime
    counts: bool

    @property
    def model(self) -> str:
        """The model to ask."""
        return self.wish.model


@dataclass(frozen=True, slots=True)
class Denied:
    """A call that may not be made, and why: "budget of today used up".

    `account` is the one that is used up, if that is why. `passes` is true where it passes within
    seconds: calls under way have reserved more than they are going to cost.
    """

    reason: str
    account: Account | None = field(default=None, compare=False)
    passes: bool = field(default=False, compare=False)

    @property
    def is_of_team(self) -> bool:
        """Whether it is only the budget of one team that is used up."""
        return bool(self.account and self.account.team)


def denial(session: Session, terms: Terms, *, now: datetime) -> str:
    """Why no model at all may be asked now; empty where one may. So nothing is prepared in vain."""
    if reason := switched_off(session, Flag.MODEL):
        return reason
    refusals = [
        _breakers(session, terms, model, now=now).refusal for model in terms.models.values()
    ]
    if all(refusals):
        return refusals[0]
    verdict = budget.judge(balances(session, terms, Purpose("", ""), now=now), estimate=0)
    return verdict.reason if verdict.room is Room.NONE else ""


def reserve(
    session: Session, terms: Terms, purpose: Purpose, prompt: Prompt, *, need: Need, now: datetime
) -> Reserved | Denied:
    """Reserve what a call may cost, of the model that suits the need, or of the cheap one where
    that may not be asked."""
    spent = balances(session, terms, purpose, now=now)
    verdict = budget.judge(spent, estimate=0)
    tier = choose(need, verdict.room).tier
    if tier is None:
        return _no_money(session, terms, purpose, verdict, now=now)
    wish = Wish(purpose, prompt, terms.models[tier], need)
    reserved = _place(session, terms, wish, spent, now=now)
    if isinstance(reserved, Reserved) or tier is Tier.CHEAP:
        return reserved
    cheaper = Wish(purpose, prompt, terms.models[Tier.CHEAP], need)
    return _place(session, terms, cheaper, spent, now=now)


def refused(
    session: Session, terms: Terms, purpose: Purpose, prompt: Prompt, *, need: Need, now: datetime
) -> str:
    """Why `reserve` would deny a call now; empty where it would not. Nothing is reserved."""
    spent = balances(session, terms, purpose, now=now)
    verdict = budget.judge(spent, estimate=0)
    tier = choose(need, verdict.room).tier
    if tier is None:
        return verdict.reason
    for model in (terms.models[tier], terms.models[Tier.CHEAP]):
        wish = Wish(purpose, prompt, model, need)
        estimate = _estimate(session, terms, wish, now=now)
        unpaid = _unpaid(session, terms, wish, spent, estimate=estimate, now=now)
        reason = unpaid.reason if unpaid else refusal(session, terms, model, now=now)
        if not reason:
            return ""
    return reason


def reserve_again(
    session: Session, terms: Terms, first: Wish, prompt: Prompt, *, tier: Tier, now: datetime
) -> Reserved | Denied:
    """Reserve a second try of a call, of a given class of models."""
    spent = balances(session, terms, first.purpose, now=now)
    verdict = budget.judge(spent, estimate=0)
    if first.need is None or not may_ask(tier, first.need, verdict.room):
        return _no_money(session, terms, first.purpose, verdict, now=now)
    wish = Wish(first.purpose, prompt, terms.models[tier], first.need)
    return _place(session, terms, wish, spent, now=now)


def reserve_named(
    session: Session, terms: Terms, purpose: Purpose, prompt: Prompt, *, model: str, now: datetime
) -> Reserved | Denied:
    """Reserve a call that examines a model; denied as soon as money is short."""
    spent = balances(session, terms, purpose, now=now)
    verdict = budget.judge(spent, estimate=0)
    if verdict.room is not Room.OPEN:
        return _no_money(session, terms, purpose, verdict, now=now)
    return _place(session, terms, Wish(purpose, prompt, model), spent, now=now)


def reserve_probe(
    session: Session, terms: Terms, purpose: Purpose, prompt: Prompt, *, model: str, now: datetime
) -> Reserved | Denied:
    """Reserve a call that finds out whether a model answers, even one that rests after failures;
    denied only where there is no money."""
    spent = balances(session, terms, purpose, now=now)
    wish = Wish(purpose, prompt, model)
    estimate = _estimate(session, terms, wish, now=now)
    if unpaid := _unpaid(session, terms, wish, spent, estimate=estimate, now=now):
        _warn_of_small_cap(session, terms, wish, unpaid, estimate=estimate, now=now)
        return unpaid
    rely.meet(session, terms.provider)
    return _entered(session, terms, wish, estimate=estimate, now=now, counts=False)


def _place(
    session: Session, terms: Terms, wish: Wish, spent: Balances, *, now: datetime
) -> Reserved | Denied:
    estimate = _estimate(session, terms, wish, now=now)
    if unpaid := _unpaid(session, terms, wish, spent, estimate=estimate, now=now):
        _warn_of_small_cap(session, terms, wish, unpaid, estimate=estimate, now=now)
        return unpaid
    breakers = _breakers(session, terms, wish.model, now=now)
    if breakers.refusal:
        return Denied(breakers.refusal)
    rely.take(session, breakers)
    counts = wish.need is not None or breakers.is_over
    return _entered(session, terms, wish, estimate=estimate, now=now, counts=counts)


def _unpaid(
    session: Session, terms: Terms, wish: Wish, spent: Balances, *, estimate: int, now: datetime
) -> Denied | None:
    """The denial of a call with this estimate, where a switch or a cap forbids it; else None."""
    if off := _switched_off_for(session, terms, wish.model):
        return Denied(off)
    verdict = budget.judge(spent, estimate=estimate)
    if verdict.room is not Room.NONE:
        return None
    return _no_money(session, terms, wish.purpose, verdict, estimate=estimate, now=now)


def _warn_of_small_cap(
    session: Session, terms: Terms, wish: Wish, unpaid: Denied, *, estimate: int, now: datetime
) -> None:
    """Tell people of a cap that is too small for any call of a model, even with nothing spent."""
    account = unpaid.account
    if account and estimate > account.cap > 0:
        said = budget.too_small(account, wish.model, estimate)
        tell(session, terms, f"{_key(account, now)}:{wish.model}", said, now=now)


def _entered(
    session: Session,
    terms: Terms,
    wish: Wish,
    *,
    estimate: int,
    now: datetime,
    counts: bool,
) -> Reserved:
    """Enter the call in the ledger, and reserve what it may cost."""
    tier = terms.tier_of(wish.model)
    number = calls.reserve(session, _call(terms, wish, tier, estimate=estimate, now=now))
    return Reserved(number, wish, tier, now, counts)


def _estimate(session: Session, terms: Terms, wish: Wish, *, now: datetime) -> int:
    """What a call may cost at most, in micro-dollars, by the prices of the models that lately
    answered under this name."""
    answers = calls.answered_by(
        session, wish.model, provider=terms.provider, since=now - REMEMBERED
    )
    return terms.prices.estimate(
        wish.model,
        tokens=wish.prompt.most_tokens,
        max_tokens=wish.prompt.max_tokens,
        answers=answers,
    )


def _no_money(
    session: Session,
    terms: Terms,
    purpose: Purpose,
    verdict: Allowance,
    *,
    estimate: int = 0,
    now: datetime,
) -> Denied:
    accounts = budget.accounts(terms.caps, team=purpose.team, feature=purpose.feature)
    ended = partial(calls.settled, lost_before=now - UNDER_WAY)
    without = budget.judge(_summed(session, accounts, ended, now=now), estimate=estimate)
    return Denied(
        verdict.reason,
        verdict.account,
        passes=_ROOMS.index(without.room) < _ROOMS.index(verdict.room),
    )


_ROOMS = list(Room)
"""The one with the most room first."""


def _call(terms: Terms, wish: Wish, tier: Tier, *, estimate: int, now: datetime) -> tables.Call:
    return tables.Call(
        at=now,
        feature=wish.purpose.feature,
        team=wish.purpose.team,
        signature_id=wish.purpose.signature_id,
        provider=terms.provider,
        tier=tier,
        asked=wish.model,
        prompt=wish.prompt.name,
        reserved=estimate,
    )


def settle(
    session: Session,
    terms: Terms,
    reserved: Reserved,
    outcome: Outcome[object],
    *,
    now: datetime,
    remark: str = "",
) -> None:
    """Enter in the ledger how a call ended and what it cost, where that is known, and store what
    that tells of the model. A call that is settled already is left as it is."""
    call, usage = outcome.call, outcome.call.usage
    cost = usage and terms.prices.cost(usage, asked=call.asked, model=call.model)
    counts = {f"tokens_{_COLUMNS[name]}": n for name, n in asdict(usage).items()} if usage else {}
    is_news = calls.settle(
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
    if is_news:
        _warn(session, terms, reserved.wish.purpose, now=now)
        _warn_of_dearer(session, terms, reserved, call.model, now=now)
    if is_news and (reserved.counts or reserved.wish.purpose.feature == Feature.SHADOW):
        _learn(session, terms, reserved, outcome, now=now)


_COLUMNS = {
    "input": "in",
    "output": "out",
    "cache_read": "cache_read",
    "cache_write": "cache_write",
    "thinking": "thinking",
}


def usable(session: Session, terms: Terms, model: str) -> None:
    """Let a model be asked again at once, since it was found to answer."""
    rely.restore(session, terms.provider, model)


def refusal(session: Session, terms: Terms, model: str, *, now: datetime) -> str:
    """Why a model rests for a while; empty where it does not."""
    return _breakers(session, terms, model, now=now).refusal


def tell(session: Session, terms: Terms, key: str, said: str, *, now: datetime) -> None:
    """Tell the channels, once for each `key`, of something that only people can change."""
    for channel in terms.channels:
        content = {"text": said}
        outbox.add(
            session, f"{key}:{channel}", channel=channel, kind=NOTICE, content=content, now=now
        )


def balances(session: Session, terms: Terms, purpose: Purpose, *, now: datetime) -> Balances:
    """Each account that a call would be charged to, with what it has spent."""
    accounts = budget.accounts(terms.caps, team=purpose.team, feature=purpose.feature)
    return _summed(session, accounts, calls.spent, now=now)


def switched_off(session: Session, flag: Flag) -> str:
    """That a flag is off, in words; empty where it is on."""
    stands = flags.standing(session).get(flag)
    return "" if stands is None or stands.on else f"the flag {flag} is off"


def _switched_off_for(session: Session, terms: Terms, model: str) -> str:
    is_dear = model == terms.models[Tier.STRONG] != terms.models[Tier.CHEAP]
    return switched_off(session, Flag.MODEL) or (
        switched_off(session, Flag.STRONG) if is_dear else ""
    )


def _summed(
    session: Session,
    accounts: Sequence[Account],
    amounts: Callable[[Session, Sequence[Slice]], Sequence[int]],
    *,
    now: datetime,
) -> Balances:
    parts = [Slice(one.span.start(now), team=one.team, feature=one.feature) for one in accounts]
    return list(zip(accounts, amounts(session, parts), strict=True))


def _breakers(session: Session, terms: Terms, model: str, *, now: datetime) -> Breakers:
    return rely.breakers(session, terms.provider, model, settings=terms.settings, now=now)


def _learn(
    session: Session, terms: Terms, reserved: Reserved, outcome: Outcome[object], *, now: datetime
) -> None:
    whom, settings = (terms.provider, reserved.model), terms.settings
    learn = rely.learn if reserved.counts else rely.learn_of_model
    if news := learn(session, *whom, outcome, settings=settings, began=reserved.at, now=now):
        remedy = outcome.remedy(terms.key) if isinstance(outcome, Config) else _LONGER
        said = (
            f"{news}. {remedy} `triage doctor` says whether it works. It is tried "
            "every hour; until it answers, the other models and the rules explain everything."
        )
        tell(session, terms, f"unusable:{reserved.model}:{now:%Y-%m-%d}", said, now=now)


_LONGER = "Give it longer by deadline_seconds in [llm], or take a faster one."


def _warn_of_dearer(
    session: Session, terms: Terms, reserved: Reserved, answered: str, *, now: datetime
) -> None:
    if terms.prices.is_dearer(answered, than=reserved.model):
        said = (
            f"Where {reserved.model} is asked, {answered} answers, which costs more: name it in "
            "[llm], or mend the gateway. What it costs is put aside before each call from now on."
        )
        tell(session, terms, f"dearer:{reserved.model}:{now:%Y-%m-%d}", said, now=now)


def _warn(session: Session, terms: Terms, purpose: Purpose, *, now: datetime) -> None:
    """Tell people of every account of which 80 % is spent by settled calls."""
    accounts = budget.accounts(terms.caps, team=purpose.team, feature=purpose.feature)
    for account, amount in _summed(session, accounts, calls.settled, now=now):
        if 100 * amount >= budget.WARN_AT * account.cap > 0:
            level = "full" if amount >= account.cap else "short"
            key = f"{_key(account, now)}:{level}"
            tell(session, terms, key, budget.warning(account, amount), now=now)


def _key(account: Account, now: datetime) -> str:
    whose = f"team={account.team}:feature={account.feature}"
    return f"budget:{account.span}:{whose}:{account.span.told(now):%Y-%m-%d}"
