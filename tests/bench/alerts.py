"""Which alerts a replay of labelled errors gives: what was found, and called out for nothing.

    python -m tests.bench.alerts FOLDER

FOLDER holds errors as `triage ingest` reads them, in events.jsonl, .gz or .xz, each with its "id"
and, in addition, {"truth": {"cause": label}}; and truth.json, which lists what is unusual by day
(UTC), as new, spike, spread, regression, oneoff or ongoing:

    {"last_three_days": {"2026-11-18": {"new": [{"cause": label}], "oneoff": […]}}}

An alert is about the cause that most events of its signature have. It is

found    if that is listed for its day; strictly, if as what it is
neutral  if that is a one-off, or began a day or two before
false    otherwise

Recall is of what is listed, a cause a day; precision of the alerts that are not neutral.
"""

import argparse
import json
import resource
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import NamedTuple

from tests.bench.groups import causes, row

LISTED = {"new": "new", "spike": "spike", "spread": "spread", "regression": "back"}
"""What is to be called out, and the kind of alert that does."""
NEUTRAL = ("oneoff", "ongoing")


class Alert(NamedTuple):
    """What is called out, or should be: a cause on a day, as a kind."""

    day: str
    cause: str
    kind: str


class Truth(NamedTuple):
    """What should be called out, what may be, and the days that are judged."""

    listed: frozenset[Alert]
    neutral: frozenset[tuple[str, str]]
    days: frozenset[str]


class Score(NamedTuple):
    """How many are listed, found and found as what they are; and how many alerts are about one of
    them, and about nothing."""

    listed: int
    found: int
    strict: int
    right: int
    false: int


def read_truth(file: Path) -> Truth:
    days = json.loads(file.read_text(encoding="utf-8"))["last_three_days"]
    listed = frozenset(
        Alert(day, one["cause"], kind)
        for day, told in days.items()
        for name, kind in LISTED.items()
        for one in told.get(name, ())
    )
    neutral = frozenset(
        (day, one["cause"])
        for day, told in days.items()
        for name in NEUTRAL
        for one in told.get(name, ())
    )
    return Truth(listed, neutral, frozenset(days))


def replayed(events: Path, folder: Path) -> tuple[list[dict[str, str]], dict[str, str]]:
    """The alerts of a replay, and the signature of each event."""
    groups = folder / "groups.jsonl"
    command = [sys.executable, "-m", "bot", "replay", str(events), "--json", "--groups"]
    said = subprocess.run([*command, str(groups)], stdout=subprocess.PIPE, text=True, check=True)
    alerts = [json.loads(line) for line in said.stdout.splitlines()]
    with groups.open(encoding="utf-8") as lines:
        return alerts, {one["id"]: one["signature"] for one in map(json.loads, lines)}


def causes_of(signatures: Mapping[str, str], cause: Mapping[str, str]) -> dict[str, str]:
    """The cause that most events of a signature have."""
    both: dict[str, Counter[str]] = defaultdict(Counter)
    for event, signature in signatures.items():
        both[signature][cause[event]] += 1
    return {signature: found.most_common(1)[0][0] for signature, found in both.items()}


def score(said: Iterator[Alert], truth: Truth) -> Score:
    """What alerts are worth."""
    of_days = {one for one in said if one.day in truth.days}
    listed = {(one.day, one.cause) for one in truth.listed}
    judged = [one for one in of_days if (one.day, one.cause) not in truth.neutral]
    right = [one for one in judged if (one.day, one.cause) in listed]
    return Score(
        listed=len(listed),
        found=len({(one.day, one.cause) for one in of_days} & listed),
        strict=len(of_days & truth.listed),
        right=len(right),
        false=len(judged) - len(right),
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the labelled errors")
    folder = parser.parse_args().folder
    truth = read_truth(folder / "truth.json")
    (events,) = folder.glob("events.jsonl*")
    with TemporaryDirectory() as place:
        began = perf_counter()
        alerts, signatures = replayed(events, Path(place))
        seconds = perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cause = causes_of(signatures, causes(events))
    said = (Alert(one["day"], cause[one["signature"]], one["kind"]) for one in alerts)
    found = score(said, truth)
    row("recall", f"{found.found / found.listed:.3f} of {found.listed}")
    row("strict recall", f"{found.strict / len(truth.listed):.3f}")
    row("precision", f"{found.right / max(1, found.right + found.false):.3f}")
    row("false", f"{found.false}")
    row("seconds", f"{seconds:.1f}")
    row("CPU seconds", f"{used.ru_utime + used.ru_stime:.1f}")


if __name__ == "__main__":
    main()
