"""How many whole events are signed a second of a processor: exceptions with stacks of 7 kB.

    python -m tests.bench.stacks [--events 20000]

The errors of tests.bench.ingest: 200 stacks that come again and again, each time with a message of
their own. What is told is the median of three rounds.
"""

import argparse
from statistics import median
from time import process_time

from bot.core.event import Event
from bot.core.signing import masking, signature
from bot.sources import pushed
from bot.sources.pushed import Push
from tests.bench.ingest import A_BODY, Errors, What, as_json
from tests.receiving import now


def events(count: int) -> list[Event]:
    """As they come in."""
    errors = Errors(What.STACKS)
    bodies = (as_json(errors) for _ in range(0, count, A_BODY))
    return [
        event
        for body in bodies
        for event in pushed.parse(Push("bench", body, now(), arrival="")).events
    ]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=20_000, help="how many a round [20,000]")
    some = events(parser.parse_args().events)
    rates = []
    for _ in range(3):
        masking.forget()
        signature.forget()
        began = process_time()
        for event in some:
            signature.of(event)
        rates.append(len(some) / (process_time() - began))
    print(f"signed {median(rates):,.0f} a CPU second, of {len(some):,}")


if __name__ == "__main__":
    main()
