"""When a signature behaves unusually, and the numbers that say so.

The rule is one that can be told in half a minute: *new* is what was never seen; a *spike* is more
than twice what the busiest usual day, or the busiest usual hours, held; a *spread* is more
customers than on any usual day, among them some who never had it; *back* is what was resolved, or
quiet for far longer than it ever is, and is here again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any

from bot.core import baseline
from bot.core.baseline import DAY, History, Usual, hour_of, start_of

VERSION = "d1"
"""Of the rules below; kept in each receipt, so that an old one can be read for what it was."""


class Kind(StrEnum):
    """In which way it is unusual; the order is the order of the digest's first line."""

    CRITICAL = "critical"
    NEW = "new"
    SPIKE = "spike"
    SPREAD = "spread"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Rules:
    """The thresholds; each is a setting.

    `min_count`: fewer occurrences than this are never a spike, whatever is usual: ten is what a
    person would look at. `peak_factor`, `mean_factor`: how far above the usual peak and mean.
    `burst_hours`: the short window, so that a burst does not wait for the day's total; it covers
    the running hour and the ones before. `new_customers`, `spread_customers`: how many who never
    had it, or how many at all. `established_days`: a customer known for less is new to
    the fleet, and meets every old error for the first time. `quiet_days`, `gap_factor`: how long
    a silence must be before its end is news; three days are longer than a weekend.
    `min_earlier`: in how many different hours it must have been seen to have a usual gap at all.
    """

    min_count: int = 10
    peak_factor: float = 2.0
    mean_factor: float = 3.0
    burst_hours: int = 2
    new_customers: int = 2
    spread_customers: int = 3
    established_days: int = 7
    quiet_days: float = 3.0
    gap_factor: float = 3.0
    min_earlier: int = 5


@dataclass(frozen=True, slots=True)
class Receipt:
    """The numbers behind an anomaly.

    `observed` in `window` (hours), against the `usual` mean and `usual_max` peak of as long a
    window over `days` of baseline; it fires from `fires_from` on, so one fewer would not have.
    """

    observed: float
    usual: float
    usual_max: float
    fires_from: float
    window_hours: float
    days: int
    unit: str
    since: str
    customers: Mapping[str, int] = field(default_factory=dict)
    new_customers: tuple[str, ...] = ()
    version: str = VERSION

    def as_json(self) -> dict[str, Any]:
        """Plain values, to be stored as they are."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Finding:
    """One way in which a signature is unusual now: the sentence for people, and its numbers."""

    kind: Kind
    reason: str
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Subject:
    """What is known of a signature besides its sightings.

    `critical` names what makes it critical at once, or is empty. `newcomers` are the customers
    that are new to the whole fleet.
    """

    first_seen: datetime
    last_seen: datetime
    resolved_at: datetime | None = None
    critical: str = ""
    newcomers: frozenset[str] = frozenset()


def judge(
    subject: Subject, history: History, *, now: datetime, rules: Rules
) -> tuple[Finding, ...]:
    """Every way in which a signature is unusual at `now`; empty when it is as usual.

    Nothing is judged before a whole day of data lies behind the window: on the first day
    everything would be new.
    """
    hour = hour_of(now)
    if baseline.days_before(history, hour - DAY + 1) < 1:
        return ()
    findings = tuple(_findings(subject, history, hour=hour, rules=rules))
    if subject.critical and findings:
        return (_critical(subject, findings[0]), *findings)
    return findings


def _findings(subject: Subject, history: History, *, hour: int, rules: Rules) -> Iterator[Finding]:
    if hour_of(subject.first_seen) > hour - DAY:
        yield _new(subject, history, hour)
        return
    back = _back(subject, history, hour=hour, rules=rules)
    if back:
        yield back
    spike = _burst(history, hour, rules) or _busy_day(history, hour, rules)
    if spike:
        yield spike
    spread = _spread(subject, history, hour=hour, rules=rules)
    if spread:
        yield spread


def _new(subject: Subject, history: History, hour: int) -> Finding:
    first = hour_of(subject.first_seen)
    observed = history.count(first, hour)
    customers = _ranked(history.customers(first, hour))
    receipt = Receipt(
        observed=observed,
        usual=0,
        usual_max=0,
        fires_from=1,
        window_hours=hour - first + 1,
        days=baseline.days_before(history, first),
        unit="occurrences",
        since=subject.first_seen.isoformat(),
        customers=customers,
        new_customers=tuple(customers),
    )
    at = f" at {_plural(len(customers), 'customer')}" if customers else ""
    return Finding(
        Kind.NEW,
        f"first seen {subject.first_seen:%d %b %H:%M} UTC, {observed} since{at}",
        receipt,
    )


def _burst(history: History, hour: int, rules: Rules) -> Finding | None:
    start = hour - rules.burst_hours + 1
    observed = history.count(start, hour)
    if observed < rules.min_count:
        return None
    usual = baseline.usual_burst(history, start, hours=rules.burst_hours)
    return _spike(history, usual, observed=observed, start=start, hour=hour, rules=rules)


def _busy_day(history: History, hour: int, rules: Rules) -> Finding | None:
    start = hour - DAY + 1
    observed = history.count(start, hour)
    if observed < rules.min_count:
        return None
    usual = baseline.usual_day(history, start)
    return _spike(history, usual, observed=observed, start=start, hour=hour, rules=rules)


def _spike(
    history: History, usual: Usual, *, observed: int, start: int, hour: int, rules: Rules
) -> Finding | None:
    fires_from = spike_fires_from(usual, rules)
    if observed < fires_from:
        return None
    hours = hour - start + 1
    receipt = Receipt(
        observed=observed,
        usual=round(usual.mean, 1),
        usual_max=usual.peak,
        fires_from=fires_from,
        window_hours=hours,
        days=len(usual.peaks),
        unit="occurrences",
        since=start_of(start).isoformat(),
        customers=_ranked(history.customers(start, hour)),
    )
    return Finding(
        Kind.SPIKE,
        f"{observed} in {hours} h, usually {_number(usual.mean)} "
        f"({_plural(len(usual.peaks), 'day')}, max {usual.peak}): fires from {fires_from}",
        receipt,
    )


def spike_fires_from(usual: Usual, rules: Rules) -> int:
    """The smallest count that is a spike: more than a multiple of the usual peak and mean."""
    above = max(rules.peak_factor * usual.robust_peak, rules.mean_factor * max(1.0, usual.mean))
    return max(rules.min_count, int(above) + 1)


def _spread(subject: Subject, history: History, *, hour: int, rules: Rules) -> Finding | None:
    start = hour - DAY + 1
    now_hit = {
        customer: count
        for customer, count in history.customers(start, hour).items()
        if customer not in subject.newcomers
    }
    fresh = tuple(c for c in _ranked(now_hit) if history.customer_hours[c][0] >= start)
    if not fresh:
        return None
    usual = baseline.usual_customers(history, start)
    peak = max(usual, default=0)
    arrivals = max(baseline.usual_arrivals(history, start), default=0)
    wider = len(fresh) >= max(rules.new_customers, arrivals + 1) and len(now_hit) > peak
    fires_from = peak + 1 if wider else max(rules.spread_customers, 2 * max(1, peak) + 1)
    if len(now_hit) < fires_from:
        return None
    receipt = Receipt(
        observed=len(now_hit),
        usual=round(sum(usual) / len(usual), 1) if usual else 0,
        usual_max=peak,
        fires_from=fires_from,
        window_hours=DAY,
        days=len(usual),
        unit="customers",
        since=start_of(min(history.customer_hours[c][0] for c in fresh)).isoformat(),
        customers=_ranked(now_hit),
        new_customers=fresh,
    )
    return Finding(Kind.SPREAD, _spread_sentence(receipt, hour), receipt)


def _spread_sentence(receipt: Receipt, hour: int) -> str:
    hours = hour - hour_of(datetime.fromisoformat(receipt.since)) + 1
    total = sum(receipt.customers.values())
    named = ", ".join(
        f"{customer} {receipt.customers[customer] * 100 // total} %"
        for customer in receipt.new_customers[:4]
    )
    return (
        f"+{_plural(len(receipt.new_customers), 'customer')} in {hours} h: {named}; "
        f"{receipt.observed:g} today, usually {_number(receipt.usual)} "
        f"({_plural(receipt.days, 'day')}, max {receipt.usual_max:g})"
    )


def _back(subject: Subject, history: History, *, hour: int, rules: Rules) -> Finding | None:
    if subject.resolved_at and subject.last_seen > subject.resolved_at:
        return _back_after_resolution(subject, subject.resolved_at, history, hour=hour)
    return _back_after_silence(history, hour, rules)


def _back_after_resolution(
    subject: Subject, resolved_at: datetime, history: History, *, hour: int
) -> Finding:
    since = hour_of(resolved_at) + 1
    observed = max(1, history.count(since, hour))
    receipt = Receipt(
        observed=observed,
        usual=0,
        usual_max=0,
        fires_from=1,
        window_hours=hour - since + 1,
        days=baseline.days_before(history, since),
        unit="occurrences",
        since=subject.last_seen.isoformat(),
        customers=_ranked(history.customers(since, hour)),
    )
    return Finding(
        Kind.BACK, f"resolved {resolved_at:%d %b %H:%M} UTC, seen {observed} times since", receipt
    )


def _back_after_silence(history: History, hour: int, rules: Rules) -> Finding | None:
    earlier = [seen for seen in history.hours if seen <= hour - DAY]
    since = next((seen for seen in history.hours if hour - DAY < seen <= hour), None)
    if since is None or len(earlier) < rules.min_earlier:
        return None
    longest = max(later - seen for seen, later in pairwise(earlier))
    fires_from = max(rules.quiet_days * DAY, rules.gap_factor * longest)
    quiet = since - earlier[-1]
    if quiet < fires_from:
        return None
    receipt = Receipt(
        observed=quiet,
        usual=round((earlier[-1] - earlier[0]) / (len(earlier) - 1), 1),
        usual_max=longest,
        fires_from=fires_from,
        window_hours=hour - since + 1,
        days=(earlier[-1] - earlier[0]) // DAY + 1,
        unit="quiet hours",
        since=start_of(since).isoformat(),
        customers=_ranked(history.customers(since, hour)),
    )
    return Finding(
        Kind.BACK,
        f"back after {quiet / DAY:.1f} quiet days, its longest gap before was "
        f"{_duration(longest)}; {history.count(since, hour)} since",
        receipt,
    )


def _critical(subject: Subject, cause: Finding) -> Finding:
    return Finding(Kind.CRITICAL, f"{subject.critical}: {cause.reason}", cause.receipt)


def is_over(updated_at: datetime, now: datetime) -> bool:
    """Whether an episode that was last confirmed at `updated_at` is over: six calm hours."""
    return now - updated_at >= timedelta(hours=6)


def _ranked(customers: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(customers.items(), key=lambda item: (-item[1], item[0])))


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _duration(hours: int) -> str:
    return f"{hours} h" if hours < 2 * DAY else f"{hours / DAY:.1f} days"
