"""Spike: far more than in the busiest usual window."""

from dataclasses import replace

from bot.core.detection import baseline, bound, reason
from bot.core.detection.baseline import Baseline
from bot.core.detection.bound import Bound
from bot.core.detection.finding import Finding, Kind
from bot.core.detection.receipt import Receipt
from bot.core.detection.season import Season
from bot.core.detection.subject import Observation
from bot.core.detection.threshold import Rules
from bot.core.detection.usual import DAYS, WEEK, Usual
from bot.core.hour import start_of


def judge(observation: Observation, usual: Baseline) -> Finding | None:
    """A burst of the last hours, else a busy day."""
    return _burst(observation, usual) or _busy_day(observation, usual)


def _burst(observation: Observation, usual: Baseline) -> Finding | None:
    start = observation.hour - observation.rules.burst_hours + 1
    if observation.recent.count(start, observation.hour) < observation.rules.min_count:
        return None
    hours, aside = Season(usual, observation.rules.burst_hours).like(observation.hour)
    return _spike(observation, hours, start=start, aside=aside)


def _busy_day(observation: Observation, usual: Baseline) -> Finding | None:
    """A day far above the usual ones, or above those of a week ago. What was told as a burst is not
    told again as the day it was in."""
    older = _if_rising(usual, observation.rules)
    if not any(
        _above(observation, than, observation.start, observation.hour)
        for than in (usual.day, older)
        if than
    ):
        return None
    told = _in_bursts(observation, usual)
    besides = replace(observation, recent=observation.recent.without(told))
    count = sum(observation.recent.by_hour.get(hour, 0) for hour in told)
    aside = f"besides {count:,} in bursts" if count else ""
    busy = _spike(besides, usual.day, start=observation.start, aside=aside)
    if busy or older is None:
        return busy
    return _spike(besides, older, start=observation.start, aside="risen for days")


def _if_rising(usual: Baseline, rules: Rules) -> Usual | None:
    """What a slow rise is compared with: the week before the last; None where it does not rise.

    What rises day by day would always look like yesterday. It rises if both days before were above
    that week as well, and the last of them by as much as a spike; one day alone may be a burst. A
    rise is told on its first days, and is usual after that.
    """
    lately, before = usual.day.peaks[:WEEK], usual.day.peaks[WEEK:]
    if usual.days < DAYS or lately[1] <= max(before):
        return None
    older = Usual(before, sum(before) / WEEK)
    above = bound.of(older, rules).count
    return older if lately[0] > above and sum(day > above for day in lately) <= 2 else None


def _in_bursts(observation: Observation, usual: Baseline) -> frozenset[int]:
    """The hours of the last 24 that were in a burst."""
    hours = observation.rules.burst_hours
    season = Season(usual, hours)
    windows = [
        (first, first + hours - 1)
        for first in range(observation.start, observation.hour - hours + 1)
    ]
    return frozenset(
        hour
        for first, last in windows
        if _above(observation, season.like(last)[0], first, last)
        for hour in range(first, last + 1)
    )


def _above(observation: Observation, usual: Usual, first: int, last: int) -> Bound | None:
    """The bound that the count of the hours `first` to `last` exceeds; None where it does not."""
    observed = observation.recent.count(first, last)
    if observed <= bound.of(usual, observation.rules).count:
        return None
    few = bound.few(
        observation.recent.minutes(first, last), observation.rules, hours=last - first + 1
    )
    days, traffic = len(usual.peaks), observation.traffic
    growth = baseline.growth(traffic, first, last, days=days) if traffic else None
    above = bound.of(usual, observation.rules, few_minutes=few, growth=growth)
    return above if observed > above.count else None


def _spike(
    observation: Observation, usual: Usual, *, start: int, aside: str = ""
) -> Finding | None:
    recent, hour, rules = observation.recent, observation.hour, observation.rules
    above = _above(observation, usual, start, hour)
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
        earlier=observation.busiest_before(start) if start > observation.start else None,
    )
    few = bound.few(receipt.minutes, rules, hours=receipt.window_hours)
    said = reason.spike(receipt, few_minutes=few, aside=aside, old_bursts=usual.old_bursts)
    return Finding(Kind.SPIKE, said, receipt)
