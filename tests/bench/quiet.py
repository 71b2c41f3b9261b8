"""False alarms in a fleet where nothing is ever wrong: 200 errors that go on as they always did.

    python -m tests.bench.quiet [--seeds 3] [--days 30]

Three kinds of noise, all with rates from one a month to a thousand a day and with a day and night:
*even* (Poisson), *bursty* (each hour's rate is drawn anew from a gamma distribution of shape 0.2:
most hours little, some fifteen times the mean) and *clustered* (each failure is logged six times on
average, thirty at worst). A month is judged every hour, after a month in which the bot learnt. The
bar: at most one false alarm a week.
"""

import argparse
import math
import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from bot.core import anomaly, baseline
from bot.core.anomaly import Kind, Rules, Subject
from bot.core.baseline import DAY, History, Sighting, hour_of, start_of
from tests.builders import past

START = hour_of(datetime(2026, 6, 1, tzinfo=UTC))
LEARNING_DAYS = 30
SIGNATURES = 200
CUSTOMERS = [f"customer {number}" for number in range(1, 41)]
CALM_HOURS = 6
RULES = Rules()
BURST = RULES.burst_hours

Noise = Callable[[random.Random, float], int]


def poisson(draw: random.Random, mean: float) -> int:
    """A count with this mean; by its normal approximation where that is no worse than noise."""
    if mean > 50:
        return max(0, round(draw.gauss(mean, math.sqrt(mean))))
    count, left = 0, math.exp(-mean)
    product = draw.random()
    while product > left:
        count, product = count + 1, product * draw.random()
    return count


def bursty(draw: random.Random, mean: float) -> int:
    """A count whose rate is drawn anew each time."""
    return poisson(draw, draw.gammavariate(0.2, mean / 0.2)) if mean else 0


def clustered(draw: random.Random, mean: float) -> int:
    """Failures that each are logged by a geometric number of tries, six on average."""
    failures = poisson(draw, mean / 6)
    return sum(1 + int(draw.expovariate(1 / 5)) for _ in range(failures))


NOISES: dict[str, Noise] = {"even": poisson, "bursty": bursty, "clustered": clustered}


def signature(draw: random.Random, noise: Noise, *, days: int) -> list[Sighting]:
    """The sightings of one error: its rate, its night, its weekend and customers are its own."""
    a_day = 10 ** draw.uniform(-1.5, 3)
    night, weekend = draw.choice([1.0, 0.5, 0.1]), draw.choice([1.0, 1.0, 0.4])
    hit = draw.sample(CUSTOMERS, draw.choice([1, 3, 12, 40]))
    weights = [1 / (1 + place) for place in range(len(hit))]
    seen = [Sighting(1, START, hit[0], 1)]
    for hour in range(START, START + days * DAY):
        at = start_of(hour)
        level = (1.0 if 7 <= at.hour < 19 else night) * (1.0 if at.weekday() < 5 else weekend)
        count = noise(draw, a_day * level / DAY)
        by_customer = Counter(draw.choices(hit, weights, k=min(count, 500)))
        seen += [Sighting(1, hour, name, n) for name, n in by_customer.items()]
    return seen


def alarms(seen: list[Sighting], *, first: int, last: int) -> Iterator[tuple[Kind, int]]:
    """Each episode that opens between two hours, as `detect` would open and close it."""
    open_until: dict[Kind, int] = {}
    first_seen = start_of(seen[0].hour)
    subject = Subject(first_seen, first_told=first_seen, last_seen=start_of(seen[-1].hour))
    begin = end = 0
    for hour in range(first, last):
        while end < len(seen) and seen[end].hour <= hour:
            end += 1
        while begin < end and seen[begin].hour < hour - 30 * DAY:
            begin += 1
        if seen[end - 1].hour != hour and all(hour > until for until in open_until.values()):
            continue
        now, start = start_of(hour), hour - DAY + 1
        recent = History([row for row in seen[begin:end] if row.hour >= start], START)
        before = past(seen[begin:end], start, known_since=START)
        little = anomaly.is_little(recent, now=now, rules=RULES)
        usual = None if little else baseline.of(before, hour, burst_hours=BURST)
        rhythm = baseline.rhythm(before.by_hour)
        for found in anomaly.judge(
            subject, recent, usual=usual, rhythm=rhythm, now=now, rules=RULES
        ):
            if hour > open_until.get(found.kind, 0):
                yield found.kind, hour
            open_until[found.kind] = hour + CALM_HOURS


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=3, help="how many fleets of each noise")
    parser.add_argument("--days", type=int, default=30, help="how many days are judged")
    given = parser.parse_args()
    first = START + LEARNING_DAYS * DAY
    last = first + given.days * DAY
    for name, noise in NOISES.items():
        found: Counter[Kind] = Counter()
        for seed in range(given.seeds):
            draw = random.Random(f"{name} {seed}")
            for _ in range(SIGNATURES):
                seen = signature(draw, noise, days=LEARNING_DAYS + given.days)
                found.update(kind for kind, _ in alarms(seen, first=first, last=last))
        weeks = given.days / 7 * given.seeds
        kinds = ", ".join(f"{count} {kind}" for kind, count in found.most_common())
        print(f"{name:10} {found.total() / weeks:6.2f} a week   ({kinds or 'none'})", flush=True)


if __name__ == "__main__":
    main()
