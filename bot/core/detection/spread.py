"""Spread: more customers than on any usual day, among them some who never had the error."""

from collections.abc import Mapping, Sequence

from bot.core.detection import reason
from bot.core.detection.clientele import Clientele
from bot.core.detection.finding import Finding, Kind
from bot.core.detection.history import History
from bot.core.detection.receipt import Receipt
from bot.core.detection.subject import Observation
from bot.core.detection.threshold import Rules
from bot.core.hour import DAY, start_of

LEAST_NEW = 2
"""A spread is more than one customer that never had it, whatever chance says."""


def is_possible(
    recent: History, clientele: Clientele | None, *, hour: int, rules: Rules, since: int
) -> bool:
    """Whether there may be a spread, by what is known cheaply: enough of the customers of the last
    24 hours were not hit between the hour `since` and these, according to `clientele`, which may be
    an earlier one."""
    known = clientele.last_hit if clientele else {}
    hit = recent.customers(hour - DAY + 1, hour)
    fresh = sum(known.get(customer, since - 1) < since for customer in hit)
    return fresh >= min(rules.spread_customers, max(rules.new_customers, LEAST_NEW))


def judge(observation: Observation, clientele: Clientele, *, days: int) -> Finding | None:
    hit = observation.hit(observation.start)
    fresh = tuple(customer for customer in hit if customer not in clientele.last_hit)
    fires_from = _fires_from(clientele, hit, fresh, observation.rules)
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
        since=start_of(
            min(observation.recent.first_hit[customer] for customer in fresh)
        ).isoformat(),
        customers=observation.recent.customers(observation.start, observation.hour),
        new_customers=fresh,
    )
    return Finding(Kind.SPREAD, reason.spread(receipt), receipt)


def _fires_from(
    clientele: Clientele, hit: Mapping[str, int], fresh: Sequence[str], rules: Rules
) -> int | None:
    """From how many customers on it is a spread: all who had the error before, and as few as
    possible who never had it. None where there are too few."""
    known = len(hit) - len(fresh)
    seen = sum(hit.values()) - sum(hit[customer] for customer in fresh)
    for new, customer in enumerate(fresh, 1):
        seen += hit[customer]
        if _is_spread(clientele, known + new, new, seen=seen, rules=rules):
            return known + new
    return None


def _is_spread(clientele: Clientele, hit: int, new: int, *, seen: int, rules: Rules) -> bool:
    """Whether `hit` customers, of which `new` never had the error, are a spread; `seen` is how
    often it was seen at all of them.

    They have to be enough, and more than on any usual day. Some errors meet another customer every
    day, so the new ones have to be at least two more than a multiple of what chance would bring; it
    is rounded where chance was ever seen to bring any.
    """
    most = max(clientele.daily)
    by_chance = clientele.encounters.chance_of_another * hit
    half = 0.5 if clientele.encounters.once else 0.0
    least = max(rules.new_customers, int(rules.chance_factor * by_chance + half) + LEAST_NEW)
    is_many = hit >= rules.spread_customers or seen >= rules.min_count
    return is_many and hit > most and new >= least
