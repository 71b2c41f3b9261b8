"""What models have cost so far, will cost at this pace, and would have cost without kept
answers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from bot.core.hour import hour_of
from bot.core.signing.excerpt import TITLE, begun
from bot.core.spending import arm
from bot.core.spending.arm import Arm, Unseen
from bot.core.spending.budget import Feature, Forecast
from bot.core.spending.outcome import NOTHING, Usage
from bot.core.spending.price import dollars
from bot.core.wording.plural import counted

MOST = 10
"""Lines of each list: what is beyond costs less than any of them."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What was spent in a span, in micro-dollars, for how many calls, and the cap."""

    cost: int
    calls: int
    cap: int

    def __str__(self) -> str:
        calls = counted(self.calls, "call")
        return f"{dollars(self.cost)} of {dollars(self.cap)} · {calls}"


@dataclass(frozen=True, slots=True)
class Share:
    """What a team's calls of a model for a feature came to, and how many were answered."""

    team: str
    feature: str
    model: str
    calls: int
    answered: int
    cost: int


@dataclass(frozen=True, slots=True)
class Dear:
    """A signature that was costly to explain."""

    short_id: str
    title: str
    calls: int
    cost: int


@dataclass(frozen=True, slots=True)
class Tally:
    """What models cost in the running hour, day and month; `forecast` goes by the pace of the last
    `pace_days`.

    `under_way` is reserved for calls that have not ended; `unanswered` stays spent for calls that
    never said what they cost. `wanted` is in how many hours explained errors behaved unusually,
    each of which would be a call, and `asked` how many calls were made. `ended` counts the calls of
    the month by outcome, `tokens` what they used. `withheld` says why no model is asked now, if
    none is; `unpriced` names models without a price of their own.
    """

    hour: Spent
    today: Spent
    month: Spent
    forecast: Forecast
    pace_days: int
    shares: tuple[Share, ...]
    dearest: tuple[Dear, ...]
    wanted: int
    asked: int
    priced: date
    withheld: str
    under_way: Spent
    unanswered: Spent
    unpriced: str = ""
    ended: Mapping[str, int] = field(default_factory=dict)
    tokens: Usage = NOTHING
    arms: tuple[Arm, ...] = ()
    unseen: tuple[Unseen, ...] = ()

    @property
    def hits(self) -> int:
        """How often a kept explanation was shown in place of a call."""
        return max(0, self.wanted - self.asked)

    @property
    def saved(self) -> int:
        """What those calls would have cost, at the mean of those that were made."""
        made = [one for one in self.shares if one.feature == Feature.ANALYSIS]
        paid, calls = sum(one.cost for one in made), sum(one.calls for one in made)
        return self.hits * paid // max(1, calls)


def hours(spans: Iterable[tuple[datetime, datetime]]) -> int:
    """How many clock hours some spans of time touch; a span that ends before it begins touches
    none."""
    touched: set[int] = set()
    for began, ended in spans:
        if ended >= began:
            touched.update(range(hour_of(began), hour_of(ended) + 1))
    return len(touched)


def lines(tally: Tally) -> Iterator[str]:
    """The tally in words, a line each, the sums first."""
    if tally.withheld:
        yield f"Nothing is asked now: {tally.withheld}"
    yield f"This hour: {tally.hour}"
    yield f"Today: {tally.today}"
    yield f"This month: {tally.month} · {_foretold(tally)}"
    yield from _open(tally)
    if tally.hits:
        percent = 100 * tally.hits / max(1, tally.wanted)
        yield (
            f"Saved by keeping answers: about {dollars(tally.saved)}; in {tally.hits:,} of "
            f"{counted(tally.wanted, 'hour')} in which explained errors behaved unusually "
            f"({percent:.1f} %) no model had to be asked"
        )
    yield from _shares(tally.shares)
    if beside := list(arm.lines(tally.arms, tally.unseen)):
        yield "This month beside each other:"
        yield from (f"  {line}" for line in beside)
    if tally.dearest:
        yield "Dearest errors of the month:"
    for dear in tally.dearest:
        title = begun(dear.title, TITLE)
        yield f"  {dear.short_id} {title}: {dollars(dear.cost)}, {dear.calls:,} asked"
    yield f"Prices as of {tally.priced:%Y-%m-%d}"
    if tally.unpriced:
        yield tally.unpriced


def _foretold(tally: Tally) -> str:
    """The forecast in words, with the pace it rests on."""
    cost, days = dollars(tally.forecast.cost), tally.pace_days
    pace = f"the last {days} days" if days > 1 else "the last day"
    capped = ", which the caps hold" if tally.forecast.is_capped else ""
    return f"{cost} by its end at the pace of {pace}{capped}"


def _open(tally: Tally) -> Iterator[str]:
    """Lines on what is spent without a known cost, and why."""
    if tally.under_way.calls:
        yield (
            f"Of the month {dollars(tally.under_way.cost)} is put aside for calls under way; what "
            "they do not cost comes back"
        )
    if tally.unanswered.calls:
        cost, number = dollars(tally.unanswered.cost), tally.unanswered.calls
        yield (
            f"Of the month {cost} is for calls ({number:,}) "
            "that ended without a count of their tokens (too slow, broken off, no answer of a "
            "model): they may have been billed, so all that each could cost stays spent"
        )


def _shares(shares: Sequence[Share]) -> Iterator[str]:
    if shares:
        yield "This month by team × feature × model:"
    for one in shares[:MOST]:
        whose = one.team or "nobody"
        yield (
            f"  {whose} × {one.feature} × {one.model}: {dollars(one.cost)}, "
            f"{one.answered:,} of {one.calls:,} answered"
        )
    if beyond := shares[MOST:]:
        yield f"  … and {len(beyond):,} more: {dollars(sum(one.cost for one in beyond))}"
