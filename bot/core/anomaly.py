"""When a signature behaves unusually, and the numbers that say so.

The rule is one that can be told in half a minute: *new* is what was never seen; a *spike* is more
than twice what the busiest usual day, or the busiest usual hours, held, and what comes at one time
of day is compared with the rest of the day at any other; what came within a minute or two has to
be more than one failure logs that is tried again and again; a *spread* is more customers than on
any usual day, among them some who never had it; *back* is what was resolved, or quiet for far
longer than it ever is, and is here again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from bot.core import baseline, bound, reason, release
from bot.core.baseline import DAY, Baseline, History, Rhythm, Usual, hour_of, start_of
from bot.core.receipt import Receipt
from bot.core.threshold import Rules


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


@dataclass(frozen=True, slots=True)
class Case:
    """All that one judgement goes by.

    `recent` are the sightings of the last 24 hours, whose `known_since` is that of the whole
    database. `usual` may be None for what is little, and `rhythm`, that of the hours before, for
    what is routine; `traffic` has the harmless lines of its service in each hour, and can only
    take a spike away.
    """

    subject: Subject
    recent: History
    now: datetime
    rules: Rules
    usual: Baseline | None = None
    rhythm: Rhythm | None = None
    traffic: Mapping[int, int] = field(default_factory=dict)

    @property
    def hour(self) -> int:
        """The running hour, with which all windows end."""
        return hour_of(self.now)

    @property
    def start(self) -> int:
        """The first of the last 24 hours."""
        return self.hour - DAY + 1


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


def judge(case: Case) -> tuple[Finding, ...]:
    """Every way in which a signature is unusual, one finding a kind; empty when it is as usual.

    Before a whole day of data lies behind the last 24 hours everything would be new, so nothing
    is, save that what a person resolved is back.
    """
    if hour_of(case.subject.first_seen) > case.hour:
        return ()
    override = case.rules.override
    return tuple(
        replace(one, receipt=replace(one.receipt, override=override)) for one in _findings(case)
    )


def first_sight(case: Case) -> tuple[Finding, ...]:
    """What can be said of a signature while too little is known to judge: that it is here.

    Nothing of one that was seen in so many hours already that it may have gone on for ever. It is
    worth telling only of what is critical.
    """
    is_fresh = case.start <= hour_of(case.subject.first_seen) <= case.hour
    if not is_fresh or len(case.recent.hours) >= case.rules.min_earlier:
        return ()
    new = _new(case)
    return (replace(new, reason=f"{new.reason}; too early to know whether that is usual"),)


def critical(what: str, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The same findings, led by one that says what makes them critical at once."""
    cause = findings[0]
    return (Finding(Kind.CRITICAL, f"{what}: {cause.reason}", cause.receipt), *findings)


def _findings(case: Case) -> Iterator[Finding]:
    if returned := _back_after_resolution(case):
        yield returned
    if not baseline.can_judge(case.recent.known_since, case.hour):
        return
    if _is_new(case):
        yield _new(case)
        return
    if case.subject.resolved_at is None and (awake := _back_after_silence(case)):
        yield awake
    if case.usual is None or case.usual.days < 1:
        return
    if spike := _burst(case, case.usual) or _busy_day(case, case.usual):
        yield spike
    if spread := _spread(case, case.usual):
        yield spread


# ---- new


def _is_new(case: Case) -> bool:
    first = max(hour_of(case.subject.first_seen), hour_of(case.subject.first_told))
    return case.start <= first <= case.hour


def _new(case: Case) -> Finding:
    subject, first = case.subject, hour_of(case.subject.first_seen)
    start = max(first, case.start)
    customers = case.recent.customers(start, case.hour)
    receipt = Receipt(
        observed=case.recent.count(start, case.hour),
        usual=0,
        usual_max=0,
        fires_from=1,
        window_hours=case.hour - start + 1,
        days=baseline.days_before(case.recent.known_since, first),
        unit="occurrences",
        since=subject.first_seen.isoformat(),
        customers=customers,
        new_customers=tuple(customers),
    )
    said = reason.new(receipt, first_seen=subject.first_seen, first_told=subject.first_told)
    return Finding(Kind.NEW, said, receipt)


# ---- spike


def _burst(case: Case, usual: Baseline) -> Finding | None:
    """What comes at one time of day is compared with that then, and with the rest at any other."""
    start = case.hour - case.rules.burst_hours + 1
    its_hours = () if usual.time is None else baseline.around(usual.time, baseline.LATE)
    if not its_hours or any(seen % DAY in its_hours for seen in range(start, case.hour + 1)):
        return _spike(case, usual.burst, start=start)
    return _spike(
        case, usual.aside, start=start, aside=f"outside of its time, {usual.time:02}:00 UTC"
    )


def _busy_day(case: Case, usual: Baseline) -> Finding | None:
    return _spike(case, usual.day, start=case.start)


def _spike(case: Case, usual: Usual, *, start: int, aside: str = "") -> Finding | None:
    recent, hour, rules = case.recent, case.hour, case.rules
    observed = recent.count(start, hour)
    if observed <= bound.of(usual, rules).count:
        return None
    minutes, growth = recent.minutes(start, hour), _growth(case, usual, start)
    above = bound.of(usual, rules, minutes=minutes, growth=growth)
    if observed < above.fires_from:
        return None
    receipt = Receipt(
        observed=observed,
        usual=round(usual.robust_mean, 1),
        usual_max=usual.peak,
        fires_from=above.fires_from,
        window_hours=hour - start + 1,
        days=len(usual.heard),
        unit="occurrences",
        since=start_of(start).isoformat(),
        customers=recent.customers(start, hour),
        minutes=minutes,
        traffic=growth,
        formula=" ".join(filter(None, (above.formula, aside))),
    )
    sudden = bound.is_sudden(minutes, rules)
    return Finding(Kind.SPIKE, reason.spike(receipt, sudden=sudden, aside=aside), receipt)


def _growth(case: Case, usual: Usual, start: int) -> float | None:
    if not case.traffic:
        return None
    return baseline.growth(case.traffic, start, case.hour, days=len(usual.peaks))


# ---- spread


def _spread(case: Case, usual: Baseline) -> Finding | None:
    hit = {
        customer: count
        for customer, count in case.recent.customers(case.start, case.hour).items()
        if customer not in case.subject.newcomers
    }
    fresh = tuple(customer for customer in hit if customer not in usual.known)
    fires_from = _spread_fires_from(usual, len(hit), case.rules)
    many = len(hit) >= case.rules.spread_customers or sum(hit.values()) >= case.rules.min_count
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
        since=start_of(min(case.recent.first_hit[customer] for customer in fresh)).isoformat(),
        customers=hit,
        new_customers=fresh,
    )
    return Finding(Kind.SPREAD, reason.spread(receipt, hour=case.hour), receipt)


def _spread_fires_from(usual: Baseline, hit: int, rules: Rules) -> int:
    """How many of the customers that are hit must never have had it.

    One more than a multiple of what chance would bring: some errors meet another customer every
    day.
    """
    by_chance = usual.encounters.chance_of_another * hit
    return max(rules.new_customers, int(rules.chance_factor * by_chance) + 2)


# ---- back


def _back_after_resolution(case: Case) -> Finding | None:
    subject, hour, resolved_at = case.subject, case.hour, case.subject.resolved_at
    if resolved_at is None or subject.last_seen <= resolved_at or not _in_release(subject):
        return None
    if hour < hour_of(resolved_at):
        return None
    start = max(hour_of(resolved_at), case.start)
    receipt = Receipt(
        observed=max(1, case.recent.count(start, hour)),
        usual=0,
        usual_max=0,
        fires_from=1,
        window_hours=hour - start + 1,
        days=baseline.days_before(case.recent.known_since, start),
        unit="occurrences",
        since=max(resolved_at, start_of(start)).isoformat(),
        customers=case.recent.customers(start, hour),
    )
    return Finding(Kind.BACK, reason.resolved(resolved_at, seen=subject.last_seen), receipt)


def _in_release(subject: Subject) -> bool:
    """Whether it was seen in the release it was resolved in, or in a later one.

    A version that has no order is as good as any.
    """
    fixed, seen = release.order(subject.resolved_in), release.order(subject.last_version)
    return not fixed or not seen or seen >= fixed


def _back_after_silence(case: Case) -> Finding | None:
    recent, rhythm, rules = case.recent, case.rhythm, case.rules
    since = next((seen for seen in recent.hours if case.start <= seen <= case.hour), None)
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
        window_hours=case.hour - since + 1,
        days=baseline.days_before(recent.known_since, since),
        unit="quiet hours",
        since=start_of(since).isoformat(),
        customers=recent.customers(since, case.hour),
    )
    deaf = since - rhythm.last_hour - quiet
    said = reason.awake(receipt, deaf=deaf, since=recent.count(since, case.hour))
    return Finding(Kind.BACK, said, receipt)
