"""When a signature behaves unusually, and the numbers that say so.

Each kind has a rule that can be told in a few seconds (docs/detection.md has them in full):

*New* was never seen before. A *spike* is three times as much as on an even day, or in its busiest
hours, and up to six times where the days differ much or less than a week is known. At a time of
day, or on a weekend, at which the error is usually quiet it is compared with such times alone. What
came within a minute or two has to be more than one failure logs that is tried again and again. A
*spread* hits more customers than any usual day, among them some who never had it. *Back* was
resolved, or was quiet for far longer than it ever is, and is here again.
"""

from collections.abc import Iterator
from dataclasses import replace

from bot.core.detection import back, baseline, reason, spike, spread, youth
from bot.core.detection.baseline import Baseline
from bot.core.detection.finding import Finding, Kind
from bot.core.detection.history import History
from bot.core.detection.subject import Observation, receipt_since
from bot.core.detection.threshold import Rules
from bot.core.hour import DAY, hour_of


def is_little(recent: History, *, hour: int, rules: Rules) -> bool:
    """Whether so little happened in the last 24 hours that it is neither a spike nor a spread."""
    if recent.count(hour - DAY + 1, hour) >= rules.min_count:
        return False
    if len(recent.sightings) < rules.spread_customers:
        return True
    return len(recent.customers(hour - DAY + 1, hour)) < rules.spread_customers


def judge(observation: Observation) -> tuple[Finding, ...]:
    """Every way in which a signature is unusual, at most one finding of each kind.

    Until a whole day of data lies before the last 24 hours everything would be new. So nothing is
    found then, except that what a person resolved is back.
    """
    if hour_of(observation.subject.first_seen) > observation.hour:
        return ()
    override = observation.rules.override
    return tuple(
        replace(one, receipt=replace(one.receipt, override=override))
        for one in _findings(observation)
    )


def first_sight(observation: Observation) -> tuple[Finding, ...]:
    """The finding that a signature is here, for while too little is known to judge.

    None for one that was seen in so many hours that it may have gone on for ever. People are told
    only where the signature is critical.
    """
    is_fresh = observation.start <= hour_of(observation.subject.first_seen) <= observation.hour
    if not is_fresh or len(observation.recent.hours) >= observation.rules.min_earlier:
        return ()
    new = _new(observation)
    return (replace(new, reason=f"{new.reason}; too early to know whether that is usual"),)


def _findings(observation: Observation) -> Iterator[Finding]:
    if returned := back.after_resolution(observation):
        yield returned
    if not baseline.can_judge(observation.recent.known_since, observation.hour):
        return
    is_new = _is_new(observation)
    if is_new:
        yield _new(observation)
    elif observation.subject.resolved_at is None and (awake := back.after_silence(observation)):
        yield awake
    if observation.usual and baseline.knows_workdays(
        observation.recent.known_since, observation.hour
    ):
        if youth.is_young(observation):
            yield from youth.outgrown(observation, observation.usual)
        elif not is_new and observation.usual.days:
            yield from _unusual(observation, observation.usual)


def _unusual(observation: Observation, usual: Baseline) -> Iterator[Finding]:
    if spiked := spike.judge(observation, usual):
        yield spiked
    if observation.clientele and (
        spreads := spread.judge(observation, observation.clientele, days=usual.days)
    ):
        yield spreads


def _is_new(observation: Observation) -> bool:
    return observation.start <= hour_of(observation.subject.begun) <= observation.hour


def _new(observation: Observation) -> Finding:
    subject = observation.subject
    receipt = receipt_since(observation, subject.first_seen)
    receipt = replace(receipt, new_customers=tuple(receipt.customers))
    said = reason.new(receipt, first_seen=subject.first_seen, first_told=subject.first_told)
    return Finding(Kind.NEW, said, receipt)
