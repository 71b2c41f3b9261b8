"""Every figure that somebody is promised, measured one after the other, in one table.

    python -m tests.bench [NAME ...] [--data DIR]

Without a name all are measured, which takes more than an hour. The rows of each stand in
docs/benchmarks.md as soon as it has ended, beside those of the others as they were: what fails, or
is ended, costs its own rows alone, and its name mends them. What is timed by the clock begins when
the machine is quiet, or after two minutes; on a machine that does something else only ratios say
much.

What needs data that is not ours to ship looks for it in DIR, and is left out where it is not there:

loghub/                Loghub-2k with corrected labels: `data/loghub_2k_corrected` of
                       github.com/logpai/logparser as it is, or .jsonl with one
                       {"raw": line, "content": message, "event": label} a line
fleet/                 errors of a fleet of your own: events.jsonl.xz as `triage ingest` reads
                       them, each with {"truth": {"cause": label}}, and truth.json; see
                       `tests.bench.alerts`
secrets/secrets.jsonl  texts with what is to be hidden; see `tests.bench.redaction`
hostile/lines.txt      lines that are to hurt, each a JSON string: any collection for fuzzing
labelled/errors.jsonl  judged errors, as `triage eval --cases` takes them

Beside Drain3 we are measured where it can be imported. It pins what we do not: install it elsewhere
(`pip install --target FOLDER drain3==0.9.11`), and name that in PYTHONPATH.
"""

import argparse
import os
import platform
import re
import sqlite3
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from time import monotonic, sleep
from typing import NamedTuple

from bot.app import wall_clock
from tests.bench.figures import BENCHMARKS, Benchmark, Figure, is_met, share

PAGE = Path(__file__).parent.parent.parent / "docs" / "benchmarks.md"
CORES = os.cpu_count() or 1
QUIET_SECONDS = 120
"""So long it is waited for the load to fall to half of what the machine has."""
_ROW = re.compile(r"^\|.*\| `(\w+)` \|[^|]*\| \S[^|]*\|$", re.MULTILINE)

Rows = Mapping[str, Sequence[str]]
"""Those of the table, by the benchmark that filled them."""


class Measured(NamedTuple):
    """What a benchmark printed, the load of the machine before it began, and whether it failed."""

    said: str
    load: float
    has_failed: bool = False


def measured(name: str, data: str) -> Measured:
    """Measure one; what it says is shown as it comes, too."""
    benchmark = BENCHMARKS[name]
    print(f"== {name}", flush=True)
    load = quiet() if any(figure.is_time for figure in benchmark.figures) else os.getloadavg()[0]
    lines = []
    command = [sys.executable, "-u", "-m", *benchmark.command(name, data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        for line in running.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    return Measured("".join(lines), load, has_failed=running.returncode != 0)


def quiet() -> float:
    """The load of the machine once it is quiet, or when that was waited for long enough."""
    until = monotonic() + QUIET_SECONDS
    while os.getloadavg()[0] > CORES / 2 and monotonic() < until:
        sleep(2)
    return os.getloadavg()[0]


def rows(name: str, one: Measured) -> Iterator[str]:
    """Those of the table that a benchmark fills."""
    for figure in BENCHMARKS[name].figures:
        found = re.findall(figure.pattern, one.said, re.MULTILINE)
        if one.has_failed:
            yield row(name, figure, "failed", one.load)
        elif figure.is_time and one.load > CORES:
            yield row(name, figure, "busy", one.load)
        elif not found:
            yield row(name, figure, "not told", one.load)
        else:
            beside = re.findall(figure.peer, one.said, re.MULTILINE) if figure.peer else ()
            yield row(name, figure, found[-1], one.load, beside=beside[-1] if beside else "")


def row(name: str, figure: Figure, said: str, load: float, *, beside: str = "") -> str:
    """One of the table: what was measured, or why nothing is told."""
    is_told = said[0].isdigit()
    met = compared = ""
    if is_told and figure.bar:
        met, compared = "yes" if is_met(figure.bar, said) else "**no**", share(said, figure.bar)
    peer = f"{share(said, beside)} {figure.peer_name}" if is_told and beside else ""
    told = f"**{said}**" if is_told else said
    cells = (figure.what, told, figure.bar, met, compared, peer, f"`{name}`", f"{load:.1f}")
    return f"| {' | '.join(cells)} | {wall_clock():%-d %b %H:%M} |"


def left_out(name: str, benchmark: Benchmark) -> Iterator[str]:
    """The rows of what was not measured."""
    said = "needs --data" if benchmark.needs else "not measured"
    for figure in benchmark.figures:
        yield f"| {figure.what} | {said} | {figure.bar} |  |  |  | `{name}` |  |  |"


def kept(text: str) -> Rows:
    """The rows of a page that was written on this machine."""
    found: dict[str, list[str]] = defaultdict(list)
    for match in _ROW.finditer(text if machine() in text else ""):
        found[match[1]].append(match[0])
    return found


def machine() -> str:
    """What was measured on."""
    processors = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    named = re.search(r"model name\s*: (.*)", processors)
    processor = named[1] if named else platform.processor() or platform.machine()
    return (
        f"{CORES} × {processor}, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    )


def page(known: Rows) -> str:
    """The figures as the documentation shows them; `known` rows, and which are missing."""
    table = "\n".join(
        row
        for name, benchmark in BENCHMARKS.items()
        for row in known.get(name) or left_out(name, benchmark)
    )
    return f"""# Benchmarks

`make bench` measures these and writes this page, each benchmark's rows as soon as it has ended;
`make bench ARGS=ingest` mends those of one. Some need data that is not ours to ship:
`make bench ARGS="--data DIR"`, and `python -m tests.bench --help` says what lies there and where it
is to be had. What is promised of the worst day is counted by `make chaos`
([reliability](reliability.md)).

{machine()}.

Dates are of {wall_clock():%Y}, UTC, the load is that of the machine just before. Where others kept
it busy (more of them than it has processors), times of the clock say nothing and are not told;
counts, ratios and seconds of a processor are. *Of the bar* is how many times the bar that is,
*beside* how many times what somebody else does with the same, in the same run.

| figure | measured | bar | met | of the bar | beside | by | load | at |
|---|---|---|---|---|---|---|---|---|
{table}
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", choices=[[], *BENCHMARKS], metavar="NAME")
    parser.add_argument("--data", default="", metavar="DIR", help="where data lies")
    asked = parser.parse_args()
    failed = []
    for name in asked.names or BENCHMARKS:
        needs = [Path(one.format(data=asked.data)) for one in BENCHMARKS[name].needs]
        if needs and not (asked.data and all(path.exists() for path in needs)):
            print(f"== {name}: not measured, needs {', '.join(BENCHMARKS[name].needs)}")
            continue
        one = measured(name, asked.data)
        failed += [name] * one.has_failed
        found = list(rows(name, one))
        print("\n".join(found), flush=True)
        known = kept(PAGE.read_text(encoding="utf-8")) if PAGE.exists() else {}
        PAGE.write_text(page({**known, name: found}), encoding="utf-8")
    if failed:
        sys.exit(f"Failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
