"""False alarms in a fleet where nothing is ever wrong: 200 errors that go on as they always did.

    python -m tests.bench.quiet [--seeds 3] [--days 30] [--mark fresh]

Three kinds of noise, all with rates from one a month to a thousand a day and with a day and night:
*even* (Poisson), *bursty* (each hour's rate is drawn anew from a gamma distribution of shape 0.2:
most hours little, some fifteen times the mean) and *clustered* (each failure is logged six times on
average, thirty at worst). A month is judged every hour, after a month in which the bot learnt. The
bar: at most one false alarm a week. What one failure logs comes a line a second.
"""

import argparse
import math
import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import reduce
from operator import or_

from bot.core.detection.finding import Kind
from bot.core.detection.history import Sighting
from bot.core.hour import DAY, hour_of, start_of
from tests.bench.episodes import Error, alarms

START = hour_of(datetime(2026, 6, 1, tzinfo=UTC))
LEARNING_DAYS = 30
SIGNATURES = 200
CUSTOMERS = [f"customer {number}" for number in range(1, 41)]

Noise = Callable[[random.Random, float], list[int]]
"""The failures of an hour, by how many lines each of them logs, out of the mean number of lines."""


def poisson(draw: random.Random, mean: float) -> int:
    """A count with this mean; by its normal approximation where that is no worse than noise."""
    if mean > 50:
        return max(0, round(draw.gauss(mean, math.sqrt(mean))))
    count, left = 0, math.exp(-mean)
    product = draw.random()
    while product > left:
        count, product = count + 1, product * draw.random()
    return count


def even(draw: random.Random, mean: float) -> list[int]:
    """Failures that are logged once."""
    return [1] * poisson(draw, mean)


def bursty(draw: random.Random, mean: float) -> list[int]:
    """Failures that are logged once, whose rate is drawn anew each time."""
    return even(draw, draw.gammavariate(0.2, mean / 0.2)) if mean else []


def clustered(draw: random.Random, mean: float) -> list[int]:
    """Failures that each are logged by a geometric number of tries, six on average."""
    return [1 + int(draw.expovariate(1 / 5)) for _ in range(poisson(draw, mean / 6))]


NOISES: dict[str, Noise] = {"even": even, "bursty": bursty, "clustered": clustered}


def minutes_of(draw: random.Random, lines: int) -> int:
    """In which minutes of an hour one failure is logged, a line a second, as bits."""
    second = draw.randrange(3600)
    last = min(59, (second + lines - 1) // 60)
    return sum(1 << minute for minute in range(second // 60, last + 1))


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
        failures = noise(draw, a_day * level / DAY)
        minutes = reduce(or_, (minutes_of(draw, lines) for lines in failures), 0)
        by_customer = Counter(draw.choices(hit, weights, k=min(sum(failures), 500)))
        seen += [Sighting(1, hour, name, n, minutes) for name, n in by_customer.items()]
    return seen


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=3, help="how many fleets of each noise")
    parser.add_argument("--days", type=int, default=30, help="how many days are judged")
    parser.add_argument("--mark", default="", help="for other draws: any word")
    parser.add_argument("--noise", choices=NOISES, nargs="+", default=[*NOISES])
    given = parser.parse_args()
    first = START + LEARNING_DAYS * DAY
    last = first + given.days * DAY
    for name in given.noise:
        found = Counter[Kind]()
        for seed in range(given.seeds):
            draw = random.Random(f"{given.mark}{name} {seed}")
            for _ in range(SIGNATURES):
                seen = signature(draw, NOISES[name], days=LEARNING_DAYS + given.days)
                found.update(kind for kind, _ in alarms(Error(seen, START), first=first, last=last))
        weeks = given.days / 7 * given.seeds
        kinds = ", ".join(f"{count} {kind}" for kind, count in found.most_common())
        print(f"{name:10} {found.total() / weeks:6.2f} a week   ({kinds or 'none'})", flush=True)


if __name__ == "__main__":
    main()
