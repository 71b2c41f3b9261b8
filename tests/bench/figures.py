"""What is promised: which benchmark tells it, where in what that prints it stands, and its bar."""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

N = r"([\d.,]*\d)"


class Figure(NamedTuple):
    """What is told, its bar, and where it stands in what a benchmark prints: the last such place
    counts. Beside it stands how often it has what `peer` finds there. What is no time of a clock
    is the same on a busy machine."""

    what: str
    bar: str
    pattern: str
    is_time: bool = False
    peer: str = ""
    peer_name: str = ""


class Benchmark(NamedTuple):
    """Its figures, and how it is run where that is not `python -m tests.bench.NAME` alone; `{data}`
    in an argument is the folder that --data names."""

    figures: Sequence[Figure]
    arguments: Sequence[str] = ()
    module: str = ""

    def command(self, name: str, data: str) -> list[str]:
        """What follows `python -m`."""
        return [
            self.module or f"tests.bench.{name}",
            *(one.format(data=data) for one in self.arguments),
        ]

    @property
    def needs(self) -> list[str]:
        """What it takes of the data, in the same words."""
        return [one for one in self.arguments if "{data}" in one]


_COMPARED: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "≤": operator.le,
    "≥": operator.ge,
    "=": operator.eq,
}


def number(text: str) -> float:
    """What people read as 12,700."""
    return float(text.replace(",", ""))


def is_met(bar: str, measured: str) -> bool:
    """Whether a figure is within its bar, such as "≥ 10,000"."""
    sign, least = bar.split()
    return _COMPARED[sign](number(measured), number(least))


def share(measured: str, of: str) -> str:
    """How many times another figure one is; nothing of 0."""
    whole = number(re.sub(r"[^\d.,]", "", of) or "0")
    return f"{number(measured) / whole:.2f} ×" if whole else ""


def _clicks(what: str, said: str) -> Figure:
    return Figure(
        f"200 at once: {what}, p99, ms",
        "< 300",
        rf"{said}.*p99 +{N}",
        is_time=True,
        peer=rf"bare Bolt.*p99 +{N}",
        peer_name="bare Bolt",
    )


def _redaction(of: str) -> Sequence[Figure]:
    return (
        Figure(f"secrets hidden, {of}", "≥ .98", rf"secrets hidden, of \S+ +{N}"),
        Figure("… context kept", "≥ .97", rf"context kept, of \S+ +{N}"),
        Figure("… harmless lines whole", "≥ .95", rf"lines whole, of \S+ +{N}"),
        Figure("… MB of it a CPU second", "≥ 1", rf"CPU second, corpus +{N}"),
        Figure("… MB of ordinary logs a CPU second", "≥ 1", rf"ordinary logs +{N}"),
        Figure("… slowest hostile line of 64 kB, CPU ms", "< 200", rf"hostile lines +{N}"),
        Figure("… t(2n) ÷ t(n) on hostile lines, worst", "< 3", rf"t\(2n\)/t\(n\).*ones +{N}"),
    )


def _rules(of: str) -> Sequence[Figure]:
    return (
        Figure(f"rules, {of}: category as judged", "≥ .85", rf"category strict \| {N}"),
        Figure("… owner as judged", "≥ .85", rf"owner \| {N}"),
        Figure("… without fault", "= 1", rf"without fault \| {N}"),
    )


def _drain3(what: str, bar: str, column: int) -> Figure:
    before = r"\S+ +" * column
    return Figure(
        what,
        bar,
        rf"\naverage +{before}{N}",
        peer=rf"\nits average +{before}{N}",
        peer_name="Drain3",
    )


BENCHMARKS: Mapping[str, Benchmark] = {
    "clicks": Benchmark(
        (
            _clicks("a claim of one error is acknowledged", "claims of one"),
            _clicks("claims of six errors", "claims of all"),
            _clicks("details", "details"),
            Figure(
                "… nothing else done than acknowledge, without Bolt",
                "",
                rf"nothing but.*p99 +{N}",
                is_time=True,
                peer=rf"bare Bolt.*p99 +{N}",
                peer_name="bare Bolt",
            ),
            Figure(
                "a claim on every message, p99, ms",
                "< 2,000",
                rf"a claim, on.*p99 +{N}",
                is_time=True,
            ),
            Figure("a form is open, p99, ms", "< 500", rf"a form, open.*p99 +{N}", is_time=True),
        )
    ),
    "live": Benchmark(
        (
            Figure(
                "from the event to a spike, s, at most", "< 60", rf"at most +{N} s", is_time=True
            ),
            Figure(
                "from the event to what is critical, s, at most",
                "< 10",
                rf"at most +\S+ s +{N} s",
                is_time=True,
            ),
        )
    ),
    "today": Benchmark(
        (
            Figure(
                "`/triage today`, 100,000 signatures, p95, ms",
                "< 250",
                rf"p95 +{N} ms",
                is_time=True,
            ),
            Figure("… of CPU", "", rf"p95 +\S+ ms \({N} ms"),
        )
    ),
    "ingest": Benchmark(
        (
            Figure(
                "messages, JSON lines, events a second",
                "≥ 10,000",
                rf"messages +JSON lines +{N}",
                is_time=True,
            ),
            Figure("… a second of its core", "≥ 10,000", rf"messages +JSON lines +\S+ +{N}"),
            Figure(
                "messages, OTLP, events a second",
                "≥ 10,000",
                rf"messages +OTLP +{N}",
                is_time=True,
            ),
            Figure("… a second of its core", "≥ 10,000", rf"messages +OTLP +\S+ +{N}"),
            Figure(
                "7 kB stacks, JSON lines, events a second",
                "≥ 3,000",
                rf"stacks +JSON lines +{N}",
                is_time=True,
            ),
            Figure("… a second of its core", "≥ 3,000", rf"stacks +JSON lines +\S+ +{N}"),
            Figure(
                "7 kB stacks, OTLP, events a second",
                "≥ 3,000",
                rf"stacks +OTLP +{N}",
                is_time=True,
            ),
            Figure("… a second of its core", "≥ 3,000", rf"stacks +OTLP +\S+ +{N}"),
            Figure(
                "… MB at the end",
                "",
                rf"stacks +OTLP.* {N}\n",
                peer=rf"stacks +OTLP +\S+ +\S+ +{N}",
                peer_name="after a quarter",
            ),
            *(
                figure
                for what in ("messages", "stacks")
                for figure in (
                    Figure(
                        f"{what}: our transactions ÷ bare `executemany`",
                        "≥ .25",
                        rf"{what} .*transactions \S+ \({N}\), in all",
                    ),
                    Figure(
                        "… all of recording ÷ bare `executemany`",
                        "",
                        rf"{what} .*recording \S+ \({N}\)",
                    ),
                )
            ),
        )
    ),
    "overload": Benchmark(
        (
            Figure("sent 10 times as much: accepted ÷ usual", "≥ .8", rf" from 200,.*: {N} of it"),
            Figure("… 20 times", "", rf" from 400,.*: {N} of it"),
        )
    ),
    "alerts": Benchmark(
        (
            Figure("labelled fleet: recall", "= 1", rf"^recall +{N}"),
            Figure("… of its kind", "≥ .9", rf"strict recall +{N}"),
            Figure("… precision", "≥ .9", rf"precision +{N}"),
            Figure("… replayed, s", "< 45", rf"^seconds +{N}", is_time=True),
            Figure("… CPU s", "", rf"CPU seconds +{N}"),
        ),
        ("{data}/fleet",),
    ),
    "groups": Benchmark(
        (
            Figure("labelled fleet: F1 of pairs of events", "≥ .97", rf"pairwise F1 +{N}"),
            Figure("… events in groups that mix causes, %", "≤ 1", rf"mixing groups +\d+ \({N}%"),
        ),
        ("{data}/fleet/events.jsonl.xz",),
    ),
    "signatures": Benchmark(
        (
            _drain3("Loghub-2k: lines in the right group (GA)", "≥ .98", 0),
            _drain3("… F1 of the groups (FGA)", "≥ .95", 1),
            _drain3("… lines in groups that mix events", "≤ .01", 2),
            Figure(
                "… ids that depend on the order of lines",
                "= 0",
                rf"\naverage +(?:\S+ +){{4}}{N}",
            ),
            Figure("… GA of raw lines, apart from that", "≤ .01", rf"raw lines: +{N}"),
            Figure("… lines a CPU second ÷ Drain3's, repeating", "≥ 15", rf"times as fast +{N}"),
            Figure("… all unique", "≥ 20", rf"times as fast +\S+ +{N}"),
        ),
        ("{data}/loghub",),
    ),
    "stacks": Benchmark(
        (Figure("whole events with 7 kB stacks signed a CPU second", "≥ 20,000", rf"signed +{N}"),)
    ),
    "hostile": Benchmark(
        (
            Figure("slowest hostile line of 64 kB, CPU ms", "< 200", rf"of_line +{N} ms"),
            Figure("… as an event with a stack", "< 200", rf"of +{N} ms"),
            Figure("… t(2n) ÷ t(n), worst", "< 3", rf"of_line +\S+ ms +{N}"),
            Figure("… as an event with a stack", "< 3", rf"of +\S+ ms +{N}"),
            Figure("MB that caches take for 1 M unique lines", "< 64", rf"unique lines: {N} MB"),
        ),
        ("{data}/hostile/lines.txt",),
    ),
    "redaction": Benchmark(_redaction("of those made here")),
    "secrets": Benchmark(
        _redaction("of a corpus"),
        (
            *("--corpus", "{data}/secrets/secrets.jsonl"),
            *("--hostile", "{data}/hostile/lines.txt"),
        ),
        "tests.bench.redaction",
    ),
    "rules": Benchmark(_rules("on the errors that ship"), ("eval", "--suite", "rules"), "bot"),
    "labelled": Benchmark(
        _rules("on labelled errors"),
        ("eval", "--suite", "rules", "--cases", "{data}/labelled/errors.jsonl"),
        "bot",
    ),
    "injection": Benchmark(
        (
            Figure("attacks on a model", "", r"injection: (\d+) results"),
            Figure("… without fault", "= 1", rf"without fault \| {N}"),
        ),
        ("eval", "--suite", "injection"),
        "bot",
    ),
    "cost": Benchmark(
        (
            Figure("600 active errors, 40 new a day: $ a month", "≤ 110", rf"first .*\${N}"),
            Figure("… explained by what is kept, %", "≥ 97", rf"first .* {N} %"),
            Figure("… in its second month", "≥ 97", rf"second .* {N} %"),
        )
    ),
    "growth": Benchmark(
        (
            Figure("judge 100,000 signatures, CPU s", "< 10", rf"100,000 signatures +{N} CPU"),
            Figure("… MB in all", "< 400", rf"100,000 signatures.*?{N} MB in all"),
            Figure(
                "… CPU s of 20,000, which are a fifth",
                "",
                rf" 20,000 signatures +{N} CPU",
                peer=rf"100,000 signatures +{N} CPU",
                peer_name="of all",
            ),
        )
    ),
    "flood": Benchmark(
        (
            Figure("1 M distinct errors over HTTP: MB at the most", "< 400", rf"{N} MB at the mo"),
            Figure(
                "… a known error beside them, counted",
                "",
                rf"beside it: {N} of",
                peer=rf"beside it: \S+ of {N}",
                peer_name="sent",
            ),
            Figure("… which waited, s, at the most", "", rf"waited {N} s", is_time=True),
            Figure("… judged afterwards, CPU s", "", rf"judged in {N} CPU"),
        )
    ),
    "quiet": Benchmark(
        (
            Figure("false alarms a week, even noise", "≤ 1", rf"even +{N} a week"),
            Figure("… bursty noise", "≤ 1", rf"bursty +{N} a week"),
            Figure("… clustered noise", "≤ 1", rf"clustered +{N} a week"),
        )
    ),
    "fleets": Benchmark(
        tuple(
            figure
            for fleet, said in (
                ("shop", "400 services by day"),
                ("night", "150 jobs by night"),
                ("office", "150 services of an office"),
            )
            for figure in (
                Figure(f"{said}: recall", "≥ .95", rf"{fleet} .*recall +{N}"),
                Figure("… precision", "≥ .85", rf"{fleet} .*precision +{N}"),
            )
        )
    ),
    "soak": Benchmark(
        (
            Figure("10 minutes at half load: MB at the end ÷ after a quarter", "≤ 1.2", rf"{N} × "),
            Figure(
                "… events counted",
                "",
                rf"acknowledged, {N} counted",
                peer=rf"{N} events ack",
                peer_name="acknowledged",
            ),
            Figure("… told to end, it does, s", "< 10", rf"ended in {N} s", is_time=True),
        ),
        ("--minutes", "10"),
    ),
}
"""In this order, so that what the clock says comes first."""
