"""How well whole events are grouped as they are recorded: exceptions, releases, families and all.

FILE holds one event a line, as `triage ingest` reads them, each with its "id" and, in addition,
{"truth": {"cause": label}}; plain or .gz or .xz. Duplicates count once.

F1      of all pairs of events: those together that belong together
mixing  groups of which a second cause has more than 1 %, and the share of events in them
stacks  whole events with a stack that are signed in a second of CPU time, none of them known before
"""

import argparse
import gzip
import json
import lzma
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.core.event import Event
from bot.core.signing import masking, signature
from bot.flows.record import record
from bot.sources.files import Reader
from storage import merges
from storage.database import Database, open_database

MIXED = 0.01


def main() -> None:
    cli = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    cli.add_argument("file", type=Path, metavar="FILE", help="the labelled events")
    cli.add_argument("--batch", type=int, default=1_000, help="events recorded at once [1,000]")
    asked = cli.parse_args()
    start = time.process_time()
    with (
        TemporaryDirectory() as folder,
        closing(open_database(f"sqlite:///{folder}/groups.db", durable=False)) as database,
    ):
        group = grouped(database, asked.file, batch=asked.batch)
    print_scores(causes(asked.file), group, seconds=time.process_time() - start)
    row("stacks signed, per CPU second", f"{stacks_per_second(asked.file):,.0f}")


def grouped(database: Database, file: Path, *, batch: int) -> dict[str, int]:
    """The signature that counts for each event in the end, by the event's id."""
    now = datetime.now(UTC)  # noqa: TID251  (a bench is its own wiring)
    counted: dict[str, int] = {}
    events = (one for one in Reader(file, lambda: now) if isinstance(one, Event))
    while some := list(islice(events, batch)):
        counted |= record(database, some, now=now).counted
    with database.read() as session:
        lines = merges.lineages(session, set(counted.values()))
    return {name: lines[number][-1] for name, number in counted.items()}


def stacks_per_second(file: Path) -> float:
    now = datetime.now(UTC)  # noqa: TID251  (a bench is its own wiring)
    events = [one for one in Reader(file, lambda: now) if isinstance(one, Event) and one.stack]
    masking.forget()
    signature.forget()
    start = time.process_time()
    for event in events:
        signature.of(event)
    return len(events) / (time.process_time() - start)


OPENERS = {".xz": lzma.open, ".gz": gzip.open}


def causes(file: Path) -> dict[str, str]:
    with OPENERS.get(file.suffix, open)(file, "rt", encoding="utf-8") as lines:
        rows = map(json.loads, lines)
        return {row["id"]: row["truth"]["cause"] for row in rows}


def print_scores(cause: Mapping[str, str], group: Mapping[str, int], *, seconds: float) -> None:
    both = Counter((group[name], cause[name]) for name in group)
    inside: dict[int, Counter[str]] = defaultdict(Counter)
    for (number, label), count in both.items():
        inside[number][label] += count
    same = pairs(both.values())
    precision = same / pairs(Counter(group.values()).values())
    recall = same / pairs(Counter(cause[name] for name in group).values())
    mixing = [labels for labels in inside.values() if mixes(labels)]
    row("events", f"{len(group):,}")
    row("groups, causes", f"{len(inside)}, {len({cause[name] for name in group})}")
    row("pairwise precision", f"{precision:.4f}")
    row("pairwise recall", f"{recall:.4f}")
    row("pairwise F1", f"{2 * precision * recall / (precision + recall):.4f}")
    share = sum(map(Counter.total, mixing)) / len(group)
    row("mixing groups", f"{len(mixing)} ({share:.2%} of the events)")
    for labels in mixing:
        row("", ", ".join(f"{label} {count}" for label, count in labels.most_common(3)))
    row("CPU seconds, reading included", f"{seconds:.1f}")


def mixes(labels: Counter[str]) -> bool:
    return len(labels) > 1 and labels.most_common(2)[1][1] > MIXED * labels.total()


def pairs(counts: Iterable[int]) -> int:
    return sum(count * (count - 1) // 2 for count in counts)


def row(name: str, figure: str) -> None:
    print(f"{name:30} {figure}")


if __name__ == "__main__":
    main()
