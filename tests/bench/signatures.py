"""Signatures against labelled log sets, and against Drain3 where it is installed.

    python -m tests.bench.signatures FOLDER [--raw] [--lines 200000]

FOLDER holds one .jsonl a system, one {"raw": …, "content": …, "event": …} a line (Loghub-2k: Zhu et
al., "Loghub", ISSRE 2023). Prints GA (lines whose group is exactly their event's), FGA (F1 over
groups), the share of lines in groups that mix events, and lines per CPU second.
"""

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path

from bot.core import family, signature


def main() -> None:
    cli = argparse.ArgumentParser(description=__doc__)
    cli.add_argument("folder", type=Path)
    cli.add_argument("--raw", action="store_true", help="whole lines, with their headers")
    cli.add_argument("--lines", type=int, default=200_000, help="lines timed")
    asked = cli.parse_args()
    sets = {
        path.stem: read(path, "raw" if asked.raw else "content")
        for path in sorted(asked.folder.glob("*.jsonl"))
    }
    scores = [report(name, lines, events) for name, (lines, events) in sets.items()]
    print(
        "average".ljust(12),
        *(f"{sum(column) / len(scores):7.3f}" for column in zip(*scores, strict=True)),
    )
    mix = [
        line for row in zip(*(lines for lines, _ in sets.values()), strict=False) for line in row
    ]
    time_all(mix, asked.lines)


def read(path: Path, field: str) -> tuple[list[str], list[str]]:
    with path.open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    return [row[field].replace("\n", " ") for row in rows], [row["event"] for row in rows]


def report(name: str, lines: Sequence[str], events: Sequence[str]) -> tuple[float, float, float]:
    score = accuracy(groups(lines), events)
    print(name.ljust(12), *(f"{value:7.3f}" for value in score))
    return score


def groups(lines: Iterable[str]) -> list[str]:
    """A group a line: its template, or that of its family."""
    templates = [signature.of_line(line).template for line in lines]
    wider = family.join(set(templates))
    return [wider.get(template, template) for template in templates]


def accuracy(found: Sequence[str], true: Sequence[str]) -> tuple[float, float, float]:
    """Grouping accuracy, its F1 over groups, and the share of mixed lines."""
    ours, theirs = members(found), {frozenset(group) for group in members(true).values()}
    exact = [group for group in ours.values() if frozenset(group) in theirs]
    mixed = sum(len(group) for group in ours.values() if len({true[at] for at in group}) > 1)
    right = sum(map(len, exact))
    return right / len(true), 2 * len(exact) / (len(ours) + len(theirs)), mixed / len(true)


def members(ids: Sequence[str]) -> dict[str, list[int]]:
    together: dict[str, list[int]] = defaultdict(list)
    for place, name in enumerate(ids):
        together[name].append(place)
    return together


def time_all(mix: Sequence[str], count: int) -> None:
    repeating = [mix[at % len(mix)] for at in range(count)]
    unique = [f"{line} ref={at * 2654435761 % 2**32:08x}" for at, line in enumerate(repeating)]
    for name, method in methods():
        speeds = [per_second(method(), lines) for lines in (repeating, unique)]
        print(f"{name:12} lines/s: repeating {speeds[0]:12,.0f}, all unique {speeds[1]:12,.0f}")


def methods() -> Iterator[tuple[str, Callable[[], Callable[[str], object]]]]:
    yield "ours", lambda: signature.of_line
    try:
        drain3 = import_module("drain3")
        config = import_module("drain3.template_miner_config")
    except ImportError:
        print("(drain3 is not installed: nothing to compare with)")
        return
    yield (
        "drain3",
        lambda: drain3.TemplateMiner(config=config.TemplateMinerConfig()).add_log_message,
    )


def per_second(method: Callable[[str], object], lines: Sequence[str]) -> float:
    start = time.process_time()
    for line in lines:
        method(line)
    return len(lines) / (time.process_time() - start)


if __name__ == "__main__":
    main()
