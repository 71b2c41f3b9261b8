"""Young signatures, known for less than a whole day before the window, are compared with their own
life so far."""

from collections.abc import Iterator
from datetime import timedelta
from math import ceil

from bot.core.detection import baseline, bound, reason
from bot.core.detection.baseline import Baseline
from bot.core.detection.clientele import Clientele
from bot.core.detection.finding import Finding, Kind
from bot.core.detection.receipt import Receipt
from bot.core.detection.subject import Observation
from bot.core.detection.usual import Usual
from bot.core.hour import hour_of, start_of

SHORTEST_LIFE = timedelta(minutes=1)
"""Every life counts as so long: one event a second before the hour would be thousands in the
next."""


def is_young(observation: Observation) -> bool:
    return not baseline.days_before(hour_of(observation.subject.begun), observation.start)


def outgrown(observation: Observation, usual: Baseline) -> Iterator[Finding]:
    """The findings where the last hours are far above as many hours of its life before them."""
    first = hour_of(observation.subject.begun) + 1
    start = max(observation.hour - observation.rules.burst_hours + 1, first)
    if start > observation.hour:
        return
    if spike := _outgrown_count(observation, usual, start):
        yield spike
    if observation.clientele and (
        spread := _outgrown_customers(observation, observation.clientele, start)
    ):
        yield spread


def _times_its_life(observation: Observation, start: int) -> float:
    """How many times as long the hours from `start` on are as its life before; 1 at least.

    The hour of its first sight may be only a minute long, so that it grows by this factor if it
    just goes on as it began. A life counts as a minute at least: seconds give no rate.
    """
    lived = max(SHORTEST_LIFE, start_of(start) - observation.subject.begun)
    return max(1.0, timedelta(hours=observation.hour - start + 1) / lived)


def _outgrown_count(observation: Observation, usual: Baseline, start: int) -> Finding | None:
    observed = observation.recent.count(start, observation.hour)
    held = max(observation.busiest_before(start), usual.burst.peak)
    before = ceil(held * _times_its_life(observation, start))
    minutes, hours = (
        observation.recent.minutes(start, observation.hour),
        observation.hour - start + 1,
    )
    few = bound.few(minutes, observation.rules, hours=hours)
    above = bound.of_young(Usual((before,), before), observation.rules, few_minutes=few)
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
        customers=observation.recent.customers(start, observation.hour),
        minutes=minutes,
        formula=above.formula,
        earlier=before,
    )
    said = reason.outgrown(receipt, begun=observation.subject.begun)
    return Finding(Kind.SPIKE, said, receipt)


def _outgrown_customers(
    observation: Observation, clientele: Clientele, start: int
) -> Finding | None:
    before = (
        clientele.last_hit.keys()
        | observation.recent.customers(observation.start, start - 1).keys()
    )
    hit = observation.hit(start)
    fresh = tuple(customer for customer in hit if customer not in before)
    above = max(
        bound.of_young_customers(len(before), observation.rules)
        * _times_its_life(observation, start),
        observation.rules.spread_customers - 1,
    )
    if len(fresh) <= above:
        return None
    receipt = Receipt(
        observed=len(fresh),
        usual=len(before),
        usual_max=len(before),
        fires_from=int(above) + 1,
        window_hours=observation.hour - start + 1,
        days=0,
        unit="customers",
        since=start_of(start).isoformat(),
        customers=observation.recent.customers(start, observation.hour),
        new_customers=fresh,
    )
    said = reason.outgrown_customers(receipt, begun=observation.subject.begun)
    return Finding(Kind.SPREAD, said, receipt)
