"""How detection grows: time and memory to judge many signatures that were all seen just now.

    python -m tests.bench.growth [--signatures 20000 100000]

Each was seen in the last fortnight: one in a hundred every hour, most in a handful of hours, as
counts of real errors are distributed. They are judged as `triage` does, which looks for garbage
less often than Python by itself. The bar: 100,000 in 10 s and 400 MB, and linear.
"""

import argparse
import gc
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from bot.cli.program import FEWER_COLLECTIONS
from bot.core.detection.threshold import Rules
from bot.core.detection.usual import DAYS
from bot.core.event import Event
from bot.core.hour import DAY, hour_of
from bot.flows.detect import detect
from bot.flows.record import record
from storage import sightings
from storage.database import Database, open_database
from tests import peak

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
LETTERS = "abcdefghijklmnop"
BATCH = 2_000


def fill(database: Database, count: int) -> frozenset[int]:
    """Record every signature once a fortnight ago and once now, and write its hours between."""
    draw = random.Random(count)
    touched: set[int] = set()
    for start in range(0, count, BATCH):
        numbers = range(start, min(count, start + BATCH))
        for when in (NOW - timedelta(days=DAYS + 1), NOW):
            found = record(database, [event(number, when) for number in numbers], now=when)
        touched |= found.signature_ids
        with database.write() as session:
            rows = [row for number in found.signature_ids for row in between(draw, number)]
            sightings.add(session, rows)
    assert len(touched) == count, f"{count:,} errors came to {len(touched):,} signatures"
    return frozenset(touched)


def event(number: int, when: datetime) -> Event:
    word = "".join(LETTERS[int(digit, 16)] for digit in f"{number:05x}")
    return Event(
        source="bench",
        source_id=f"{number} {when}",
        time=when,
        received=when,
        error_type=f"{word.title()}Error",
        message="the step failed",
        service=f"service-{number % 500}",
        customer=f"customer-{number % 40}",
    )


def between(draw: random.Random, number: int) -> Iterator[sightings.Row]:
    hours = DAYS * DAY
    seen = hours - 1 if number % 100 == 0 else min(hours - 1, int(draw.paretovariate(1)))
    for back in draw.sample(range(1, hours), seen):
        customer = f"customer-{draw.randrange(40)}"
        minutes = draw.getrandbits(60) | 1
        yield sightings.Row(number, hour_of(NOW) - back, customer, draw.randint(1, 9), minutes)


def measure(count: int) -> None:
    """Print one line; memory is that of judging, in a process that did nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/growth.db"
        database = open_database(url, durable=False)
        fill(database, count)
        database.close()
        subprocess.run([sys.executable, "-m", "tests.bench.growth", "--judge", url], check=True)


def judge(url: str) -> None:
    database = open_database(url)
    with database.read() as session:
        touched = sightings.busy(session, first=hour_of(NOW), last=hour_of(NOW))
    gc.set_threshold(FEWER_COLLECTIONS)
    before = peak.megabytes()
    start = time.process_time()
    opened = detect(database, touched, now=NOW, rules=Rules())
    seconds = time.process_time() - start
    megabytes = peak.megabytes()
    print(
        f"{len(touched):8,} signatures  {seconds:6.2f} CPU s  {megabytes:6.0f} MB in all "
        f"({megabytes - before:.0f} for judging)  {len(opened)} episodes",
        flush=True,
    )


def main() -> None:
    cli = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    cli.add_argument("--signatures", type=int, nargs="+", default=[20_000, 100_000])
    cli.add_argument("--judge", metavar="URL", help=argparse.SUPPRESS)
    asked = cli.parse_args()
    if asked.judge:
        judge(asked.judge)
        return
    for count in asked.signatures:
        measure(count)


if __name__ == "__main__":
    main()
