"""When a signature behaves unusually, and the numbers that say so.

The rule is one that can be told in half a minute: *new* is what was never seen; a *spike* is three
times what an even day, or the busiest hours of one, held, and up to six times what they held of
what jumps, or of what nobody knows for a week; at a time of day, or on a weekend, that is quiet it
is compared with such times alone; what came within a minute or two has to be more than one failure
logs that is tried again and again; a *spread* is more customers than on any usual day, among them
some who never had it; *back* is what was resolved, or quiet for far longer than it ever is, and is
here again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil

from bot.core import baseline, bound, reason, release
from bot.core.baseline import (
    DAY,
    DAYS,
    WEEK,
    Baseline,
    Clientele,
    History,
    Rhythm,
    Usual,
    hour_of,
    start_of,
)
from bot.core.bound import Bound
from bot.core.receipt import Receipt
from bot.core.season import Season
from bot.core.threshold import Rules


class Kind(StrEnum):
    """In which way it is unusual; the order is the order of the digest's first line."""

    CRITICAL = "critical"
    NEW = "new"
    SPIKE = "spike"
    SPREAD = "spread"
    BACK = "back"


LEAST_NEW = 2
"""A spread is more than one customer that never had it, whatever chance says."""
SHORTEST_LIFE = timedelta(minutes=1)
"""With less, one event a second before the hour would be thousands in the next."""
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
    happened. `began` says since when each version of its service runs, where it was resolved in
    one; what `awaits_release` is not back before that one, or a later one, did. `newcomers` are the
    customers that are new to the whole fleet.
    """

    first_seen: datetime
    first_told: datetime
    last_seen: datetime
    resolved_at: datetime | None = None
    resolved_in: str = ""
    last_version: str = ""
    began: Mapping[str, datetime] = field(default_factory=dict)
    awaits_release: bool = False
    newcomers: frozenset[str] = frozenset()

    @property
    def begun(self) -> datetime:
        """Since when it is known: what reached us when its hour and the next were over is as young
        as it is new, for one event that is days late is no baseline of days."""
        is_late = hour_of(self.first_told) > hour_of(self.first_seen) + 1
        return self.first_told if is_late else self.first_seen


@dataclass(frozen=True)
class Case:
    """All that one judgement goes by: all windows end with the running `hour`.

    `recent` are the sightings of the last 24 hours, whose `known_since` is that of the whole
    database. `usual` may be None for what is little, `clientele` for what may not spread, and
    `rhythm`, that of the hours before, for what is routine; `traffic` has the harmless lines of its
    service in each hour, and can only take a spike away. `is_critical`: its text is, and whoever it
    comes back to wants to know.
    """

    subject: Subject
    recent: History
    hour: int
    rules: Rules
    usual: Baseline | None = None
    clientele: Clientele | None = None
    rhythm: Rhythm | None = None
    traffic: Mapping[int, int] = field(default_factory=dict)
    is_critical: bool = False

    @property
    def start(self) -> int:
        """The first of the last 24 hours."""
        return self.hour - DAY + 1

    @property
    def since(self) -> int | None:
        """The first of the last 24 hours in which it was seen, if it was."""
        return self.recent.first(self.start, self.hour)


def is_little(recent: History, *, hour: int, rules: Rules) -> bool:
    """Whether so little happened in the last 24 hours that it is neither a spike nor a spread."""
    if recent.count(hour - DAY + 1, hour) >= rules.min_count:
        return False
    if len(recent.sightings) < rules.spread_customers:
        return True
    return len(recent.customers(hour - DAY + 1, hour)) < rules.spread_customers


def may_spread(
    recent: History, clientele: Clientele | None, *, hour: int, rules: Rules, since: int
) -> bool:
    """Whether so many were hit in the last 24 hours that were not since the hour `since` that it
    may be a spread, as far as a clientele of that hour or before tells, if there is one."""
    known = clientele.last_hit if clientele else {}
    hit = recent.customers(hour - DAY + 1, hour)
    fresh = sum(known.get(customer, since - 1) < since for customer in hit)
    return fresh >= min(rules.spread_customers, max(rules.new_customers, LEAST_NEW))


def is_routine(recent: History, before: int | None, *, hour: int, rules: Rules) -> bool:
    """Whether it was seen so soon after `before`, the hour it was last seen in before the last 24,
    that it is not back."""
    today = recent.first(hour - DAY + 1, hour)
    if today is None or before is None:
        return False
    return today - before < rules.quiet_days * DAY


def is_seldom(rhythm: Rhythm | None, rules: Rules) -> bool:
    """Whether it was seen in so few hours before that only what is critical is called back."""
    return rhythm is not None and rhythm.active_hours < rules.min_earlier


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
    is_new = _is_new(case)
    if is_new:
        yield _new(case)
    elif case.subject.resolved_at is None and (awake := _back_after_silence(case)):
        yield awake
    if case.usual and baseline.knows_workdays(case.recent.known_since, case.hour):
        if _is_young(case):
            yield from _outgrown(case, case.usual)
        elif not is_new and case.usual.days:
            yield from _unusual(case, case.usual)


def _unusual(case: Case, usual: Baseline) -> Iterator[Finding]:
    if spike := _burst(case, usual) or _busy_day(case, usual):
        yield spike
    if case.clientele and (spread := _spread(case, case.clientele, days=usual.days)):
        yield spread


# ---- new


def _is_new(case: Case) -> bool:
    return case.start <= hour_of(case.subject.begun) <= case.hour


def _new(case: Case) -> Finding:
    subject = case.subject
    receipt = receipt_since(case, subject.first_seen)
    receipt = replace(receipt, new_customers=tuple(receipt.customers))
    said = reason.new(receipt, first_seen=subject.first_seen, first_told=subject.first_told)
    return Finding(Kind.NEW, said, receipt)


def receipt_since(case: Case, moment: datetime) -> Receipt:
    """What was counted from the hour of a moment on, or of the last 24 at most, where to be seen at
    all is enough to be told of."""
    start = max(hour_of(moment), case.start)
    return Receipt(
        observed=max(1, case.recent.count(start, case.hour)),
        usual=0,
        usual_max=0,
        fires_from=1,
        window_hours=case.hour - start + 1,
        days=baseline.days_before(case.recent.known_since, start),
        unit="occurrences",
        since=start_of(start).isoformat(),
        customers=case.recent.customers(start, case.hour),
    )


# ---- what has no day of its own to be compared with


def _is_young(case: Case) -> bool:
    return not baseline.days_before(hour_of(case.subject.begun), case.start)


def _outgrown(case: Case, usual: Baseline) -> Iterator[Finding]:
    """The last hours, from the first whole one on, against as many of its life before them."""
    first = hour_of(case.subject.begun) + 1
    start = max(case.hour - case.rules.burst_hours + 1, first)
    if start > case.hour:
        return
    if spike := _outgrown_count(case, usual, start):
        yield spike
    if case.clientele and (spread := _outgrown_customers(case, case.clientele, start)):
        yield spread


def _times_its_life(case: Case, start: int) -> float:
    """How many times as long as its life before them the hours from `start` on are; 1 at least.

    The hour of its first sight may be a minute of it: so many times more is what goes on as it
    began. It lived a minute at least, for what came within seconds has no rate.
    """
    lived = max(SHORTEST_LIFE, start_of(start) - case.subject.begun)
    return max(1.0, timedelta(hours=case.hour - start + 1) / lived)


def _outgrown_count(case: Case, usual: Baseline, start: int) -> Finding | None:
    observed = case.recent.count(start, case.hour)
    held = max(_busiest_before(case, start), usual.burst.peak)
    before = ceil(held * _times_its_life(case, start))
    minutes, hours = case.recent.minutes(start, case.hour), case.hour - start + 1
    few = bound.few(minutes, case.rules, hours=hours)
    above = bound.of_young(Usual((before,), before), case.rules, few_minutes=few)
    if observed <= above.count:
        return None
    receipt = Receipt(
        observed=observed,
        usual=before,
        usual_max=before,
        fires_from=above.fires_from,
        window_hours=hours,
        days=0,
        unit="occurrences",
        since=start_of(start).isoformat(),
        customers=case.recent.customers(start, case.hour),
        minutes=minutes,
        formula=above.formula,
        earlier=before,
    )
    said = reason.outgrown(receipt, begun=case.subject.begun)
    return Finding(Kind.SPIKE, said, receipt)


def _outgrown_customers(case: Case, clientele: Clientele, start: int) -> Finding | None:
    before = clientele.last_hit.keys() | case.recent.customers(case.start, start - 1).keys()
    hit = _hit(case, start)
    fresh = tuple(customer for customer in hit if customer not in before)
    above = max(
        bound.of_young_customers(len(before), case.rules) * _times_its_life(case, start),
        case.rules.spread_customers - 1,
    )
    if len(fresh) <= above:
        return None
    receipt = Receipt(
        observed=len(fresh),
        usual=len(before),
        usual_max=len(before),
        fires_from=int(above) + 1,
        window_hours=case.hour - start + 1,
        days=0,
        unit="customers",
        since=start_of(start).isoformat(),
        customers=case.recent.customers(start, case.hour),
        new_customers=fresh,
    )
    said = reason.outgrown_customers(receipt, begun=case.subject.begun)
    return Finding(Kind.SPREAD, said, receipt)


def _busiest_before(case: Case, start: int) -> int:
    """The most that as many hours as from `start` on held earlier in the last 24."""
    hours = case.hour - start + 1
    firsts = (seen for seen in case.recent.hours if case.start <= seen < start)
    return max(
        (case.recent.count(first, min(first + hours, start) - 1) for first in firsts), default=0
    )


# ---- spike


def _burst(case: Case, usual: Baseline) -> Finding | None:
    start = case.hour - case.rules.burst_hours + 1
    if case.recent.count(start, case.hour) < case.rules.min_count:
        return None
    hours, aside = Season(usual, case.rules.burst_hours).like(case.hour)
    return _spike(case, hours, start=start, aside=aside)


def _busy_day(case: Case, usual: Baseline) -> Finding | None:
    """A day far above the usual ones, or above those of a week ago. What was told as a burst is not
    told again as the day it was in."""
    older = _if_rising(usual, case.rules)
    if not any(_above(case, than, case.start, case.hour) for than in (usual.day, older) if than):
        return None
    told = _in_bursts(case, usual)
    besides = replace(case, recent=case.recent.without(told))
    count = sum(case.recent.by_hour.get(hour, 0) for hour in told)
    aside = f"besides {count} in bursts" if count else ""
    busy = _spike(besides, usual.day, start=case.start, aside=aside)
    if busy or older is None:
        return busy
    return _spike(besides, older, start=case.start, aside="risen for days")


def _if_rising(usual: Baseline, rules: Rules) -> Usual | None:
    """What rises day by day is its own measure; so it is held against the week before the last, if
    the two days before were above that, too, the last of them by as much: one day may be a burst.
    It is called out in the first days, and usual then.
    """
    lately, before = usual.day.peaks[:WEEK], usual.day.peaks[WEEK:]
    if usual.days < DAYS or lately[1] <= max(before):
        return None
    older = Usual(before, sum(before) / WEEK)
    above = bound.of(older, rules).count
    return older if lately[0] > above and sum(day > above for day in lately) <= 2 else None


def _in_bursts(case: Case, usual: Baseline) -> frozenset[int]:
    """The hours of the last 24 that were in a burst."""
    hours = case.rules.burst_hours
    season = Season(usual, hours)
    windows = [(first, first + hours - 1) for first in range(case.start, case.hour - hours + 1)]
    return frozenset(
        hour
        for first, last in windows
        if _above(case, season.like(last)[0], first, last)
        for hour in range(first, last + 1)
    )


def _above(case: Case, usual: Usual, first: int, last: int) -> Bound | None:
    """The bound that what came in some hours is above, if it is."""
    observed = case.recent.count(first, last)
    if observed <= bound.of(usual, case.rules).count:
        return None
    few = bound.few(case.recent.minutes(first, last), case.rules, hours=last - first + 1)
    days, traffic = len(usual.peaks), case.traffic
    growth = baseline.growth(traffic, first, last, days=days) if traffic else None
    above = bound.of(usual, case.rules, few_minutes=few, growth=growth)
    return above if observed > above.count else None


def _spike(case: Case, usual: Usual, *, start: int, aside: str = "") -> Finding | None:
    recent, hour, rules = case.recent, case.hour, case.rules
    above = _above(case, usual, start, hour)
    if above is None:
        return None
    receipt = Receipt(
        observed=recent.count(start, hour),
        usual=round(usual.robust_mean, 1),
        usual_max=usual.peak,
        fires_from=above.fires_from,
        window_hours=hour - start + 1,
        days=len(usual.heard),
        unit="occurrences",
        since=start_of(start).isoformat(),
        customers=recent.customers(start, hour),
        minutes=recent.minutes(start, hour),
        traffic=above.growth,
        formula=" ".join(filter(None, (above.formula, aside))),
        earlier=_busiest_before(case, start) if start > case.start else None,
    )
    few = bound.few(receipt.minutes, rules, hours=receipt.window_hours)
    said = reason.spike(receipt, few_minutes=few, aside=aside, old_bursts=usual.old_bursts)
    return Finding(Kind.SPIKE, said, receipt)


# ---- spread


def _spread(case: Case, clientele: Clientele, *, days: int) -> Finding | None:
    hit = _hit(case, case.start)
    fresh = tuple(customer for customer in hit if customer not in clientele.last_hit)
    fires_from = _spread_fires_from(clientele, hit, fresh, case.rules)
    if fires_from is None or not clientele.last_hit:
        return None
    receipt = Receipt(
        observed=len(hit),
        usual=round(sum(clientele.daily) / len(clientele.daily), 1),
        usual_max=max(clientele.daily),
        fires_from=fires_from,
        window_hours=DAY,
        days=days,
        unit="customers",
        since=start_of(min(case.recent.first_hit[customer] for customer in fresh)).isoformat(),
        customers=case.recent.customers(case.start, case.hour),
        new_customers=fresh,
    )
    return Finding(Kind.SPREAD, reason.spread(receipt), receipt)


def _hit(case: Case, start: int) -> dict[str, int]:
    """Occurrences since an hour per customer that is not new to the fleet, the most hit first."""
    hit = case.recent.customers(start, case.hour)
    return {name: count for name, count in hit.items() if name not in case.subject.newcomers}


def _spread_fires_from(
    clientele: Clientele, hit: Mapping[str, int], fresh: Sequence[str], rules: Rules
) -> int | None:
    """How many customers would have been enough, if they are: with those who had it before, the
    least of those who never had it, the most hit first."""
    known = len(hit) - len(fresh)
    seen = sum(hit.values()) - sum(hit[customer] for customer in fresh)
    for new, customer in enumerate(fresh, 1):
        seen += hit[customer]
        if _is_spread(clientele, known + new, new, seen=seen, rules=rules):
            return known + new
    return None


def _is_spread(clientele: Clientele, hit: int, new: int, *, seen: int, rules: Rules) -> bool:
    """Whether so many customers are more than usual, and many enough, and so many of them never had
    it: more than a multiple of what chance would bring, rounded where it was seen to bring any, and
    one on top. Some errors meet another every day."""
    most = max(clientele.daily)
    by_chance = clientele.encounters.chance_of_another * hit
    half = 0.5 if clientele.encounters.once else 0.0
    least = max(rules.new_customers, int(rules.chance_factor * by_chance + half) + LEAST_NEW)
    is_many = hit >= rules.spread_customers or seen >= rules.min_count
    return is_many and hit > most and new >= least


# ---- back


def _back_after_resolution(case: Case) -> Finding | None:
    subject, hour, resolved_at = case.subject, case.hour, case.subject.resolved_at
    if resolved_at is None or subject.last_seen <= resolved_at or hour < hour_of(resolved_at):
        return None
    fixed_in, seen_in, began = subject.resolved_in, subject.last_version, subject.began
    if fixed_in and not release.mends(seen_in, fixed_in, resolved_at=resolved_at, began=began):
        return None
    known = release.mended(fixed_in, resolved_at=resolved_at, began=began) if fixed_in else None
    mended, runs_since = known or ("", resolved_at)
    if subject.last_seen < runs_since or (subject.awaits_release and not known):
        return None
    first = max(hour_of(resolved_at) + 1, hour_of(runs_since))
    again = next((seen for seen in case.recent.hours if seen >= first), None)
    return Finding(
        Kind.BACK,
        reason.resolved(resolved_at, again=again, fixed_in=fixed_in, mended=mended),
        receipt_since(case, max(resolved_at, runs_since)),
    )


def _back_after_silence(case: Case) -> Finding | None:
    recent, rhythm, rules, since = case.recent, case.rhythm, case.rules, case.since
    if rhythm is None or since is None:
        return None
    seldom = is_seldom(rhythm, rules)
    if seldom and not case.is_critical:
        return None
    gap = 0 if seldom else rules.gap_factor * rhythm.longest_gap
    fires_from = max(rules.quiet_days * DAY, gap)
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
