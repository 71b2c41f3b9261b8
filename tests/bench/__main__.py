"""Every figure that somebody is promised, measured one after the other, in one table.

    python -m tests.bench [NAME ...]

Without a name all are measured, which takes about an hour, and docs/benchmarks.md is written anew.
On a machine that does something else only ratios say much: the table says how busy it was.
"""

import argparse
import os
import platform
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from bot.app import wall_clock

PAGE = Path(__file__).parent.parent.parent / "docs" / "benchmarks.md"
N = r"([\d.,]+)"


class Figure(NamedTuple):
    """What is told, its bar, and where it stands in what a benchmark prints: the last such place
    counts. What is no time of a clock is the same on a busy machine."""

    what: str
    bar: str
    pattern: str
    is_time: bool = False


class Measured(NamedTuple):
    """What a benchmark printed, and the load of the machine before it began."""

    name: str
    said: str
    load: float


BENCHMARKS: Mapping[str, Sequence[Figure]] = {
    "ingest": (
        Figure(
            "messages, JSON lines, events a second",
            "10,000",
            rf"messages +JSON lines +{N}",
            is_time=True,
        ),
        Figure("… a second of its own core", "10,000", rf"messages +JSON lines +\S+ +{N}"),
        Figure("messages, OTLP, a second of its own core", "10,000", rf"messages +OTLP +\S+ +{N}"),
        Figure("7 kB stacks, JSON lines, likewise", "3,000", rf"stacks +JSON lines +\S+ +{N}"),
        Figure("7 kB stacks, OTLP, likewise", "3,000", rf"stacks +OTLP +\S+ +{N}"),
        Figure("messages: our transactions ÷ raw rows", ".25", rf"messages .*s \({N}\), in all"),
        Figure("messages: all of recording ÷ raw rows", "", rf"messages .*recording \S+ \({N}\)"),
    ),
    "flood": (
        Figure("1 M distinct errors over HTTP: MB at the most", "< 400", rf"{N} MB at the most"),
        Figure("… judged afterwards, CPU s", "", rf"judged in {N} CPU"),
        Figure("a known error beside them, counted", "all", rf"beside it: {N} of"),
    ),
    "clicks": (
        Figure(
            "200 claim one error: acknowledged, p99, ms",
            "< 300",
            rf"claims of one.*p99 +{N}",
            is_time=True,
        ),
        Figure(
            "200 claim errors: acknowledged, p99, ms",
            "< 300",
            rf"claims of all.*p99 +{N}",
            is_time=True,
        ),
        Figure("nothing but acknowledged, to compare", "", rf"nothing but.*p99 +{N}", is_time=True),
        Figure(
            "a claim on every message, p99, ms", "< 2,000", rf"a claim, on.*p99 +{N}", is_time=True
        ),
        Figure("a form is open, p99, ms", "< 500", rf"a form, open.*p99 +{N}", is_time=True),
    ),
    "today": (
        Figure(
            "`/triage today`, 100,000 signatures, p95, ms", "< 250", rf"p95 +{N} ms", is_time=True
        ),
        Figure("… of CPU", "", rf"p95 +\S+ ms \({N} ms"),
    ),
    "live": (
        Figure("from the event to a spike, s, at most", "60", rf"at most +{N} s", is_time=True),
        Figure(
            "from the event to what is critical, s", "10", rf"at most +\S+ s +{N} s", is_time=True
        ),
    ),
    "growth": (
        Figure("judge 100,000 signatures, CPU s", "< 10", rf"100,000 signatures +{N} CPU"),
        Figure("… MB in all", "< 400", rf"100,000 signatures.*?{N} MB in all"),
        Figure(
            "20,000 signatures, CPU s: a fifth of that", "linear", rf"20,000 signatures +{N} CPU"
        ),
    ),
    "quiet": (
        Figure("false alarms a week, even noise", "≤ 1", rf"even +{N} a week"),
        Figure("… bursty noise", "≤ 1", rf"bursty +{N} a week"),
        Figure("… clustered noise", "≤ 1", rf"clustered +{N} a week"),
    ),
    "fleets": (
        Figure("recall, 400 services by day", ".95", rf"shop .*recall +{N}"),
        Figure("precision", ".85", rf"shop .*precision +{N}"),
        Figure("recall, 150 jobs by night", ".95", rf"night .*recall +{N}"),
        Figure("precision", ".85", rf"night .*precision +{N}"),
    ),
    "redaction": (
        Figure("secrets hidden", ".98", rf"secrets hidden, of \S+ +{N}"),
        Figure("context kept", ".97", rf"context kept, of \S+ +{N}"),
        Figure("MB of ordinary logs a CPU second", "1", rf"ordinary logs +{N}"),
        Figure("t(2n) ÷ t(n) on hostile lines, worst", "< 3", rf"t\(2n\)/t\(n\).*ones +{N}"),
    ),
}


def measured(name: str) -> Measured:
    """Measure one; what it says is shown as it comes, too."""
    print(f"== {name}", flush=True)
    load = os.getloadavg()[0]
    lines = []
    command = [sys.executable, "-m", f"tests.bench.{name}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as benchmark:
        assert benchmark.stdout
        for line in benchmark.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    assert benchmark.returncode == 0, name
    return Measured(name, "".join(lines), load)


def rows(one: Measured) -> Iterator[str]:
    """Those of the table that a benchmark fills."""
    for figure in BENCHMARKS[one.name]:
        found = re.findall(figure.pattern, one.said)
        is_busy = figure.is_time and one.load > (os.cpu_count() or 1)
        told = "busy" if is_busy else f"**{found[-1]}**" if found else "not told"
        yield f"| {figure.what} | {told} | {figure.bar} | `{one.name}` | {one.load:.1f} |"


def machine() -> str:
    """What was measured on."""
    processors = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    named = re.search(r"model name\s*: (.*)", processors)
    processor = named[1] if named else platform.processor() or platform.machine()
    return (
        f"{os.cpu_count()} × {processor}, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    )


def page(all_measured: Sequence[Measured]) -> str:
    """The figures as the documentation shows them."""
    table = "\n".join(row for one in all_measured for row in rows(one))
    return f"""# Benchmarks

`make bench` measures these and writes this page; `make bench ARGS=ingest` measures one alone. Those
of `tests/bench/` that need data of yours are not among them: `signatures`, `groups`, `hostile`.

{wall_clock():%-d %B %Y}, {machine()}. The load is that of the machine just before. Where others
kept it busy (more of them than it has processors), times of the clock say nothing and are not told;
counts, ratios and seconds of a processor are.

| figure | measured | bar | by | load |
|---|---|---|---|---|
{table}
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", choices=[[], *BENCHMARKS], metavar="NAME")
    names = parser.parse_args().names
    found = [measured(name) for name in names or BENCHMARKS]
    print("\n".join(row for one in found for row in rows(one)))
    if not names:
        PAGE.write_text(page(found), encoding="utf-8")


if __name__ == "__main__":
    main()
