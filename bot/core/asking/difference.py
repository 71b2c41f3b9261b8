"""What another version of a prompt makes better and worse: suite by suite, case by case."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from bot.core.asking import evaluation
from bot.core.asking.evaluation import Case, Result, Suite

LISTED = 20
"""So many cases that came out worse, and so many better, are named."""
_HOW_TO_READ = (
    "A case is worse where more of its results have a fault, or else fewer are right, or else "
    "fewer have the best category, or else fewer verdicts of a model are defensible, or else fewer "
    "rest on quotes that were all found; better where it is the other way round."
)


@dataclass(frozen=True, slots=True)
class Pair:
    """One case under both prompts."""

    case: Case
    old: tuple[Result, ...]
    new: tuple[Result, ...]

    @property
    def better(self) -> bool:
        """Whether the new prompt does better."""
        return _score(self.new) > _score(self.old)

    @property
    def worse(self) -> bool:
        """Whether the new prompt does worse."""
        return _score(self.new) < _score(self.old)


@dataclass(frozen=True, slots=True)
class Difference:
    """A suite under both prompts. `only_old` and `only_new` count the cases that only one of them
    has."""

    old: Suite
    new: Suite
    pairs: tuple[Pair, ...]
    only_old: int
    only_new: int


def between(old: Suite, new: Suite) -> Difference:
    """What became of each case that both suites have."""
    before, after = _by_case(old), _by_case(new)
    pairs = [
        Pair(results[0].case, before[name], results)
        for name, results in after.items()
        if name in before
    ]
    return Difference(
        old,
        new,
        tuple(pairs),
        only_old=len(before.keys() - after.keys()),
        only_new=len(after.keys() - before.keys()),
    )


def sections(olds: Sequence[Suite], news: Sequence[Suite], *, old: str, new: str) -> list[str]:
    """The differences of some suites, in Markdown: in all, then of each."""
    found = [between(*both) for both in zip(olds, news, strict=True)]
    opening = f"## What {new} changes against {old}\n\n{_HOW_TO_READ}"
    return [opening, *(_section(one, old=old, new=new) for one in found)]


def _score(results: Sequence[Result]) -> tuple[float, ...]:
    """A key to compare the results of a case by: the shares without a fault, right, with the best
    category, well said, and proven, in this order."""
    rights = (
        [not one.faults for one in results],
        [one.is_right for one in results],
        [one.is_strict for one in results],
        [one.is_well_said for one in results],
        [one.is_proven for one in results],
    )
    return tuple(sum(right) / max(1, len(results)) for right in rights)


def _by_case(suite: Suite) -> Mapping[str, tuple[Result, ...]]:
    name = attrgetter("case.id")
    ordered = sorted(suite.results, key=name)
    return {case: tuple(results) for case, results in groupby(ordered, key=name)}


def _section(found: Difference, *, old: str, new: str) -> str:
    before, after = found.old.shares(), found.new.shares()
    rows = [
        f"| {gate.name} | {before[gate]:.3f} | {share:.3f} | {share - before[gate]:+.3f} |"
        for gate, share in after.items()
    ]
    worse = [pair for pair in found.pairs if pair.worse]
    better = [pair for pair in found.pairs if pair.better]
    same = len(found.pairs) - len(worse) - len(better)
    counts = f"Of {len(found.pairs)} cases {len(worse)} worse, {len(better)} better, {same} same."
    return "\n".join(
        (
            f"### {found.new.name}\n\n{old}: {found.old.source}\n{new}: {found.new.source}\n",
            f"| | {old} | {new} | |\n|---|---|---|---|",
            *rows,
            f"\n{counts}{_only(found, old=old, new=new)}",
            *_listed("Worse", worse),
            *_listed("Better", better),
        )
    )


def _only(found: Difference, *, old: str, new: str) -> str:
    counts = {old: found.only_old, new: found.only_new}
    return "".join(f" {count} only under {name}." for name, count in counts.items() if count)


def _listed(title: str, pairs: Sequence[Pair]) -> list[str]:
    if not pairs:
        return []
    more = f", the first {LISTED} of {len(pairs)}" if len(pairs) > LISTED else ""
    return [f"\n{title}{more}:\n", *map(_line, pairs[:LISTED])]


def _line(pair: Pair) -> str:
    return (
        f"- `{pair.case.id}` {evaluation.judged(pair.case)}: was {_came_out(pair.old)}; "
        f"is {_came_out(pair.new)}"
    )


def _came_out(results: Sequence[Result]) -> str:
    """The verdicts that came out, each once: "Database/platform/High (2 of 3 right)"."""
    said = " or ".join(dict.fromkeys(map(evaluation.got, results)))
    return f"{said} ({_right(results)} of {len(results)} right)" if len(results) > 1 else said


def _right(results: Iterable[Result]) -> int:
    return sum(one.is_right for one in results)
