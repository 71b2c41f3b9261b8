"""When a signature behaves unusually, and the numbers that say so.

The rule is one that can be told in half a minute: *new* is what was never seen; a *spike* is more
than twice what the busiest usual day, or the busiest usual hours, held, and what comes at one time
of day is compared with the rest of the day at any other; what came within a minute or two has to
be more than one failure logs that is tried again and again; a *spread* is more customers than on
any usual day, among them some who never had it; *back* is what was resolved, or quiet for far
longer than it ever is, and is here again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any, TypeGuard

from bot.core import baseline, release
from bot.core.baseline import (
    DAY,
    HANDFUL,
    Baseline,
    History,
    Rhythm,
    Usual,
    hour_of,
    start_of,
)

VERSION = "d4"
"""Of the rules below; kept in each receipt, so that an old one can be read for what it was."""


class Kind(StrEnum):
    """In which way it is unusual; the order is the order of the digest's first line."""

    CRITICAL = "critical"
    NEW = "new"
    SPIKE = "spike"
    SPREAD = "spread"
    BACK = "back"


LOUD = frozenset({Kind.CRITICAL, Kind.SPREAD})
"""What ends a mute when it begins: whoever muted it had not this in mind."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The thresholds; each is a setting.

    `min_count`: fewer occurrences than this are never a spike, whatever is usual: ten is what a
    person would look at. `peak_factor`, `swing_factor`, `mean_factor`: how far above the usual
    peak, its swing and the mean. `min_minutes`: what came in fewer different minutes has to be more
    than `baseline.HANDFUL`. `most_traffic`: by so much at most what its service's traffic grew by
    raises the threshold.
    `burst_hours`: the short window, so that a burst does not wait for the day's total; it covers
    the running hour and the ones before. `new_customers`: how many who never had it make a
    spread, among `spread_customers` or with `min_count` occurrences; `chance_factor`: how far above
    what chance would bring. `established_days`: a customer known for less is new to
    the fleet, and meets every old error for the first time. `quiet_days`, `gap_factor`: how long
    a silence must be before its end is news; three days are longer than a weekend.
    `min_earlier`: in how many different hours it must have been seen to have a usual gap at all,
    or, while too little is known to judge, to be nothing sudden.
    `overrides` hold for some signatures instead; `override` names the one these are from.
    """

    min_count: int = 10
    peak_factor: float = 2.0
    swing_factor: float = 4.0
    mean_factor: float = 3.0
    min_minutes: int = 3
    most_traffic: float = 3.0
    burst_hours: int = 2
    new_customers: int = 2
    spread_customers: int = 3
    chance_factor: float = 3.0
    established_days: int = 7
    quiet_days: float = 3.0
    gap_factor: float = 3.0
    min_earlier: int = 8
    overrides: tuple["Override", ...] = ()
    override: str = ""

    @property
    def longest_quiet_days(self) -> float:
        """The longest silence that any signature's thresholds ask about."""
        return max(self.quiet_days, *(one.rules.quiet_days for one in self.overrides), 0.0)

    def of(self, service: str, short_id: str) -> "Rules":
        """The thresholds that hold for a signature: those of the first override that covers it."""
        covering = (one.rules for one in self.overrides if one.covers(service, short_id))
        return next(covering, self)


@dataclass(frozen=True, slots=True)
class Override:
    """Thresholds for some signatures: for one by its id, for those of a service, or both at once.

    `service` may have * and ? in it. Neither is compared by case.
    """

    rules: Rules
    service: str = ""
    signature: str = ""

    def covers(self, service: str, short_id: str) -> bool:
        """Whether it holds for a signature."""
        if self.signature and self.signature.upper() != short_id:
            return False
        return not self.service or fnmatchcase(service.casefold(), self.service.casefold())


@dataclass(frozen=True, slots=True)
class Receipt:
    """The numbers behind an anomaly.

    `observed` in `window` (hours), against the `usual` mean and `usual_max` peak of as long a
    window over `days` of baseline; it fires from `fires_from` on, so one fewer would not have.
    `minutes` is in how many different ones that was, and `traffic` how many times as many harmless
    lines its service wrote as in the busiest usual window; both where that is known.
    `override` names the site's override that the thresholds are from, if they are. `formula` is how
    the threshold of a spike came about, in numbers and words.
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
    minutes: int | None = None
    traffic: float | None = None
    override: str = ""
    formula: str = ""
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

    `first_told` is when its first event reached us, if we were there to be told, else when it
    happened: an event that is days late is news today. `newcomers` are the customers that are new
    to the whole fleet.
    """

    first_seen: datetime
    first_told: datetime
    last_seen: datetime
    resolved_at: datetime | None = None
    resolved_in: str = ""
    last_version: str = ""
    newcomers: frozenset[str] = frozenset()


def is_little(recent: History, *, now: datetime, rules: Rules) -> bool:
    """Whether so little happened in the last 24 hours that it is neither a spike nor a spread."""
    hour = hour_of(now)
    if recent.count(hour - DAY + 1, hour) >= rules.min_count:
        return False
    if len(recent.sightings) < rules.spread_customers:
        return True
    return len(recent.customers(hour - DAY + 1, hour)) < rules.spread_customers


def is_routine(recent: History, before: int | None, *, now: datetime, rules: Rules) -> bool:
    """Whether it was seen so soon after `before`, the hour it was last seen in before the last 24,
    that it is not back."""
    start = hour_of(now) - DAY + 1
    today = next((seen for seen in recent.hours if seen >= start), None)
    if today is None or before is None:
        return False
    return today - before < rules.quiet_days * DAY


def judge(
    subject: Subject,
    recent: History,
    *,
    usual: Baseline | None,
    rhythm: Rhythm | None,
    now: datetime,
    rules: Rules,
    traffic: Mapping[int, int] | None = None,
) -> tuple[Finding, ...]:
    """Every way in which a signature is unusual at `now`; empty when it is as usual.

    `recent` are its sightings of the last 24 hours, whose `known_since` is that of the whole
    database. `usual` may be None for what is little, and `rhythm`, that of the hours before, for
    what is routine; `traffic` has the harmless lines of its service in each hour, and can only
    take a spike away. Before a whole day of data lies behind them everything would be new, so
    nothing is, save that what a person resolved is back.
    """
    hour = hour_of(now)
    if hour_of(subject.first_seen) > hour:
        return ()
    found = _findings(subject, recent, usual, rhythm, hour=hour, rules=rules, traffic=traffic or {})
    if not rules.override:
        return tuple(found)
    return tuple(
        replace(one, receipt=replace(one.receipt, override=rules.override)) for one in found
    )


def first_sight(
    subject: Subject, recent: History, *, now: datetime, rules: Rules
) -> tuple[Finding, ...]:
    """What can be said of a signature while too little is known to judge: that it is here.

    Nothing of one that was seen in so many hours already that it may have gone on for ever. It is
    worth telling only of what is critical.
    """
    hour = hour_of(now)
    is_fresh = hour - DAY < hour_of(subject.first_seen) <= hour
    if not is_fresh or len(recent.hours) >= rules.min_earlier:
        return ()
    new = _new(subject, recent, hour)
    return (replace(new, reason=f"{new.reason}; too early to know whether that is usual"),)


def _findings(
    subject: Subject,
    recent: History,
    usual: Baseline | None,
    rhythm: Rhythm | None,
    *,
    hour: int,
    rules: Rules,
    traffic: Mapping[int, int],
) -> Iterator[Finding]:
    """One finding a kind; a signature without a whole day of its own can only be new or back."""
    returned = _back_after_resolution(subject, recent, hour=hour)
    if returned:
        yield returned
    if not baseline.can_judge(recent.known_since, hour):
        return
    if hour - DAY < max(hour_of(subject.first_seen), hour_of(subject.first_told)) <= hour:
        yield _new(subject, recent, hour)
        return
    awake = _back_after_silence(rhythm, recent, hour=hour, rules=rules)
    if awake and subject.resolved_at is None:
        yield awake
    if usual is None or usual.days < 1:
        return
    spike = _burst(usual, recent, hour, rules, traffic) or _spike(
        usual.day, recent, start=hour - DAY + 1, hour=hour, rules=rules, traffic=traffic
    )
    if spike:
        yield spike
    spread = _spread(subject, usual, recent, hour=hour, rules=rules)
    if spread:
        yield spread


def _new(subject: Subject, recent: History, hour: int) -> Finding:
    first = hour_of(subject.first_seen)
    start = max(first, hour - DAY + 1)
    observed = recent.count(start, hour)
    customers = recent.customers(start, hour)
    receipt = Receipt(
        observed=observed,
        usual=0,
        usual_max=0,
        fires_from=1,
        window_hours=hour - start + 1,
        days=baseline.days_before(recent.known_since, first),
        unit="occurrences",
        since=subject.first_seen.isoformat(),
        customers=customers,
        new_customers=tuple(customers),
    )
    return Finding(Kind.NEW, _new_sentence(subject, receipt), receipt)


def _new_sentence(subject: Subject, receipt: Receipt) -> str:
    seen = f"{subject.first_seen:%d %b %H:%M} UTC"
    if subject.first_told - subject.first_seen >= timedelta(hours=DAY):
        return f"happened {seen}, but reached us only {subject.first_told:%d %b %H:%M} UTC"
    hit = len(receipt.customers)
    at = f" at {_plural(hit, 'customer')}" if hit else ""
    return f"first seen {seen}, {receipt.observed:g} since{at}"


def _burst(
    usual: Baseline, recent: History, hour: int, rules: Rules, traffic: Mapping[int, int]
) -> Finding | None:
    """What comes at one time of day is compared with that then, and with the rest at any other."""
    start = hour - rules.burst_hours + 1
    its_hours = () if usual.time is None else baseline.around(usual.time, baseline.LATE)
    if not its_hours or any(seen % DAY in its_hours for seen in range(start, hour + 1)):
        return _spike(usual.burst, recent, start=start, hour=hour, rules=rules, traffic=traffic)
    aside = f" outside of its time, {usual.time:02}:00 UTC,"
    return _spike(
        usual.aside, recent, start=start, hour=hour, rules=rules, traffic=traffic, aside=aside
    )


def _spike(
    usual: Usual,
    recent: History,
    *,
    start: int,
    hour: int,
    rules: Rules,
    traffic: Mapping[int, int],
    aside: str = "",
) -> Finding | None:
    observed = recent.count(start, hour)
    if observed < rules.min_count or observed < spike_fires_from(usual, rules):
        return None
    minutes = recent.minutes(start, hour)
    growth = baseline.growth(traffic, start, hour, days=len(usual.peaks)) if traffic else None
    bound, formula = spike_bound(usual, rules, minutes=minutes, growth=growth)
    fires_from = _least_above(bound, rules)
    if observed < fires_from:
        return None
    hours = hour - start + 1
    receipt = Receipt(
        observed=observed,
        usual=round(usual.robust_mean, 1),
        usual_max=usual.peak,
        fires_from=fires_from,
        window_hours=hours,
        days=len(usual.heard),
        unit="occurrences",
        since=start_of(start).isoformat(),
        customers=recent.customers(start, hour),
        minutes=minutes,
        traffic=growth,
        formula=formula + aside.removesuffix(","),
    )
    sudden = f" all in {_plural(minutes, 'minute')}," if _is_sudden(minutes, rules) else ""
    busier = f", traffic {growth:g} × its busiest" if growth and growth > 1 else ""
    return Finding(
        Kind.SPIKE,
        f"{observed} in {hours} h,{sudden}{aside} usually {_number(usual.robust_mean)} "
        f"({_plural(len(usual.heard), 'day')}, max {usual.peak})"
        f"{busier}: fires from {fires_from}",
        receipt,
    )


def spike_fires_from(
    usual: Usual, rules: Rules, *, minutes: int | None = None, growth: float | None = None
) -> int:
    """The smallest count that is a spike, where it came in so many different minutes, and the
    traffic of its service is so many times the busiest usual.

    More than a multiple of the busiest usual window, and of its swing on top: what always jumps
    has to jump further. A weekday is compared with its own. Within a minute or two it has to be
    more than one failure logs.
    """
    bound, _ = spike_bound(usual, rules, minutes=minutes, growth=growth)
    return _least_above(bound, rules)


def _least_above(bound: float, rules: Rules) -> int:
    return max(rules.min_count, int(bound) + 1)


def spike_bound(
    usual: Usual, rules: Rules, *, minutes: int | None = None, growth: float | None = None
) -> tuple[float, str]:
    """What a spike is above, and how that came about: "2 × the busiest (29) + 3 × …"."""
    least = rules.min_count - 1
    return max(
        _above_usual(usual, rules, growth),
        (least, f"{least}, the least that is ever called a spike"),
        _retried(minutes, rules),
        key=lambda one: one[0],
    )


def _above_usual(usual: Usual, rules: Rules, growth: float | None) -> tuple[float, str]:
    """What is usual, made more by as much as the traffic grew: never less."""
    bound, formula = _usual_bound(usual, rules)
    factor = min(rules.most_traffic, growth or 1.0)
    if factor <= 1.0:
        return bound, formula
    capped = f", {factor:g} at most" if growth != factor else ""
    return bound * factor, f"({formula}) × its service's traffic ({growth:g}{capped})"


def _usual_bound(usual: Usual, rules: Rules) -> tuple[float, str]:
    peak, swing, mean = rules.peak_factor, rules.swing_factor, rules.mean_factor
    jump = f"{swing:g} × how far that is above a typical one ({usual.swing})"
    average = max(1.0, usual.robust_mean)
    return max(
        (
            peak * usual.robust_peak + swing * usual.swing,
            f"{peak:g} × the busiest usual ({usual.robust_peak}) + {jump}",
        ),
        (
            peak * usual.weekday_peak,
            f"{peak:g} × the busiest of the same weekday ({usual.weekday_peak})",
        ),
        (mean * average, f"{mean:g} × the mean, at least 1 ({_number(average)})"),
        key=lambda one: one[0],
    )


def _retried(minutes: int | None, rules: Rules) -> tuple[float, str]:
    """What one failure may log that is tried again and again, where it can have been one."""
    if not _is_sudden(minutes, rules):
        return 0.0, ""
    return HANDFUL, f"{HANDFUL} in {_plural(minutes, 'minute')}, which may be one failure's retries"


def _is_sudden(minutes: int | None, rules: Rules) -> TypeGuard[int]:
    return minutes is not None and minutes < rules.min_minutes


def _spread(
    subject: Subject, usual: Baseline, recent: History, *, hour: int, rules: Rules
) -> Finding | None:
    hit = {
        customer: count
        for customer, count in recent.customers(hour - DAY + 1, hour).items()
        if customer not in subject.newcomers
    }
    fresh = tuple(customer for customer in hit if customer not in usual.known)
    fires_from = _spread_fires_from(usual, len(hit), rules)
    many = len(hit) >= rules.spread_customers or sum(hit.values()) >= rules.min_count
    if not many or len(hit) <= max(usual.customers) or len(fresh) < fires_from:
        return None
    receipt = Receipt(
        observed=len(hit),
        usual=round(sum(usual.customers) / usual.days, 1),
        usual_max=max(usual.customers),
        fires_from=max(max(usual.customers) + 1, len(hit) - len(fresh) + fires_from),
        window_hours=DAY,
        days=usual.days,
        unit="customers",
        since=start_of(min(recent.first_hit[customer] for customer in fresh)).isoformat(),
        customers=hit,
        new_customers=fresh,
    )
    return Finding(Kind.SPREAD, _spread_sentence(receipt, hour), receipt)


def _spread_fires_from(usual: Baseline, hit: int, rules: Rules) -> int:
    """How many of the customers that are hit must never have had it.

    One more than a multiple of what chance would bring: some errors meet another customer every
    day.
    """
    by_chance = usual.encounters.chance_of_another * hit
    return max(rules.new_customers, int(rules.chance_factor * by_chance) + 2)


def _spread_sentence(receipt: Receipt, hour: int) -> str:
    hours = hour - hour_of(datetime.fromisoformat(receipt.since)) + 1
    total = sum(receipt.customers.values())
    named = ", ".join(
        f"{customer} {receipt.customers[customer] * 100 // total} %"
        for customer in receipt.new_customers[:4]
    )
    unnamed = len(receipt.new_customers) - 4
    more = f", +{unnamed} more" if unnamed > 0 else ""
    return (
        f"+{_plural(len(receipt.new_customers), 'customer')} in {hours} h: {named}{more}; "
        f"{receipt.observed:g} today, usually {_number(receipt.usual)} "
        f"({_plural(receipt.days, 'day')}, max {receipt.usual_max:g})"
    )


def _back_after_resolution(subject: Subject, recent: History, *, hour: int) -> Finding | None:
    resolved_at = subject.resolved_at
    if resolved_at is None or subject.last_seen <= resolved_at or not _in_release(subject):
        return None
    if hour < hour_of(resolved_at):
        return None
    start = max(hour_of(resolved_at), hour - DAY + 1)
    receipt = Receipt(
        observed=max(1, recent.count(start, hour)),
        usual=0,
        usual_max=0,
        fires_from=1,
        window_hours=hour - start + 1,
        days=baseline.days_before(recent.known_since, start),
        unit="occurrences",
        since=max(resolved_at, start_of(start)).isoformat(),
        customers=recent.customers(start, hour),
    )
    return Finding(
        Kind.BACK,
        f"resolved {resolved_at:%d %b %H:%M} UTC, seen again {subject.last_seen:%d %b %H:%M} UTC",
        receipt,
    )


def _back_after_silence(
    rhythm: Rhythm | None, recent: History, *, hour: int, rules: Rules
) -> Finding | None:
    since = next((seen for seen in recent.hours if hour - DAY < seen <= hour), None)
    if rhythm is None or since is None or rhythm.active_hours < rules.min_earlier:
        return None
    fires_from = max(rules.quiet_days * DAY, rules.gap_factor * rhythm.longest_gap)
    quiet = rhythm.quiet_until(since)
    if quiet < fires_from:
        return None
    receipt = Receipt(
        observed=quiet,
        usual=round(rhythm.mean_gap, 1),
        usual_max=rhythm.longest_gap,
        fires_from=fires_from,
        window_hours=hour - since + 1,
        days=baseline.days_before(recent.known_since, since),
        unit="quiet hours",
        since=start_of(since).isoformat(),
        customers=recent.customers(since, hour),
    )
    deaf = since - rhythm.last_hour - quiet
    besides = f" besides {_duration(deaf)} in which nothing at all came" if deaf else ""
    return Finding(
        Kind.BACK,
        f"quiet for {quiet / DAY:.1f} days{besides}, its longest gap before was "
        f"{_duration(rhythm.longest_gap)}; {recent.count(since, hour)} since",
        receipt,
    )


def _in_release(subject: Subject) -> bool:
    """Whether it was seen in the release it was resolved in, or in a later one.

    A version that has no order is as good as any.
    """
    fixed, seen = release.order(subject.resolved_in), release.order(subject.last_version)
    return not fixed or not seen or seen >= fixed


def critical(what: str, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The same findings, led by one that says what makes them critical at once."""
    cause = findings[0]
    return (Finding(Kind.CRITICAL, f"{what}: {cause.reason}", cause.receipt), *findings)


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _duration(hours: int) -> str:
    return f"{hours} h" if hours < 2 * DAY else f"{hours / DAY:.1f} days"
