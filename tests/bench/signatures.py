"""How well lines of labelled logs are grouped, and how fast, beside Drain3 where it is installed.

FOLDER holds Loghub-2k with corrected labels (Zhu et al., "Loghub", ISSRE 2023) as logparser has it:
SYSTEM_2k.log_structured_corrected.csv, with SYSTEM_2k.log beside it, in whatever folders. Or one
.jsonl a system, one {"raw": line, "content": message, "event": label} a line.

GA     lines whose group holds all lines of their event and no other
FGA    F1 of the groups that do, over all groups and events
mixed  lines in a group with lines of another event
pairs  F1 of all pairs of lines: those together that belong together
order  lines whose id is another one when the lines come shuffled

Speed is that of lines which differ from those before, or not, when the program has run for a while:
every method has read the labelled lines once before its clock starts, and then reads the same lines
as the others. The more unique lines, the slower Drain3: its clusters become many.
"""

import argparse
import csv
import json
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from math import comb
from pathlib import Path
from statistics import median
from typing import cast

from bot.core.signing import family, masking, signature

FIELDS = ("content", "raw")
STRUCTURED = "_2k.log_structured_corrected.csv"


def main() -> None:
    cli = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    cli.add_argument("folder", type=Path, metavar="FOLDER", help="the labelled logs")
    cli.add_argument("--lines", type=int, default=200_000, help="lines timed [200,000; 0: none]")
    cli.add_argument("--rounds", type=int, default=3, help="rounds, methods taking turns [3]")
    asked = cli.parse_args()
    logs = {field: read_all(asked.folder, field) for field in FIELDS}
    if not logs["content"]:
        cli.error(f"{asked.folder} has no labelled lines")
    print_scores(logs)
    if asked.lines:
        time_all(mixed(logs["content"]), asked.lines, rounds=asked.rounds)


Log = tuple[list[str], list[str]]
"""Lines, and the event of each."""


def read_all(folder: Path, field: str) -> dict[str, Log]:
    found = {path.stem: read(path, field) for path in sorted(folder.glob("*.jsonl"))}
    for path in sorted(folder.rglob(f"*{STRUCTURED}")):
        name = path.name.removesuffix(STRUCTURED)
        found[name] = read_loghub(path, path.with_name(f"{name}_2k.log"), field)
    return found


def read(path: Path, field: str) -> Log:
    with path.open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    return [row[field].replace("\n", " ") for row in rows], [row["event"] for row in rows]


def read_loghub(path: Path, raw: Path, field: str) -> Log:
    """Lines as loghub has them: the whole of each in a file of their own."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    lines = [row["Content"] for row in rows]
    if field == "raw":
        lines = raw.read_text(encoding="utf-8").split("\n")[: len(rows)]
    return lines, [row["EventTemplate"] for row in rows]


# ---- grouping


def print_scores(logs: dict[str, dict[str, Log]]) -> None:
    print(f"{'':12} {'GA':>7} {'FGA':>7} {'mixed':>7} {'pairs':>7} {'order':>7}", end="")
    print(f"   {'GA raw':>7} {'FGA raw':>7}")
    table = {
        name: (*scores(groups(lines), events), moved(lines), *scores(*raw_groups(logs, name))[:2])
        for name, (lines, events) in logs["content"].items()
    }
    average = print_table(table)
    print(f"raw lines: {abs(average[0] - average[5]):.3f} apart from their content in GA")
    theirs = {
        name: scores(found, events)
        for name, (lines, events) in logs["content"].items()
        if (found := drained(lines))
    }
    if theirs:
        print("Drain3")
        print_table(theirs, last="its average")


def print_table(table: Mapping[str, Sequence[float]], *, last: str = "average") -> Sequence[float]:
    """Print the scores of each system, and their averages, which it gives back."""
    columns = zip(*table.values(), strict=True)
    average = [sum(column) / len(table) for column in columns]
    for name, row in (*table.items(), (last, average)):
        cells = [f"{value:7.3f}" for value in row]
        print(f"{name:12} {' '.join(cells[:5])}   {' '.join(cells[5:])}")
    return average


def drained(lines: Iterable[str]) -> list[str]:
    """The groups of Drain3 as it comes, where it is installed: for each line that of the moment."""
    methods = dict(all_methods())
    if "Drain3" not in methods:
        return []
    add = methods["Drain3"]()
    return [str(cast("dict[str, object]", add(line))["cluster_id"]) for line in lines]


def raw_groups(logs: dict[str, dict[str, Log]], name: str) -> tuple[list[str], list[str]]:
    lines, events = logs["raw"][name]
    return groups(lines), events


def groups(lines: Iterable[str]) -> list[str]:
    """A group a line: its template, or that of its family."""
    templates = [signature.of_line(line).template for line in lines]
    wider = family.join(set(templates))
    return [wider.get(template, template) for template in templates]


def scores(found: Sequence[str], true: Sequence[str]) -> tuple[float, float, float, float]:
    """Grouping accuracy, its F1 over groups, the share of mixed lines, and the F1 of pairs."""
    ours, theirs = members(found), {frozenset(group) for group in members(true).values()}
    exact = [group for group in ours.values() if frozenset(group) in theirs]
    mixing = sum(len(group) for group in ours.values() if len({true[at] for at in group}) > 1)
    right = sum(map(len, exact))
    f1 = 2 * len(exact) / (len(ours) + len(theirs))
    return right / len(true), f1, mixing / len(true), paired(found, true)


def paired(found: Sequence[str], true: Sequence[str]) -> float:
    same, ours, theirs = (
        sum(comb(count, 2) for count in Counter(names).values())
        for names in (zip(found, true, strict=True), found, true)
    )
    return 2 * same / max(1, ours + theirs)


def members(ids: Sequence[str]) -> dict[str, list[int]]:
    together: dict[str, list[int]] = defaultdict(list)
    for place, name in enumerate(ids):
        together[name].append(place)
    return together


def moved(lines: Sequence[str]) -> float:
    """The share of lines whose id depends on the order in which they come."""
    before = [signature.of_line(line).fingerprint for line in lines]
    order = list(range(len(lines)))
    random.Random(7).shuffle(order)
    masking.forget()
    signature.forget()
    after = {at: signature.of_line(lines[at]).fingerprint for at in order}
    return sum(after[at] != name for at, name in enumerate(before)) / len(lines)


# ---- speed


def mixed(logs: dict[str, Log]) -> list[str]:
    return [
        line for row in zip(*(lines for lines, _ in logs.values()), strict=False) for line in row
    ]


def time_all(mix: Sequence[str], count: int, *, rounds: int) -> None:
    print(f"\n{f'of {count:,}, per CPU second':24} {'repeating':>12} {'all unique':>12}")
    speeds = dict(medians(mix, count, rounds=rounds))
    for name, pair in speeds.items():
        print(f"{name:24} {pair[0]:12,.0f} {pair[1]:12,.0f}")
    if "Drain3" in speeds:
        ours, theirs = speeds["ours"], speeds["Drain3"]
        print(f"{'times as fast':24} {ours[0] / theirs[0]:12.1f} {ours[1] / theirs[1]:12.1f}")
    else:
        print("(drain3 is not installed: nothing to compare with)")


def made_unique(line: str, at: int) -> str:
    """The line with other numbers, and an id that no other line has."""
    chance = random.Random(at)
    other = _NUMBER.sub(lambda found: str(chance.randrange(10 ** len(found[0]))), line)
    return f"{other} ref={at * 2654435761 % 2**32:08x}"


_NUMBER = re.compile(r"(?<![A-Za-z])\d{2,18}(?![A-Za-z])")


def medians(
    mix: Sequence[str], count: int, *, rounds: int
) -> Iterator[tuple[str, tuple[float, float]]]:
    repeating = [mix[at % len(mix)] for at in range(count)]
    unique = [made_unique(line, at) for at, line in enumerate(repeating)]
    methods = dict(all_methods())
    timed: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for _ in range(rounds):
        for name, method in methods.items():
            one = method()
            per_second(one, mix)
            timed[name].append((per_second(one, repeating), per_second(one, unique)))
    for name, pairs in timed.items():
        yield name, (median(pair[0] for pair in pairs), median(pair[1] for pair in pairs))


def all_methods() -> Iterator[tuple[str, Callable[[], Callable[[str], object]]]]:
    yield "ours", fresh
    try:
        drain3 = import_module("drain3")
        config = import_module("drain3.template_miner_config")
    except ImportError:
        return
    yield (
        "Drain3",
        lambda: drain3.TemplateMiner(config=config.TemplateMinerConfig()).add_log_message,
    )


def fresh() -> Callable[[str], object]:
    masking.forget()
    signature.forget()
    return signature.of_line


def per_second(method: Callable[[str], object], lines: Sequence[str]) -> float:
    start = time.process_time()
    for line in lines:
        method(line)
    return len(lines) / (time.process_time() - start)


if __name__ == "__main__":
    main()
