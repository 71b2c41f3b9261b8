"""What the worst lines cost: time for each, growth with their length, and memory for many.

FILE holds one hostile line each, as a JSON string. Lines are judged as they come (`of_line`), and
as the message and the stack of an event (`of`).
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot.core.event import Event
from bot.core.signing import masking, signature
from tests import peak

LONGEST = 64_000
LEAST_SECONDS = 0.001
"""What takes less is mostly the noise of a busy machine."""
CUT = 300
"""Characters of a line where a million are judged."""


def main() -> None:
    cli = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    cli.add_argument("file", type=Path, metavar="FILE", help="the hostile lines")
    cli.add_argument("--lines", type=int, default=1_000_000, help="unique lines kept in memory")
    asked = cli.parse_args()
    lines = [json.loads(line) for line in asked.file.read_text(encoding="utf-8").splitlines()]
    print_memory(lines, asked.lines)
    print(f"{'':12} {'slowest':>10} {'t(2n)/t(n)':>12}")
    for name, method in (("of_line", signature.of_line), ("of", signed)):
        slowest = max(seconds(method, line[:LONGEST]) for line in lines)
        growth = max(grows(method, line) for line in lines)
        print(f"{name:12} {slowest * 1000:7.1f} ms {growth:12.2f}")


def signed(text: str) -> object:
    noon = datetime(2026, 11, 18, 12, tzinfo=UTC)
    return signature.of(Event("bench", "1", noon, noon, text, stack=text))


def seconds(method: Callable[[str], object], line: str) -> float:
    """The best of five: what a line costs by itself."""
    return min(_once(method, line) for _ in range(5))


def _once(method: Callable[[str], object], line: str) -> float:
    masking.forget()
    signature.forget()
    start = time.process_time()
    method(line)
    return time.process_time() - start


def grows(method: Callable[[str], object], line: str) -> float:
    """How much longer a text of twice the length takes, of lengths below all caps."""
    if not line:
        return 0.0
    half = (line * (LONGEST // len(line) + 1))[: masking.LONGEST_TEXT // 2]
    return seconds(method, half + half) / max(seconds(method, half), LEAST_SECONDS)


def print_memory(lines: Sequence[str], count: int) -> None:
    before = peak.megabytes()
    start = time.process_time()
    for line in unique(lines, count):
        signature.of_line(line)
    spent = time.process_time() - start
    more = peak.megabytes() - before
    print(f"{count:,} unique lines: {more:.0f} MB more, {count / spent:,.0f} a CPU second")


def unique(lines: Sequence[str], count: int) -> Iterator[str]:
    for number in range(count):
        yield f"{number:x}g {lines[number % len(lines)][:CUT]} z{number:x}"


if __name__ == "__main__":
    main()
